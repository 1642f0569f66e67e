//! Commands on sets.

use super::super::keyspace::fits;
use super::super::values::{Applied, Change, Set};
use super::super::{CacheError, Txn};
use super::any_below;
use bytes::Bytes;

impl Txn<'_> {
    /// The set of a key; `None` if there is none.
    pub fn members(&mut self, key: &[u8]) -> Result<Option<&Set>, CacheError> {
        self.read(key).map(|entry| entry.value.set()).transpose()
    }

    /// Adds members; answers how many are new.
    pub fn sadd(&mut self, key: &[u8], members: &[&[u8]]) -> Result<u64, CacheError> {
        fits(key)?;
        let mut added = 0;
        for member in members {
            fits(member)?;
            let applied = self.change(key, Change::SetAdd { member })?;
            added += u64::from(applied == Applied::Added);
        }
        Ok(added)
    }

    /// Removes members; answers how many there were.
    pub fn srem(&mut self, key: &[u8], members: &[&[u8]]) -> Result<u64, CacheError> {
        let mut removed = 0;
        if self.members(key)?.is_some() {
            for member in members {
                let applied = self.change(key, Change::SetRemove { member })?;
                removed += u64::from(applied != Applied::Nothing);
            }
        }
        Ok(removed)
    }

    /// Whether it is a member.
    pub fn sismember(&mut self, key: &[u8], member: &[u8]) -> Result<bool, CacheError> {
        Ok(self.members(key)?.is_some_and(|set| set.contains(member)))
    }

    /// How many members.
    pub fn scard(&mut self, key: &[u8]) -> Result<usize, CacheError> {
        Ok(self.members(key)?.map_or(0, Set::len))
    }

    /// Up to `count` different members, any.
    pub fn srandmember(&mut self, key: &[u8], count: usize) -> Result<Vec<Bytes>, CacheError> {
        let Some(set) = self.members(key)? else {
            return Ok(Vec::new());
        };
        if count >= set.len() {
            return Ok(set.iter().cloned().collect());
        }
        let mut all: Vec<&Bytes> = set.iter().collect();
        // The first `count` places of a shuffle.
        for place in 0..count {
            let other = place + any_below(all.len() - place);
            all.swap(place, other);
        }
        Ok(all[..count].iter().copied().cloned().collect())
    }

    /// Takes out up to `count` members, any.
    pub fn spop(&mut self, key: &[u8], count: usize) -> Result<Vec<Bytes>, CacheError> {
        let popped = self.srandmember(key, count)?;
        for member in &popped {
            self.change(key, Change::SetRemove { member })?;
        }
        Ok(popped)
    }

    /// Moves a member to another set; `false` if it is not there.
    pub fn smove(&mut self, from: &[u8], to: &[u8], member: &[u8]) -> Result<bool, CacheError> {
        // Both kinds are looked at before anything is changed.
        self.members(to)?;
        if !self.sismember(from, member)? {
            return Ok(false);
        }
        if from != to {
            self.sadd(to, &[member])?;
            self.srem(from, &[member])?;
        }
        Ok(true)
    }

    /// Members of all these sets.
    pub fn sinter(&mut self, keys: &[&[u8]]) -> Result<Set, CacheError> {
        let Some((first, others)) = keys.split_first() else {
            return Ok(Set::default());
        };
        let mut common = self.members(first)?.cloned().unwrap_or_default();
        for key in others {
            match self.members(key)? {
                Some(set) => common.retain(|member| set.contains(member)),
                None => common.clear(),
            }
        }
        Ok(common)
    }

    /// Members of any of these sets.
    pub fn sunion(&mut self, keys: &[&[u8]]) -> Result<Set, CacheError> {
        let mut all = Set::default();
        for key in keys {
            all.extend(self.members(key)?.into_iter().flatten().cloned());
        }
        Ok(all)
    }

    /// Members of the first set that are in none of the others.
    pub fn sdiff(&mut self, keys: &[&[u8]]) -> Result<Set, CacheError> {
        let Some((first, others)) = keys.split_first() else {
            return Ok(Set::default());
        };
        let mut left = self.members(first)?.cloned().unwrap_or_default();
        for key in others {
            if let Some(set) = self.members(key)? {
                left.retain(|member| !set.contains(member));
            }
        }
        Ok(left)
    }

    /// Replaces whatever a key holds with a set; none if it is empty. Answers its size.
    pub fn store_members(&mut self, key: &[u8], set: &Set) -> Result<usize, CacheError> {
        self.del(&[key]);
        for member in set {
            self.sadd(key, &[member])?;
        }
        Ok(set.len())
    }
}
