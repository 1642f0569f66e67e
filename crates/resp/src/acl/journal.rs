//! What was refused to whom (`ACL LOG`).

use super::Refused;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The last refusals, the newest first.
#[derive(Default)]
pub struct Journal {
    pub entries: VecDeque<Entry>,
}

/// Refusals of the same thing to the same user.
pub struct Entry {
    pub count: u64,
    pub reason: Reason,
    pub in_transaction: bool,
    /// Command, key or channel.
    pub object: Vec<u8>,
    pub user: Vec<u8>,
    /// The last one's.
    pub at: Instant,
    pub client: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    Refused(Refused),
    /// A wrong password, or an account that may not come in.
    Auth,
}

impl Reason {
    pub fn name(self) -> &'static str {
        match self {
            Reason::Refused(Refused::Command) => "command",
            Reason::Refused(Refused::Key) => "key",
            Reason::Refused(Refused::Channel) => "channel",
            Reason::Auth => "auth",
        }
    }
}

/// Entries that are looked at for the same refusal, and how old that may be.
const LOOKED_AT: usize = 10;
const SAME_WITHIN: Duration = Duration::from_secs(60);
/// What is kept of a key or a user's name: nobody may fill the memory with refusals.
const MAX_TEXT_BYTES: usize = 1024;

impl Journal {
    /// Adds a refusal, and keeps no more than `max` entries.
    pub fn add(&mut self, mut entry: Entry, max: usize) {
        entry.object.truncate(MAX_TEXT_BYTES);
        entry.user.truncate(MAX_TEXT_BYTES);
        let same = self.entries.iter().take(LOOKED_AT).position(|known| {
            known.reason == entry.reason
                && known.in_transaction == entry.in_transaction
                && entry.at.duration_since(known.at) <= SAME_WITHIN
                && known.object == entry.object
                && known.user == entry.user
        });
        if let Some(known) = same.and_then(|at| self.entries.remove(at)) {
            entry.count += known.count;
        }
        self.entries.push_front(entry);
        self.entries.truncate(max);
    }
}
