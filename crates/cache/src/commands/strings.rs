//! Commands on strings and counters.

use super::super::keyspace::fits;
use super::super::slot::{Slot, Traits, View};
use super::super::values::{Change, Seen, parse_float, parse_integer};
use super::super::{
    CacheError, Condition, Creation, Happenings, Lifetime, MAX_ITEM_BYTES, SetOptions, SetOutcome,
    Txn,
};
use super::decimal;
use super::slice;
use bytes::Bytes;

impl Txn<'_> {
    /// The value of a key.
    pub fn get(&mut self, key: &[u8]) -> Result<Option<Bytes>, CacheError> {
        Ok(self.text(key)?.map(Bytes::copy_from_slice))
    }

    /// The value of a key, where it lies.
    pub fn text(&mut self, key: &[u8]) -> Result<Option<&[u8]>, CacheError> {
        self.read_text(key)
    }

    /// Sets a key to a string, whatever it held.
    pub fn set(
        &mut self,
        key: &[u8],
        value: impl AsRef<[u8]>,
        options: SetOptions,
    ) -> Result<SetOutcome, CacheError> {
        let value = value.as_ref();
        fits(key)?;
        fits(value)?;
        let looks = options.previous
            || options.condition != Condition::Any
            || options.lifetime == Lifetime::Keep;
        let (mut stored, mut previous, mut kept) = (true, None, None);
        if looks {
            let before = self.slot(key);
            if let (true, Some(slot)) = (options.previous, before) {
                previous = match slot.view() {
                    View::Text(text) => Some(Bytes::copy_from_slice(text)),
                    View::Other(_) => return Err(CacheError::WrongType),
                };
            }
            stored = match options.condition {
                Condition::Any => true,
                Condition::IfAbsent => before.is_none(),
                Condition::IfPresent => before.is_some(),
            };
            kept = before.and_then(Slot::deadline);
        }
        if !stored {
            return Ok(SetOutcome { stored, previous });
        }
        let clock = &self.space.clock;
        let deadline = match options.lifetime {
            Lifetime::Forever => None,
            Lifetime::Keep => kept,
            Lifetime::Until(at_unix_ms) if at_unix_ms <= clock.unix_ms() => {
                if self.remove(key) {
                    self.tell(Happenings::GENERIC, "del", key);
                }
                return Ok(SetOutcome { stored, previous });
            }
            Lifetime::Until(at_unix_ms) => Some(clock.deadline(at_unix_ms)),
        };
        let traits = Traits {
            deadline,
            volatile: options.volatile,
            ..self.fresh()
        };
        self.put_text(key, value, traits);
        self.tell(Happenings::STRING, "set", key);
        if matches!(options.lifetime, Lifetime::Until(_)) {
            self.tell(Happenings::GENERIC, "expire", key);
        }
        Ok(SetOutcome { stored, previous })
    }

    /// As [`Txn::set`], for what was put together in place, without telling anybody.
    pub fn replace(&mut self, key: &[u8], value: &[u8]) -> Result<(), CacheError> {
        fits(key)?;
        fits(value)?;
        let traits = Traits {
            seen: Seen::Raw,
            ..self.fresh()
        };
        self.put_text(key, value, traits);
        Ok(())
    }

    /// Another string under the same deadline, without telling anybody.
    pub fn rewrite(&mut self, key: &[u8], value: &[u8]) -> Result<(), CacheError> {
        fits(key)?;
        fits(value)?;
        let kept = self.slot(key).map(Slot::traits);
        let touched = self.space.fresh();
        let traits = Traits {
            touched,
            seen: Seen::Raw,
            ..kept.unwrap_or_default()
        };
        self.put_text(key, value, traits);
        Ok(())
    }

    /// Adds to a number; a missing key counts as 0 and is made as `creation` says. Answers the sum.
    pub fn incr_by(&mut self, key: &[u8], by: i64, creation: Creation) -> Result<i64, CacheError> {
        fits(key)?;
        let (before, traits) = match self.slot(key) {
            Some(slot) => match slot.view() {
                View::Text(text) => (
                    parse_integer(text).ok_or(CacheError::NotAnInteger)?,
                    slot.traits(),
                ),
                View::Other(_) => return Err(CacheError::WrongType),
            },
            None => {
                let clock = &self.space.clock;
                let traits = Traits {
                    deadline: creation.expires_at_ms.map(|at_ms| clock.deadline(at_ms)),
                    volatile: creation.volatile,
                    ..Traits::default()
                };
                (0, traits)
            }
        };
        let sum = before.checked_add(by).ok_or(CacheError::Overflow)?;
        let touched = self.space.fresh();
        let mut digits = itoa::Buffer::new();
        let text = digits.format(sum).as_bytes();
        self.put_text(key, text, Traits { touched, ..traits });
        self.tell(Happenings::STRING, "incrby", key);
        Ok(sum)
    }

    /// As [`Txn::incr_by`], for numbers with a fraction. Answers the sum as it is kept.
    pub fn incr_by_float(&mut self, key: &[u8], by: &[u8]) -> Result<String, CacheError> {
        let before = match self.slot(key).map(Slot::view) {
            Some(View::Text(text)) => text.to_vec(),
            Some(View::Other(_)) => return Err(CacheError::WrongType),
            None => b"0".to_vec(),
        };
        if parse_float(&before).is_none() || parse_float(by).is_none() {
            return Err(CacheError::NotAFloat);
        }
        let sum = decimal::sum(&before, by).ok_or(CacheError::NotFinite)?;
        let traits = self.slot(key).map(Slot::traits).unwrap_or_default();
        let touched = self.space.fresh();
        let traits = Traits {
            touched,
            seen: Seen::AsText,
            ..traits
        };
        self.put_text(key, sum.as_bytes(), traits);
        self.tell(Happenings::STRING, "incrbyfloat", key);
        Ok(sum)
    }

    /// Adds to the end of a string, making it if there is none. Answers its length.
    pub fn append(&mut self, key: &[u8], more: &[u8]) -> Result<usize, CacheError> {
        fits(key)?;
        let length = match self.slot(key).map(Slot::view) {
            Some(View::Text(text)) => text.len(),
            Some(View::Other(_)) => return Err(CacheError::WrongType),
            None => {
                fits(more)?;
                let traits = self.fresh();
                self.put_text(key, more, traits);
                self.tell(Happenings::STRING, "append", key);
                return Ok(more.len());
            }
        };
        self.write(key, length, more)?;
        self.tell(Happenings::STRING, "append", key);
        Ok(length + more.len())
    }

    /// Writes over a part of a string, with zero bytes before it where there is none. Answers its
    /// length.
    pub fn set_range(
        &mut self,
        key: &[u8],
        offset: usize,
        part: &[u8],
    ) -> Result<usize, CacheError> {
        let length = match self.slot(key).map(Slot::view) {
            Some(View::Text(text)) => text.len(),
            Some(View::Other(_)) => return Err(CacheError::WrongType),
            None => 0,
        };
        if part.is_empty() {
            return Ok(length);
        }
        self.write(key, offset, part)?;
        self.tell(Happenings::STRING, "setrange", key);
        Ok(length.max(offset + part.len()))
    }

    /// Writes over a part of a string without telling anybody.
    pub fn write(&mut self, key: &[u8], offset: usize, bytes: &[u8]) -> Result<(), CacheError> {
        let end = offset.saturating_add(bytes.len());
        if end > MAX_ITEM_BYTES {
            return Err(CacheError::TooLarge {
                size_bytes: end,
                max_bytes: MAX_ITEM_BYTES,
            });
        }
        let offset = offset as u64;
        self.change(key, Change::TextWrite { offset, bytes })?;
        Ok(())
    }

    /// What was opened to be written into tells so, also if nothing was written then.
    pub fn opened(&mut self, key: &[u8]) {
        let db = self.db();
        let (shard, hash) = self.shard(key);
        if let Some(slot) = shard.get_mut(db, hash, key)
            && let View::Text(text) = slot.view()
        {
            let traits = Traits {
                seen: Seen::Raw,
                ..slot.traits()
            };
            *slot = Slot::text(key, text, traits);
        }
    }

    /// A part of a string, both ends included; negative positions count from the end.
    pub fn get_range(&mut self, key: &[u8], start: i64, stop: i64) -> Result<Bytes, CacheError> {
        let value = self.text(key)?.unwrap_or_default();
        let part = slice(start, stop, value.len());
        Ok(Bytes::copy_from_slice(&value[part]))
    }
}
