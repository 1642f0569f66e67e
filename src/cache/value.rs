//! What a key holds.

use super::CacheError;
use super::clock::Deadline;
use bytes::Bytes;
use std::sync::Arc;

/// Keys are shared between the table and its deadlines.
pub(super) type Key = Arc<[u8]>;

/// The kinds of values.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// Bytes as they were given.
    String(Bytes),
    /// A string that is a canonical decimal integer, kept ready for counting.
    Integer(i64),
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
    pub fn lives(&self, clock: &super::Clock) -> bool {
        self.deadline
            .is_none_or(|deadline| clock.monotonic_ms() < deadline.monotonic_ms)
    }
}

impl Value {
    pub fn size_bytes(&self) -> usize {
        match self {
            Value::String(bytes) => bytes.len(),
            Value::Integer(_) => 0,
        }
    }

    /// The value as a client sees it.
    pub fn string(&self) -> Result<Bytes, CacheError> {
        match self {
            Value::String(bytes) => Ok(bytes.clone()),
            Value::Integer(number) => Ok(Bytes::from(number.to_string())),
        }
    }

    /// The value as a number to count with.
    pub fn integer(&self) -> Result<i64, CacheError> {
        match self {
            Value::Integer(number) => Ok(*number),
            Value::String(bytes) => parse_integer(bytes).ok_or(CacheError::NotAnInteger),
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

/// Where a key stands: the same in every process, because snapshots and cursors rely on it.
/// The top byte is the shard.
pub(super) fn position(key: &[u8]) -> u32 {
    crc32c::crc32c(key)
}

#[cfg(test)]
mod tests {
    use super::parse_integer;

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
}
