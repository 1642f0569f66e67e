//! When the state's file is copied without its holes: at quiet times, once it has grown by half.

use super::applier::Applier;
use super::disk::Disk;
use super::replay::ReplayError;
use crate::domain::Seq;
use crate::log::Log;
use crate::state::{Compacted, Compactor, State, StateError};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// Copying runs at nice 10, so that the chat gets the CPU.
const NICENESS: i32 = 10;
/// A copy that would have to catch up with more than this is given up.
const LAG_BYTES: u64 = 64 << 20;
/// After a failure it is tried again not before.
const PAUSE: Duration = Duration::from_secs(600);

/// When it is done.
#[derive(Clone, Copy, Debug)]
pub struct CompactionOptions {
    /// After so long with no more than `quiet_entries` in any of its parts.
    pub quiet: Duration,
    pub quiet_entries: u64,
    /// A smaller file is left alone.
    pub least_bytes: u64,
}

impl Default for CompactionOptions {
    fn default() -> CompactionOptions {
        CompactionOptions {
            quiet: Duration::from_secs(60),
            quiet_entries: 60,
            least_bytes: 16 << 20,
        }
    }
}

/// What the applier has to do.
enum Step {
    Nothing,
    /// A copy is ready.
    TakeOver(Compacted),
}

pub(super) struct Compaction {
    options: CompactionOptions,
    /// When the present stretch of quiet began, and how many entries it has.
    since: Instant,
    entries: u64,
    not_before: Instant,
    running: Option<Running>,
}

struct Running {
    result: Receiver<Result<Option<Compacted>, StateError>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    /// The log from here on is needed.
    from: Seq,
    lag_bytes: u64,
}

impl Compaction {
    pub fn new(options: CompactionOptions) -> Compaction {
        let now = Instant::now();
        Compaction {
            options,
            since: now,
            entries: 0,
            not_before: now,
            running: None,
        }
    }

    /// So much was applied.
    pub fn note(&mut self, entries: usize, size_bytes: u64) {
        self.entries += entries as u64;
        if self.entries > self.options.quiet_entries {
            self.since = Instant::now();
            self.entries = 0;
        }
        if let Some(running) = &mut self.running {
            running.lag_bytes += size_bytes;
            if running.lag_bytes > LAG_BYTES {
                running.stop.store(true, Ordering::Relaxed);
            }
        }
    }

    /// The entries that a copy still needs.
    pub fn needs(&self) -> Option<Seq> {
        self.running.as_ref().map(|running| running.from)
    }

    fn step(&mut self, state: &State, disk: &Disk) -> Step {
        if let Some(running) = &self.running {
            return match running.result.try_recv() {
                Err(TryRecvError::Empty) => Step::Nothing,
                Ok(Ok(Some(copy))) => Step::TakeOver(copy),
                Ok(Ok(None)) => {
                    tracing::info!("the state is compacted at a quieter time");
                    self.rest(PAUSE);
                    Step::Nothing
                }
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the state could not be compacted; it stays as it is");
                    self.rest(PAUSE);
                    Step::Nothing
                }
                Err(TryRecvError::Disconnected) => {
                    tracing::error!("the thread that compacts the state has died");
                    self.rest(PAUSE);
                    Step::Nothing
                }
            };
        }
        if self.is_due() && self.is_worth_it(state, disk) {
            match start(state.compactor(), state.seq().next()) {
                Ok(running) => self.running = Some(running),
                Err(error) => {
                    tracing::warn!(%error, "the state cannot be compacted now");
                    self.rest(PAUSE);
                }
            }
        }
        Step::Nothing
    }

    fn is_due(&self) -> bool {
        self.since.elapsed() >= self.options.quiet && Instant::now() >= self.not_before
    }

    fn is_worth_it(&mut self, state: &State, disk: &Disk) -> bool {
        // Looked at once for each stretch of quiet.
        self.since = Instant::now();
        let (Ok(bytes), Ok(copied)) = (state.file_bytes(), state.compacted_bytes()) else {
            return false;
        };
        bytes >= self.options.least_bytes && bytes > copied + copied / 2 && disk.has_room_for(bytes)
    }

    /// The copy is taken, or given up.
    pub fn rest(&mut self, pause: Duration) {
        self.running = None;
        self.not_before = Instant::now() + pause;
        self.since = Instant::now();
    }
}

impl Applier {
    pub(super) fn maybe_compact(&mut self) {
        let Step::TakeOver(copied) = self.compaction.step(&self.state, &self.disk) else {
            return;
        };
        let before = self.state.file_bytes().unwrap_or(0);
        let began = Instant::now();
        match self.take_compacted() {
            Ok(()) => {
                let after = self.state.file_bytes().unwrap_or(0);
                let per_message = after / copied.messages.max(1);
                let ms = began.elapsed().as_millis();
                tracing::info!(
                    before_bytes = before,
                    after_bytes = after,
                    messages = copied.messages,
                    bytes_per_message = per_message,
                    ms,
                    "the state is compacted"
                );
                self.metrics.compactions.fetch_add(1, Ordering::Relaxed);
                self.compaction.rest(Duration::ZERO);
            }
            Err((is_replaced, error)) => {
                tracing::warn!(%error, "the state could not be compacted");
                self.compaction.rest(PAUSE);
                if is_replaced {
                    self.fail(&error, true);
                } else if let Err(error) = self.state.drop_compacted() {
                    tracing::warn!(%error, "a copy of the state cannot be removed");
                }
            }
        }
    }

    fn take_compacted(&mut self) -> Result<(), (bool, ReplayError)> {
        let before = |error: ReplayError| (false, error);
        let mut copy = self
            .state
            .open_compacted()
            .map_err(|error| before(error.into()))?;
        let news = self.catch_up(&mut copy).map_err(before)?;
        // The state must never be ahead of what the log keeps.
        let synced = self.log.lock().sync();
        synced.map_err(|error| before(error.into()))?;
        let taken = self.state.take_compacted(copy);
        taken.map_err(|(is_replaced, error)| (is_replaced, error.into()))?;
        self.tell_late(news);
        Ok(())
    }
}

fn start(compactor: Compactor, from: Seq) -> io::Result<Running> {
    let stop = Arc::<AtomicBool>::default();
    let (told, result) = channel();
    let stopped = Arc::clone(&stop);
    let thread = Builder::new()
        .name("compaction".to_owned())
        .spawn(move || {
            let nice =
                rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS);
            if let Err(error) = nice {
                tracing::debug!(%error, "compaction keeps the priority of everything else");
            }
            // Nobody waits for it when the server stops.
            let _ = told.send(compactor.run(&stopped));
        })?;
    Ok(Running {
        result,
        stop,
        thread: Some(thread),
        from,
        lag_bytes: 0,
    })
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that compacts the state had panicked");
        }
    }
}
