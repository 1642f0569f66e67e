//! Reading everything back at the start.

use super::super::clock::Clock;
use super::super::effect::Effect;
use super::super::keyspace::shard_of;
use super::super::shard::{SHARDS, Shard};
use super::super::slot::{Slot, Traits};
use super::super::table::hash_of;
use super::super::values::{OtherKind, position};
use super::super::{DATABASES, OpenError};
use super::Cut;
use super::files::{Dir, HEADER_BYTES, Header, Kind, Listing, io_error};
use super::frame::{self, Found};
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

/// What the files held.
pub(in super::super) struct Loaded {
    pub shards: Vec<Shard>,
    pub next_seq: u64,
    /// Of the tail that is to be begun.
    pub generation: u64,
    /// The newest base, and tails since.
    pub base_bytes: u64,
    pub tail_bytes: u64,
    pub tails: usize,
    pub cuts: Vec<Cut>,
    pub expired: usize,
    /// Log entries that say what has expired, for the new tail: should the wall clock be set back
    /// later, those keys must not come back.
    pub removals: Vec<Vec<u8>>,
}

struct Loader<'a> {
    clock: &'a Clock,
    shards: Vec<Shard>,
    /// For each shard, the last log entry that the base contains.
    contained: Vec<u64>,
    next_seq: u64,
    cuts: Vec<Cut>,
    /// The newest tail had not even a header, and has been removed.
    last_was_empty: bool,
}

/// Reads a directory, making it if there is none.
pub(in super::super) fn load(path: &Path, clock: &Clock) -> Result<Loaded, OpenError> {
    std::fs::create_dir_all(path).map_err(io_error("create", path))?;
    let dir = Dir(path.to_path_buf());
    let Listing {
        bases,
        mut tails,
        unfinished,
    } = dir.list()?;
    for path in unfinished {
        std::fs::remove_file(&path).map_err(io_error("remove", &path))?;
    }
    let base = bases.last().copied();
    tails.retain(|&tail| base.is_none_or(|base| tail >= base));
    expect_all(&dir, base, &tails)?;

    let mut loader = Loader {
        clock,
        shards: (0..SHARDS).map(|_| Shard::default()).collect(),
        contained: vec![0; SHARDS],
        next_seq: 1,
        cuts: Vec::new(),
        last_was_empty: false,
    };
    let base_bytes = match base {
        Some(generation) => loader.base(&dir.base(generation), generation)?,
        None => 0,
    };
    let mut files = Vec::new();
    for &generation in &tails {
        files.push(Tail::read(dir.tail(generation))?);
    }
    let tail_bytes = loader.tails(files, base.is_none())?;
    // Numbers have no gaps, so that of a removed file is used again.
    let generation = tails
        .last()
        .map_or(1, |last| last + u64::from(!loader.last_was_empty));
    let contained = loader.contained.iter().copied().max().unwrap_or(0);
    let mut removals = Vec::new();
    let expired = loader
        .shards
        .iter_mut()
        .map(|shard| {
            let mut effects = Vec::new();
            let expired = shard.expire(clock, usize::MAX, &mut |db, slot| {
                let key = slot.key();
                Effect::Remove { db, key }.encode(&mut effects);
            });
            if expired > 0 {
                removals.push(effects);
            }
            expired
        })
        .sum();
    Ok(Loaded {
        shards: loader.shards,
        next_seq: loader.next_seq.max(contained + 1),
        generation,
        base_bytes,
        tail_bytes,
        tails: tails.len(),
        cuts: loader.cuts,
        expired,
        removals,
    })
}

/// Tails are numbered without gaps, from the base's number or from 1.
fn expect_all(dir: &Dir, base: Option<u64>, tails: &[u64]) -> Result<(), OpenError> {
    if base.is_none() && tails.is_empty() {
        return Ok(());
    }
    if base.is_none() && tails.first() != Some(&1) {
        let path = dir.base(tails[0]);
        return Err(OpenError::Missing { path });
    }
    let first = base.unwrap_or(1);
    for (expected, at) in (first..).zip(0..tails.len().max(1)) {
        if tails.get(at) != Some(&expected) {
            let path = dir.tail(expected);
            return Err(OpenError::Missing { path });
        }
    }
    Ok(())
}

struct Tail {
    path: PathBuf,
    bytes: Vec<u8>,
    header: Result<Header, String>,
}

impl Tail {
    fn read(path: PathBuf) -> Result<Tail, OpenError> {
        let bytes = std::fs::read(&path).map_err(io_error("read", &path))?;
        let header = Header::decode(&bytes, Kind::Tail);
        Ok(Tail {
            path,
            bytes,
            header,
        })
    }
}

impl Loader<'_> {
    fn base(&mut self, path: &Path, generation: u64) -> Result<u64, OpenError> {
        let bytes = std::fs::read(path).map_err(io_error("read", path))?;
        let header = Header::decode(&bytes, Kind::Base).map_err(|what| damaged(path, 0, what))?;
        if header.number != generation {
            return Err(damaged(path, 0, "it belongs to another generation"));
        }
        let (mut at, mut keys, mut ended) = (HEADER_BYTES, 0, false);
        loop {
            match frame::read(&bytes, at, header.salt) {
                Found::Frame { payload, next } if !ended => {
                    let mut rest = payload;
                    while !rest.is_empty() {
                        match Effect::decode(&mut rest) {
                            Ok(Effect::ShardAt { shard, seq }) => {
                                self.contained[usize::from(shard)] = seq;
                            }
                            Ok(Effect::End { keys: promised }) if promised == keys => ended = true,
                            Ok(effect @ (Effect::Set { .. } | Effect::Remove { .. })) => {
                                keys += 1;
                                self.apply(effect).map_err(|what| damaged(path, at, what))?;
                            }
                            Ok(effect @ (Effect::Change { .. } | Effect::Deadline { .. })) => {
                                self.apply(effect).map_err(|what| damaged(path, at, what))?;
                            }
                            _ => return Err(damaged(path, at, UNKNOWN)),
                        }
                    }
                    at = next;
                }
                Found::End if ended => return Ok(bytes.len() as u64),
                Found::End => return Err(damaged(path, at, "its end is missing")),
                _ => return Err(damaged(path, at, CHECKSUM)),
            }
        }
    }

    fn tails(&mut self, tails: Vec<Tail>, from_the_beginning: bool) -> Result<u64, OpenError> {
        let mut total_bytes = 0;
        for (at, tail) in tails.iter().enumerate() {
            let header = match &tail.header {
                Ok(header) => *header,
                Err(_) if at + 1 == tails.len() && tail.bytes.len() <= HEADER_BYTES => {
                    // The crash came while the file was being made: nothing was ever in it.
                    std::fs::remove_file(&tail.path).map_err(io_error("remove", &tail.path))?;
                    self.last_was_empty = true;
                    let lost_bytes = tail.bytes.len() as u64;
                    self.cuts.push(Cut {
                        path: tail.path.clone(),
                        offset: 0,
                        lost_bytes,
                    });
                    continue;
                }
                Err(what) => return Err(damaged(&tail.path, 0, what.clone())),
            };
            let contained = self.contained.iter().copied().max().unwrap_or(0);
            let expected = self.next_seq.max(contained + 1);
            let first = at == 0 && !from_the_beginning;
            if header.number < self.next_seq
                || (header.number > expected && !first && !header.after_failure)
            {
                return Err(damaged(&tail.path, 0, "entries before it are missing"));
            }
            self.next_seq = header.number;
            let may_be_torn = match tails.get(at + 1) {
                None => true,
                Some(next) => next.header.as_ref().is_ok_and(|next| next.after_failure),
            };
            total_bytes += self.tail(tail, header.salt, may_be_torn)?;
        }
        Ok(total_bytes)
    }

    fn tail(&mut self, tail: &Tail, salt: u32, may_be_torn: bool) -> Result<u64, OpenError> {
        let (path, bytes) = (&tail.path, &tail.bytes);
        let mut at = HEADER_BYTES;
        loop {
            match frame::read(bytes, at, salt) {
                Found::Frame { payload, next } => {
                    self.entry(payload)
                        .map_err(|what| damaged(path, at, what))?;
                    at = next;
                }
                Found::End => return Ok(at as u64),
                Found::Bad if may_be_torn && !was_synced(bytes, at, salt) => {
                    self.cut(path, at, bytes.len())?;
                    return Ok(at as u64);
                }
                Found::Bad => return Err(damaged(path, at, CHECKSUM)),
            }
        }
    }

    /// One frame of a tail: a mark, or the effects of one transaction.
    fn entry(&mut self, payload: &[u8]) -> Result<(), &'static str> {
        let mut rest = payload;
        if let Ok(Effect::Synced { .. }) = Effect::decode(&mut rest) {
            return Ok(());
        }
        let seq = self.next_seq;
        self.next_seq += 1;
        let mut rest = payload;
        while !rest.is_empty() {
            let effect = Effect::decode(&mut rest).map_err(|_| UNKNOWN)?;
            match &effect {
                Effect::Set { key, .. }
                | Effect::Remove { key, .. }
                | Effect::Change { key, .. }
                | Effect::Deadline { key, .. } => {
                    if seq > self.contained[usize::from(shard_of(position(key)))] {
                        self.apply(effect)?;
                    }
                }
                Effect::Flush { db } => {
                    for (shard, &contained) in self.shards.iter_mut().zip(&self.contained) {
                        if seq > contained {
                            drop(shard.flush(*db));
                        }
                    }
                }
                Effect::Swap { one, other } => {
                    if (*one).max(*other) >= DATABASES {
                        return Err(UNKNOWN);
                    }
                    for (shard, &contained) in self.shards.iter_mut().zip(&self.contained) {
                        if seq > contained {
                            shard.swap(*one, *other);
                        }
                    }
                }
                Effect::ShardAt { .. } | Effect::End { .. } | Effect::Synced { .. } => {
                    return Err(UNKNOWN);
                }
            }
        }
        Ok(())
    }

    /// Keys whose deadline has passed are kept here until the end: a later entry may refer to them.
    fn apply(&mut self, effect: Effect<'_>) -> Result<(), &'static str> {
        match effect {
            Effect::Set { db, .. }
            | Effect::Remove { db, .. }
            | Effect::Change { db, .. }
            | Effect::Deadline { db, .. }
                if db >= DATABASES =>
            {
                return Err(UNKNOWN);
            }
            Effect::Set {
                db,
                key,
                text,
                deadline_unix_ms,
            } => {
                let deadline = deadline_unix_ms.map(|unix_ms| self.clock.deadline(unix_ms));
                let traits = Traits {
                    deadline,
                    ..Traits::default()
                };
                self.shard(key)
                    .put(db, hash_of(key), Slot::text(key, &text, traits));
            }
            Effect::Remove { db, key } => {
                self.shard(key).remove(db, hash_of(key), key);
            }
            Effect::Deadline { db, key, unix_ms } => {
                let deadline = unix_ms.map(|unix_ms| self.clock.deadline(unix_ms));
                self.shard(key)
                    .set_deadline(db, hash_of(key), key, deadline);
            }
            Effect::Change { db, key, change } => {
                self.shard(key)
                    .change(db, hash_of(key), key, &change)
                    .map_err(|OtherKind| "a step of another kind of value than the key holds")?;
            }
            Effect::Swap { .. }
            | Effect::Flush { .. }
            | Effect::ShardAt { .. }
            | Effect::End { .. }
            | Effect::Synced { .. } => {
                return Err(UNKNOWN);
            }
        }
        Ok(())
    }

    fn shard(&mut self, key: &[u8]) -> &mut Shard {
        &mut self.shards[usize::from(shard_of(position(key)))]
    }

    fn cut(&mut self, path: &Path, at: usize, length: usize) -> Result<(), OpenError> {
        let file = OpenOptions::new()
            .write(true)
            .open(path)
            .map_err(io_error("open", path))?;
        file.set_len(at as u64)
            .and_then(|()| file.sync_all())
            .map_err(io_error("cut", path))?;
        if let Some(dir) = path.parent() {
            File::open(dir)
                .and_then(|dir| dir.sync_all())
                .map_err(io_error("sync", dir))?;
        }
        self.cuts.push(Cut {
            path: path.to_path_buf(),
            offset: at as u64,
            lost_bytes: (length - at) as u64,
        });
        Ok(())
    }
}

const CHECKSUM: &str = "the checksum does not fit";
const UNKNOWN: &str = "an entry that this version does not know";

/// Whether a mark after the damage says that the damaged place had been synced.
fn was_synced(bytes: &[u8], at: usize, salt: u32) -> bool {
    frame::after_damage(bytes, at, salt).any(|payload| {
        let mut rest = payload;
        matches!(Effect::decode(&mut rest), Ok(Effect::Synced { file_bytes }) if file_bytes > at as u64)
    })
}

fn damaged(path: &Path, offset: usize, what: impl Into<String>) -> OpenError {
    OpenError::Damaged {
        path: path.to_path_buf(),
        offset: offset as u64,
        what: what.into(),
    }
}
