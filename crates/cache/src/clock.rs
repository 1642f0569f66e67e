//! The two clocks that deadlines need: one that people agree on, one that never jumps.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Where the cache takes its time from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clocks; the instant is the zero of the monotonic one.
    System(Instant),
    /// Moved by hand, for tests.
    Manual(Arc<ManualClock>),
}

impl Clock {
    /// The machine's clocks.
    pub fn system() -> Clock {
        Clock::System(Instant::now())
    }

    /// A clock that stands still until it is moved, and the handle to move it.
    pub fn manual(unix_ms: u64) -> (Clock, Arc<ManualClock>) {
        let hand = Arc::new(ManualClock {
            monotonic_ms: AtomicU64::new(0),
            unix_ms: AtomicU64::new(unix_ms),
        });
        (Clock::Manual(hand.clone()), hand)
    }

    /// For this thread no time passes while the answer is kept.
    pub fn freeze(&self) -> Frozen {
        let now = (self.monotonic_ms(), self.unix_ms());
        Frozen {
            before: FROZEN.replace(Some(now)),
        }
    }

    /// Milliseconds since an arbitrary point; never goes back, knows no jumps.
    pub fn monotonic_ms(&self) -> u64 {
        if let Some((monotonic_ms, _)) = FROZEN.get() {
            return monotonic_ms;
        }
        match self {
            Clock::System(zero) => zero.elapsed().as_millis() as u64,
            Clock::Manual(hand) => hand.monotonic_ms.load(Ordering::Acquire),
        }
    }

    /// Milliseconds since 1970 in UTC; may jump either way.
    pub fn unix_ms(&self) -> u64 {
        if let Some((_, unix_ms)) = FROZEN.get() {
            return unix_ms;
        }
        match self {
            Clock::System(_) => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| since.as_millis() as u64),
            Clock::Manual(hand) => hand.unix_ms.load(Ordering::Acquire),
        }
    }

    /// What an absolute deadline means on the monotonic clock at this moment.
    pub(super) fn deadline(&self, unix_ms: u64) -> Deadline {
        let left_ms = unix_ms.saturating_sub(self.unix_ms());
        Deadline {
            unix_ms,
            monotonic_ms: self.monotonic_ms().saturating_add(left_ms),
        }
    }
}

thread_local! {
    /// Monotonic and unix milliseconds that this thread sees in place of the clock's.
    static FROZEN: Cell<Option<(u64, u64)>> = const { Cell::new(None) };
}

/// Time goes on when it is dropped.
pub struct Frozen {
    before: Option<(u64, u64)>,
}

impl Drop for Frozen {
    fn drop(&mut self) {
        FROZEN.set(self.before);
    }
}

/// The hand of a [`Clock::Manual`].
#[derive(Debug)]
pub struct ManualClock {
    monotonic_ms: AtomicU64,
    unix_ms: AtomicU64,
}

impl ManualClock {
    /// Time passes on both clocks.
    pub fn advance_ms(&self, by_ms: u64) {
        self.monotonic_ms.fetch_add(by_ms, Ordering::AcqRel);
        self.unix_ms.fetch_add(by_ms, Ordering::AcqRel);
    }

    /// Somebody sets the wall clock; no time passes.
    pub fn jump_ms(&self, by_ms: i64) {
        let now_ms = self.unix_ms.load(Ordering::Acquire);
        self.unix_ms
            .store(now_ms.saturating_add_signed(by_ms), Ordering::Release);
    }
}

/// When a key ends: as it was said, and as it is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Deadline {
    /// Told to clients and written to disk, exactly as it came in.
    pub unix_ms: u64,
    /// Decides; fixed when the deadline is set, so a clock jump neither ends nor prolongs a key.
    pub monotonic_ms: u64,
}
