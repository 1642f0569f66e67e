//! Files that are damaged or missing in parts, read as far as they go.
//!
//! One wrong bit is put right. What is damaged further is passed over, and the keys that it is about
//! are gone: what they held before may not be what they hold now. Steps of collections whose
//! beginning is not known are gone, too.

use super::super::clock::Clock;
use super::super::effect::Effect;
use super::super::evict::is_own;
use super::super::keyspace::shard_of;
use super::super::libraries::LIBRARY_SHARD;
use super::super::shard::SHARDS;
use super::super::table::hash_of;
use super::super::values::{Packing, position};
use super::super::{DATABASES, OpenError};
use super::files::{Dir, FileRole, HEADER_BYTES, Header};
use super::fileset::Files;
use super::frame::{self, Piece};
use super::replay::{CHECKSUM, Part, Replay, UNKNOWN};
use super::{Cut, Damage, Gone};
use std::collections::BTreeSet;
use std::path::Path;

/// What could be read, and what not.
pub(super) struct Salvaged {
    pub part: Part,
    pub damages: Vec<Damage>,
    pub gone: Gone,
    /// Of a tail behind everything that is there.
    pub generation: u64,
    pub tails: usize,
}

/// Names that are told; there may be millions.
const NAMED: usize = 20;

/// Reads what can be read. Changes nothing on disk.
pub(super) fn salvage(dir: &Dir, clock: &Clock) -> Result<Salvaged, OpenError> {
    let (files, damages) = Files::read_what_is_there(dir)?;
    let packing = Packing::default();
    let mut salvage = Salvage {
        replay: Replay::new(clock, &packing, 0..SHARDS),
        is_unfounded: damages.iter().any(|damage| damage.offset.is_none()),
        damages,
        gone: BTreeSet::new(),
        unnamed: 0,
        is_uncounted: false,
    };
    if salvage.is_unfounded
        || files
            .base
            .as_ref()
            .is_some_and(|base| base.bytes.is_empty())
    {
        salvage.is_uncounted = true;
    }
    if let Some(base) = &files.base {
        salvage.base(&base.path, &base.bytes);
    }
    for (at, tail) in files.tails.iter().enumerate() {
        salvage.tail(&tail.path, &tail.bytes, at + 1 == files.tails.len());
    }
    let listing = dir.list()?;
    let newest = listing.bases.last().max(listing.tails.last());
    let Salvage {
        replay,
        damages,
        gone,
        unnamed,
        is_uncounted,
        ..
    } = salvage;
    // The chat's own keys are nobody else's business, and its state has what counts of them.
    let named = gone.iter().filter(|(db, key)| !is_own(*db, key));
    Ok(Salvaged {
        part: replay.finish(),
        damages,
        gone: Gone {
            keys: gone.len() as u64 + unnamed,
            is_uncounted,
            names: named
                .take(NAMED)
                .map(|(_, key)| key.escape_ascii().to_string())
                .collect(),
        },
        generation: newest.map_or(1, |newest| newest + 1),
        tails: listing.tails.len(),
    })
}

struct Salvage<'a> {
    replay: Replay<'a>,
    damages: Vec<Damage>,
    gone: BTreeSet<(u8, Vec<u8>)>,
    /// Keys of the snapshot that are gone and whose names cannot be read.
    unnamed: u64,
    /// There may be more.
    is_uncounted: bool,
    /// A file is missing: a step of a collection that is not there belongs to one that was in it.
    is_unfounded: bool,
}

/// What a header tells, as far as it can be read.
struct Begin {
    salt: u32,
    number: Option<u64>,
    after_failure: bool,
}

impl Salvage<'_> {
    fn damage(&mut self, path: &Path, offset: usize, what: &str, is_mended: bool) {
        match self.damages.iter_mut().find(|found| found.path == *path) {
            Some(known) => {
                known.places += 1;
                known.is_mended &= is_mended;
            }
            None => self.damages.push(Damage {
                path: path.to_path_buf(),
                offset: Some(offset as u64),
                what: what.to_owned(),
                places: 1,
                is_mended,
                aside: None,
            }),
        }
    }

    fn header(&mut self, path: &Path, bytes: &[u8], kind: FileRole) -> Option<Begin> {
        let header = match Header::decode(bytes, kind) {
            Ok(header) => header,
            Err(what) => match Header::mended(bytes, kind) {
                Some(header) => {
                    self.damage(path, 0, ONE_BIT, true);
                    header
                }
                None => {
                    self.damage(path, 0, &what, false);
                    self.is_uncounted = true;
                    let salt = Header::salt_of(bytes)?;
                    return Some(Begin {
                        salt,
                        number: None,
                        after_failure: false,
                    });
                }
            },
        };
        Some(Begin {
            salt: header.salt,
            number: Some(header.number),
            after_failure: header.after_failure,
        })
    }

    fn base(&mut self, path: &Path, bytes: &[u8]) {
        let Some(Begin { salt, .. }) = self.header(path, bytes, FileRole::Base) else {
            return;
        };
        let (mut at, mut keys, mut promised) = (HEADER_BYTES, 0, None);
        loop {
            let (lost, what, next) = match frame::salvage(bytes, at, salt) {
                Piece::End => break,
                Piece::Frame {
                    payload,
                    is_mended,
                    next,
                } => {
                    if is_mended {
                        self.damage(path, at, ONE_BIT, true);
                    }
                    match self.base_frame(&payload, &mut promised) {
                        Ok(whole) => {
                            keys += whole;
                            at = next;
                            continue;
                        }
                        Err(what) => (Some(payload.into_owned()), what, next),
                    }
                }
                Piece::Damaged { payload, next } => (payload.map(<[u8]>::to_vec), CHECKSUM, next),
            };
            self.damage(path, at, what, false);
            let before = self.gone.len();
            self.lose(&lost.unwrap_or_default());
            keys += (self.gone.len() - before) as u64;
            at = next;
        }
        match promised {
            Some(promised) => self.unnamed += u64::saturating_sub(promised, keys),
            None => {
                self.damage(path, at, "its end is missing", false);
                self.is_uncounted = true;
            }
        }
        self.replay.part.base_keys = keys;
    }

    /// How many keys the frame held.
    fn base_frame(
        &mut self,
        payload: &[u8],
        promised: &mut Option<u64>,
    ) -> Result<u64, &'static str> {
        let mut keys = 0;
        for effect in decode(payload)? {
            match effect {
                Effect::ShardAt { shard, seq } => {
                    // Of a shard whose mark is lost, it is the mark of the one before it.
                    for contained in &mut self.replay.contained[usize::from(shard)..] {
                        *contained = seq;
                    }
                }
                Effect::End { keys } => *promised = Some(keys),
                effect @ (Effect::Set { .. } | Effect::Remove { .. }) => {
                    keys += 1;
                    self.replay.apply(effect)?;
                }
                effect @ (Effect::Change { .. }
                | Effect::Deadline { .. }
                | Effect::Library { .. }) => self.replay.apply(effect)?,
                Effect::Flush { .. } | Effect::Swap { .. } | Effect::Synced { .. } => {
                    return Err(UNKNOWN);
                }
            }
        }
        Ok(keys)
    }

    fn tail(&mut self, path: &Path, bytes: &[u8], is_last: bool) {
        if is_last && bytes.len() <= HEADER_BYTES && Header::decode(bytes, FileRole::Tail).is_err()
        {
            // The crash came while the file was being made.
            self.cut(path, bytes, 0);
            self.replay.part.entries.push(0);
            return;
        }
        let Some(begin) = self.header(path, bytes, FileRole::Tail) else {
            self.replay.part.entries.push(0);
            return;
        };
        let contained = self.replay.contained.iter().copied().max().unwrap_or(0);
        let expected = self.replay.part.next_seq.max(contained + 1);
        if let Some(number) = begin.number {
            if number > expected && !begin.after_failure {
                let (from, to) = (expected, number - 1);
                let what = format!("entries {from} to {to} before it are missing");
                self.damage(path, 0, &what, false);
                self.is_uncounted = true;
            }
            self.replay.part.next_seq = number;
        }
        let first = self.replay.part.next_seq;
        let mut at = HEADER_BYTES;
        loop {
            match frame::salvage(bytes, at, begin.salt) {
                Piece::End => break,
                Piece::Frame {
                    payload,
                    is_mended,
                    next,
                } => {
                    if is_mended {
                        self.damage(path, at, ONE_BIT, true);
                    }
                    if let Err(what) = self.entry(&payload) {
                        self.damage(path, at, what, false);
                        self.lose(&payload);
                    }
                    at = next;
                }
                Piece::Damaged { next, .. } if is_last && next == bytes.len() => {
                    self.cut(path, bytes, at);
                    break;
                }
                Piece::Damaged { payload, next } => {
                    self.damage(path, at, CHECKSUM, false);
                    self.replay.part.next_seq += 1;
                    match payload {
                        Some(payload) => self.lose(payload),
                        None => self.is_uncounted = true,
                    }
                    at = next;
                }
            }
        }
        self.replay.part.tail_bytes += at as u64;
        let entries = self.replay.part.next_seq.saturating_sub(first);
        self.replay.part.entries.push(entries);
    }

    /// One frame of a tail: a mark, or the effects of one transaction.
    fn entry(&mut self, payload: &[u8]) -> Result<(), &'static str> {
        let mut rest = payload;
        if let Ok(Effect::Synced { .. }) = Effect::decode(&mut rest) {
            return Ok(());
        }
        let seq = self.replay.part.next_seq;
        self.replay.part.next_seq += 1;
        for effect in decode(payload)? {
            match effect {
                Effect::Set { db, key, .. } | Effect::Remove { db, key } => {
                    if self.is_new(key, seq) {
                        self.gone.remove(&(db, key.to_vec()));
                        self.replay.apply(effect)?;
                    }
                }
                Effect::Change { db, key, .. } | Effect::Deadline { db, key, .. } => {
                    let name = (db, key.to_vec());
                    if !self.is_new(key, seq) || self.gone.contains(&name) {
                        continue;
                    }
                    if self.is_unfounded && !self.replay.has(db, key) {
                        self.gone.insert(name);
                    } else if self.replay.apply(effect).is_err() {
                        self.lose_key(db, key);
                    }
                }
                effect @ Effect::Library { .. } => {
                    if seq > self.replay.contained[LIBRARY_SHARD] {
                        self.replay.apply(effect)?;
                    }
                }
                Effect::Flush { db } => {
                    self.gone.retain(|(of, _)| *of != db);
                    self.replay.flush(db, seq);
                }
                Effect::Swap { one, other } => {
                    if one.max(other) >= DATABASES {
                        return Err(UNKNOWN);
                    }
                    self.gone = std::mem::take(&mut self.gone)
                        .into_iter()
                        .map(|(db, key)| match db {
                            db if db == one => (other, key),
                            db if db == other => (one, key),
                            db => (db, key),
                        })
                        .collect();
                    self.replay.swap(one, other, seq);
                }
                Effect::ShardAt { .. } | Effect::End { .. } | Effect::Synced { .. } => {
                    return Err(UNKNOWN);
                }
            }
        }
        Ok(())
    }

    /// Whether the snapshot does not contain the key's step.
    fn is_new(&self, key: &[u8], seq: u64) -> bool {
        seq > self.replay.contained[usize::from(shard_of(position(key)))]
    }

    /// The keys of a frame that cannot be used, as far as they can be told.
    fn lose(&mut self, payload: &[u8]) {
        let mut rest = payload;
        while let Ok(effect) = Effect::decode(&mut rest) {
            match effect {
                Effect::Set { db, key, .. }
                | Effect::Remove { db, key }
                | Effect::Change { db, key, .. }
                | Effect::Deadline { db, key, .. }
                    if db < DATABASES =>
                {
                    self.lose_key(db, key);
                }
                _ => {}
            }
            if rest.is_empty() {
                return;
            }
        }
        self.is_uncounted = true;
    }

    fn lose_key(&mut self, db: u8, key: &[u8]) {
        self.replay.remove(db, hash_of(key), key);
        self.gone.insert((db, key.to_vec()));
    }

    fn cut(&mut self, path: &Path, bytes: &[u8], at: usize) {
        self.replay.part.cuts.push(Cut {
            path: path.to_path_buf(),
            offset: at as u64,
            lost_bytes: (bytes.len() - at) as u64,
        });
    }
}

const ONE_BIT: &str = "one bit was wrong and is put right";

fn decode(payload: &[u8]) -> Result<Vec<Effect<'_>>, &'static str> {
    let mut rest = payload;
    let mut effects = Vec::new();
    while !rest.is_empty() {
        effects.push(Effect::decode(&mut rest).map_err(|_| UNKNOWN)?);
    }
    Ok(effects)
}
