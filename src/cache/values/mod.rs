//! What a key holds: strings, hashes, sets, lists, sorted sets.
//!
//! Collections change only by [`Change`]s, one element at a time. The same function makes a change
//! when a command runs and when the log is read back, so both come to the same state.

mod change;
mod ranked;

pub(super) use change::{Applied, Change, OtherKind};
pub use ranked::Ranked;

use super::clock::Deadline;
use super::{CacheError, Clock};
use bytes::Bytes;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

/// Keys are shared between the table and its deadlines.
pub(super) type Key = Arc<[u8]>;

/// Fields and their values.
pub type Hash = HashMap<Bytes, Bytes, ahash::RandomState>;
/// Members, without order.
pub type Set = HashSet<Bytes, ahash::RandomState>;
/// Elements, first to last.
pub type List = VecDeque<Bytes>;

/// The kinds of values. A collection is never empty: an empty one is no key.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// Bytes as they were given.
    String(Bytes),
    /// A string that is a canonical decimal integer, kept ready for counting.
    Integer(i64),
    Hash(Box<Measured<Hash>>),
    Set(Box<Measured<Set>>),
    List(Box<Measured<List>>),
    Ranked(Box<Measured<Ranked>>),
}

/// A collection, and the bytes of its elements.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Measured<T> {
    pub inner: T,
    pub size_bytes: usize,
}

/// The kinds of values as clients know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
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
}

impl Kind {
    /// As `TYPE` answers.
    pub fn name(self) -> &'static str {
        match self {
            Kind::String => "string",
            Kind::Hash => "hash",
            Kind::Set => "set",
            Kind::List => "list",
            Kind::Ranked => "zset",
        }
    }
}

/// One key's value and what the keyspace knows about it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub value: Value,
    pub deadline: Option<Deadline>,
    /// Where the key stands in the keyspace, see [`position`]; kept so that scanning hashes nothing.
    pub position: u32,
    /// Never written to disk.
    pub volatile: bool,
}

/// A rough but honest figure for what table, allocator and deadline add to a key.
const OVERHEAD_BYTES: usize = 144;

impl Entry {
    pub fn size_bytes(&self, key_bytes: usize) -> usize {
        OVERHEAD_BYTES + key_bytes + self.value.size_bytes()
    }

    /// Lives at this moment of the monotonic clock.
    pub fn lives(&self, clock: &Clock) -> bool {
        self.deadline
            .is_none_or(|deadline| clock.monotonic_ms() < deadline.monotonic_ms)
    }
}

impl Value {
    pub fn kind(&self) -> Kind {
        match self {
            Value::String(_) | Value::Integer(_) => Kind::String,
            Value::Hash(_) => Kind::Hash,
            Value::Set(_) => Kind::Set,
            Value::List(_) => Kind::List,
            Value::Ranked(_) => Kind::Ranked,
        }
    }

    pub fn size_bytes(&self) -> usize {
        match self {
            Value::String(bytes) => bytes.len(),
            Value::Integer(_) => 0,
            Value::Hash(hash) => hash.size_bytes,
            Value::Set(set) => set.size_bytes,
            Value::List(list) => list.size_bytes,
            Value::Ranked(ranked) => ranked.size_bytes,
        }
    }

    /// A collection without elements.
    pub fn is_empty(&self) -> bool {
        match self {
            Value::String(_) | Value::Integer(_) => false,
            Value::Hash(hash) => hash.inner.is_empty(),
            Value::Set(set) => set.inner.is_empty(),
            Value::List(list) => list.inner.is_empty(),
            Value::Ranked(ranked) => ranked.inner.is_empty(),
        }
    }

    /// The value as a client sees it.
    pub fn string(&self) -> Result<Bytes, CacheError> {
        match self {
            Value::String(bytes) => Ok(bytes.clone()),
            Value::Integer(number) => Ok(Bytes::from(number.to_string())),
            _ => Err(CacheError::WrongType),
        }
    }

    /// The value as a number to count with.
    pub fn integer(&self) -> Result<i64, CacheError> {
        match self {
            Value::Integer(number) => Ok(*number),
            Value::String(bytes) => parse_integer(bytes).ok_or(CacheError::NotAnInteger),
            _ => Err(CacheError::WrongType),
        }
    }

    pub fn hash(&self) -> Result<&Hash, CacheError> {
        match self {
            Value::Hash(hash) => Ok(&hash.inner),
            _ => Err(CacheError::WrongType),
        }
    }

    pub fn set(&self) -> Result<&Set, CacheError> {
        match self {
            Value::Set(set) => Ok(&set.inner),
            _ => Err(CacheError::WrongType),
        }
    }

    pub fn list(&self) -> Result<&List, CacheError> {
        match self {
            Value::List(list) => Ok(&list.inner),
            _ => Err(CacheError::WrongType),
        }
    }

    pub fn ranked(&self) -> Result<&Ranked, CacheError> {
        match self {
            Value::Ranked(ranked) => Ok(&ranked.inner),
            _ => Err(CacheError::WrongType),
        }
    }
}

/// A decimal integer in its only spelling: no plus, no spaces, no leading zeros, no `-0`.
pub(super) fn parse_integer(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let canonical = match digits {
        [b'0'] => digits.len() == text.len(),
        [b'1'..=b'9', rest @ ..] => rest.len() < 19 && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    canonical
        .then(|| std::str::from_utf8(text).ok()?.parse().ok())
        .flatten()
}

/// A number as clients write it; never "not a number".
pub(super) fn parse_float(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?;
    let number: f64 = match text.to_ascii_lowercase().as_str() {
        "inf" | "+inf" | "infinity" | "+infinity" => f64::INFINITY,
        "-inf" | "-infinity" => f64::NEG_INFINITY,
        other if other.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => {
            other.parse().ok()?
        }
        _ => return None,
    };
    (!number.is_nan()).then_some(number)
}

/// A number as clients read it: the shortest text that is this number, integers without a point.
pub fn float_text(number: f64) -> String {
    if number == f64::INFINITY {
        "inf".into()
    } else if number == f64::NEG_INFINITY {
        "-inf".into()
    } else if number != 0.0 && (number.abs() >= 1e17 || number.abs() < 1e-5) {
        let text = format!("{number:e}");
        // Clients know `1e+20`, not `1e20`.
        if text.contains("e-") {
            text
        } else {
            text.replace('e', "e+")
        }
    } else {
        format!("{number}")
    }
}

/// As [`float_text`], but never with an exponent: what counting with fractions keeps.
pub(super) fn plain_float_text(number: f64) -> String {
    format!("{}", if number == 0.0 { 0.0 } else { number })
}

/// Where a key stands: the same in every process, because snapshots and cursors rely on it.
/// The top byte is the shard.
pub(super) fn position(key: &[u8]) -> u32 {
    crc32c::crc32c(key)
}

#[cfg(test)]
mod tests {
    use super::{float_text, parse_float, parse_integer};

    #[test]
    fn integers_have_one_spelling() {
        for (text, number) in [
            ("0", 0),
            ("-1", -1),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(parse_integer(text.as_bytes()), Some(number));
        }
        for text in [
            "",
            "-",
            "+1",
            " 1",
            "1 ",
            "01",
            "-0",
            "1.0",
            "9223372036854775808",
            "99999999999999999999",
            "0x1",
        ] {
            assert_eq!(parse_integer(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn floats_are_read_and_written() {
        for (text, number) in [
            ("1", 1.0),
            ("-1.5", -1.5),
            ("1e3", 1000.0),
            ("inf", f64::INFINITY),
            ("+Inf", f64::INFINITY),
        ] {
            assert_eq!(parse_float(text.as_bytes()), Some(number), "{text}");
        }
        for text in ["", "nan", "-nan", "a", "1 ", " 1", "1.5x", "infinit"] {
            assert_eq!(parse_float(text.as_bytes()), None, "{text}");
        }
        for (number, text) in [
            (1.0, "1"),
            (-0.5, "-0.5"),
            (3.1, "3.1"),
            (1e20, "1e+20"),
            (f64::INFINITY, "inf"),
            (1e15, "1000000000000000"),
        ] {
            assert_eq!(float_text(number), text);
            assert_eq!(parse_float(text.as_bytes()), Some(number));
        }
    }
}
