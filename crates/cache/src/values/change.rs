//! The steps by which collections change.

use super::{Item, Packing, Seen, StreamStep, Text, Value, ValueType};

/// One step of one collection. The kind of step says which kind of collection it makes where there
/// is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) enum Change<'a> {
    /// Bytes written over a part of a string, after zeros where there is nothing yet.
    TextWrite {
        offset: u64,
        bytes: &'a [u8],
    },
    HashSet {
        field: &'a [u8],
        value: &'a [u8],
    },
    HashRemove {
        field: &'a [u8],
    },
    SetAdd {
        member: &'a [u8],
    },
    SetRemove {
        member: &'a [u8],
    },
    ListPush {
        front: bool,
        value: &'a [u8],
    },
    ListPop {
        front: bool,
    },
    ListPut {
        index: u64,
        value: &'a [u8],
    },
    ListInsert {
        index: u64,
        value: &'a [u8],
    },
    ListRemove {
        index: u64,
    },
    RankedSet {
        member: &'a [u8],
        score: f64,
    },
    RankedRemove {
        member: &'a [u8],
    },
    Stream(StreamStep<'a>),
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
    Removed(Item),
}

/// The value is of another kind than the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct OtherKind;

impl Change<'_> {
    /// The kind of value that it is a step of.
    pub fn kind(&self) -> ValueType {
        match self {
            Change::TextWrite { .. } => ValueType::String,
            Change::HashSet { .. } | Change::HashRemove { .. } => ValueType::Hash,
            Change::SetAdd { .. } | Change::SetRemove { .. } => ValueType::Set,
            Change::ListPush { .. }
            | Change::ListPop { .. }
            | Change::ListPut { .. }
            | Change::ListInsert { .. }
            | Change::ListRemove { .. } => ValueType::List,
            Change::RankedSet { .. } | Change::RankedRemove { .. } => ValueType::Ranked,
            Change::Stream(_) => ValueType::Stream,
        }
    }

    /// An empty collection of the step's kind.
    pub fn empty(&self) -> Value {
        match self.kind() {
            ValueType::String => Value::Text(Text::default()),
            ValueType::Hash => Value::Hash(Box::default()),
            ValueType::Set => Value::Set(Box::default()),
            ValueType::List => Value::List(Box::default()),
            ValueType::Ranked => Value::Ranked(Box::default()),
            ValueType::Stream => Value::Stream(Box::default()),
        }
    }
}

impl Value {
    /// Makes a step.
    pub fn apply(&mut self, change: &Change<'_>, packing: &Packing) -> Result<Applied, OtherKind> {
        Ok(match (change, self) {
            (Change::TextWrite { offset, bytes }, Value::Text(text)) => text.write(*offset, bytes),
            (Change::HashSet { field, value }, Value::Hash(hash)) => {
                hash.set(field, value, packing)
            }
            (Change::HashRemove { field }, Value::Hash(hash)) => hash.remove(field),
            (Change::SetAdd { member }, Value::Set(set)) => set.add(member, packing),
            (Change::SetRemove { member }, Value::Set(set)) => set.remove(member),
            (Change::ListPush { front, value }, Value::List(list)) => list.push(*front, value),
            (Change::ListPop { front }, Value::List(list)) => list.pop(*front),
            (Change::ListPut { index, value }, Value::List(list)) => list.put(*index, value),
            (Change::ListInsert { index, value }, Value::List(list)) => list.insert(*index, value),
            (Change::ListRemove { index }, Value::List(list)) => list.remove(*index),
            (Change::RankedSet { member, score }, Value::Ranked(ranked)) => {
                ranked.apply_set(member, *score, packing)
            }
            (Change::RankedRemove { member }, Value::Ranked(ranked)) => ranked.apply_remove(member),
            (Change::Stream(step), Value::Stream(stream)) => stream.apply(step, packing),
            _ => return Err(OtherKind),
        })
    }

    /// The steps that make this collection from nothing; none for a string.
    pub fn each_change(&self, mut tell: impl FnMut(Change<'_>)) {
        match self {
            Value::Text(_) => {}
            Value::Hash(hash) => {
                for (field, value) in hash.iter() {
                    tell(Change::HashSet { field, value });
                }
            }
            Value::Set(set) => {
                for member in set.iter() {
                    tell(Change::SetAdd { member });
                }
            }
            Value::List(list) => {
                for value in list.iter() {
                    tell(Change::ListPush {
                        front: false,
                        value,
                    });
                }
            }
            Value::Ranked(ranked) => {
                for (member, score) in ranked.range(0..ranked.len()) {
                    tell(Change::RankedSet { member, score });
                }
            }
            Value::Stream(stream) => stream.each_step(&mut |step| tell(Change::Stream(step))),
        }
    }
}

impl Text {
    fn write(&mut self, offset: u64, bytes: &[u8]) -> Applied {
        let Ok(from) = usize::try_from(offset) else {
            return Applied::Nothing;
        };
        let end = from + bytes.len();
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        self.bytes[from..end].copy_from_slice(bytes);
        self.seen = Seen::Raw;
        Applied::Changed
    }
}
