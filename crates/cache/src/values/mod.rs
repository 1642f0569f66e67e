//! What a key holds: strings, hashes, sets, lists, sorted sets, streams.
//!
//! Collections change only by [`Change`]s, one element at a time. The same function makes a change
//! when a command runs and when the log is read back, so both come to the same state.

mod change;
mod group;
mod hash;
mod list;
mod listpack;
mod nodes;
mod number;
mod packing;
mod ranked;
mod set;
mod step;
mod stream;

pub(super) use change::{Applied, Change, OtherKind};
pub use group::{Consumer, Group, Pending};
pub use hash::Hash;
pub use list::List;
pub(super) use number::parse_hex;
pub use number::{float_text, parse_float, parse_integer};
pub use packing::Packing;
pub use ranked::Ranked;
pub use set::Set;
pub(super) use step::StreamStep;
pub use stream::{Fields, Keep, Stream, StreamId, Trim};

use super::CacheError;

/// An element of a collection.
pub(super) type Item = Box<[u8]>;

/// The kinds of values. A collection is never empty: an empty one is no key.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(Text),
    Hash(Box<Hash>),
    Set(Box<Set>),
    List(Box<List>),
    Ranked(Box<Ranked>),
    Stream(Box<Stream>),
}

/// A string.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Text {
    pub bytes: Vec<u8>,
    pub seen: Seen,
}

/// How a string came to be, as far as `OBJECT ENCODING` tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Seen {
    /// Set as a whole: its looks alone tell.
    #[default]
    AsItLooks,
    /// Also digits are no number.
    AsText,
    /// Changed in place at least once.
    Raw,
}

/// The kinds of values as clients know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// Text or bytes or a number.
    String,
    /// Fields and values.
    Hash,
    /// Members without order.
    Set,
    /// Elements in order.
    List,
    /// Members with scores.
    Ranked,
    /// Entries that came one after the other.
    Stream,
}

impl ValueType {
    /// The kind that `TYPE` calls so.
    pub fn named(name: &[u8]) -> Option<ValueType> {
        let kinds = [
            ValueType::String,
            ValueType::Hash,
            ValueType::Set,
            ValueType::List,
            ValueType::Ranked,
        ];
        kinds
            .into_iter()
            .find(|kind| kind.name().as_bytes() == name)
    }

    /// As `TYPE` answers.
    pub fn name(self) -> &'static str {
        match self {
            ValueType::String => "string",
            ValueType::Hash => "hash",
            ValueType::Set => "set",
            ValueType::List => "list",
            ValueType::Ranked => "zset",
            ValueType::Stream => "stream",
        }
    }
}

impl Value {
    pub fn kind(&self) -> ValueType {
        match self {
            Value::Text(_) => ValueType::String,
            Value::Hash(_) => ValueType::Hash,
            Value::Set(_) => ValueType::Set,
            Value::List(_) => ValueType::List,
            Value::Ranked(_) => ValueType::Ranked,
            Value::Stream(_) => ValueType::Stream,
        }
    }

    /// As `OBJECT ENCODING` answers.
    pub fn encoding(&self) -> &'static str {
        match self {
            Value::Text(text) => text_encoding(&text.bytes, text.seen),
            Value::Hash(hash) => hash.encoding(),
            Value::Set(set) => set.encoding(),
            Value::List(_) => "quicklist",
            Value::Ranked(ranked) => ranked.encoding(),
            Value::Stream(_) => "stream",
        }
    }

    /// How many parts would have to be freed one by one.
    pub fn parts(&self) -> usize {
        match self {
            Value::Text(_) => 1,
            Value::Hash(hash) if hash.is_wide() => hash.len(),
            Value::Set(set) if set.is_wide() => set.len(),
            Value::Ranked(ranked) if ranked.is_wide() => ranked.len(),
            Value::Hash(_) | Value::Set(_) | Value::Ranked(_) => 1,
            Value::List(list) => list.len(),
            Value::Stream(stream) => stream.nodes() + stream.groups().len(),
        }
    }

    pub fn size_bytes(&self) -> usize {
        match self {
            Value::Text(text) => text.bytes.capacity(),
            // What an empty one takes, as measured with a million small ones.
            Value::Hash(hash) => 144 + hash.size_bytes,
            Value::Set(set) => 56 + set.size_bytes,
            Value::List(list) => list.size_bytes,
            Value::Ranked(ranked) => 128 + ranked.size_bytes(),
            Value::Stream(stream) => 368 + stream.size_bytes(),
        }
    }

    /// A collection without elements, which is no key. A stream is one for its groups' sake.
    pub fn is_empty(&self) -> bool {
        match self {
            Value::Text(_) | Value::Stream(_) => false,
            Value::Hash(hash) => hash.is_empty(),
            Value::Set(set) => set.is_empty(),
            Value::List(list) => list.is_empty(),
            Value::Ranked(ranked) => ranked.is_empty(),
        }
    }

    pub fn hash(&self) -> Result<&Hash, CacheError> {
        match self {
            Value::Hash(hash) => Ok(hash),
            _ => Err(CacheError::WrongType),
        }
    }

    pub fn set(&self) -> Result<&Set, CacheError> {
        match self {
            Value::Set(set) => Ok(set),
            _ => Err(CacheError::WrongType),
        }
    }

    pub fn list(&self) -> Result<&List, CacheError> {
        match self {
            Value::List(list) => Ok(list),
            _ => Err(CacheError::WrongType),
        }
    }

    pub fn ranked(&self) -> Result<&Ranked, CacheError> {
        match self {
            Value::Ranked(ranked) => Ok(ranked),
            _ => Err(CacheError::WrongType),
        }
    }

    pub fn stream(&self) -> Result<&Stream, CacheError> {
        match self {
            Value::Stream(stream) => Ok(stream),
            _ => Err(CacheError::WrongType),
        }
    }
}

/// The longest string that Redis keeps in one piece with its header.
const EMBEDDED_BYTES: usize = 44;

/// How Redis would keep a string.
pub(super) fn text_encoding(bytes: &[u8], seen: Seen) -> &'static str {
    if seen == Seen::Raw {
        "raw"
    } else if seen == Seen::AsItLooks && parse_integer(bytes).is_some() {
        "int"
    } else if bytes.len() <= EMBEDDED_BYTES {
        "embstr"
    } else {
        "raw"
    }
}

/// Where a key stands: the same in every process, because snapshots and cursors rely on it.
/// The top byte is the shard.
pub(super) fn position(key: &[u8]) -> u32 {
    crc32c::crc32c(key)
}
