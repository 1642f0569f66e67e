//! One of the 256 parts of the keyspace: what a single lock guards.

use super::clock::{Clock, Deadline};
use super::values::{Applied, Change, Entry, Key, OtherKind, position};
use super::{DATABASES, glob};
use bytes::Bytes;
use std::collections::{BTreeSet, HashMap};

pub(super) const SHARDS: usize = 256;

/// The keys whose [`position`] begins with this shard's number, of all databases.
#[derive(Default)]
pub(super) struct Shard {
    tables: Vec<Table>,
    pub hits: u64,
    pub misses: u64,
    pub expired: u64,
    /// Bytes in use now, and as last added to the keyspace's sum.
    pub used_bytes: usize,
    pub counted_bytes: usize,
}

/// One database's keys in one shard.
#[derive(Default)]
struct Table {
    entries: HashMap<Key, Entry, ahash::RandomState>,
    /// Each key with a deadline, once, by the monotonic millisecond.
    deadlines: BTreeSet<(u64, Key)>,
}

impl Shard {
    /// The entry, whether or not its deadline has passed.
    pub fn get(&mut self, db: u8, key: &[u8]) -> Option<&mut Entry> {
        self.tables.get_mut(usize::from(db))?.entries.get_mut(key)
    }

    /// The living entry, for a reader: one lookup.
    pub fn read(&mut self, db: u8, key: &[u8], clock: &Clock) -> Option<&Entry> {
        let found = self
            .tables
            .get(usize::from(db))
            .and_then(|table| table.entries.get(key))
            .filter(|entry| entry.lives(clock));
        match found {
            Some(_) => self.hits += 1,
            None => self.misses += 1,
        }
        found
    }

    /// Puts an entry in place of whatever was there.
    pub fn put(&mut self, db: u8, key: &[u8], entry: Entry) {
        debug_assert!(db < DATABASES);
        if self.tables.len() <= usize::from(db) {
            self.tables.resize_with(usize::from(db) + 1, Table::default);
        }
        let table = &mut self.tables[usize::from(db)];
        self.used_bytes += entry.size_bytes(key.len());
        let deadline = entry.deadline;
        let Some((known, _)) = table.entries.get_key_value(key) else {
            let key = Key::from(key);
            if let Some(deadline) = deadline {
                table.deadlines.insert((deadline.monotonic_ms, key.clone()));
            }
            table.entries.insert(key, entry);
            return;
        };
        let known = known.clone();
        let before = table.entries.insert(known.clone(), entry);
        if let Some(before) = before {
            self.used_bytes -= before.size_bytes(key.len());
            table.move_deadline(known, before.deadline, deadline);
        }
    }

    /// Takes a step of a key's collection, making and removing the collection as needed.
    pub fn change(
        &mut self,
        db: u8,
        key: &[u8],
        change: &Change<'_>,
    ) -> Result<Applied, OtherKind> {
        let Some(entry) = self.get(db, key) else {
            let mut value = change.empty();
            let applied = value.apply(change)?;
            if !value.is_empty() {
                let entry = Entry {
                    value,
                    deadline: None,
                    position: position(key),
                    volatile: false,
                };
                self.put(db, key, entry);
            }
            return Ok(applied);
        };
        let before_bytes = entry.value.size_bytes();
        let applied = entry.value.apply(change)?;
        let (after_bytes, empty) = (entry.value.size_bytes(), entry.value.is_empty());
        self.used_bytes = self.used_bytes + after_bytes - before_bytes;
        if empty {
            self.remove(db, key);
        }
        Ok(applied)
    }

    /// Changes when a key ends.
    pub fn set_deadline(&mut self, db: u8, key: &[u8], deadline: Option<Deadline>) {
        let Some(table) = self.tables.get_mut(usize::from(db)) else {
            return;
        };
        let Some((known, _)) = table.entries.get_key_value(key) else {
            return;
        };
        let known = known.clone();
        if let Some(entry) = table.entries.get_mut(key) {
            let before = std::mem::replace(&mut entry.deadline, deadline);
            table.move_deadline(known, before, deadline);
        }
    }

    /// Takes a key out.
    pub fn remove(&mut self, db: u8, key: &[u8]) -> Option<Entry> {
        let table = self.tables.get_mut(usize::from(db))?;
        let (key, entry) = table.entries.remove_entry(key)?;
        self.used_bytes -= entry.size_bytes(key.len());
        table.move_deadline(key, entry.deadline, None);
        Some(entry)
    }

    /// Empties one database of this shard; the entries are handed out, to be freed without the lock.
    pub fn flush(&mut self, db: u8) -> impl Sized + Send + use<> {
        let table = self.tables.get_mut(usize::from(db)).map(std::mem::take);
        if let Some(table) = &table {
            self.used_bytes -= table
                .entries
                .iter()
                .map(|(key, entry)| entry.size_bytes(key.len()))
                .sum::<usize>();
        }
        table
    }

    /// Removes at most `budget` keys whose deadline has passed, telling each; answers how many.
    pub fn expire(
        &mut self,
        clock: &Clock,
        budget: usize,
        tell: &mut dyn FnMut(u8, &[u8], &Entry),
    ) -> usize {
        let mut removed = 0;
        for db in 0..self.tables.len() {
            let now_ms = clock.monotonic_ms();
            while removed < budget {
                let table = &mut self.tables[db];
                match table.deadlines.first() {
                    Some((at_ms, _)) if *at_ms <= now_ms => {}
                    _ => break,
                }
                let Some((_, key)) = table.deadlines.pop_first() else {
                    break;
                };
                if let Some(entry) = table.entries.remove(&*key) {
                    self.used_bytes -= entry.size_bytes(key.len());
                    tell(db as u8, &key, &entry);
                }
                removed += 1;
            }
        }
        self.expired += removed as u64;
        removed
    }

    /// All entries of one database, in no order, including those whose deadline has passed.
    pub fn entries(&self, db: u8) -> impl Iterator<Item = (&Key, &Entry)> {
        self.tables
            .get(usize::from(db))
            .into_iter()
            .flat_map(|table| &table.entries)
    }

    /// Keys of one database, and how many of them have a deadline.
    pub fn len(&self, db: u8) -> (usize, usize) {
        self.tables
            .get(usize::from(db))
            .map_or((0, 0), |table| (table.entries.len(), table.deadlines.len()))
    }

    /// Looks at up to `want` keys at or after a position (more if several share the last one),
    /// collects those that match; answers how many it looked at, and where to go on in this shard.
    pub fn scan(
        &self,
        db: u8,
        from: u32,
        want: usize,
        clock: &Clock,
        wanted: &dyn Fn(&[u8], &Entry) -> bool,
        keys: &mut Vec<Bytes>,
    ) -> (usize, Option<u32>) {
        let mut ahead: Vec<(&Key, &Entry)> = self
            .entries(db)
            .filter(|(_, entry)| entry.position >= from)
            .collect();
        let mut next = None;
        if ahead.len() > want {
            let (_, last, _) = ahead.select_nth_unstable_by_key(want - 1, |(_, e)| e.position);
            let last = last.1.position;
            let before = ahead.len();
            ahead.retain(|(_, entry)| entry.position <= last);
            next = (ahead.len() < before).then(|| last.saturating_add(1));
        }
        let looked_at = ahead.len();
        keys.extend(
            ahead
                .into_iter()
                .filter(|(key, entry)| wanted(key, entry) && entry.lives(clock))
                .map(|(key, _)| Bytes::copy_from_slice(key)),
        );
        (looked_at, next)
    }
}

impl Table {
    fn move_deadline(&mut self, key: Key, from: Option<Deadline>, to: Option<Deadline>) {
        if from == to {
            return;
        }
        match (from, to) {
            (None, None) => {}
            (None, Some(to)) => {
                self.deadlines.insert((to.monotonic_ms, key));
            }
            (Some(from), to) => {
                let mut slot = (from.monotonic_ms, key);
                self.deadlines.remove(&slot);
                if let Some(to) = to {
                    slot.0 = to.monotonic_ms;
                    self.deadlines.insert(slot);
                }
            }
        }
    }
}

/// A filter for [`Shard::scan`] from a glob.
pub(super) fn matching(pattern: &[u8]) -> impl Fn(&[u8], &Entry) -> bool + '_ {
    move |key, _| pattern == b"*" || glob::matches(pattern, key)
}
