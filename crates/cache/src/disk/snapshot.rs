//! Writing all keys to a new file while others go on working.

use super::super::DATABASES;
use super::super::effect::{self, Effect};
use super::super::keyspace::Keyspace;
use super::end::SYNC_BYTES;
use super::files::{FileRole, Header, fresh_salt};
use super::frame;
use super::log::Log;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

const FRAME_BYTES: usize = 64 << 10;

/// Writes and syncs a snapshot; answers its size. Each shard is locked only while it is copied;
/// `between` is called after each.
pub(super) fn write(
    path: &Path,
    generation: u64,
    space: &Keyspace,
    log: &Log,
    mut between: impl FnMut() -> io::Result<()>,
) -> io::Result<u64> {
    let header = Header {
        kind: FileRole::Base,
        after_failure: false,
        salt: fresh_salt(),
        number: generation,
    };
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    out.write_all(&header.encode())?;
    let (mut copy, mut cuts, mut framed) = (Vec::new(), Vec::new(), Vec::new());
    let (mut keys, mut unsynced_bytes) = (0, 0);
    for shard in 0..=u8::MAX {
        copy.clear();
        cuts.clear();
        keys += copy_shard(shard, space, log, &mut copy, &mut cuts);
        let mut from = 0;
        for &cut in &cuts {
            framed.clear();
            frame::append(&mut framed, header.salt, &copy[from..cut]);
            out.write_all(&framed)?;
            unsynced_bytes += framed.len() as u64;
            from = cut;
        }
        if unsynced_bytes >= SYNC_BYTES {
            out.flush()?;
            out.get_ref().sync_data()?;
            unsynced_bytes = 0;
        }
        between()?;
    }
    let mut end = Vec::new();
    Effect::End { keys }.encode(&mut end);
    framed.clear();
    frame::append(&mut framed, header.salt, &end);
    out.write_all(&framed)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(file.metadata()?.len())
}

/// Copies what shall survive of one shard, and where it may be cut into frames.
fn copy_shard(
    index: u8,
    space: &Keyspace,
    log: &Log,
    copy: &mut Vec<u8>,
    cuts: &mut Vec<usize>,
) -> u64 {
    let shard = space.shards[usize::from(index)].lock();
    // Transactions append while they hold their shards: under this lock, the newest number says
    // exactly which entries this shard contains.
    let seq = log.last_seq();
    Effect::ShardAt { shard: index, seq }.encode(copy);
    let mut keys = 0;
    let mut from = 0;
    for (name, code) in &shard.libraries {
        let code = Some(&code[..]);
        Effect::Library { name, code }.encode(copy);
    }
    for db in 0..DATABASES {
        for slot in shard.slots(db) {
            if slot.volatile() || !slot.lives(&space.clock) {
                continue;
            }
            effect::whole(copy, db, slot);
            keys += 1;
            if copy.len() - from > FRAME_BYTES {
                cuts.push(copy.len());
                from = copy.len();
            }
        }
    }
    if from < copy.len() {
        cuts.push(copy.len());
    }
    keys
}
