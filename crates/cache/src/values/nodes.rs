//! Which entries of a stream lie together. Trimming that is not to be exact takes or leaves them
//! together, as Redis does.

use super::listpack::{FRAME_BYTES, size_of, size_of_integer};
use super::stream::{Fields, StreamId};
use super::{Keep, Packing, Trim};
use std::collections::BTreeMap;

/// Entries that lie together.
#[derive(Clone, Debug, Default, PartialEq)]
struct Node {
    /// The id of the last entry, which may be gone.
    last: StreamId,
    live: usize,
    /// Entries that are gone and still take room.
    dead: usize,
    /// As Redis would need.
    bytes: usize,
    /// The names of the first entry's fields: entries with the same ones do not repeat them.
    fields: Box<[Box<[u8]>]>,
}

/// All nodes of a stream, by the id of their first entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Nodes(BTreeMap<StreamId, Node>);

impl Nodes {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// An entry comes after all others.
    pub fn add(&mut self, id: StreamId, fields: Fields<'_>, packing: &Packing) {
        let given_bytes: usize = fields.items().map(<[u8]>::len).sum();
        let has_room = |node: &Node| {
            // As Redis: no node is larger than a gigabyte.
            let most_bytes = match packing.node_bytes {
                0 => 1 << 30,
                bytes => bytes.min(1 << 30),
            };
            let most_entries = match packing.node_entries {
                0 => usize::MAX,
                entries => entries,
            };
            node.bytes + given_bytes < most_bytes && node.live + node.dead < most_entries
        };
        match self.0.last_entry().filter(|entry| has_room(entry.get())) {
            Some(entry) => {
                let start = *entry.key();
                entry.into_mut().push(start, id, fields);
            }
            None => {
                let mut node = Node::begin(fields);
                node.push(id, id, fields);
                self.0.insert(id, node);
            }
        }
    }

    /// An entry goes.
    pub fn remove(&mut self, id: StreamId) {
        let Some((&start, node)) = self.0.range_mut(..=id).next_back() else {
            return;
        };
        node.live -= 1;
        node.dead += 1;
        if node.live == 0 {
            self.0.remove(&start);
        }
    }

    /// Which of the entries, given in their order, go by trimming.
    pub fn surplus(
        &self,
        trim: Trim,
        length: usize,
        entries: impl Iterator<Item = StreamId>,
    ) -> Vec<StreamId> {
        let mut entries = entries.peekable();
        let mut gone: Vec<StreamId> = Vec::new();
        for node in self.0.values() {
            let left = length - gone.len();
            if matches!(trim.keep, Keep::Newest(count) if left <= count)
                || trim.limit > 0 && gone.len() + node.live > trim.limit
            {
                break;
            }
            let goes = match trim.keep {
                Keep::Newest(count) => left - node.live >= count,
                Keep::From(id) => node.last < id,
            };
            if goes {
                gone.extend(entries.by_ref().take(node.live));
                continue;
            }
            if !trim.roughly {
                match trim.keep {
                    Keep::Newest(count) => gone.extend(entries.take(left - count)),
                    Keep::From(id) => gone.extend(entries.take_while(|entry| *entry < id)),
                }
            }
            break;
        }
        gone
    }
}

impl Node {
    fn begin(fields: Fields<'_>) -> Node {
        let names: Vec<Box<[u8]>> = fields.items().step_by(2).map(Box::from).collect();
        let names_bytes: usize = names.iter().map(|name| size_of(name)).sum();
        Node {
            bytes: FRAME_BYTES
                + 3 * size_of_integer(0)
                + size_of_integer(names.len() as i64)
                + names_bytes,
            fields: names.into(),
            ..Node::default()
        }
    }

    fn push(&mut self, start: StreamId, id: StreamId, fields: Fields<'_>) {
        let same = fields
            .items()
            .step_by(2)
            .eq(self.fields.iter().map(|name| &**name));
        let count = fields.count() as i64 / 2;
        let items = fields.items().skip(usize::from(same));
        let items_bytes: usize = if same {
            items.step_by(2).map(size_of).sum()
        } else {
            size_of_integer(count) + items.map(size_of).sum::<usize>()
        };
        let parts = 3 + if same { count } else { 2 * count + 1 };
        self.bytes += size_of_integer(0)
            + size_of_integer(id.ms.wrapping_sub(start.ms) as i64)
            + size_of_integer(id.seq.wrapping_sub(start.seq) as i64)
            + items_bytes
            + size_of_integer(parts);
        self.last = id;
        self.live += 1;
    }
}
