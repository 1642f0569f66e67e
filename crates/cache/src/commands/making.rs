//! Values put as a whole, without telling anybody: for what was put together elsewhere.

use super::super::keyspace::fits;
use super::super::values::{Change, Fields, StreamId, StreamStep};
use super::super::{CacheError, Txn};

impl Txn<'_> {
    /// Takes a key away; whether it was there.
    pub fn drop_key(&mut self, key: &[u8]) -> bool {
        self.remove(key)
    }

    /// Lets a key end at a unix millisecond to come.
    pub fn set_end(&mut self, key: &[u8], at_unix_ms: u64) {
        let deadline = self.space.clock.deadline(at_unix_ms);
        self.set_deadline(key, Some(deadline));
    }

    /// Makes a key a string.
    pub fn store_text(&mut self, key: &[u8], text: &[u8]) -> Result<(), CacheError> {
        fits(key)?;
        fits(text)?;
        let traits = self.fresh();
        self.put_text(key, text, traits);
        Ok(())
    }

    /// Replaces whatever a key holds with a list.
    pub fn store_list(&mut self, key: &[u8], values: &[&[u8]]) -> Result<(), CacheError> {
        let changes = values.iter().map(|value| Change::ListPush {
            front: false,
            value,
        });
        self.store(key, changes)
    }

    /// Replaces whatever a key holds with a set.
    pub fn store_set(&mut self, key: &[u8], members: &[Vec<u8>]) -> Result<(), CacheError> {
        self.store(key, members.iter().map(|member| Change::SetAdd { member }))
    }

    /// Replaces whatever a key holds with a hash.
    pub fn store_hash(
        &mut self,
        key: &[u8],
        pairs: &[(Vec<u8>, Vec<u8>)],
    ) -> Result<(), CacheError> {
        let changes = pairs
            .iter()
            .map(|(field, value)| Change::HashSet { field, value });
        self.store(key, changes)
    }

    /// Replaces whatever a key holds with a sorted set.
    pub fn store_pairs(&mut self, key: &[u8], pairs: &[(Vec<u8>, f64)]) -> Result<(), CacheError> {
        let changes = pairs.iter().map(|(member, score)| Change::RankedSet {
            member,
            score: *score,
        });
        self.store(key, changes)
    }

    /// Adds an entry to a stream, after all others.
    pub fn put_entry(
        &mut self,
        key: &[u8],
        id: StreamId,
        fields: &[&[u8]],
    ) -> Result<(), CacheError> {
        let fields = &Fields::pack(fields);
        self.change(key, Change::Stream(StreamStep::Add { id, fields }))
            .map(drop)
    }

    fn store<'c>(
        &mut self,
        key: &[u8],
        changes: impl Iterator<Item = Change<'c>>,
    ) -> Result<(), CacheError> {
        fits(key)?;
        self.remove(key);
        for change in changes {
            self.change(key, change)?;
        }
        Ok(())
    }
}
