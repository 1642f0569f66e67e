//! One of the 256 parts of the keyspace: what a single lock guards.

use super::clock::{Clock, Deadline};
use super::observe::Changes;
use super::slot::{Slot, Traits};
use super::table::Table;
use super::values::{Applied, Change, OtherKind, Packing, ValueType, position};
use super::watch::Watched;
use super::{DATABASES, glob, remains};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const SHARDS: usize = 256;

/// The keys whose [`position`] begins with this shard's number, of all databases.
#[derive(Default)]
pub(super) struct Shard {
    tables: Vec<Table>,
    pub hits: u64,
    pub misses: u64,
    pub expired: u64,
    /// Keys that were made, changed or removed, each time.
    pub modifications: u64,
    /// Bytes in use now, and as last added to the keyspace's sum.
    pub used_bytes: usize,
    /// Of that, each database's.
    db_bytes: [usize; DATABASES as usize],
    pub counted_bytes: usize,
    /// Who wants to know that keys change.
    pub watched: Watched,
    /// Who wants to know of each change.
    pub changes: Option<Arc<Changes>>,
    /// Texts by name, in [`super::libraries::LIBRARY_SHARD`] only.
    pub libraries: BTreeMap<Box<[u8]>, Bytes>,
}

impl Shard {
    /// A key, whether or not its deadline has passed.
    pub fn get(&self, db: u8, hash: u64, key: &[u8]) -> Option<&Slot> {
        self.tables.get(usize::from(db))?.get(hash, key)
    }

    /// As [`Shard::get`], to be touched; sizes and deadlines change by other functions.
    pub fn get_mut(&mut self, db: u8, hash: u64, key: &[u8]) -> Option<&mut Slot> {
        self.tables.get_mut(usize::from(db))?.get_mut(hash, key)
    }

    /// Puts a key in place of whatever was there; answers that.
    pub fn put(&mut self, db: u8, hash: u64, slot: Slot) -> Option<Slot> {
        self.modified(db, slot.key());
        let after_bytes = slot.size_bytes();
        let before = self.table(db).put(hash, slot);
        let before_bytes = before.as_ref().map_or(0, Slot::size_bytes);
        self.resize(db, before_bytes, after_bytes);
        before
    }

    /// Puts a string, reusing the place of one that is as long; answers what had to go.
    pub fn put_text(
        &mut self,
        db: u8,
        hash: u64,
        key: &[u8],
        text: &[u8],
        traits: Traits,
    ) -> Option<Slot> {
        let table = self.table(db);
        if let Some(slot) = table.get_mut(hash, key) {
            let before = slot.deadline();
            if slot.overwrite(text, traits) {
                table.move_deadline(hash, before, traits.deadline);
                self.modified(db, key);
                return None;
            }
        }
        self.put(db, hash, Slot::text(key, text, traits))
    }

    /// Takes a step of a key's value, making and removing it as needed; answers the value that went
    /// away empty.
    pub fn change(
        &mut self,
        db: u8,
        hash: u64,
        key: &[u8],
        change: &Change<'_>,
        packing: &Packing,
    ) -> Result<Applied, OtherKind> {
        let Some(slot) = self.get_mut(db, hash, key) else {
            let mut value = change.empty();
            let applied = value.apply(change, packing)?;
            if !value.is_empty() && applied != Applied::Nothing {
                self.put(db, hash, Slot::new(key, value, Traits::default()));
            }
            return Ok(applied);
        };
        // The step must fit before a packed string is unpacked for it.
        if slot.kind() != change.kind() {
            return Err(OtherKind);
        }
        let before_bytes = slot.size_bytes();
        let value = slot.value_mut();
        let applied = value.apply(change, packing)?;
        let empty = value.is_empty();
        let after_bytes = slot.size_bytes();
        self.resize(db, before_bytes, after_bytes);
        if empty {
            self.remove(db, hash, key);
        } else if applied != Applied::Nothing {
            self.modified(db, key);
        }
        Ok(applied)
    }

    /// Changes when a key ends.
    pub fn set_deadline(&mut self, db: u8, hash: u64, key: &[u8], deadline: Option<Deadline>) {
        let table = self.table(db);
        let Some(slot) = table.get_mut(hash, key) else {
            return;
        };
        let (before, before_bytes) = (slot.deadline(), slot.size_bytes());
        slot.set_deadline(deadline);
        let after_bytes = slot.size_bytes();
        table.move_deadline(hash, before, deadline);
        self.resize(db, before_bytes, after_bytes);
        self.modified(db, key);
    }

    /// Takes a key out.
    pub fn remove(&mut self, db: u8, hash: u64, key: &[u8]) -> Option<Slot> {
        let slot = self.tables.get_mut(usize::from(db))?.remove(hash, key)?;
        self.resize(db, slot.size_bytes(), 0);
        self.modified(db, key);
        Some(slot)
    }

    /// Empties one database of this shard; the keys are handed out, to be freed without the lock.
    pub fn flush(&mut self, db: u8) -> Option<Table> {
        let table = self.tables.get_mut(usize::from(db))?;
        if table.len() == 0 {
            return None;
        }
        let table = std::mem::take(table);
        self.modifications += table.len() as u64;
        self.resize(db, self.db_bytes[usize::from(db)], 0);
        self.watched.changed_where(db, |key| {
            table.get(super::table::hash_of(key), key).is_some()
        });
        Some(table)
    }

    /// Puts all keys of another shard in place of its own; answers those.
    pub fn take_over(&mut self, mut loaded: Shard) -> Shard {
        for db in 0..DATABASES {
            self.watched.changed_where(db, |_| true);
        }
        std::mem::swap(&mut self.libraries, &mut loaded.libraries);
        std::mem::swap(&mut self.tables, &mut loaded.tables);
        std::mem::swap(&mut self.db_bytes, &mut loaded.db_bytes);
        std::mem::swap(&mut self.used_bytes, &mut loaded.used_bytes);
        loaded
    }

    /// Gives two databases each other's keys.
    pub fn swap(&mut self, one: u8, other: u8, clock: &Clock) {
        self.table(one.max(other));
        self.tables.swap(one.into(), other.into());
        self.db_bytes.swap(one.into(), other.into());
        for db in [one, other] {
            // A key that is watched changes if it lives in either.
            let tables = &self.tables;
            self.watched.changed_where(db, |key| {
                let hash = super::table::hash_of(key);
                [one, other].iter().any(|&db| {
                    tables
                        .get(usize::from(db))
                        .and_then(|table| table.get(hash, key))
                        .is_some_and(|slot| slot.lives(clock))
                })
            });
        }
    }

    /// Removes at most `budget` keys whose deadline has passed, telling each; answers how many.
    pub fn expire(
        &mut self,
        clock: &Clock,
        budget: usize,
        tell: &mut dyn FnMut(u8, &Slot),
    ) -> usize {
        let mut removed = 0;
        for db in 0..self.tables.len() {
            if self.tables[db].mortal() == 0 {
                continue;
            }
            let now_ms = clock.monotonic_ms();
            while removed < budget
                && let Ok(ended) = self.tables[db].expire_one(now_ms)
            {
                if let Some(slot) = ended {
                    self.resize(db as u8, slot.size_bytes(), 0);
                    self.modified(db as u8, slot.key());
                    tell(db as u8, &slot);
                    remains::free(slot);
                }
                removed += 1;
            }
            if removed > 0 {
                self.tables[db].shrink();
            }
        }
        self.expired += removed as u64;
        removed
    }

    /// Counts hits, misses and expired keys anew.
    pub fn reset_stats(&mut self) {
        (self.hits, self.misses, self.expired) = (0, 0, 0);
    }

    /// All keys of one database, in no order, including those whose deadline has passed.
    pub fn slots(&self, db: u8) -> impl Iterator<Item = &Slot> {
        let table = self.tables.get(usize::from(db));
        table.into_iter().flat_map(Table::iter)
    }

    /// One database's keys in this shard, if there ever were any.
    pub fn tables(&self) -> impl Iterator<Item = (u8, &Table)> {
        (0..).zip(&self.tables)
    }

    /// Keys of one database, and how many of them have a deadline.
    pub fn len(&self, db: u8) -> (usize, usize) {
        self.tables
            .get(usize::from(db))
            .map_or((0, 0), |table| (table.len(), table.mortal()))
    }

    /// A living key at a place that `random` says, if there is one among the next `patience`.
    pub fn sample(&self, db: u8, random: u64, patience: usize, clock: &Clock) -> Option<&Slot> {
        let table = self.tables.get(usize::from(db))?;
        let mut places = table.sample(random, patience);
        places.find(|slot| slot.lives(clock))
    }

    /// Looks at up to `want` keys at or after a position (more if several share the last one),
    /// collects those that match; answers how many it looked at, and where to go on in this shard.
    pub fn scan(
        &self,
        db: u8,
        from: u32,
        want: usize,
        wanted: &dyn Fn(&Slot) -> bool,
        keys: &mut Vec<Bytes>,
    ) -> (usize, Option<u32>) {
        let mut ahead: Vec<(u32, &Slot)> = self
            .slots(db)
            .map(|slot| (position(slot.key()), slot))
            .filter(|(position, _)| *position >= from)
            .collect();
        let mut next = None;
        if ahead.len() > want {
            let (_, (last, _), _) = ahead.select_nth_unstable_by_key(want - 1, |(at, _)| *at);
            let last = *last;
            let before = ahead.len();
            ahead.retain(|(position, _)| *position <= last);
            next = (ahead.len() < before).then(|| last.saturating_add(1));
        }
        let looked_at = ahead.len();
        keys.extend(
            ahead
                .into_iter()
                .filter(|(_, slot)| wanted(slot))
                .map(|(_, slot)| Bytes::copy_from_slice(slot.key())),
        );
        (looked_at, next)
    }

    fn table(&mut self, db: u8) -> &mut Table {
        debug_assert!(db < DATABASES);
        if self.tables.len() <= usize::from(db) {
            self.tables.resize_with(usize::from(db) + 1, Table::default);
        }
        &mut self.tables[usize::from(db)]
    }

    fn resize(&mut self, db: u8, before_bytes: usize, after_bytes: usize) {
        let db_bytes = &mut self.db_bytes[usize::from(db)];
        *db_bytes = *db_bytes - before_bytes + after_bytes;
        self.used_bytes = self.used_bytes - before_bytes + after_bytes;
    }

    fn modified(&mut self, db: u8, key: &[u8]) {
        self.modifications += 1;
        if !self.watched.is_empty() {
            self.watched.changed(db, key);
        }
        if let Some(changes) = &self.changes {
            changes.add(key, false);
        }
    }
}

/// A filter for [`Shard::scan`] from a glob, for keys that live.
pub(super) fn matching<'a>(
    pattern: &'a [u8],
    kind: Option<ValueType>,
    clock: &'a Clock,
) -> impl Fn(&Slot) -> bool + 'a {
    move |slot| {
        kind.is_none_or(|kind| slot.kind() == kind)
            && (pattern == b"*" || glob::matches(pattern, slot.key()))
            && slot.lives(clock)
    }
}
