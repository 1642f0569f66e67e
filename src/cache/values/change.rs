//! The steps by which collections change.

use super::{Hash, List, Measured, Ranked, Set, Value};
use bytes::Bytes;
use std::collections::hash_map;

/// One step of one collection. The kind of step says which kind of collection it makes where there
/// is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) enum Change<'a> {
    HashSet { field: &'a [u8], value: &'a [u8] },
    HashRemove { field: &'a [u8] },
    SetAdd { member: &'a [u8] },
    SetRemove { member: &'a [u8] },
    ListPush { front: bool, value: &'a [u8] },
    ListPop { front: bool },
    ListPut { index: u64, value: &'a [u8] },
    ListInsert { index: u64, value: &'a [u8] },
    ListRemove { index: u64 },
    RankedSet { member: &'a [u8], score: f64 },
    RankedRemove { member: &'a [u8] },
}

/// What a step did.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Applied {
    /// Nothing; not to be recorded.
    Nothing,
    /// An element came.
    Added,
    /// An element is another now, or has another score.
    Changed,
    /// An element went.
    Removed(Bytes),
}

/// The value is of another kind than the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct OtherKind;

/// What table and allocator add to an element.
const HASH_BYTES: usize = 96;
const SET_BYTES: usize = 64;
const LIST_BYTES: usize = 48;
const RANKED_BYTES: usize = 128;

impl Change<'_> {
    /// An empty collection of the step's kind.
    pub fn empty(&self) -> Value {
        match self {
            Change::HashSet { .. } | Change::HashRemove { .. } => Value::Hash(Box::default()),
            Change::SetAdd { .. } | Change::SetRemove { .. } => Value::Set(Box::default()),
            Change::ListPush { .. }
            | Change::ListPop { .. }
            | Change::ListPut { .. }
            | Change::ListInsert { .. }
            | Change::ListRemove { .. } => Value::List(Box::default()),
            Change::RankedSet { .. } | Change::RankedRemove { .. } => Value::Ranked(Box::default()),
        }
    }

    /// At most so many bytes more.
    pub fn growth_bytes(&self) -> usize {
        match self {
            Change::HashSet { field, value } => HASH_BYTES + field.len() + value.len(),
            Change::SetAdd { member } => SET_BYTES + member.len(),
            Change::ListPush { value, .. }
            | Change::ListPut { value, .. }
            | Change::ListInsert { value, .. } => LIST_BYTES + value.len(),
            Change::RankedSet { member, .. } => RANKED_BYTES + member.len(),
            Change::HashRemove { .. }
            | Change::SetRemove { .. }
            | Change::ListPop { .. }
            | Change::ListRemove { .. }
            | Change::RankedRemove { .. } => 0,
        }
    }
}

impl Value {
    /// Makes a step.
    pub fn apply(&mut self, change: &Change<'_>) -> Result<Applied, OtherKind> {
        Ok(match (change, self) {
            (Change::HashSet { field, value }, Value::Hash(hash)) => hash.set(field, value),
            (Change::HashRemove { field }, Value::Hash(hash)) => hash.remove(field),
            (Change::SetAdd { member }, Value::Set(set)) => set.add(member),
            (Change::SetRemove { member }, Value::Set(set)) => set.remove(member),
            (Change::ListPush { front, value }, Value::List(list)) => list.push(*front, value),
            (Change::ListPop { front }, Value::List(list)) => list.pop(*front),
            (Change::ListPut { index, value }, Value::List(list)) => list.put(*index, value),
            (Change::ListInsert { index, value }, Value::List(list)) => list.insert(*index, value),
            (Change::ListRemove { index }, Value::List(list)) => list.remove(*index),
            (Change::RankedSet { member, score }, Value::Ranked(ranked)) => {
                ranked.set(member, *score)
            }
            (Change::RankedRemove { member }, Value::Ranked(ranked)) => ranked.remove(member),
            _ => return Err(OtherKind),
        })
    }

    /// The steps that make this collection from nothing; none for a string.
    pub fn each_change(&self, mut tell: impl FnMut(Change<'_>)) {
        match self {
            Value::String(_) | Value::Integer(_) => {}
            Value::Hash(hash) => {
                for (field, value) in &hash.inner {
                    tell(Change::HashSet { field, value });
                }
            }
            Value::Set(set) => {
                for member in &set.inner {
                    tell(Change::SetAdd { member });
                }
            }
            Value::List(list) => {
                for value in &list.inner {
                    tell(Change::ListPush {
                        front: false,
                        value,
                    });
                }
            }
            Value::Ranked(ranked) => {
                for (member, score) in ranked.inner.range(0..ranked.inner.len()) {
                    tell(Change::RankedSet { member, score });
                }
            }
        }
    }
}

impl Measured<Hash> {
    fn set(&mut self, field: &[u8], value: &[u8]) -> Applied {
        let value = Bytes::copy_from_slice(value);
        if let Some(held) = self.inner.get_mut(field) {
            self.size_bytes = self.size_bytes + value.len() - held.len();
            *held = value;
            return Applied::Changed;
        }
        self.size_bytes += HASH_BYTES + field.len() + value.len();
        match self.inner.entry(Bytes::copy_from_slice(field)) {
            hash_map::Entry::Vacant(slot) => slot.insert(value),
            hash_map::Entry::Occupied(slot) => slot.into_mut(),
        };
        Applied::Added
    }

    fn remove(&mut self, field: &[u8]) -> Applied {
        match self.inner.remove(field) {
            Some(value) => {
                self.size_bytes -= HASH_BYTES + field.len() + value.len();
                Applied::Removed(value)
            }
            None => Applied::Nothing,
        }
    }
}

impl Measured<Set> {
    fn add(&mut self, member: &[u8]) -> Applied {
        if self.inner.contains(member) {
            return Applied::Nothing;
        }
        self.size_bytes += SET_BYTES + member.len();
        self.inner.insert(Bytes::copy_from_slice(member));
        Applied::Added
    }

    fn remove(&mut self, member: &[u8]) -> Applied {
        match self.inner.take(member) {
            Some(member) => {
                self.size_bytes -= SET_BYTES + member.len();
                Applied::Removed(member)
            }
            None => Applied::Nothing,
        }
    }
}

impl Measured<List> {
    fn push(&mut self, front: bool, value: &[u8]) -> Applied {
        self.size_bytes += LIST_BYTES + value.len();
        let value = Bytes::copy_from_slice(value);
        match front {
            true => self.inner.push_front(value),
            false => self.inner.push_back(value),
        }
        Applied::Added
    }

    fn pop(&mut self, front: bool) -> Applied {
        let popped = match front {
            true => self.inner.pop_front(),
            false => self.inner.pop_back(),
        };
        self.gone(popped)
    }

    fn put(&mut self, index: u64, value: &[u8]) -> Applied {
        let slot = usize::try_from(index)
            .ok()
            .and_then(|index| self.inner.get_mut(index));
        let Some(held) = slot else {
            return Applied::Nothing;
        };
        self.size_bytes = self.size_bytes + value.len() - held.len();
        *held = Bytes::copy_from_slice(value);
        Applied::Changed
    }

    fn insert(&mut self, index: u64, value: &[u8]) -> Applied {
        match usize::try_from(index) {
            Ok(index) if index <= self.inner.len() => {
                self.size_bytes += LIST_BYTES + value.len();
                self.inner.insert(index, Bytes::copy_from_slice(value));
                Applied::Added
            }
            _ => Applied::Nothing,
        }
    }

    fn remove(&mut self, index: u64) -> Applied {
        let removed = usize::try_from(index)
            .ok()
            .and_then(|index| self.inner.remove(index));
        self.gone(removed)
    }

    fn gone(&mut self, value: Option<Bytes>) -> Applied {
        match value {
            Some(value) => {
                self.size_bytes -= LIST_BYTES + value.len();
                Applied::Removed(value)
            }
            None => Applied::Nothing,
        }
    }
}

impl Measured<Ranked> {
    fn set(&mut self, member: &[u8], score: f64) -> Applied {
        match self.inner.set(member, score) {
            None => {
                self.size_bytes += RANKED_BYTES + member.len();
                Applied::Added
            }
            Some(before) if before == score => Applied::Nothing,
            Some(_) => Applied::Changed,
        }
    }

    fn remove(&mut self, member: &[u8]) -> Applied {
        match self.inner.remove(member) {
            Some(member) => {
                self.size_bytes -= RANKED_BYTES + member.len();
                Applied::Removed(member)
            }
            None => Applied::Nothing,
        }
    }
}
