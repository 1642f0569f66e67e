//! How fast the source grows.

use maru_domain::Seq;
use std::time::{Duration, Instant};

/// More posts a second than this are bulk ingest: an import, a load test, a bot out of control.
/// While it lasts and no query waits, indexing defers to the chat and follows slowly.
const BULK_PER_S: u64 = 5_000;
/// Two looks within this time say nothing.
const LOOK_EVERY: Duration = Duration::from_millis(50);

pub struct IngestRate {
    head: Seq,
    looked_at: Instant,
    is_bulk: bool,
}

impl IngestRate {
    pub fn from(head: Seq) -> IngestRate {
        IngestRate {
            head,
            looked_at: Instant::now(),
            is_bulk: false,
        }
    }

    pub fn look(&mut self, head: Seq) {
        let elapsed = self.looked_at.elapsed();
        if elapsed >= LOOK_EVERY {
            let grown = u128::from(head.0.saturating_sub(self.head.0));
            let per_s = grown * 1_000_000 / elapsed.as_micros();
            self.is_bulk = per_s > u128::from(BULK_PER_S);
            self.head = head;
            self.looked_at = Instant::now();
        }
    }

    pub fn is_bulk(&self) -> bool {
        self.is_bulk
    }

    /// The last position that was seen.
    pub fn head(&self) -> Seq {
        self.head
    }
}
