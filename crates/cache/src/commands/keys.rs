//! Commands on keys of any kind.

use super::super::slot::{Slot, Traits, View};
use super::super::{CacheError, Happenings, Ttl, Txn, ValueType};

/// When a deadline is taken, `EXPIRE`'s options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExpireWhen {
    /// Only if there is none.
    pub absent: bool,
    /// Only if there is one.
    pub present: bool,
    /// Only if it is later than the one there is; none is later than all.
    pub later: bool,
    /// Only if it is earlier.
    pub earlier: bool,
}

impl Txn<'_> {
    /// Removes keys; answers how many there were.
    pub fn del(&mut self, keys: &[&[u8]]) -> u64 {
        let mut removed = 0;
        for key in keys {
            if self.remove(key) {
                removed += 1;
                self.tell(Happenings::GENERIC, "del", key);
            }
        }
        removed
    }

    /// As [`Txn::exists`], and each is used.
    pub fn touch_all(&mut self, keys: &[&[u8]]) -> u64 {
        keys.iter().filter(|key| self.read(key).is_some()).count() as u64
    }

    /// How many of the keys exist, which is no use of them; a key named twice counts twice.
    pub fn exists(&mut self, keys: &[&[u8]]) -> u64 {
        keys.iter().filter(|key| self.glance(key).is_some()).count() as u64
    }

    /// What kind of value a key holds; not a use of it.
    pub fn kind(&mut self, key: &[u8]) -> Option<ValueType> {
        self.slot(key).map(Slot::kind)
    }

    /// How Redis would keep a key's value; not a use of it.
    pub fn encoding(&mut self, key: &[u8]) -> Option<&'static str> {
        self.slot(key).map(Slot::encoding)
    }

    /// How long a key has not been used, in seconds; not a use of it.
    pub fn idle_s(&mut self, key: &[u8]) -> Option<u64> {
        let space = self.space;
        self.slot(key).map(|slot| space.idle_s(slot))
    }

    /// How often a key is used, 0 to 255; not a use of it.
    pub fn frequency(&mut self, key: &[u8]) -> Option<u32> {
        let space = self.space;
        self.slot(key).map(|slot| space.frequency(slot))
    }

    /// Says how long a key has not been used and how often it was, as far as either is counted.
    pub fn used_before(&mut self, key: &[u8], idle_s: u64, count: u8) {
        let (db, touched) = (self.db(), self.space.used_before(idle_s, count));
        let (shard, hash) = self.shard(key);
        if let Some(slot) = shard.get_mut(db, hash, key) {
            slot.touch(touched);
        }
    }

    /// How many allocations a key's value has, roughly.
    pub fn parts(&mut self, key: &[u8]) -> usize {
        self.slot(key).map_or(0, |slot| match slot.view() {
            View::Text(_) => 1,
            View::Other(value) => value.parts(),
        })
    }

    /// Bytes that a key and its value use, roughly; not a use of it.
    pub fn key_bytes(&mut self, key: &[u8]) -> Option<usize> {
        self.slot(key).map(Slot::size_bytes)
    }

    /// Gives a key a deadline; one that has passed removes it. `false` if there is no such key.
    pub fn expire_at(&mut self, key: &[u8], at_unix_ms: u64) -> bool {
        self.expire_at_if(key, at_unix_ms, ExpireWhen::default())
    }

    /// As [`Txn::expire_at`], under conditions; `false` if they do not hold.
    pub fn expire_at_if(&mut self, key: &[u8], at_unix_ms: u64, when: ExpireWhen) -> bool {
        let Some(before) = self.slot(key).map(Slot::deadline) else {
            return false;
        };
        let before_ms = before.map(|deadline| deadline.unix_ms);
        let refused = when.absent && before.is_some()
            || when.present && before.is_none()
            || when.later && before_ms.is_none_or(|before_ms| at_unix_ms <= before_ms)
            || when.earlier && before_ms.is_some_and(|before_ms| at_unix_ms >= before_ms);
        if refused {
            return false;
        }
        let clock = &self.space.clock;
        if at_unix_ms <= clock.unix_ms() {
            self.remove(key);
            self.tell(Happenings::GENERIC, "del", key);
            return true;
        }
        let deadline = clock.deadline(at_unix_ms);
        self.set_deadline(key, Some(deadline));
        self.tell(Happenings::GENERIC, "expire", key);
        true
    }

    /// Takes a key's deadline away; `false` if there is no such key or no deadline.
    pub fn persist(&mut self, key: &[u8]) -> bool {
        match self.slot(key).map(Slot::deadline) {
            Some(Some(_)) => {
                self.set_deadline(key, None);
                self.tell(Happenings::GENERIC, "persist", key);
                true
            }
            _ => false,
        }
    }

    /// How long a key will live; not a use of it.
    pub fn ttl(&mut self, key: &[u8]) -> Ttl {
        let now_ms = self.space.clock.monotonic_ms();
        match self.slot(key).map(Slot::deadline) {
            None => Ttl::Missing,
            Some(None) => Ttl::Forever,
            Some(Some(deadline)) => Ttl::Left {
                left_ms: deadline.monotonic_ms.saturating_sub(now_ms),
                at_unix_ms: deadline.unix_ms,
            },
        }
    }

    /// Gives a key another name, with its deadline, in place of whatever had that name. `None` if
    /// there is no such key; `Some(false)` if the other name is taken and `only_free` is given.
    pub fn rename(&mut self, from: &[u8], to: &[u8], only_free: bool) -> Option<bool> {
        self.slot(from)?;
        if only_free && self.slot(to).is_some() {
            return Some(false);
        }
        if from == to {
            return Some(true);
        }
        let slot = self.take(from)?;
        self.put(slot.renamed(to));
        self.tell(Happenings::GENERIC, "rename_from", from);
        self.tell(Happenings::GENERIC, "rename_to", to);
        Some(true)
    }

    /// Copies a key with its deadline to a name in a database. `false` if there is no such key, or
    /// the other name is taken and `replace` is not given.
    pub fn copy(&mut self, from: &[u8], to_db: u8, to: &[u8], replace: bool) -> bool {
        let Some(slot) = self.slot(from).cloned() else {
            return false;
        };
        let from_db = self.db();
        if from == to && from_db == to_db {
            return false;
        }
        self.select(to_db);
        let free = replace || self.slot(to).is_none();
        if free {
            self.put(slot.renamed(to));
            self.tell(Happenings::GENERIC, "copy_to", to);
        }
        self.select(from_db);
        free
    }

    /// Moves a key to another database. `false` if there is no such key, or it is taken there.
    pub fn move_to(&mut self, key: &[u8], to_db: u8) -> bool {
        if self.slot(key).is_none() {
            return false;
        }
        let from_db = self.db();
        self.select(to_db);
        let free = self.slot(key).is_none();
        self.select(from_db);
        if free && let Some(slot) = self.take(key) {
            self.tell(Happenings::GENERIC, "move_from", key);
            self.select(to_db);
            self.put(slot);
            self.tell(Happenings::GENERIC, "move_to", key);
            self.select(from_db);
        }
        free
    }

    /// Removes all keys of the database. The transaction must be on everything.
    pub fn flush_db(&mut self) -> Result<(), CacheError> {
        self.flush();
        Ok(())
    }

    /// Gives two databases each other's keys. The transaction must be on everything.
    pub fn swap_db(&mut self, one: u8, other: u8) {
        let (one, other) = (
            super::super::keyspace::in_range(one),
            super::super::keyspace::in_range(other),
        );
        if one != other {
            // What has ended is no change for those who watch the same name in the other database.
            let db = self.db();
            let watched: Vec<Box<[u8]>> = self
                .guards()
                .flat_map(|shard| shard.watched.keys())
                .collect();
            for key in watched {
                for db in [one, other] {
                    self.select(db);
                    self.exists_now(&key);
                }
            }
            self.select(db);
            let clock = &self.space.clock;
            self.guards()
                .for_each(|shard| shard.swap(one, other, clock));
            self.record(&super::super::effect::Effect::Swap { one, other });
        }
    }

    /// How many keys the database has. The transaction must be on everything.
    pub fn len(&mut self) -> usize {
        let db = self.db();
        self.guards().map(|shard| shard.len(db).0).sum()
    }

    /// Whether the database has no keys. The transaction must be on everything.
    pub fn is_empty(&mut self) -> bool {
        self.len() == 0
    }

    /// What a new key is marked with.
    pub(in super::super) fn fresh(&self) -> Traits {
        Traits {
            touched: self.space.fresh(),
            ..Traits::default()
        }
    }
}
