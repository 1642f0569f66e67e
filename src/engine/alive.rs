//! Whether the engine's threads live and get on.

use super::gate::{Gate, Trouble};
use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// What is done when a thread of the engine has died: the process ends, for what is acknowledged is
/// in the log and the next start takes it from there. Gets a sentence for the operator.
pub type Fatal = Arc<dyn Fn(&str) + Send + Sync>;

/// The applier's progress. It beats at least once a second, also when there is nothing to do.
pub struct Pulse {
    began: Instant,
    beats: AtomicU64,
    last_ms: AtomicU64,
}

impl Default for Pulse {
    fn default() -> Pulse {
        Pulse {
            began: Instant::now(),
            beats: AtomicU64::new(0),
            last_ms: AtomicU64::new(0),
        }
    }
}

impl Pulse {
    pub(super) fn beat(&self) {
        let ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_ms.store(ms, Ordering::Relaxed);
        self.beats.fetch_add(1, Ordering::Release);
    }

    /// Grows with the applier's progress.
    pub fn beats(&self) -> u64 {
        self.beats.load(Ordering::Acquire)
    }

    /// How long ago the last one was.
    pub fn quiet_for(&self) -> Duration {
        let last = Duration::from_millis(self.last_ms.load(Ordering::Relaxed));
        self.began.elapsed().saturating_sub(last)
    }
}

/// Starts a thread whose panic shuts the gate for good and is told to `fatal`.
pub(super) fn spawn(
    name: &'static str,
    gate: Arc<Gate>,
    fatal: Fatal,
    body: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    Builder::new().name(name.to_owned()).spawn(move || {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(body)) {
            let what = said(&*panic);
            gate.died(Trouble::fault(format!("the {name} has died: {what}")));
            fatal(&format!(
                "the {name} thread has died ({what}); everything acknowledged is in the log, and \
                 the next start takes it from there"
            ));
        }
    })
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a word")
}
