//! Commands on strings and counters.

use super::super::keyspace::fits;
use super::super::values::{Entry, Value, parse_float, plain_float_text, position};
use super::super::{
    CacheError, Condition, Creation, Lifetime, MAX_ITEM_BYTES, SetOptions, SetOutcome, Txn,
};
use super::slice;
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

    /// As [`Txn::incr_by`], for numbers with a fraction. Answers the sum as it is kept.
    pub fn incr_by_float(&mut self, key: &[u8], by: f64) -> Result<String, CacheError> {
        let before = match self.get(key)? {
            Some(text) => parse_float(&text).ok_or(CacheError::NotAFloat)?,
            None => 0.0,
        };
        let sum = before + by;
        if !sum.is_finite() {
            return Err(CacheError::NotAFloat);
        }
        let text = plain_float_text(sum);
        self.replace(key, Bytes::from(text.clone()))?;
        Ok(text)
    }

    /// Adds to the end of a string, making it if there is none. Answers its length.
    pub fn append(&mut self, key: &[u8], more: &[u8]) -> Result<usize, CacheError> {
        let before = self.get(key)?.unwrap_or_default();
        let joined = [&before[..], more].concat();
        let length = joined.len();
        self.replace(key, Bytes::from(joined))?;
        Ok(length)
    }

    /// Writes over a part of a string, with zero bytes before it where there is none. Answers its
    /// length.
    pub fn set_range(
        &mut self,
        key: &[u8],
        offset: usize,
        part: &[u8],
    ) -> Result<usize, CacheError> {
        let before = self.get(key)?;
        if part.is_empty() {
            return Ok(before.map_or(0, |before| before.len()));
        }
        let end = offset.saturating_add(part.len());
        if end > MAX_ITEM_BYTES {
            return Err(CacheError::TooLarge {
                size_bytes: end,
                max_bytes: MAX_ITEM_BYTES,
            });
        }
        let mut bytes = before.unwrap_or_default().to_vec();
        bytes.resize(bytes.len().max(end), 0);
        bytes[offset..end].copy_from_slice(part);
        let length = bytes.len();
        self.replace(key, Bytes::from(bytes))?;
        Ok(length)
    }

    /// A part of a string, both ends included; negative positions count from the end.
    pub fn get_range(&mut self, key: &[u8], start: i64, stop: i64) -> Result<Bytes, CacheError> {
        let value = self.get(key)?.unwrap_or_default();
        Ok(value.slice(slice(start, stop, value.len())))
    }

    /// Another string under the same deadline.
    fn replace(&mut self, key: &[u8], value: Bytes) -> Result<(), CacheError> {
        let volatile = self.entry(key).is_some_and(|entry| entry.volatile);
        let options = SetOptions {
            lifetime: Lifetime::Keep,
            volatile,
            ..SetOptions::default()
        };
        self.set(key, value, options).map(|_| ())
    }
}
