//! How long something takes, and a line in the log when it takes far too long.

use crate::spread::Spread;
use parking_lot::Mutex;
use prometheus_client::metrics::histogram::Histogram;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The same trouble is told this often.
const PAUSE: Duration = Duration::from_secs(60);

/// Clones time the same.
#[derive(Clone)]
pub struct Timer(Arc<Inner>);

struct Inner {
    what: &'static str,
    histogram: Histogram,
    spread: Spread,
    slow: Duration,
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    at: Option<Instant>,
    /// How many were slow since.
    since: u64,
}

impl Timer {
    pub(crate) fn new(what: &'static str, histogram: Histogram, slow: Duration) -> Timer {
        Timer(Arc::new(Inner {
            what,
            histogram,
            spread: Spread::default(),
            slow,
            told: Mutex::default(),
        }))
    }

    pub(crate) fn histogram(&self) -> Histogram {
        self.0.histogram.clone()
    }

    pub fn observe(&self, took: Duration) {
        self.0.histogram.observe(took.as_secs_f64());
        self.0.spread.observe(took);
        self.note(took, "");
    }

    /// How often it took so long since this was asked last, by column; where a column begins says
    /// [`crate::begins_us`].
    pub fn take_spread(&self) -> Vec<(u8, u32)> {
        self.0.spread.take()
    }

    /// Times the work.
    pub fn time<T>(&self, work: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let done = work();
        self.observe(began.elapsed());
        done
    }

    /// Tells of slow ones: the first, then at most one a minute, with how many there were.
    pub(crate) fn note(&self, took: Duration, of: &str) {
        let Inner { what, slow, .. } = *self.0;
        if took < slow {
            return;
        }
        let mut told = self.0.told.lock();
        if told.at.is_some_and(|at| at.elapsed() < PAUSE) {
            told.since += 1;
            return;
        }
        told.at = Some(Instant::now());
        let (ms, others) = (took.as_millis(), std::mem::take(&mut told.since));
        drop(told);
        tracing::warn!(ms, of, others, "slow: {what}");
    }
}
