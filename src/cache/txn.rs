//! One atomic step: locks, changes, and the record of the changes.

use super::effect::{self, Effect};
use super::keyspace::{Keyspace, shard_of};
use super::shard::Shard;
use super::values::{Applied, Change, Entry, OtherKind, position};
use super::{CacheError, Deadline};
use parking_lot::MutexGuard;
use smallvec::SmallVec;

/// Commands run on this, one or several; others see all of their changes or none, and so does
/// the disk. The key arguments must be among those the transaction was opened for.
///
/// Dropping it ends it: the changes are recorded while the locks are still held, so that memory
/// and log agree on the order.
pub struct Txn<'a> {
    pub(super) space: &'a Keyspace,
    pub(super) db: u8,
    guards: SmallVec<[(u8, MutexGuard<'a, Shard>); 1]>,
    effects: Vec<u8>,
}

impl<'a> Txn<'a> {
    /// `shards` ascending, without repetition.
    pub(super) fn new(
        space: &'a Keyspace,
        db: u8,
        shards: impl IntoIterator<Item = u8>,
    ) -> Txn<'a> {
        let guards = shards
            .into_iter()
            .map(|index| (index, space.shards[usize::from(index)].lock()))
            .collect();
        Txn {
            space,
            db,
            guards,
            effects: Vec::new(),
        }
    }

    /// Ends the transaction. The answer says how far the log must be synced to contain it; `None`
    /// if there was nothing to record.
    pub(super) fn commit(mut self) -> Option<u64> {
        self.finish()
    }

    fn finish(&mut self) -> Option<u64> {
        for (_, shard) in &mut self.guards {
            self.space.count(shard);
        }
        if self.effects.is_empty() {
            return None;
        }
        let effects = std::mem::take(&mut self.effects);
        self.space.log.as_ref().map(|log| log.append(&effects))
    }

    /// Works on another database from here on.
    pub fn select(&mut self, db: u8) {
        self.db = super::keyspace::in_range(db);
    }

    fn shard(&mut self, key: &[u8]) -> &mut Shard {
        let wanted = shard_of(position(key));
        let at = match self.guards.len() {
            1 => 0,
            _ => self
                .guards
                .binary_search_by_key(&wanted, |(index, _)| *index)
                .unwrap_or(usize::MAX),
        };
        let (index, shard) = self
            .guards
            .get_mut(at)
            .expect("a transaction touches only the keys it was opened for");
        assert_eq!(
            *index, wanted,
            "a transaction touches only the keys it was opened for"
        );
        shard
    }

    /// The living entry of a key, to be changed in place; sizes and records are the caller's.
    /// One whose deadline has passed is removed on the way.
    pub(super) fn entry(&mut self, key: &[u8]) -> Option<&mut Entry> {
        let (db, space) = (self.db, self.space);
        if !self.shard(key).get(db, key)?.lives(&space.clock) {
            let shard = self.shard(key);
            shard.expired += 1;
            let entry = shard.remove(db, key);
            if entry.is_some_and(|entry| !entry.volatile) {
                self.record(&Effect::Remove { db, key });
            }
            return None;
        }
        self.shard(key).get(db, key)
    }

    /// The living entry of a key, for a reading command: counts as a hit or a miss.
    pub(super) fn read(&mut self, key: &[u8]) -> Option<&Entry> {
        let (db, space) = (self.db, self.space);
        self.shard(key).read(db, key, &space.clock)
    }

    /// Puts an entry and records it.
    pub(super) fn put(&mut self, key: &[u8], entry: Entry) {
        if self.space.log.is_some() {
            if !entry.volatile {
                effect::whole(&mut self.effects, self.db, key, &entry);
            } else if self.entry(key).is_some_and(|before| !before.volatile) {
                let db = self.db;
                self.record(&Effect::Remove { db, key });
            }
        }
        let db = self.db;
        self.shard(key).put(db, key, entry);
    }

    /// Takes a key out and records it. `None` also for a key whose deadline has passed.
    pub(super) fn take(&mut self, key: &[u8]) -> Option<Entry> {
        self.entry(key)?;
        let db = self.db;
        let entry = self.shard(key).remove(db, key)?;
        if !entry.volatile {
            self.record(&Effect::Remove { db, key });
        }
        Some(entry)
    }

    /// Takes a step of a key's collection and records it.
    pub(super) fn change(&mut self, key: &[u8], change: Change<'_>) -> Result<Applied, CacheError> {
        let volatile = self.entry(key).is_some_and(|entry| entry.volatile);
        if self.space.max_bytes.is_some() {
            self.room_for(change.growth_bytes())?;
        }
        let db = self.db;
        let applied = self
            .shard(key)
            .change(db, key, &change)
            .map_err(|OtherKind| CacheError::WrongType)?;
        if applied != Applied::Nothing && !volatile {
            self.record(&Effect::Change { db, key, change });
        }
        Ok(applied)
    }

    /// Changes when a living key ends and records it.
    pub(super) fn set_deadline(&mut self, key: &[u8], deadline: Option<Deadline>) {
        let db = self.db;
        let Some(volatile) = self.entry(key).map(|entry| entry.volatile) else {
            return;
        };
        self.shard(key).set_deadline(db, key, deadline);
        if !volatile {
            let unix_ms = deadline.map(|deadline| deadline.unix_ms);
            self.record(&Effect::Deadline { db, key, unix_ms });
        }
    }

    /// Empties the database; the transaction must be on everything.
    pub(super) fn flush(&mut self) {
        let db = self.db;
        let freed: Vec<_> = self
            .guards
            .iter_mut()
            .map(|(_, shard)| shard.flush(db))
            .collect();
        self.record(&Effect::Flush { db });
        // Freeing millions of keys takes a while; nobody should wait for it.
        std::thread::spawn(move || drop(freed));
    }

    /// Whether so many more bytes may be kept.
    pub(super) fn room_for(&self, more_bytes: usize) -> Result<(), CacheError> {
        self.space.room_for(more_bytes)
    }

    fn record(&mut self, effect: &Effect<'_>) {
        if self.space.log.is_some() {
            effect.encode(&mut self.effects);
        }
    }
}

impl Drop for Txn<'_> {
    fn drop(&mut self) {
        self.finish();
    }
}
