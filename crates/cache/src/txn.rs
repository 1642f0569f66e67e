//! One atomic step: locks, changes, and the record of the changes.

use super::effect::{self, Effect};
use super::keyspace::{Keyspace, in_range, shard_of};
use super::shard::Shard;
use super::slot::{Slot, Traits, View};
use super::table::hash_of;
use super::values::{Applied, Change, OtherKind, Packing, position};
use super::{CacheError, Deadline, Happenings, notify, remains};
use parking_lot::MutexGuard;
use smallvec::SmallVec;
use std::sync::atomic::Ordering;

/// Commands run on this, one or several; others see all of their changes or none, and so does
/// the disk. The key arguments must be among those the transaction was opened for.
///
/// Dropping it ends it: the changes are recorded and told while the locks are still held, so that
/// memory, log and subscribers agree on the order.
pub struct Txn<'a> {
    pub(super) space: &'a Keyspace,
    pub(super) db: u8,
    pub(super) guards: SmallVec<[(u8, MutexGuard<'a, Shard>); 1]>,
    /// [`Keyspace::several`], while it holds the locks of several shards.
    pub(super) several: Option<MutexGuard<'a, ()>>,
    /// Locks the shards of keys when they are first touched.
    pub(super) grows: bool,
    pub(super) effects: Vec<u8>,
    told: Happenings,
    events: Vec<(&'static str, Happenings, u8, Box<[u8]>)>,
    /// The key whose use was counted last, by its hash.
    pub(super) counted: Option<u64>,
    /// Freed when the locks are back: large collections take a while.
    garbage: Vec<Slot>,
}

impl<'a> Txn<'a> {
    /// `shards` ascending, without repetition.
    pub(super) fn new(
        space: &'a Keyspace,
        db: u8,
        shards: impl IntoIterator<Item = u8, IntoIter: ExactSizeIterator>,
    ) -> Txn<'a> {
        let shards = shards.into_iter();
        let several = (shards.len() > 1).then(|| space.several.lock());
        let guards = shards
            .map(|index| (index, space.shards[usize::from(index)].lock()))
            .collect();
        Txn {
            space,
            db,
            guards,
            several,
            grows: false,
            effects: Vec::new(),
            told: space.told(),
            events: Vec::new(),
            counted: None,
            garbage: Vec::new(),
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
        let seq = match &self.space.log {
            Some(log) if !self.effects.is_empty() => Some(log.append(&self.effects)),
            _ => None,
        };
        self.effects.clear();
        for (event, _, db, key) in self.events.drain(..) {
            notify::tell(&self.space.hub, self.told, event, db, &key);
        }
        self.guards.clear();
        self.several = None;
        self.garbage.drain(..).for_each(remains::free);
        seq
    }

    /// Up to where collections count as small.
    pub fn packing(&self) -> Packing {
        *self.space.packing.read()
    }

    /// The database it works on.
    pub fn db(&self) -> u8 {
        self.db
    }

    /// Works on another database from here on.
    pub fn select(&mut self, db: u8) {
        self.db = in_range(db);
    }

    /// The wall clock, in unix milliseconds.
    pub fn now_unix_ms(&self) -> u64 {
        self.space.clock.unix_ms()
    }

    /// Tells subscribers of a happening, when the transaction ends. If the key is gone by now, that
    /// is told as well.
    pub fn happened(&mut self, kind: Happenings, event: &'static str, key: &[u8]) {
        self.tell(kind, event, key);
        if self.told.tells(Happenings::GENERIC) {
            let (db, hash) = (self.db, hash_of(key));
            if self.shard(key).0.get(db, hash, key).is_none() {
                self.tell(Happenings::GENERIC, "del", key);
            }
        }
    }

    /// Tells subscribers of a happening, when the transaction ends.
    pub fn tell(&mut self, kind: Happenings, event: &'static str, key: &[u8]) {
        if self.told.tells(kind) {
            self.events.push((event, kind, self.db, key.into()));
        }
    }

    /// The shard of a key, and the key's hash.
    pub(super) fn shard(&mut self, key: &[u8]) -> (&mut Shard, u64) {
        let wanted = shard_of(position(key));
        let at = match (self.guards.len(), self.grows) {
            (1, false) => 0,
            _ => match self.find(wanted) {
                Ok(at) => at,
                Err(at) if self.grows => {
                    self.lock(wanted, at);
                    at
                }
                Err(_) => usize::MAX,
            },
        };
        let (index, shard) = self
            .guards
            .get_mut(at)
            .expect("a transaction touches only the keys it was opened for");
        assert_eq!(
            *index, wanted,
            "a transaction touches only the keys it was opened for"
        );
        (shard, hash_of(key))
    }

    /// All shards that are locked, in ascending order, with their numbers.
    pub(super) fn shards(&mut self) -> impl Iterator<Item = (u8, &mut Shard)> {
        let guards = self.guards.iter_mut();
        guards.map(|(index, shard)| (*index, &mut **shard))
    }

    pub(super) fn guards(&mut self) -> impl Iterator<Item = &mut Shard> {
        self.guards.iter_mut().map(|(_, shard)| &mut **shard)
    }

    /// Whether a key lives; one whose deadline has passed is removed on the way. Neither a hit nor a
    /// miss nor a use.
    pub(super) fn exists_now(&mut self, key: &[u8]) -> bool {
        self.slot(key).is_some()
    }

    /// The living slot of a key, for a writing command.
    pub(super) fn slot(&mut self, key: &[u8]) -> Option<&Slot> {
        let (db, space) = (self.db, self.space);
        let (shard, hash) = self.shard(key);
        if !shard.get(db, hash, key)?.lives(&space.clock) {
            shard.expired += 1;
            if let Some(changes) = &shard.changes {
                changes.add(key, true);
            }
            let slot = shard.remove(db, hash, key);
            if let Some(slot) = slot {
                if !slot.volatile() {
                    self.record(&Effect::Remove { db, key });
                }
                self.tell(Happenings::EXPIRED, "expired", key);
                self.garbage.push(slot);
            }
            return None;
        }
        let (shard, hash) = self.shard(key);
        shard.get(db, hash, key)
    }

    /// The living slot of a key, for a reading command: counts as a hit or a miss, and as a use.
    pub(super) fn read(&mut self, key: &[u8]) -> Option<&Slot> {
        let (db, space, counted) = (self.db, self.space, self.counted);
        let (shard, hash) = self.shard(key);
        let (lives, has_ended) = match shard.get_mut(db, hash, key) {
            Some(slot) if slot.lives(&space.clock) => {
                if counted != Some(hash) {
                    slot.touch(space.used(slot));
                }
                shard.hits += 1;
                (true, false)
            }
            slot => {
                let has_ended = slot.is_some();
                shard.misses += 1;
                (false, has_ended)
            }
        };
        self.counted = Some(hash);
        if has_ended && !space.holds.load(Ordering::Relaxed) {
            self.slot(key);
        }
        if !lives {
            self.tell(Happenings::MISSED, "keymiss", key);
            return None;
        }
        let (shard, hash) = self.shard(key);
        shard.get(db, hash, key)
    }

    /// As [`Txn::read`], without being a use.
    pub(super) fn glance(&mut self, key: &[u8]) -> Option<&Slot> {
        let db = self.db;
        let (shard, hash) = self.shard(key);
        let touched = shard.get(db, hash, key).map(Slot::touched);
        self.read(key)?;
        let (shard, hash) = self.shard(key);
        if let (Some(slot), Some(touched)) = (shard.get_mut(db, hash, key), touched) {
            slot.touch(touched);
        }
        shard.get(db, hash, key)
    }

    /// Puts a key and records it.
    pub(super) fn put(&mut self, slot: Slot) {
        let db = self.db;
        if self.space.log.is_some() {
            if !slot.volatile() {
                effect::whole(&mut self.effects, db, &slot);
            } else if self
                .slot(slot.key())
                .is_some_and(|before| !before.volatile())
            {
                let key = slot.key();
                self.record(&Effect::Remove { db, key });
            }
        }
        let key = slot.key();
        let is_new = self.told.tells(Happenings::NEW) && !self.exists_now(key);
        if is_new {
            self.tell(Happenings::NEW, "new", key);
        }
        let (shard, hash) = self.shard(slot.key());
        let before = shard.put(db, hash, slot);
        self.garbage.extend(before);
    }

    /// Puts a string and records it.
    pub(super) fn put_text(&mut self, key: &[u8], text: &[u8], mut traits: Traits) {
        let (db, space) = (self.db, self.space);
        // What was counted is not forgotten with the old value.
        if space.policy().counts_use()
            && let Some(before) = self.slot(key)
        {
            traits.touched = space.used(before);
        }
        if self.space.log.is_some() {
            if !traits.volatile {
                let deadline = traits.deadline.map(|deadline| deadline.unix_ms);
                effect::text(&mut self.effects, db, key, text, deadline);
            } else if self.slot(key).is_some_and(|before| !before.volatile()) {
                self.record(&Effect::Remove { db, key });
            }
        }
        if self.told.tells(Happenings::NEW) && !self.exists_now(key) {
            self.tell(Happenings::NEW, "new", key);
        }
        let (shard, hash) = self.shard(key);
        let before = shard.put_text(db, hash, key, text, traits);
        self.garbage.extend(before);
    }

    /// Takes a key out and records it. `false` also for a key whose deadline has passed.
    pub(super) fn remove(&mut self, key: &[u8]) -> bool {
        let taken = self.take(key);
        let was_there = taken.is_some();
        self.garbage.extend(taken);
        was_there
    }

    /// As [`Txn::remove`]; answers what was there.
    pub(super) fn take(&mut self, key: &[u8]) -> Option<Slot> {
        self.slot(key)?;
        let db = self.db;
        let (shard, hash) = self.shard(key);
        let slot = shard.remove(db, hash, key)?;
        if !slot.volatile() {
            self.record(&Effect::Remove { db, key });
        }
        Some(slot)
    }

    /// Takes a step of a key's value and records it.
    pub(super) fn change(&mut self, key: &[u8], change: Change<'_>) -> Result<Applied, CacheError> {
        let before = self.slot(key).map(Slot::volatile);
        if before.is_none() && self.told.tells(Happenings::NEW) {
            self.tell(Happenings::NEW, "new", key);
        }
        let (db, fresh, packing) = (self.db, self.space.fresh(), self.packing());
        let (space, counted) = (self.space, self.counted);
        let (shard, hash) = self.shard(key);
        let applied = shard
            .change(db, hash, key, &change, &packing)
            .map_err(|OtherKind| CacheError::WrongType)?;
        if let Some(slot) = shard.get_mut(db, hash, key) {
            match before {
                None => slot.touch(fresh),
                // However many steps a command takes, it is one use.
                Some(_) if counted == Some(hash) => {}
                Some(_) => slot.touch(space.used(slot)),
            }
        }
        self.counted = Some(hash);
        if applied != Applied::Nothing && before != Some(true) {
            self.record(&Effect::Change { db, key, change });
        }
        Ok(applied)
    }

    /// Changes when a living key ends and records it.
    pub(super) fn set_deadline(&mut self, key: &[u8], deadline: Option<Deadline>) {
        let db = self.db;
        let Some(volatile) = self.slot(key).map(Slot::volatile) else {
            return;
        };
        let (shard, hash) = self.shard(key);
        shard.set_deadline(db, hash, key, deadline);
        if !volatile {
            let unix_ms = deadline.map(|deadline| deadline.unix_ms);
            self.record(&Effect::Deadline { db, key, unix_ms });
        }
    }

    /// Empties the database; the transaction must be on everything.
    pub(super) fn flush(&mut self) {
        let db = self.db;
        let freed: Vec<_> = self.guards().filter_map(|shard| shard.flush(db)).collect();
        self.record(&Effect::Flush { db });
        if !freed.is_empty() {
            remains::free_elsewhere(freed);
        }
    }

    pub(super) fn record(&mut self, effect: &Effect<'_>) {
        if self.space.log.is_some() {
            effect.encode(&mut self.effects);
        }
    }

    /// The living string of a key, for a reading command.
    pub(super) fn read_text(&mut self, key: &[u8]) -> Result<Option<&[u8]>, CacheError> {
        match self.read(key).map(Slot::view) {
            None => Ok(None),
            Some(View::Text(text)) => Ok(Some(text)),
            Some(View::Other(_)) => Err(CacheError::WrongType),
        }
    }
}

impl Drop for Txn<'_> {
    fn drop(&mut self) {
        self.finish();
    }
}
