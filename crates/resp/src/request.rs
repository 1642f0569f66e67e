//! What a client asks, from bytes: `*N` of `$len`, or one line of words. Knows no sockets.
//!
//! Goes on where it stopped when more bytes have come, so that a long request costs its bytes once.
//! Nothing is allocated by a length that was only declared.

use super::inline;
use super::number;

/// The longest header line (`*N`, `$len`), and the longest inline request.
const MAX_LINE_BYTES: usize = 64 << 10;
/// The most arguments of a request.
const MAX_ARGUMENTS: i64 = i32::MAX as i64;

/// How much a request may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Arguments.
    pub arguments: i64,
    /// Bytes of one argument.
    pub argument_bytes: i64,
    /// Whether these are those for strangers: errors then say so.
    pub stranger: bool,
}

impl Bounds {
    /// Of a client that may use commands.
    pub const KNOWN: Bounds = Bounds {
        arguments: MAX_ARGUMENTS,
        argument_bytes: maru_cache::MAX_ITEM_BYTES as i64,
        stranger: false,
    };
    /// Of a client that has not said who it is.
    pub const STRANGER: Bounds = Bounds {
        arguments: 10,
        argument_bytes: 16_384,
        stranger: true,
    };
}

/// Where an argument stands in the bytes of its request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// From here to there.
    At(usize, usize),
    /// Words of inline requests may hold escapes, so they are copied.
    Copied(Vec<u8>),
}

/// How far a request has been read.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// More bytes are needed; [`Parser::parse`] goes on with the same bytes and more.
    Incomplete,
    /// The request is [`Parser::arguments`] and took so many bytes. It may be empty: then there is
    /// nothing to do and nothing to answer.
    Complete(usize),
}

/// The bytes are no request; the connection is closed with this sentence.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("too big mbulk count string")]
    LongCountLine,
    #[error("too big bulk count string")]
    LongLengthLine,
    #[error("too big inline request")]
    LongInline,
    #[error("invalid multibulk length")]
    Count,
    #[error("unauthenticated multibulk length")]
    StrangersCount,
    #[error("expected '$', got '{}'", char::from(*.0))]
    NotALength(u8),
    #[error("invalid bulk length")]
    Length,
    #[error("unauthenticated bulk length")]
    StrangersLength,
    #[error("unbalanced quotes in request")]
    Quotes,
}

/// From here on an argument is long.
const LONG_BYTES: usize = 32 << 10;

/// Reads one request after the other; its memory for arguments is used again.
#[derive(Debug, Default)]
pub struct Parser {
    arguments: Vec<Argument>,
    at: usize,
    /// Arguments still to come; `None` before the first line.
    left: Option<i64>,
    /// Length of the argument that begins at `at`.
    length: Option<usize>,
}

impl Parser {
    /// What the last complete request consists of.
    pub fn arguments(&self) -> &[Argument] {
        &self.arguments
    }

    /// How many bytes the current argument still needs, as far as it is known; a hint for reading.
    pub fn wants(&self, have: usize) -> usize {
        self.length
            .map_or(0, |length| (self.at + length + 2).saturating_sub(have))
    }

    /// Bytes before a long argument that is still coming: nobody needs those any more.
    pub fn before_long(&self) -> usize {
        match self.length {
            Some(LONG_BYTES..) => self.at,
            _ => 0,
        }
    }

    /// Forgets the last request. `bytes` of the next call begin with the next one.
    pub fn next(&mut self) {
        self.arguments.clear();
        self.at = 0;
        self.left = None;
        self.length = None;
    }

    /// Reads on; `bytes` begin where the request begins.
    pub fn parse(&mut self, bytes: &[u8], bounds: Bounds) -> Result<Step, Malformed> {
        if self.left.is_none() {
            match bytes.first() {
                None => return Ok(Step::Incomplete),
                Some(b'*') => {}
                Some(_) => return self.inline(bytes),
            }
            let Some(end) = line(bytes, 0).map_err(|Long| Malformed::LongCountLine)? else {
                return Ok(Step::Incomplete);
            };
            let count = number::integer(&bytes[1..end]).ok_or(Malformed::Count)?;
            if count > MAX_ARGUMENTS {
                return Err(Malformed::Count);
            }
            if count > bounds.arguments {
                return Err(Malformed::StrangersCount);
            }
            self.at = end + 2;
            self.left = Some(count);
        }
        while self.left.is_some_and(|left| left > 0) {
            let length = match self.length {
                Some(length) => length,
                None => match self.header(bytes, bounds)? {
                    Some(length) => length,
                    None => return Ok(Step::Incomplete),
                },
            };
            if bytes.len() < self.at + length + 2 {
                return Ok(Step::Incomplete);
            }
            // The two bytes after an argument are not looked at: Redis does not either.
            self.arguments.push(Argument::At(self.at, self.at + length));
            self.at += length + 2;
            self.length = None;
            self.left = self.left.map(|left| left - 1);
        }
        Ok(Step::Complete(self.at))
    }

    /// The `$len` before an argument.
    fn header(&mut self, bytes: &[u8], bounds: Bounds) -> Result<Option<usize>, Malformed> {
        let Some(end) = line(bytes, self.at).map_err(|Long| Malformed::LongLengthLine)? else {
            return Ok(None);
        };
        if bytes[self.at] != b'$' {
            return Err(Malformed::NotALength(bytes[self.at]));
        }
        let length = number::integer(&bytes[self.at + 1..end])
            .filter(|&length| (0..=Bounds::KNOWN.argument_bytes).contains(&length))
            .ok_or(Malformed::Length)?;
        if length > bounds.argument_bytes {
            return Err(if bounds.stranger {
                Malformed::StrangersLength
            } else {
                Malformed::Length
            });
        }
        self.at = end + 2;
        self.length = Some(length as usize);
        Ok(self.length)
    }

    fn inline(&mut self, bytes: &[u8]) -> Result<Step, Malformed> {
        let Some(end) = memchr::memchr(b'\n', &bytes[self.at..]) else {
            if bytes.len() > MAX_LINE_BYTES {
                return Err(Malformed::LongInline);
            }
            self.at = bytes.len();
            return Ok(Step::Incomplete);
        };
        let end = self.at + end;
        let text = bytes[..end].strip_suffix(b"\r").unwrap_or(&bytes[..end]);
        let words = inline::words(text).ok_or(Malformed::Quotes)?;
        self.arguments
            .extend(words.into_iter().map(Argument::Copied));
        Ok(Step::Complete(end + 1))
    }
}

struct Long;

/// Where the line that begins at `from` ends (at its `\r`), when it and its `\n` are there.
fn line(bytes: &[u8], from: usize) -> Result<Option<usize>, Long> {
    let rest = bytes.get(from..).unwrap_or_default();
    match memchr::memchr(b'\r', rest) {
        // Redis waits for one byte more and takes any for the `\n`.
        Some(length) if rest.len() > length + 1 => Ok(Some(from + length)),
        Some(_) => Ok(None),
        None if rest.len() > MAX_LINE_BYTES => Err(Long),
        None => Ok(None),
    }
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
