//! Members without order; few numbers are kept as numbers would be.

use super::{Applied, Item, Packing, parse_integer};
use indexmap::IndexSet;

/// What table and allocator add to a member.
const MEMBER_BYTES: usize = 48;

/// The members of one key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Set {
    members: IndexSet<Item, ahash::RandomState>,
    pub(super) size_bytes: usize,
    wide: bool,
}

impl Set {
    /// How many members.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether it is a member.
    pub fn contains(&self, member: &[u8]) -> bool {
        self.members.contains(member)
    }

    /// All members, as they lie.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.members.iter().map(|member| &**member)
    }

    /// All members; a set of numbers in their order, as clients see it.
    pub fn shown(&self) -> Vec<&[u8]> {
        let mut all: Vec<&[u8]> = self.iter().collect();
        if !self.wide {
            all.sort_unstable_by_key(|member| parse_integer(member));
        }
        all
    }

    /// The member at an index below `len`; indices change when members go.
    pub fn nth(&self, index: usize) -> Option<&[u8]> {
        self.members.get_index(index).map(|member| &**member)
    }

    /// Whether it has ever been more than a few numbers.
    pub fn is_wide(&self) -> bool {
        self.wide
    }

    /// As `OBJECT ENCODING` answers.
    pub fn encoding(&self) -> &'static str {
        if self.wide { "hashtable" } else { "intset" }
    }

    /// Keeps the members for which this holds.
    pub(in super::super) fn retain(&mut self, holds: impl Fn(&[u8]) -> bool) {
        let mut gone_bytes = 0;
        self.members.retain(|member| {
            let stays = holds(member);
            gone_bytes += if stays {
                0
            } else {
                MEMBER_BYTES + member.len()
            };
            stays
        });
        self.size_bytes -= gone_bytes;
    }

    pub(in super::super) fn add(&mut self, member: &[u8], packing: &Packing) -> Applied {
        if self.members.contains(member) {
            return Applied::Nothing;
        }
        self.members.insert(member.into());
        self.size_bytes += MEMBER_BYTES + member.len();
        self.wide |= self.members.len() > packing.set_numbers || parse_integer(member).is_none();
        Applied::Added
    }

    pub(super) fn remove(&mut self, member: &[u8]) -> Applied {
        match self.members.swap_take(member) {
            Some(member) => {
                self.size_bytes -= MEMBER_BYTES + member.len();
                Applied::Removed(member)
            }
            None => Applied::Nothing,
        }
    }
}
