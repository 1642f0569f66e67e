//! Ids as clients write them.

use super::super::super::failure::Failure;
use maru_cache::StreamId;

pub const INVALID: Failure =
    Failure::new("ERR Invalid stream ID specified as stream command argument");

/// `ms-seq`, or `ms` alone with this number.
pub fn strict(text: &[u8], missing_seq: u64) -> Result<StreamId, Failure> {
    let text = std::str::from_utf8(text).map_err(|_| INVALID)?;
    let (ms, seq) = match text.split_once('-') {
        Some((ms, seq)) => (ms, number(seq)?),
        None => (text, missing_seq),
    };
    Ok(StreamId {
        ms: number(ms)?,
        seq,
    })
}

/// As C's `strtoull` reads it: spaces and a plus may come first.
fn number(text: &str) -> Result<u64, Failure> {
    let text = text.trim_ascii_start();
    let text = text.strip_prefix('+').unwrap_or(text);
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(INVALID);
    }
    text.parse().map_err(|_| INVALID)
}

/// As [`strict`], with `-` and `+` for the ends.
pub fn open(text: &[u8], missing_seq: u64) -> Result<StreamId, Failure> {
    match text {
        b"-" => Ok(StreamId::MIN),
        b"+" => Ok(StreamId::MAX),
        _ => strict(text, missing_seq),
    }
}

/// The beginning of a range; `(` excludes.
pub fn start(text: &[u8]) -> Result<StreamId, Failure> {
    match text.strip_prefix(b"(").filter(|text| !text.is_empty()) {
        None => open(text, 0),
        Some(text) => strict(text, 0)?
            .next()
            .ok_or(Failure::new("ERR invalid start ID for the interval")),
    }
}

/// The end of a range; `(` excludes.
pub fn end(text: &[u8]) -> Result<StreamId, Failure> {
    match text.strip_prefix(b"(").filter(|text| !text.is_empty()) {
        None => open(text, u64::MAX),
        Some(text) => strict(text, u64::MAX)?
            .previous()
            .ok_or(Failure::new("ERR invalid end ID for the interval")),
    }
}
