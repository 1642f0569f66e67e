//! Entries in the order of their ids, never changed, and groups of readers.

use super::group::Group;
use super::nodes::Nodes;
use super::step::StreamStep;
use super::{Applied, Packing};
use std::collections::BTreeMap;
use std::ops::Bound;

/// The name of an entry: a unix millisecond, and a number within it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamId {
    /// Milliseconds since 1970, usually.
    pub ms: u64,
    /// Counts within a millisecond.
    pub seq: u64,
}

impl StreamId {
    /// Before all entries.
    pub const MIN: StreamId = StreamId { ms: 0, seq: 0 };
    /// After all entries.
    pub const MAX: StreamId = StreamId {
        ms: u64::MAX,
        seq: u64::MAX,
    };

    /// The one right after; `None` after the last.
    pub fn next(self) -> Option<StreamId> {
        match self.seq.checked_add(1) {
            Some(seq) => Some(StreamId { seq, ..self }),
            None => Some(StreamId {
                ms: self.ms.checked_add(1)?,
                seq: 0,
            }),
        }
    }

    /// The one right before; `None` before the first.
    pub fn previous(self) -> Option<StreamId> {
        match self.seq.checked_sub(1) {
            Some(seq) => Some(StreamId { seq, ..self }),
            None => Some(StreamId {
                ms: self.ms.checked_sub(1)?,
                seq: u64::MAX,
            }),
        }
    }
}

impl std::fmt::Display for StreamId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.ms, self.seq)
    }
}

/// What of a stream stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trim {
    /// Which entries.
    pub keep: Keep,
    /// Only as far as it costs little: what lies together goes together.
    pub roughly: bool,
    /// At most so many go; 0 is no limit.
    pub limit: usize,
}

/// Which entries of a stream stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The newest, so many.
    Newest(usize),
    /// Those from an id on.
    From(StreamId),
}

/// What maps and allocator add to an entry.
const ENTRY_BYTES: usize = 64;
/// What is known of entries that lie together, roughly.
const NODE_BYTES: usize = 160;

/// The entries of one key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stream {
    /// Fields and values, each with its length before it.
    entries: BTreeMap<StreamId, Box<[u8]>>,
    last_id: StreamId,
    max_deleted_id: StreamId,
    added: u64,
    groups: BTreeMap<Box<[u8]>, Group>,
    entries_bytes: usize,
    nodes: Nodes,
}

impl Stream {
    /// How many entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none; such a stream is a key all the same.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The newest id ever; entries come after it.
    pub fn last_id(&self) -> StreamId {
        self.last_id
    }

    /// The id of the oldest entry, or the smallest.
    pub fn first_id(&self) -> StreamId {
        self.entries.keys().next().copied().unwrap_or_default()
    }

    /// The highest id that has been deleted.
    pub fn max_deleted_id(&self) -> StreamId {
        self.max_deleted_id
    }

    /// How many entries were ever added.
    pub fn added(&self) -> u64 {
        self.added
    }

    /// Which entries go by trimming.
    pub fn surplus(&self, trim: Trim) -> Vec<StreamId> {
        self.nodes
            .surplus(trim, self.entries.len(), self.entries.keys().copied())
    }

    /// In how many heaps the entries lie.
    pub fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is an entry of this id.
    pub fn contains(&self, id: StreamId) -> bool {
        self.entries.contains_key(&id)
    }

    /// The entry of an id.
    pub fn get(&self, id: StreamId) -> Option<Fields<'_>> {
        self.entries.get(&id).map(|fields| Fields(fields))
    }

    /// Entries from one id to another, both included.
    pub fn range(
        &self,
        from: StreamId,
        to: StreamId,
    ) -> impl DoubleEndedIterator<Item = (StreamId, Fields<'_>)> {
        // An upside-down range is empty, not a mistake.
        let bounds = if from <= to {
            (Bound::Included(from), Bound::Included(to))
        } else {
            (Bound::Included(from), Bound::Excluded(from))
        };
        let entries = self.entries.range(bounds);
        entries.map(|(id, fields)| (*id, Fields(fields)))
    }

    /// The groups by name.
    pub fn groups(&self) -> &BTreeMap<Box<[u8]>, Group> {
        &self.groups
    }

    /// A group.
    pub fn group(&self, name: &[u8]) -> Option<&Group> {
        self.groups.get(name)
    }

    /// How many entries a reader at this id has behind it, if that can be known.
    pub fn read_up_to(&self, id: StreamId) -> Option<u64> {
        if self.added == 0 {
            return Some(0);
        }
        if id == self.last_id || (self.entries.is_empty() && id < self.last_id) {
            return Some(self.added);
        }
        if id > self.last_id {
            return None;
        }
        let first = self.first_id();
        // Only if nothing is missing from the first entry on.
        let whole = self.max_deleted_id == StreamId::MIN || self.max_deleted_id < first;
        let before = self.added.saturating_sub(self.entries.len() as u64);
        match id.cmp(&first) {
            std::cmp::Ordering::Less if whole => Some(before),
            std::cmp::Ordering::Equal if whole => Some(before + 1),
            _ => None,
        }
    }

    /// Whether an entry at or after this id has been deleted.
    pub fn has_gaps_from(&self, id: StreamId) -> bool {
        !self.entries.is_empty()
            && self.max_deleted_id != StreamId::MIN
            && id <= self.max_deleted_id
    }

    pub(super) fn size_bytes(&self) -> usize {
        let groups = self.groups.iter();
        let groups_bytes: usize = groups.map(|(name, g)| name.len() + g.size_bytes()).sum();
        self.entries_bytes + groups_bytes + self.nodes.len() * NODE_BYTES
    }

    pub(super) fn apply(&mut self, step: &StreamStep<'_>, packing: &Packing) -> Applied {
        match *step {
            StreamStep::Add { id, fields } => {
                self.entries_bytes += ENTRY_BYTES + fields.len();
                self.nodes.add(id, Fields(fields), packing);
                self.entries.insert(id, fields.into());
                self.last_id = id;
                self.added += 1;
                Applied::Added
            }
            StreamStep::Remove { id, by_hand } => match self.entries.remove(&id) {
                None => Applied::Nothing,
                Some(fields) => {
                    self.entries_bytes -= ENTRY_BYTES + fields.len();
                    self.nodes.remove(id);
                    if by_hand {
                        self.max_deleted_id = self.max_deleted_id.max(id);
                    }
                    Applied::Changed
                }
            },
            StreamStep::Mark {
                last_id,
                added,
                max_deleted_id,
            } => {
                self.last_id = last_id;
                self.added = added;
                self.max_deleted_id = max_deleted_id;
                Applied::Changed
            }
            StreamStep::GroupPut {
                group,
                last_id,
                read,
            } => {
                let group = self.groups.entry(group.into()).or_default();
                group.last_id = last_id;
                group.read = read;
                Applied::Changed
            }
            StreamStep::GroupRemove { group } => match self.groups.remove(group) {
                Some(_) => Applied::Changed,
                None => Applied::Nothing,
            },
            StreamStep::ConsumerPut { group, .. }
            | StreamStep::ConsumerRemove { group, .. }
            | StreamStep::PendingPut { group, .. }
            | StreamStep::PendingRemove { group, .. } => match self.groups.get_mut(group) {
                Some(group) => group.apply(step),
                None => Applied::Nothing,
            },
        }
    }

    /// The steps that make this stream from nothing.
    pub(super) fn each_step(&self, tell: &mut dyn FnMut(StreamStep<'_>)) {
        for (id, fields) in &self.entries {
            tell(StreamStep::Add { id: *id, fields });
        }
        tell(StreamStep::Mark {
            last_id: self.last_id,
            added: self.added,
            max_deleted_id: self.max_deleted_id,
        });
        for (name, group) in &self.groups {
            group.each_step(name, tell);
        }
    }
}

/// Fields and values of an entry.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// Puts fields and values together as entries keep them.
    pub(in super::super) fn pack(items: &[&[u8]]) -> Vec<u8> {
        let mut packed = Vec::with_capacity(items.iter().map(|item| item.len() + 2).sum());
        for item in items {
            let mut length = item.len();
            while length >= 0x80 {
                packed.push(length as u8 | 0x80);
                length >>= 7;
            }
            packed.push(length as u8);
            packed.extend_from_slice(item);
        }
        packed
    }

    /// How many fields and values together.
    pub fn count(self) -> usize {
        self.items().count()
    }

    /// Fields and values in turn.
    pub fn items(self) -> impl Iterator<Item = &'a [u8]> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let (mut length, mut shift) = (0usize, 0);
            loop {
                let (&byte, after) = rest.split_first()?;
                rest = after;
                length |= usize::from(byte & 0x7f).checked_shl(shift)?;
                if byte & 0x80 == 0 {
                    break;
                }
                shift += 7;
            }
            let (item, after) = rest.split_at_checked(length)?;
            rest = after;
            Some(item)
        })
    }
}
