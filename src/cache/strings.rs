//! Commands on strings and counters.

use super::keyspace::fits;
use super::value::{Entry, Value, position};
use super::{CacheError, Condition, Creation, Lifetime, SetOptions, SetOutcome, Txn};
use bytes::Bytes;

impl Txn<'_> {
    /// The value of a key.
    pub fn get(&mut self, key: &[u8]) -> Result<Option<Bytes>, CacheError> {
        self.read(key).map(|entry| entry.value.string()).transpose()
    }

    /// Sets a key to a string, whatever it held. The bytes are kept as given: a slice of a larger
    /// buffer keeps all of that buffer.
    pub fn set(
        &mut self,
        key: &[u8],
        value: Bytes,
        options: SetOptions,
    ) -> Result<SetOutcome, CacheError> {
        fits(key)?;
        fits(&value)?;
        let before = self.entry(key);
        let previous = match &before {
            Some(entry) if options.previous => Some(entry.value.string()?),
            _ => None,
        };
        let kept = before.as_ref().and_then(|entry| entry.deadline);
        let stored = match options.condition {
            Condition::Any => true,
            Condition::IfAbsent => before.is_none(),
            Condition::IfPresent => before.is_some(),
        };
        let freed_bytes = before.map_or(0, |entry| entry.size_bytes(key.len()));
        if !stored {
            return Ok(SetOutcome { stored, previous });
        }
        let clock = &self.space.clock;
        let deadline = match options.lifetime {
            Lifetime::Forever => None,
            Lifetime::Keep => kept,
            Lifetime::Until(at_unix_ms) if at_unix_ms <= clock.unix_ms() => {
                self.take(key);
                return Ok(SetOutcome { stored, previous });
            }
            Lifetime::Until(at_unix_ms) => Some(clock.deadline(at_unix_ms)),
        };
        let entry = Entry {
            value: Value::String(value),
            deadline,
            position: position(key),
            volatile: options.volatile,
        };
        self.room_for(entry.size_bytes(key.len()).saturating_sub(freed_bytes))?;
        self.put(key, entry);
        Ok(SetOutcome { stored, previous })
    }

    /// Adds to a number; a missing key counts as 0 and is made as `creation` says. Answers the sum.
    pub fn incr_by(&mut self, key: &[u8], by: i64, creation: Creation) -> Result<i64, CacheError> {
        fits(key)?;
        let (before, deadline, volatile, new) = match self.entry(key) {
            Some(entry) => (
                entry.value.integer()?,
                entry.deadline,
                entry.volatile,
                false,
            ),
            None => {
                let clock = &self.space.clock;
                let deadline = creation.expires_at_ms.map(|at_ms| clock.deadline(at_ms));
                (0, deadline, creation.volatile, true)
            }
        };
        let sum = before.checked_add(by).ok_or(CacheError::Overflow)?;
        let entry = Entry {
            value: Value::Integer(sum),
            deadline,
            position: position(key),
            volatile,
        };
        if new {
            self.room_for(entry.size_bytes(key.len()))?;
        }
        self.put(key, entry);
        Ok(sum)
    }
}
