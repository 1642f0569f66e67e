//! What servers with the streams adapter said of late, for clients that come back.
//!
//! The stream in Redis has positions of its own; they stand behind those of the log in the offset
//! that clients keep. Kept in memory, as far as the stream's end that a node read when it started.

use crate::socketio::interop::Broadcast;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// As much as the adapter itself keeps by default.
const KEPT: usize = 10_000;
const KEPT_BYTES: usize = 4 << 20;

/// A position in the stream: the id of an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    ms: u64,
    number: u64,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.ms, self.number)
    }
}

/// Not the id of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoEntry;

impl FromStr for At {
    type Err = NoEntry;

    fn from_str(text: &str) -> Result<At, NoEntry> {
        let (ms, number) = text.split_once('-').ok_or(NoEntry)?;
        let digits = |text: &str| {
            let all = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            all.then(|| text.parse().ok()).flatten().ok_or(NoEntry)
        };
        Ok(At {
            ms: digits(ms)?,
            number: digits(number)?,
        })
    }
}

/// What was said at a position.
#[derive(Clone, Debug)]
pub struct Kept {
    pub at: At,
    pub broadcast: Arc<Broadcast>,
    size_bytes: usize,
}

#[derive(Debug, Default)]
pub struct Said(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Everything after this is kept.
    from: At,
    upto: At,
    /// Everybody has been told up to here.
    passed: At,
    kept: VecDeque<Kept>,
    bytes: usize,
}

impl Said {
    /// What was said up to here is not known.
    pub fn begin(&self, from: At) {
        let mut inner = self.0.lock();
        *inner = Inner {
            from,
            upto: from,
            passed: from,
            ..Inner::default()
        };
    }

    /// Before anybody is told.
    pub fn keep(&self, at: At, broadcast: Arc<Broadcast>, size_bytes: usize) {
        let mut inner = self.0.lock();
        inner.upto = inner.upto.max(at);
        inner.bytes += size_bytes;
        inner.kept.push_back(Kept {
            at,
            broadcast,
            size_bytes,
        });
        while inner.kept.len() > KEPT || inner.bytes > KEPT_BYTES {
            let Some(gone) = inner.kept.pop_front() else {
                break;
            };
            inner.bytes -= gone.size_bytes;
            inner.from = gone.at;
        }
    }

    /// After everybody has been told.
    pub fn pass(&self, at: At) {
        let mut inner = self.0.lock();
        inner.upto = inner.upto.max(at);
        inner.passed = inner.passed.max(at);
    }

    pub fn passed(&self) -> At {
        self.0.lock().passed
    }

    /// What was said after a position, and up to where; nothing if that is not known any more.
    pub fn after(&self, since: At) -> Option<(At, Vec<Kept>)> {
        let inner = self.0.lock();
        if since < inner.from {
            return None;
        }
        let from = inner.kept.partition_point(|kept| kept.at <= since);
        Some((inner.upto, inner.kept.range(from..).cloned().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::socketio::interop::Selection;

    fn at(text: &str) -> At {
        text.parse().expect(text)
    }

    fn keep(said: &Said, id: &str, size_bytes: usize) {
        let broadcast = Broadcast {
            namespace: "/".to_owned(),
            name: id.to_owned(),
            args: Vec::new(),
            attachments: Vec::new(),
            to: Selection::default(),
            volatile: false,
        };
        said.keep(at(id), Arc::new(broadcast), size_bytes);
    }

    #[test]
    fn positions_are_read_as_they_are_written() {
        assert_eq!(at("1700000000000-7").to_string(), "1700000000000-7");
        assert!(at("9-1") < at("10-0") && at("10-9") < at("10-10"));
        for bad in ["", "1", "-", "1-", "-1", "+1-1", "1-1-1", "a-1"] {
            assert_eq!(bad.parse::<At>(), Err(NoEntry), "{bad}");
        }
    }

    #[test]
    fn what_followed_is_told_as_long_as_it_is_known() {
        let said = Said::default();
        for id in ["5-0", "6-0", "6-1"] {
            keep(&said, id, 10);
        }
        let names = |since| {
            let (upto, kept) = said.after(at(since))?;
            assert_eq!(upto, at("6-1"));
            let names = kept.iter().map(|kept| kept.broadcast.name.clone());
            Some(names.collect::<Vec<_>>())
        };
        assert_eq!(names("0-0").expect("all are known").len(), 3);
        assert_eq!(names("6-0").expect("known"), ["6-1"]);
        assert!(names("7-0").expect("known").is_empty());
        assert_eq!(said.passed(), at("0-0"), "nobody was told yet");
        said.pass(at("6-1"));
        assert_eq!(said.passed(), at("6-1"));

        keep(&said, "8-0", KEPT_BYTES - 5);
        assert!(said.after(at("5-0")).is_none(), "some of it is gone");
        assert_eq!(said.after(at("6-1")).expect("known").1.len(), 1);
        said.begin(at("20-0"));
        assert!(said.after(at("8-0")).is_none());
    }
}
