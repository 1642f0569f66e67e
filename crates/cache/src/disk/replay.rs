//! What the files say, from the newest base to the end of the last tail. Changes nothing on disk.

use super::super::clock::Clock;
use super::super::effect::Effect;
use super::super::keyspace::shard_of;
use super::super::libraries::LIBRARY_SHARD;
use super::super::shard::{SHARDS, Shard};
use super::super::slot::{Slot, Traits};
use super::super::table::hash_of;
use super::super::values::{OtherKind, Packing, position};
use super::super::{DATABASES, OpenError};
use super::Cut;
use super::files::{FileRole, HEADER_BYTES, Header};
use super::fileset::{Base, Files, Tail};
use super::frame::{self, Found};
use super::tail::was_synced;
use std::ops::Range;
use std::path::Path;

/// Some of the shards, as the files have them, and what the files are like.
pub(super) struct Part {
    pub shards: Vec<Shard>,
    pub next_seq: u64,
    /// Keys in the base.
    pub base_keys: u64,
    /// Of all tails, without what is cut.
    pub tail_bytes: u64,
    /// For each tail, how many entries.
    pub entries: Vec<u64>,
    /// What a crash left torn. An offset of 0: the file had not even a header.
    pub cuts: Vec<Cut>,
}

/// Reads all of the files and keeps the keys of these shards, whatever their deadlines.
pub(super) fn replay(
    files: &Files,
    clock: &Clock,
    packing: &Packing,
    range: Range<usize>,
) -> Result<Part, OpenError> {
    let mut replay = Replay::new(clock, packing, range);
    if let Some(base) = &files.base {
        replay.base(base)?;
    }
    replay.tails(&files.tails, files.base.is_none())?;
    Ok(replay.finish())
}

pub(super) struct Replay<'a> {
    clock: &'a Clock,
    packing: &'a Packing,
    pub part: Part,
    waiting: Waiting<'a>,
    range: Range<usize>,
    /// For each shard, the last log entry that the base contains.
    pub contained: Vec<u64>,
}

/// Steps that are still to be taken, by shard. The keys of one shard fit into a core's memory, those
/// of a whole log do not: in its own order, each step would wait for the main memory.
struct Waiting<'a> {
    /// Each begins with the effect.
    steps: Vec<Vec<&'a [u8]>>,
    count: usize,
}

/// More steps than this do not wait: 16 MB.
const MAX_WAITING: usize = 1 << 20;

impl Waiting<'_> {
    fn new(shards: usize) -> Self {
        Waiting {
            steps: vec![Vec::new(); shards],
            count: 0,
        }
    }
}

impl<'a> Replay<'a> {
    pub fn new(clock: &'a Clock, packing: &'a Packing, range: Range<usize>) -> Self {
        Replay {
            clock,
            packing,
            waiting: Waiting::new(range.len()),
            part: Part {
                shards: range.clone().map(|_| Shard::default()).collect(),
                next_seq: 1,
                base_keys: 0,
                tail_bytes: 0,
                entries: Vec::new(),
                cuts: Vec::new(),
            },
            range,
            contained: vec![0; SHARDS],
        }
    }

    pub fn finish(self) -> Part {
        let contained = self.contained.iter().copied().max().unwrap_or(0);
        let mut part = self.part;
        part.next_seq = part.next_seq.max(contained + 1);
        part
    }

    fn base(&mut self, base: &Base) -> Result<(), OpenError> {
        let (path, bytes) = (&base.path, &base.bytes);
        let header =
            Header::decode(bytes, FileRole::Base).map_err(|what| damaged(path, 0, what))?;
        if header.number != base.generation {
            return Err(damaged(path, 0, "it belongs to another generation"));
        }
        let (mut at, mut keys, mut ended) = (HEADER_BYTES, 0, false);
        loop {
            match frame::read(bytes, at, header.salt) {
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
                            Ok(
                                effect @ (Effect::Change { .. }
                                | Effect::Deadline { .. }
                                | Effect::Library { .. }),
                            ) => {
                                self.apply(effect).map_err(|what| damaged(path, at, what))?;
                            }
                            _ => return Err(damaged(path, at, UNKNOWN)),
                        }
                    }
                    at = next;
                }
                Found::End if ended => {
                    self.part.base_keys = keys;
                    return Ok(());
                }
                Found::End => return Err(damaged(path, at, "its end is missing")),
                _ => return Err(damaged(path, at, CHECKSUM)),
            }
        }
    }

    fn tails(&mut self, tails: &'a [Tail], from_the_beginning: bool) -> Result<(), OpenError> {
        for (at, tail) in tails.iter().enumerate() {
            let header = match &tail.header {
                Ok(header) => *header,
                Err(_) if at + 1 == tails.len() && tail.never_begun() => {
                    self.cut(tail, 0);
                    self.part.entries.push(0);
                    continue;
                }
                Err(what) => return Err(damaged(&tail.path, 0, what.clone())),
            };
            let contained = self.contained.iter().copied().max().unwrap_or(0);
            let expected = self.part.next_seq.max(contained + 1);
            let first = at == 0 && !from_the_beginning;
            if header.number < self.part.next_seq
                || (header.number > expected && !first && !header.after_failure)
            {
                return Err(damaged(&tail.path, 0, "entries before it are missing"));
            }
            self.part.next_seq = header.number;
            let may_be_torn = match tails.get(at + 1) {
                None => true,
                Some(next) => next.header.as_ref().is_ok_and(|next| next.after_failure),
            };
            let first_seq = self.part.next_seq;
            self.part.tail_bytes += self.tail(tail, header.salt, may_be_torn)?;
            self.part.entries.push(self.part.next_seq - first_seq);
        }
        Ok(())
    }

    fn tail(&mut self, tail: &'a Tail, salt: u32, may_be_torn: bool) -> Result<u64, OpenError> {
        let (path, bytes) = (&tail.path, &tail.bytes);
        let mut at = HEADER_BYTES;
        loop {
            match frame::read(bytes, at, salt) {
                Found::Frame { payload, next } => {
                    self.entry(tail, payload)?;
                    at = next;
                    if self.waiting.count >= MAX_WAITING {
                        self.take_steps(tail)?;
                    }
                }
                Found::End => break,
                Found::Bad
                    if may_be_torn
                        && !was_synced(bytes, at, salt)
                        && !frame::is_mendable(bytes, at, salt) =>
                {
                    self.cut(tail, at);
                    break;
                }
                Found::Bad => return Err(damaged(path, at, CHECKSUM)),
            }
        }
        self.take_steps(tail)?;
        Ok(at as u64)
    }

    /// Takes the steps that wait, all of this file.
    fn take_steps(&mut self, tail: &Tail) -> Result<(), OpenError> {
        let mut steps = std::mem::take(&mut self.waiting.steps);
        for step in steps.iter_mut().flat_map(|steps| steps.drain(..)) {
            let mut rest = step;
            Effect::decode(&mut rest)
                .map_err(|_| UNKNOWN)
                .and_then(|effect| self.apply(effect))
                .map_err(|what| damaged(&tail.path, offset_in(tail, step), what))?;
        }
        self.waiting = Waiting { steps, count: 0 };
        Ok(())
    }

    /// One frame of a tail: a mark, or the effects of one transaction.
    fn entry(&mut self, tail: &Tail, payload: &'a [u8]) -> Result<(), OpenError> {
        let unknown = || damaged(&tail.path, offset_in(tail, payload), UNKNOWN);
        let mut rest = payload;
        if let Ok(Effect::Synced { .. }) = Effect::decode(&mut rest) {
            return Ok(());
        }
        let seq = self.part.next_seq;
        self.part.next_seq += 1;
        let mut rest = payload;
        while !rest.is_empty() {
            let step = rest;
            match Effect::decode(&mut rest).map_err(|_| unknown())? {
                Effect::Set { key, .. }
                | Effect::Remove { key, .. }
                | Effect::Change { key, .. }
                | Effect::Deadline { key, .. } => {
                    let shard = usize::from(shard_of(position(key)));
                    if self.range.contains(&shard) && seq > self.contained[shard] {
                        self.waiting.steps[shard - self.range.start].push(step);
                        self.waiting.count += 1;
                    }
                }
                effect @ Effect::Library { .. } => {
                    if seq > self.contained[LIBRARY_SHARD] {
                        self.apply(effect)
                            .map_err(|what| damaged(&tail.path, offset_in(tail, step), what))?;
                    }
                }
                Effect::Flush { db } => {
                    self.take_steps(tail)?;
                    self.flush(db, seq);
                }
                Effect::Swap { one, other } => {
                    if one.max(other) >= DATABASES {
                        return Err(unknown());
                    }
                    self.take_steps(tail)?;
                    self.swap(one, other, seq);
                }
                Effect::ShardAt { .. } | Effect::End { .. } | Effect::Synced { .. } => {
                    return Err(unknown());
                }
            }
        }
        Ok(())
    }

    /// Keys whose deadline has passed are kept here until the end: a later entry may refer to them.
    pub fn apply(&mut self, effect: Effect<'_>) -> Result<(), &'static str> {
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
                if let Some(shard) = self.shard(key) {
                    shard.put(db, hash_of(key), Slot::text(key, &text, traits));
                }
            }
            Effect::Remove { db, key } => {
                if let Some(shard) = self.shard(key) {
                    shard.remove(db, hash_of(key), key);
                }
            }
            Effect::Deadline { db, key, unix_ms } => {
                let deadline = unix_ms.map(|unix_ms| self.clock.deadline(unix_ms));
                if let Some(shard) = self.shard(key) {
                    shard.set_deadline(db, hash_of(key), key, deadline);
                }
            }
            Effect::Change { db, key, change } => {
                let packing = self.packing;
                if let Some(shard) = self.shard(key) {
                    let applied = shard.change(db, hash_of(key), key, &change, packing);
                    applied.map_err(|OtherKind| OTHER_KIND)?;
                }
            }
            Effect::Library { name, code } => {
                if self.range.contains(&LIBRARY_SHARD) {
                    self.part.shards[LIBRARY_SHARD - self.range.start].put_library(name, code);
                }
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

    /// All keys of a database are gone, where the base does not say so already.
    pub fn flush(&mut self, db: u8, seq: u64) {
        for (shard, &contained) in self.own() {
            if seq > contained {
                drop(shard.flush(db));
            }
        }
    }

    pub fn swap(&mut self, one: u8, other: u8, seq: u64) {
        let clock = self.clock;
        for (shard, &contained) in self.own() {
            if seq > contained {
                shard.swap(one, other, clock);
            }
        }
    }

    pub fn has(&mut self, db: u8, key: &[u8]) -> bool {
        self.shard(key)
            .is_some_and(|shard| shard.get(db, hash_of(key), key).is_some())
    }

    pub fn remove(&mut self, db: u8, hash: u64, key: &[u8]) {
        if let Some(shard) = self.shard(key) {
            shard.remove(db, hash, key);
        }
    }

    /// The shard of a key, if it is one of those that are kept.
    fn shard(&mut self, key: &[u8]) -> Option<&mut Shard> {
        let at = usize::from(shard_of(position(key))).checked_sub(self.range.start)?;
        self.part.shards.get_mut(at)
    }

    /// The shards that are kept, each with the last entry that the base contains.
    fn own(&mut self) -> impl Iterator<Item = (&mut Shard, &u64)> {
        let contained = &self.contained[self.range.clone()];
        self.part.shards.iter_mut().zip(contained)
    }

    fn cut(&mut self, tail: &Tail, at: usize) {
        self.part.cuts.push(Cut {
            path: tail.path.clone(),
            offset: at as u64,
            lost_bytes: (tail.bytes.len() - at) as u64,
        });
    }
}

pub(super) const CHECKSUM: &str = "the checksum does not fit";
const OTHER_KIND: &str = "a step of another kind of value than the key holds";
pub(super) const UNKNOWN: &str = "an entry that this version does not know";

/// Where in a file some of its bytes are.
fn offset_in(tail: &Tail, part: &[u8]) -> usize {
    part.as_ptr().addr() - tail.bytes.as_ptr().addr()
}

fn damaged(path: &Path, offset: usize, what: impl Into<String>) -> OpenError {
    OpenError::Damaged {
        path: path.to_path_buf(),
        offset: offset as u64,
        what: what.into(),
    }
}
