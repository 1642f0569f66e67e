//! Commands on hashes.

use super::super::keyspace::fits;
use super::super::slot::{Slot, View};
use super::super::values::{Applied, Change, Hash, parse_float, parse_integer};
use super::super::{CacheError, Happenings, Txn};
use super::decimal;
use bytes::Bytes;

impl Txn<'_> {
    /// The hash of a key; `None` if there is none.
    pub fn hash(&mut self, key: &[u8]) -> Result<Option<&Hash>, CacheError> {
        match self.read(key).map(Slot::view) {
            None => Ok(None),
            Some(View::Other(value)) => value.hash().map(Some),
            Some(View::Text(_)) => Err(CacheError::WrongType),
        }
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
        self.tell(Happenings::HASH, "hset", key);
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
        let hash = self.hash(key)?;
        Ok(hash.and_then(|hash| hash.get(field).map(Bytes::copy_from_slice)))
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
        if removed > 0 {
            self.happened(Happenings::HASH, "hdel", key);
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
            Some(text) => parse_integer(&text).ok_or(CacheError::HashNotAnInteger)?,
            None => 0,
        };
        let sum = before.checked_add(by).ok_or(CacheError::Overflow)?;
        self.put_field(key, field, sum.to_string().as_bytes())?;
        self.tell(Happenings::HASH, "hincrby", key);
        Ok(sum)
    }

    /// As [`Txn::hincrby`], for numbers with a fraction. Answers the sum as it is kept.
    pub fn hincrbyfloat(
        &mut self,
        key: &[u8],
        field: &[u8],
        by: &[u8],
    ) -> Result<String, CacheError> {
        let before = self
            .hget(key, field)?
            .unwrap_or_else(|| Bytes::from_static(b"0"));
        if parse_float(&before).is_none() {
            return Err(CacheError::HashNotAFloat);
        }
        if parse_float(by).is_none() {
            return Err(CacheError::NotAFloat);
        }
        let sum = decimal::sum(&before, by).ok_or(CacheError::NotFinite)?;
        self.put_field(key, field, sum.as_bytes())?;
        self.tell(Happenings::HASH, "hincrbyfloat", key);
        Ok(sum)
    }

    fn put_field(&mut self, key: &[u8], field: &[u8], value: &[u8]) -> Result<(), CacheError> {
        fits(key)?;
        fits(field)?;
        self.change(key, Change::HashSet { field, value })?;
        Ok(())
    }
}
