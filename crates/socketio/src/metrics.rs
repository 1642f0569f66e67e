//! Figures of one server, readable at any time.
use super::reason::Reason;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counters since the start; they only grow.
#[derive(Debug, Default)]
pub struct Metrics {
    opened: AtomicU64,
    closed: [AtomicU64; Reason::ALL.len()],
    refused: AtomicU64,
    messages_in: AtomicU64,
    messages_out: AtomicU64,
    bytes_out: AtomicU64,
}

/// One reading of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    pub opened: u64,
    pub closed: Vec<(Reason, u64)>,
    /// Requests answered with an error.
    pub refused: u64,
    pub messages_in: u64,
    pub messages_out: u64,
    pub bytes_out: u64,
}

impl Metrics {
    pub(super) fn opened(&self) {
        self.opened.fetch_add(1, Relaxed);
    }

    pub(super) fn closed(&self, reason: Reason) {
        self.closed[reason as usize].fetch_add(1, Relaxed);
    }

    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    pub(super) fn received(&self) {
        self.messages_in.fetch_add(1, Relaxed);
    }

    pub(super) fn sent(&self, messages: u64, bytes: usize) {
        self.messages_out.fetch_add(messages, Relaxed);
        self.bytes_out.fetch_add(bytes as u64, Relaxed);
    }

    pub fn read(&self) -> Figures {
        Figures {
            opened: self.opened.load(Relaxed),
            closed: Reason::ALL
                .map(|reason| (reason, self.closed[reason as usize].load(Relaxed)))
                .to_vec(),
            refused: self.refused.load(Relaxed),
            messages_in: self.messages_in.load(Relaxed),
            messages_out: self.messages_out.load(Relaxed),
            bytes_out: self.bytes_out.load(Relaxed),
        }
    }
}
