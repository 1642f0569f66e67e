//! The way from a command to its outcome; the only thing doors hold.
//!
//! `submit` → the appender's thread (one durable append for all that waits) → the applier's thread
//! (one transaction for the batch) → the caller is answered, effects are done, events go to the
//! journal, the [hub](crate::live::Hub) and the search index. The next batch is synced while this
//! one is applied.
mod alive;
mod appender;
mod applier;
mod bell;
mod compaction;
mod disk;
mod gate;
mod journal;
mod open;
mod replay;
pub mod retention;
mod times;
mod waiters;

pub use alive::{Fatal, Pulse};
pub use bell::{Bell, Rung};
pub use compaction::CompactionOptions;
pub use gate::{Gate, Trouble};
pub use journal::Retain;
pub use open::{Followers, Member, OpenError, Options, Parts};

use crate::domain::entry::RULES;
use crate::domain::{
    Actor, Code, Command, Draft, Manage, Nonce, Outcome, ProgramCommand, Refusal, Seq, Stamp,
    Timestamp,
};
use crate::live::Hub;
use crate::log::{LogReader, MAX_PAYLOAD_BYTES, codec};
use crate::state::{Reader, Snapshot};
use bytes::Bytes;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};
use waiters::Waiters;

/// What may be under way at one time, in pieces of [`PLACE_BYTES`]; a further command waits for its
/// place.
const IN_FLIGHT: usize = 16_384;
/// A command takes one place for each such piece that it begins.
const PLACE_BYTES: usize = 4 << 10;
/// An applier that does nothing for so long is stuck.
const STALLED: Duration = Duration::from_secs(30);

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
    waiters: Arc<Waiters>,
    /// What reads see.
    applied: watch::Receiver<Seq>,
    pulse: Arc<Pulse>,
    /// The log and the journal are to forget what was removed.
    forget: Arc<AtomicBool>,
    /// Random: no other run has the same.
    run: u64,
    node: Member,
    /// Taken so far; makes nonces.
    commands: AtomicU64,
    threads: parking_lot::Mutex<Vec<JoinHandle<()>>>,
    log: LogReader,
}

/// A command on its way.
struct Job {
    nonce: Nonce,
    payload: Bytes,
    /// It ends sessions or removes something.
    is_relief: bool,
    answer: Answer,
}

/// Where the outcome goes. Holds the command's places until then.
struct Answer {
    to: oneshot::Sender<Result<Outcome, Refusal>>,
    since: Instant,
    _places: OwnedSemaphorePermit,
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
    pub compactions: AtomicU64,
    pub applied_seq: AtomicU64,
    pub log_bytes: AtomicU64,
    pub journal_bytes: AtomicU64,
    /// Events that took something away.
    pub removals: AtomicU64,
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
        let draft = self.draft(actor, command.checked()?)?;
        // Waiting for a place is what slows a bulk load down to what the disk takes.
        let places = Arc::clone(&self.0.places).acquire_many_owned(draft.places());
        let places = places.await.map_err(|_| stopping())?;
        let waiting = self.enqueue(draft, places)?;
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
            let draft = self.draft(actor, command)?;
            let places = Arc::clone(&self.0.places)
                .try_acquire_many_owned(draft.places())
                .map_err(|_| Refusal {
                    retry_after_s: Some(1),
                    ..Refusal::new(
                        Code::Unavailable,
                        "Too much is under way; send it again in a moment.",
                    )
                })?;
            self.enqueue(draft, places)
        });
        async move { waiting?.await.unwrap_or_else(|_| Err(unknown())) }
    }

    fn draft(&self, actor: Actor, command: Command) -> Result<Encoded, Refusal> {
        let is_relief = is_relief(&command);
        self.0.gate.admit(is_relief)?;
        let nonce = self.nonce();
        let stamp = Stamp {
            // Nodes of older versions have to be able to apply it.
            rules: self.0.node.rules.load(Ordering::Acquire).min(RULES),
            node: self.0.node.number,
            nonce,
        };
        let draft = Draft {
            actor,
            at: self.now(),
            command,
        };
        let payload = codec::encode(&stamp, &draft);
        // Before it shares a batch with others.
        if payload.len() > MAX_PAYLOAD_BYTES {
            return Err(too_large());
        }
        Ok(Encoded {
            nonce,
            payload,
            is_relief,
        })
    }

    /// No other command ever has the same.
    fn nonce(&self) -> Nonce {
        let count = self.0.commands.fetch_add(1, Ordering::Relaxed);
        let mut nonce = [0; 16];
        nonce[..8].copy_from_slice(&self.0.run.to_le_bytes());
        nonce[8..].copy_from_slice(&count.to_le_bytes());
        Nonce(nonce)
    }

    fn enqueue(
        &self,
        draft: Encoded,
        places: OwnedSemaphorePermit,
    ) -> Result<oneshot::Receiver<Result<Outcome, Refusal>>, Refusal> {
        let (to, waiting) = oneshot::channel();
        let job = Job {
            nonce: draft.nonce,
            payload: draft.payload,
            is_relief: draft.is_relief,
            answer: Answer {
                to,
                since: Instant::now(),
                _places: places,
            },
        };
        let jobs = self.0.jobs.lock();
        jobs.as_ref()
            .and_then(|jobs| jobs.send(job).ok())
            .ok_or_else(stopping)?;
        Ok(waiting)
    }

    /// Waits until reads see everything up to `seq`. False: they do not yet, and time is up.
    pub async fn wait_applied(&self, seq: Seq, timeout: Duration) -> bool {
        let mut applied = self.0.applied.clone();
        let reached = applied.wait_for(|applied| *applied >= seq);
        matches!(tokio::time::timeout(timeout, reached).await, Ok(Ok(_)))
    }

    /// Asks that what was removed goes from the log and from the journal, too, at the next
    /// checkpoint, which comes soon. Clients that were away longer start over.
    /// Of several nodes all do it.
    pub fn forget_removed(&self) {
        let upto = self.status().seq;
        self.0.node.forget.fetch_max(upto.0, Ordering::AcqRel);
        self.forget_removed_here();
    }

    /// As [`Engine::forget_removed`], of this node's own log and journal only.
    pub fn forget_removed_here(&self) {
        self.0.forget.store(true, Ordering::Release);
    }

    /// Whether that is still to be done.
    pub fn is_forgetting(&self) -> bool {
        self.0.forget.load(Ordering::Acquire)
    }

    /// Removals since the start.
    pub fn removals(&self) -> u64 {
        self.0.metrics.removals.load(Ordering::Relaxed)
    }

    /// How the applier gets on, for a watchdog.
    pub fn pulse(&self) -> &Pulse {
        &self.0.pulse
    }

    /// Whether writes are taken and get on; otherwise why not.
    pub fn ready(&self) -> Result<(), Refusal> {
        self.0.gate.check()?;
        if self.0.pulse.quiet_for() > STALLED {
            return Err(Trouble::fault("the applier does not get on".to_owned()).refusal());
        }
        Ok(())
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

    /// Places that commands under way take, and all that there are.
    pub fn in_flight(&self) -> (usize, usize) {
        let free = self.0.places.available_permits();
        (IN_FLIGHT.saturating_sub(free), IN_FLIGHT)
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
        self.0.jobs.lock().take();
        let threads = std::mem::take(&mut *self.0.threads.lock());
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("an engine thread had panicked");
            }
        }
        for answer in self.0.waiters.take_all() {
            answer.give(Err(unknown()));
        }
    }
}

/// A command in the log's form, on its way to it.
struct Encoded {
    nonce: Nonce,
    payload: Bytes,
    is_relief: bool,
}

impl Encoded {
    fn places(&self) -> u32 {
        1 + (self.payload.len() / PLACE_BYTES).min(IN_FLIGHT / 2) as u32
    }
}

/// Whether a command ends sessions or removes something: it is taken on a full disk, too.
fn is_relief(command: &Command) -> bool {
    matches!(
        command.itself(),
        Command::SetPassword { .. }
            | Command::SetDisabled { disabled: true, .. }
            | Command::EndSession { .. }
            | Command::EndSessions { .. }
            | Command::RevokeInvite { .. }
            | Command::DeleteRoom { .. }
            | Command::Leave { .. }
            | Command::RemoveMember { .. }
            | Command::Delete { .. }
            | Command::Sweep
            | Command::Manage(Manage::Expire { .. } | Manage::EraseMessages { .. })
            | Command::Program(
                ProgramCommand::RevokeToken { .. }
                    | ProgramCommand::RemoveBot { .. }
                    | ProgramCommand::DeleteHook { .. }
                    | ProgramCommand::DeleteWebhook { .. }
            )
    )
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
        "It is not known whether this was done. Sending it again with the same client_id is safe: it is done once.",
    )
}

fn too_large() -> Refusal {
    Refusal::new(Code::TooLarge, "This is too large to be kept; shorten it.")
}
