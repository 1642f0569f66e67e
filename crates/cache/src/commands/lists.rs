//! Commands on lists.

use super::super::keyspace::fits;
use super::super::slot::{Slot, View};
use super::super::values::{Applied, Change, List};
use super::super::{CacheError, Happenings, Txn};
use super::{at, slice};
use bytes::Bytes;

/// One of the two ends of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Where the first element is.
    Front,
    /// Where the last one is.
    Back,
}

impl Txn<'_> {
    /// The list of a key; `None` if there is none.
    pub fn list(&mut self, key: &[u8]) -> Result<Option<&List>, CacheError> {
        match self.read(key).map(Slot::view) {
            None => Ok(None),
            Some(View::Other(value)) => value.list().map(Some),
            Some(View::Text(_)) => Err(CacheError::WrongType),
        }
    }

    /// Pushes one after the other; answers the list's length.
    pub fn push(&mut self, key: &[u8], end: End, values: &[&[u8]]) -> Result<usize, CacheError> {
        fits(key)?;
        let front = end == End::Front;
        for value in values {
            fits(value)?;
            self.change(key, Change::ListPush { front, value })?;
        }
        let event = if front { "lpush" } else { "rpush" };
        self.tell(Happenings::LIST, event, key);
        self.llen(key)
    }

    /// Takes up to `count` elements from an end, in the order they are taken; `None` without a list.
    pub fn pop(
        &mut self,
        key: &[u8],
        end: End,
        count: usize,
    ) -> Result<Option<Vec<Bytes>>, CacheError> {
        let Some(length) = self.list(key)?.map(List::len) else {
            return Ok(None);
        };
        let front = end == End::Front;
        let mut popped = Vec::with_capacity(count.min(length));
        for _ in 0..count.min(length) {
            if let Applied::Removed(value) = self.change(key, Change::ListPop { front })? {
                popped.push(Bytes::from(value));
            }
        }
        if !popped.is_empty() {
            let event = if front { "lpop" } else { "rpop" };
            self.happened(Happenings::LIST, event, key);
        }
        Ok(Some(popped))
    }

    /// Moves an element from an end of one list to an end of another, or of the same.
    pub fn lmove(
        &mut self,
        from: &[u8],
        from_end: End,
        to: &[u8],
        to_end: End,
    ) -> Result<Option<Bytes>, CacheError> {
        // Both kinds are looked at before anything is changed; without a source, only its own.
        if self.list(from)?.is_none() {
            return Ok(None);
        }
        self.list(to)?;
        let end = match from_end {
            End::Front => 0,
            End::Back => -1,
        };
        let Some(value) = self.lindex(from, end)? else {
            return Ok(None);
        };
        // In this order, or a list of one element that turns in itself would end, and its deadline too.
        self.push(to, to_end, &[&value])?;
        self.pop(from, from_end, 1)?;
        Ok(Some(value))
    }

    /// How many elements.
    pub fn llen(&mut self, key: &[u8]) -> Result<usize, CacheError> {
        Ok(self.list(key)?.map_or(0, List::len))
    }

    /// One element.
    pub fn lindex(&mut self, key: &[u8], index: i64) -> Result<Option<Bytes>, CacheError> {
        let list = self.list(key)?;
        Ok(list.and_then(|list| list.get(at(index, list.len())?).map(Bytes::copy_from_slice)))
    }

    /// The elements from one position to another, both included.
    pub fn lrange(&mut self, key: &[u8], start: i64, stop: i64) -> Result<Vec<Bytes>, CacheError> {
        let Some(list) = self.list(key)? else {
            return Ok(Vec::new());
        };
        Ok(list
            .range(slice(start, stop, list.len()))
            .map(Bytes::copy_from_slice)
            .collect())
    }

    /// Replaces an element; `None` without a list, `Some(false)` without such an element.
    pub fn lset(
        &mut self,
        key: &[u8],
        index: i64,
        value: &[u8],
    ) -> Result<Option<bool>, CacheError> {
        fits(value)?;
        let Some(length) = self.list(key)?.map(List::len) else {
            return Ok(None);
        };
        let Some(index) = at(index, length) else {
            return Ok(Some(false));
        };
        let index = index as u64;
        self.change(key, Change::ListPut { index, value })?;
        self.tell(Happenings::LIST, "lset", key);
        Ok(Some(true))
    }

    /// Puts an element before or after the first that equals `pivot`. Answers the length; `None`
    /// without a list, `Some(None)` without such an element.
    pub fn linsert(
        &mut self,
        key: &[u8],
        before: bool,
        pivot: &[u8],
        value: &[u8],
    ) -> Result<Option<Option<usize>>, CacheError> {
        fits(value)?;
        let Some(list) = self.list(key)? else {
            return Ok(None);
        };
        let Some(found) = list.iter().position(|element| element == pivot) else {
            return Ok(Some(None));
        };
        let index = (found + usize::from(!before)) as u64;
        self.change(key, Change::ListInsert { index, value })?;
        self.tell(Happenings::LIST, "linsert", key);
        Ok(Some(Some(self.llen(key)?)))
    }

    /// Removes elements that equal `value`: the first `count`, the last `-count`, or all for 0.
    /// Answers how many.
    pub fn lrem(&mut self, key: &[u8], count: i64, value: &[u8]) -> Result<usize, CacheError> {
        let Some(list) = self.list(key)? else {
            return Ok(0);
        };
        let same = list
            .iter()
            .enumerate()
            .filter(|(_, element)| *element == value);
        let mut found: Vec<usize> = same.map(|(index, _)| index).collect();
        let wanted = match count.unsigned_abs() as usize {
            0 => found.len(),
            wanted => wanted.min(found.len()),
        };
        if count < 0 {
            found.drain(..found.len() - wanted);
        }
        found.truncate(wanted);
        // From the back, so that the positions ahead stay right.
        for &index in found.iter().rev() {
            let index = index as u64;
            self.change(key, Change::ListRemove { index })?;
        }
        if !found.is_empty() {
            self.happened(Happenings::LIST, "lrem", key);
        }
        Ok(found.len())
    }

    /// Keeps only the elements from one position to another, both included.
    pub fn ltrim(&mut self, key: &[u8], start: i64, stop: i64) -> Result<(), CacheError> {
        let Some(length) = self.list(key)?.map(List::len) else {
            return Ok(());
        };
        let keep = slice(start, stop, length);
        if keep.is_empty() {
            self.remove(key);
            self.happened(Happenings::LIST, "ltrim", key);
            return Ok(());
        }
        for _ in keep.end..length {
            self.change(key, Change::ListPop { front: false })?;
        }
        for _ in 0..keep.start {
            self.change(key, Change::ListPop { front: true })?;
        }
        self.tell(Happenings::LIST, "ltrim", key);
        Ok(())
    }

    /// Positions of elements that equal `value`: after skipping `skip`, up to `count` (0: all), from
    /// the back if `backwards`, looking at no more than `look_at` (0: all).
    pub fn lpos(
        &mut self,
        key: &[u8],
        value: &[u8],
        backwards: bool,
        skip: usize,
        count: usize,
        look_at: usize,
    ) -> Result<Vec<usize>, CacheError> {
        let Some(list) = self.list(key)? else {
            return Ok(Vec::new());
        };
        let length = list.len();
        let all = |limit: usize| if limit == 0 { usize::MAX } else { limit };
        Ok((0..length)
            .map(|step| if backwards { length - 1 - step } else { step })
            .take(all(look_at))
            .filter(|&index| list.get(index) == Some(value))
            .skip(skip)
            .take(all(count))
            .collect())
    }
}
