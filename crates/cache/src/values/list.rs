//! Elements in order.

use super::{Applied, Item};
use std::collections::VecDeque;
use std::ops::Range;

/// What queue and allocator add to an element.
const ELEMENT_BYTES: usize = 32;

/// The elements of one key, first to last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    elements: VecDeque<Item>,
    pub(super) size_bytes: usize,
}

impl List {
    /// How many elements.
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// The element at an index.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        self.elements.get(index).map(|element| &**element)
    }

    /// All elements.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> + DoubleEndedIterator {
        self.elements.iter().map(|element| &**element)
    }

    /// The elements of a range that lies within.
    pub fn range(&self, range: Range<usize>) -> impl ExactSizeIterator<Item = &[u8]> {
        self.elements.range(range).map(|element| &**element)
    }

    pub(super) fn push(&mut self, front: bool, value: &[u8]) -> Applied {
        self.size_bytes += ELEMENT_BYTES + value.len();
        if front {
            self.elements.push_front(value.into())
        } else {
            self.elements.push_back(value.into())
        }
        Applied::Added
    }

    pub(super) fn pop(&mut self, front: bool) -> Applied {
        let popped = if front {
            self.elements.pop_front()
        } else {
            self.elements.pop_back()
        };
        self.gone(popped)
    }

    pub(super) fn put(&mut self, index: u64, value: &[u8]) -> Applied {
        let slot = usize::try_from(index)
            .ok()
            .and_then(|index| self.elements.get_mut(index));
        let Some(held) = slot else {
            return Applied::Nothing;
        };
        self.size_bytes = self.size_bytes + value.len() - held.len();
        *held = value.into();
        Applied::Changed
    }

    pub(super) fn insert(&mut self, index: u64, value: &[u8]) -> Applied {
        match usize::try_from(index) {
            Ok(index) if index <= self.elements.len() => {
                self.size_bytes += ELEMENT_BYTES + value.len();
                self.elements.insert(index, value.into());
                Applied::Added
            }
            _ => Applied::Nothing,
        }
    }

    pub(super) fn remove(&mut self, index: u64) -> Applied {
        let removed = usize::try_from(index)
            .ok()
            .and_then(|index| self.elements.remove(index));
        self.gone(removed)
    }

    fn gone(&mut self, value: Option<Item>) -> Applied {
        match value {
            Some(value) => {
                self.size_bytes -= ELEMENT_BYTES + value.len();
                Applied::Removed(value)
            }
            None => Applied::Nothing,
        }
    }
}
