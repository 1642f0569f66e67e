//! Commands on sets.

use super::super::keyspace::fits;
use super::super::slot::{Slot, View};
use super::super::values::{Applied, Change, Packing, Set};
use super::super::{CacheError, Happenings, Txn};
use bytes::Bytes;

impl Txn<'_> {
    /// The set of a key; `None` if there is none.
    pub fn members(&mut self, key: &[u8]) -> Result<Option<&Set>, CacheError> {
        match self.read(key).map(Slot::view) {
            None => Ok(None),
            Some(View::Other(value)) => value.set().map(Some),
            Some(View::Text(_)) => Err(CacheError::WrongType),
        }
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
        if added > 0 {
            self.tell(Happenings::SET, "sadd", key);
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
        if removed > 0 {
            self.happened(Happenings::SET, "srem", key);
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
        let space = self.space;
        let Some(set) = self.members(key)? else {
            return Ok(Vec::new());
        };
        let length = set.len();
        if count >= length {
            return Ok(set
                .shown()
                .into_iter()
                .map(Bytes::copy_from_slice)
                .collect());
        }
        let chosen = super::different_below(length, count, || space.random());
        let members = chosen.into_iter().filter_map(|index| set.nth(index));
        Ok(members.map(Bytes::copy_from_slice).collect())
    }

    /// A number that nobody foresees, below `below`.
    pub fn any_below(&self, below: usize) -> usize {
        match below {
            0 => 0,
            below => (self.space.random() % below as u64) as usize,
        }
    }

    /// `count` different numbers below `below`, in the order in which they were drawn.
    pub fn different_below(&self, below: usize, count: usize) -> Vec<usize> {
        super::different_below(below, count, || self.space.random())
    }

    /// Takes out up to `count` members, any.
    pub fn spop(&mut self, key: &[u8], count: usize) -> Result<Vec<Bytes>, CacheError> {
        let popped = self.srandmember(key, count)?;
        for member in &popped {
            self.change(key, Change::SetRemove { member })?;
        }
        if !popped.is_empty() {
            self.happened(Happenings::SET, "spop", key);
        }
        Ok(popped)
    }

    /// Moves a member to another set; `false` if it is not there.
    pub fn smove(&mut self, from: &[u8], to: &[u8], member: &[u8]) -> Result<bool, CacheError> {
        // Redis looks at the target only if there is a source.
        if self.members(from)?.is_none() {
            return Ok(false);
        }
        self.members(to)?;
        if !self.sismember(from, member)? {
            return Ok(false);
        }
        if from != to {
            self.srem(from, &[member])?;
            self.sadd(to, &[member])?;
        }
        Ok(true)
    }

    /// Members of all these sets.
    pub fn sinter(&mut self, keys: &[&[u8]]) -> Result<Set, CacheError> {
        // All kinds are looked at, also behind a key that is not there.
        for key in keys {
            self.members(key)?;
        }
        let mut smallest: Option<(usize, &[u8])> = None;
        for key in keys {
            let size = self.scard(key)?;
            if smallest.is_none_or(|(least, _)| size < least) {
                smallest = Some((size, key));
            }
        }
        let Some((_, smallest)) = smallest else {
            return Ok(Set::default());
        };
        let mut common = self.members(smallest)?.cloned().unwrap_or_default();
        for key in keys.iter().filter(|key| **key != smallest) {
            match self.members(key)? {
                Some(set) => common.retain(|member| set.contains(member)),
                None => return Ok(Set::default()),
            }
        }
        Ok(common)
    }

    /// Members of any of these sets.
    pub fn sunion(&mut self, keys: &[&[u8]]) -> Result<Set, CacheError> {
        let packing = Packing::default();
        let mut all = Set::default();
        for key in keys {
            for member in self.members(key)?.into_iter().flat_map(Set::iter) {
                all.add(member, &packing);
            }
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

    /// Replaces whatever a key holds with a set; none if it is empty. Answers its size. `event` is
    /// told of it.
    pub fn store_members(
        &mut self,
        key: &[u8],
        set: &Set,
        event: &'static str,
    ) -> Result<usize, CacheError> {
        let was_there = self.remove(key);
        for member in set.iter() {
            fits(member)?;
            self.change(key, Change::SetAdd { member })?;
        }
        match (set.is_empty(), was_there) {
            (false, _) => self.tell(Happenings::SET, event, key),
            (true, true) => self.tell(Happenings::GENERIC, "del", key),
            (true, false) => {}
        }
        Ok(set.len())
    }
}
