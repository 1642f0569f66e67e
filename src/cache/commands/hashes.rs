//! Commands on hashes.

use super::super::keyspace::fits;
use super::super::values::{Applied, Change, Hash, parse_float, parse_integer, plain_float_text};
use super::super::{CacheError, Txn};
use bytes::Bytes;

impl Txn<'_> {
    /// The hash of a key; `None` if there is none.
    pub fn hash(&mut self, key: &[u8]) -> Result<Option<&Hash>, CacheError> {
        self.read(key).map(|entry| entry.value.hash()).transpose()
    }

    /// Sets fields; answers how many are new.
    pub fn hset(&mut self, key: &[u8], pairs: &[(&[u8], &[u8])]) -> Result<u64, CacheError> {
        fits(key)?;
        let mut added = 0;
        for (field, value) in pairs {
            fits(field)?;
            fits(value)?;
            let applied = self.change(key, Change::HashSet { field, value })?;
            added += u64::from(applied == Applied::Added);
        }
        Ok(added)
    }

    /// Sets a field unless it is there; answers whether it did.
    pub fn hsetnx(&mut self, key: &[u8], field: &[u8], value: &[u8]) -> Result<bool, CacheError> {
        if self.hget(key, field)?.is_some() {
            return Ok(false);
        }
        Ok(self.hset(key, &[(field, value)])? == 1)
    }

    /// A field's value.
    pub fn hget(&mut self, key: &[u8], field: &[u8]) -> Result<Option<Bytes>, CacheError> {
        Ok(self.hash(key)?.and_then(|hash| hash.get(field).cloned()))
    }

    /// Removes fields; answers how many there were.
    pub fn hdel(&mut self, key: &[u8], fields: &[&[u8]]) -> Result<u64, CacheError> {
        let mut removed = 0;
        if self.hash(key)?.is_some() {
            for field in fields {
                let applied = self.change(key, Change::HashRemove { field })?;
                removed += u64::from(applied != Applied::Nothing);
            }
        }
        Ok(removed)
    }

    /// How many fields.
    pub fn hlen(&mut self, key: &[u8]) -> Result<usize, CacheError> {
        Ok(self.hash(key)?.map_or(0, Hash::len))
    }

    /// Adds to a field's number; a missing one counts as 0. Answers the sum.
    pub fn hincrby(&mut self, key: &[u8], field: &[u8], by: i64) -> Result<i64, CacheError> {
        let before = match self.hget(key, field)? {
            Some(text) => parse_integer(&text).ok_or(CacheError::NotAnInteger)?,
            None => 0,
        };
        let sum = before.checked_add(by).ok_or(CacheError::Overflow)?;
        self.hset(key, &[(field, sum.to_string().as_bytes())])?;
        Ok(sum)
    }

    /// As [`Txn::hincrby`], for numbers with a fraction. Answers the sum as it is kept.
    pub fn hincrbyfloat(
        &mut self,
        key: &[u8],
        field: &[u8],
        by: f64,
    ) -> Result<String, CacheError> {
        let before = match self.hget(key, field)? {
            Some(text) => parse_float(&text).ok_or(CacheError::NotAFloat)?,
            None => 0.0,
        };
        let sum = before + by;
        if !sum.is_finite() {
            return Err(CacheError::NotAFloat);
        }
        let text = plain_float_text(sum);
        self.hset(key, &[(field, text.as_bytes())])?;
        Ok(text)
    }
}
