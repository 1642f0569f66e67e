//! The last entries in memory, for those who follow closely.
use crate::{RawEntry, ReadLimit};
use maru_domain::Seq;
use std::collections::VecDeque;

/// A run of entries up to the last one, in about so many bytes at most.
pub struct Recent {
    entries: VecDeque<RawEntry>,
    size_bytes: usize,
    limit_bytes: usize,
}

impl Recent {
    pub fn new(limit_bytes: usize) -> Recent {
        Recent {
            entries: VecDeque::new(),
            size_bytes: 0,
            limit_bytes,
        }
    }

    pub fn clear(&mut self) {
        self.entries.clear();
        self.size_bytes = 0;
    }

    /// What follows the last of them.
    pub fn push(&mut self, batch: Vec<RawEntry>) {
        if self.limit_bytes == 0 {
            return;
        }
        for entry in batch {
            self.size_bytes += size(&entry);
            self.entries.push_back(entry);
        }
        while self.size_bytes > self.limit_bytes
            && let Some(oldest) = self.entries.pop_front()
        {
            self.size_bytes -= size(&oldest);
        }
    }

    /// `None` if the entry is older than these, or not there yet.
    pub fn read(&self, from: Seq, limit: ReadLimit) -> Option<Vec<RawEntry>> {
        let first = self.entries.front()?.seq;
        let at = usize::try_from(from.0.checked_sub(first.0)?).ok()?;
        if at >= self.entries.len() {
            return None;
        }
        let mut size_bytes = 0;
        let fits = self.entries.range(at..).take_while(|entry| {
            let is_first = size_bytes == 0;
            size_bytes += entry.payload.len();
            is_first || size_bytes <= limit.size_bytes
        });
        Some(fits.take(limit.entries.max(1)).cloned().collect())
    }
}

fn size(entry: &RawEntry) -> usize {
    size_of::<RawEntry>() + entry.payload.len()
}
