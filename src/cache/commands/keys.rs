//! Commands on keys of any kind.

use super::super::values::position;
use super::super::{CacheError, Kind, Ttl, Txn};

impl Txn<'_> {
    /// Removes keys; answers how many there were.
    pub fn del(&mut self, keys: &[&[u8]]) -> u64 {
        keys.iter().filter(|key| self.take(key).is_some()).count() as u64
    }

    /// How many of the keys exist; a key named twice counts twice.
    pub fn exists(&mut self, keys: &[&[u8]]) -> u64 {
        keys.iter().filter(|key| self.read(key).is_some()).count() as u64
    }

    /// Gives a key a deadline; one that has passed removes it. `false` if there is no such key.
    pub fn expire_at(&mut self, key: &[u8], at_unix_ms: u64) -> bool {
        if self.entry(key).is_none() {
            return false;
        }
        let clock = &self.space.clock;
        if at_unix_ms <= clock.unix_ms() {
            return self.take(key).is_some();
        }
        let deadline = clock.deadline(at_unix_ms);
        self.set_deadline(key, Some(deadline));
        true
    }

    /// Takes a key's deadline away; `false` if there is no such key or no deadline.
    pub fn persist(&mut self, key: &[u8]) -> bool {
        match self.entry(key).map(|entry| entry.deadline) {
            Some(Some(_)) => {
                self.set_deadline(key, None);
                true
            }
            _ => false,
        }
    }

    /// How long a key will live.
    pub fn ttl(&mut self, key: &[u8]) -> Ttl {
        let now_ms = self.space.clock.monotonic_ms();
        match self.read(key).map(|entry| entry.deadline) {
            None => Ttl::Missing,
            Some(None) => Ttl::Forever,
            Some(Some(deadline)) => Ttl::Left {
                left_ms: deadline.monotonic_ms.saturating_sub(now_ms),
                at_unix_ms: deadline.unix_ms,
            },
        }
    }

    /// What kind of value a key holds.
    pub fn kind(&mut self, key: &[u8]) -> Option<Kind> {
        self.read(key).map(|entry| entry.value.kind())
    }

    /// Gives a key another name, with its value and deadline; what the new name held is gone. With
    /// `if_free`, only if it held nothing. `None` if there is no such key.
    pub fn rename(&mut self, from: &[u8], to: &[u8], if_free: bool) -> Option<bool> {
        self.entry(from)?;
        if if_free && self.entry(to).is_some() {
            return Some(false);
        }
        if from != to {
            let mut entry = self.take(from)?;
            entry.position = position(to);
            self.put(to, entry);
        }
        Some(true)
    }

    /// Copies a key's value and deadline to another name; `false` if there is no such key, or the
    /// name is taken and not to be replaced.
    pub fn copy(&mut self, from: &[u8], to: &[u8], replace: bool) -> Result<bool, CacheError> {
        let Some(mut entry) = self.entry(from).cloned() else {
            return Ok(false);
        };
        if from == to || (!replace && self.entry(to).is_some()) {
            return Ok(false);
        }
        self.room_for(entry.size_bytes(to.len()))?;
        entry.position = position(to);
        self.put(to, entry);
        Ok(true)
    }

    /// Removes all keys of the database. The transaction must be on everything.
    pub fn flush_db(&mut self) -> Result<(), CacheError> {
        self.flush();
        Ok(())
    }
}
