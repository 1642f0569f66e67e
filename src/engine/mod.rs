//! The way from a command to its outcome; the only thing doors hold.
//!
//! `submit` → the appender's thread (one durable append for all that waits) → the applier's thread
//! (one transaction for the batch) → the caller is answered, effects are done, events go to the
//! journal, the [hub](crate::live::Hub) and the search index. The next batch is synced while this
//! one is applied.
mod appender;
mod applier;
mod disk;
mod gate;
mod journal;
mod open;
mod replay;

pub use gate::{Gate, Trouble};
pub use open::{Followers, OpenError, Options, Parts};

use crate::domain::{Actor, Code, Command, Draft, Outcome, Refusal, Seq, Timestamp};
use crate::live::Hub;
use crate::log::codec;
use crate::state::{Reader, Snapshot};
use bytes::Bytes;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Commands under way at one time; a further one waits for a place.
const IN_FLIGHT: usize = 16_384;

/// A cheap handle; clones are the same engine.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    jobs: parking_lot::Mutex<Option<mpsc::Sender<Job>>>,
    places: Arc<Semaphore>,
    gate: Arc<Gate>,
    state: Snapshot,
    hub: Arc<Hub>,
    metrics: Arc<EngineMetrics>,
    stopping: Arc<AtomicBool>,
    threads: parking_lot::Mutex<Vec<JoinHandle<()>>>,
}

/// A command on its way.
struct Job {
    draft: Draft,
    payload: Bytes,
    answer: Answer,
}

/// Where the outcome goes. Holds the command's place until then.
struct Answer {
    to: oneshot::Sender<Result<Outcome, Refusal>>,
    _place: OwnedSemaphorePermit,
}

impl Answer {
    fn give(self, outcome: Result<Outcome, Refusal>) {
        // Whoever asked may be gone; the command is done all the same.
        let _ = self.to.send(outcome);
    }
}

/// Counters for metrics and the administrators' namespace.
#[derive(Default)]
pub struct EngineMetrics {
    pub entries: AtomicU64,
    pub batches: AtomicU64,
    pub refused: AtomicU64,
    pub checkpoints: AtomicU64,
    pub applied_seq: AtomicU64,
    pub log_bytes: AtomicU64,
    pub journal_bytes: AtomicU64,
}

/// How the engine is, for health checks and people.
#[derive(Clone, Debug)]
pub struct Status {
    pub epoch: u64,
    /// The last entry applied: what reads see.
    pub seq: Seq,
    /// Why writes are refused, while they are.
    pub trouble: Option<Trouble>,
}

impl Engine {
    /// Does a command. The answer comes when it is durable and reads see it.
    pub async fn submit(&self, actor: Actor, command: Command) -> Result<Outcome, Refusal> {
        let command = command.checked()?;
        self.0.gate.check()?;
        // Waiting for a place is what slows a bulk load down to what the disk takes.
        let place = Arc::clone(&self.0.places).acquire_owned().await;
        let waiting = self.enqueue(actor, command, place.map_err(|_| stopping())?)?;
        waiting.await.unwrap_or_else(|_| Err(unknown()))
    }

    /// As [`Engine::submit`], in line already when this returns: a socket's commands keep their
    /// order although their answers are awaited together.
    pub fn submit_now(
        &self,
        actor: Actor,
        command: Command,
    ) -> impl Future<Output = Result<Outcome, Refusal>> + Send + 'static {
        let waiting = command.checked().and_then(|command| {
            self.0.gate.check()?;
            let place = Arc::clone(&self.0.places)
                .try_acquire_owned()
                .map_err(|_| Refusal {
                    retry_after_s: Some(1),
                    ..Refusal::new(
                        Code::Unavailable,
                        "Too much is under way; send it again in a moment.",
                    )
                })?;
            self.enqueue(actor, command, place)
        });
        async move { waiting?.await.unwrap_or_else(|_| Err(unknown())) }
    }

    fn enqueue(
        &self,
        actor: Actor,
        command: Command,
        place: OwnedSemaphorePermit,
    ) -> Result<oneshot::Receiver<Result<Outcome, Refusal>>, Refusal> {
        let draft = Draft {
            actor,
            at: self.now(),
            command,
        };
        let payload = codec::encode(&draft);
        let (to, waiting) = oneshot::channel();
        let job = Job {
            draft,
            payload,
            answer: Answer { to, _place: place },
        };
        let jobs = self.0.jobs.lock();
        jobs.as_ref()
            .and_then(|jobs| jobs.send(job).ok())
            .ok_or_else(stopping)?;
        Ok(waiting)
    }

    pub fn now(&self) -> Timestamp {
        now()
    }

    /// A snapshot of the state. Opening and small queries take microseconds.
    pub fn read(&self) -> Result<Reader, Refusal> {
        Ok(self.0.state.read()?)
    }

    pub fn snapshot(&self) -> &Snapshot {
        &self.0.state
    }

    pub fn live(&self) -> &Arc<Hub> {
        &self.0.hub
    }

    pub fn gate(&self) -> &Arc<Gate> {
        &self.0.gate
    }

    pub fn metrics(&self) -> &EngineMetrics {
        &self.0.metrics
    }

    pub fn epoch(&self) -> u64 {
        self.0.hub.epoch()
    }

    pub fn status(&self) -> Status {
        Status {
            epoch: self.epoch(),
            seq: Seq(self.0.metrics.applied_seq.load(Ordering::Acquire)),
            trouble: self.0.gate.trouble(),
        }
    }

    /// Takes nothing more, finishes what is under way and leaves a durable checkpoint. Blocks.
    pub fn stop(&self) {
        self.0.stopping.store(true, Ordering::Release);
        self.0.jobs.lock().take();
        let threads = std::mem::take(&mut *self.0.threads.lock());
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("an engine thread had panicked");
            }
        }
    }
}

/// Milliseconds by the wall clock.
pub fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(Timestamp::MAX.0))
}

fn stopping() -> Refusal {
    Refusal::new(
        Code::Unavailable,
        "The server is stopping; try again in a moment.",
    )
}

/// The engine broke down between taking the command and answering.
fn unknown() -> Refusal {
    Refusal::new(
        Code::Unavailable,
        "It is not known whether this was done; send it again with the same client_id.",
    )
}
