//! A command with its place in the log, and what marks it.

use crate::{Draft, Seq};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The rules that this version decides by. Limits, Unicode tables and the mention algorithm belong
/// to a rule version: an entry is applied by the rules it was written under, for ever.
///
/// 1: version 0.1.0. 2: a name that looks like another is taken; pins of a room have a limit.
pub const RULES: u16 = 2;

/// What an entry carries beside its command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The rules it is applied by; at most [`RULES`].
    pub rules: u16,
    /// Which node took the command; 0 where there is only one.
    pub node: u32,
    pub nonce: Nonce,
}

/// A command's own mark: whoever waits for its outcome finds it by this in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Nonce(pub [u8; 16]);

impl Nonce {
    /// Of entries that have none: those of version 0.1.0.
    pub const NONE: Nonce = Nonce([0; 16]);
}

/// Of an entry: the hash of the hash before it and its payload. Two logs with the same value at one
/// position are the same up to there.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LogHash(pub [u8; 16]);

impl LogHash {
    /// Before the first entry, and of entries that have none: those of version 0.1.0.
    pub const NONE: LogHash = LogHash([0; 16]);
}

impl fmt::Debug for LogHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for LogHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What the state applies.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub seq: Seq,
    /// The log's hash up to and with this entry.
    pub hash: LogHash,
    pub stamp: Stamp,
    pub draft: Draft,
}

impl Entry {
    /// For what is applied without a log, such as in tests.
    pub fn bare(seq: Seq, draft: Draft) -> Entry {
        let stamp = Stamp {
            rules: RULES,
            node: 0,
            nonce: Nonce::NONE,
        };
        Entry {
            seq,
            hash: LogHash::NONE,
            stamp,
            draft,
        }
    }
}
