//! The applier: one thread that applies the log's entries in order and tells whoever has to know.

use super::EngineMetrics;
use super::alive::Pulse;
use super::disk::Disk;
use super::gate::{Gate, Trouble};
use super::journal::Journal;
use super::open::Followers;
use super::replay::{ReplayError, read, replay};
use super::waiters::Waiters;
use super::{Answer, unknown};
use crate::domain::Seq;
use crate::live::{Hub, Packet};
use crate::log::{FileLog, Log, LogReader};
use crate::state::{Applied, State, StateError};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// After so many bytes of log, or so long after the first change, the state is made durable.
const CHECKPOINT_BYTES: u64 = 8 << 20;
const CHECKPOINT_AFTER: Duration = Duration::from_secs(20);
/// How often a state that failed is reopened.
const RETRY: Duration = Duration::from_millis(500);
/// Whoever waits for a state that failed waits no longer than this.
const PATIENCE: Duration = Duration::from_secs(2);
const TICK: Duration = Duration::from_secs(1);

pub(super) struct Applier {
    pub state: State,
    /// For syncing and trimming; what is applied comes from the reader.
    pub log: Arc<Mutex<FileLog>>,
    pub log_reader: LogReader,
    pub waiters: Arc<Waiters>,
    /// Nothing more is appended.
    pub ending: Arc<AtomicBool>,
    pub pulse: Arc<Pulse>,
    pub journal: Journal,
    pub hub: Arc<Hub>,
    pub followers: Followers,
    pub gate: Arc<Gate>,
    pub metrics: Arc<EngineMetrics>,
    pub applied: tokio::sync::watch::Sender<Seq>,
    pub disk: Disk,
    /// Everything up to here was applied and told.
    pub told: Seq,
    pub dirty_since: Option<Instant>,
    pub dirty_bytes: u64,
    /// Since when the state cannot be used.
    pub broken: Option<Instant>,
}

impl Applier {
    pub fn run(mut self) {
        loop {
            self.pulse.beat();
            if let Some(since) = self.broken {
                if self.ending.load(Ordering::Acquire) {
                    break;
                }
                // Wakes at the end, and for nothing else.
                self.log_reader.wait(Seq(u64::MAX), RETRY);
                self.mend();
                if self.broken.is_some() && since.elapsed() >= PATIENCE {
                    self.give_up();
                }
                continue;
            }
            // Looked at before the log: what was appended until then is still applied.
            let ending = self.ending.load(Ordering::Acquire);
            let timeout = if ending { Duration::ZERO } else { TICK };
            if self.log_reader.wait(self.told, timeout) > self.told {
                self.take();
            } else if ending {
                break;
            }
            if self.broken.is_none() {
                self.maybe_checkpoint();
            }
        }
        if self.broken.is_none()
            && let Err(error) = self.checkpoint()
        {
            tracing::error!(%error, "the last checkpoint failed; the next start replays the log");
        }
    }

    fn take(&mut self) {
        let read = read(&self.log_reader, self.told.next());
        let applied = read.and_then(|batch| Ok((self.state.apply(&batch.entries)?, batch)));
        match applied {
            Ok((applied, batch)) => {
                self.dirty_bytes += batch.size_bytes;
                self.dirty_since.get_or_insert_with(Instant::now);
                let answers = self.waiters.take(&batch.nonces);
                self.tell(applied, answers);
            }
            Err(error) => self.fail(&error),
        }
    }

    /// The log has these commands and they will be applied; who waits for them hears that nothing
    /// is sure, and sends them again.
    fn give_up(&self) {
        for answer in self.waiters.take_all() {
            answer.give(Err(unknown()));
        }
    }

    fn fail(&mut self, error: &ReplayError) {
        self.broken = Some(Instant::now());
        self.gate.state_failed(Trouble {
            storage_full: error.is_storage_full(),
            takes_relief: false,
            cause: error.to_string(),
        });
    }

    /// Opens the state anew at its last checkpoint and brings it up to the log's end.
    fn mend(&mut self) {
        let mended = self
            .state
            .reopen()
            .map_err(ReplayError::State)
            .and_then(|()| {
                let from = self.state.seq().next();
                let mut told = Vec::new();
                replay(&mut self.state, &self.log_reader, from, |applied, batch| {
                    told.push((applied, batch.nonces))
                })?;
                Ok(told)
            });
        match mended {
            Ok(batches) => {
                for (applied, nonces) in batches {
                    let answers = self.waiters.take(&nonces);
                    let (news, answers): (Vec<Applied>, Vec<Option<Answer>>) = applied
                        .into_iter()
                        .zip(answers)
                        .filter(|(applied, _)| applied.seq > self.told)
                        .unzip();
                    if !news.is_empty() {
                        self.tell(news, answers);
                    }
                }
                self.broken = None;
                self.gate.state_works();
            }
            Err(cause) => tracing::warn!(%cause, "the state cannot be reopened yet"),
        }
    }

    /// Effects first (an answered sign-out has to hold), then the answers, then everybody else.
    fn tell(&mut self, applied: Vec<Applied>, answers: Vec<Option<Answer>>) {
        let (Some(first), Some(last)) = (
            applied.first().map(|a| a.seq),
            applied.last().map(|a| a.seq),
        ) else {
            return;
        };
        self.metrics.applied_seq.store(last.0, Ordering::Release);
        self.metrics
            .entries
            .fetch_add(applied.len() as u64, Ordering::Relaxed);
        self.metrics.batches.fetch_add(1, Ordering::Relaxed);
        let mut slots = Vec::with_capacity(applied.len());
        let mut outcomes = Vec::with_capacity(applied.len());
        for applied in applied {
            for effect in &applied.effects {
                (self.followers.effect)(effect);
            }
            slots.push(Packet::events(&applied.events));
            outcomes.push(applied.outcome);
        }
        let refused = outcomes.iter().filter(|outcome| outcome.is_err()).count();
        self.metrics
            .refused
            .fetch_add(refused as u64, Ordering::Relaxed);
        // One after the other without a pause: whoever waits for several is woken once.
        for (outcome, answer) in outcomes.into_iter().zip(answers) {
            if let Some(answer) = answer {
                answer.give(outcome);
            }
        }
        self.journal.append(first, &slots);
        self.hub
            .publish(slots.into_iter().flatten().collect(), last);
        self.told = last;
        self.applied.send_replace(last);
        self.metrics
            .log_bytes
            .store(self.log_reader.size_bytes(), Ordering::Relaxed);
        (self.followers.applied)(last);
    }

    fn maybe_checkpoint(&mut self) {
        let due = self.dirty_bytes >= CHECKPOINT_BYTES
            || self
                .dirty_since
                .is_some_and(|since| since.elapsed() >= CHECKPOINT_AFTER);
        if !due {
            return;
        }
        // On a full disk it would fail, and the state with it; the log has everything.
        if self.disk.trouble().is_some() {
            self.postpone();
        } else if let Err(error) = self.checkpoint() {
            self.fail(&error.into());
        }
    }

    fn postpone(&mut self) {
        self.dirty_since = Some(Instant::now());
        self.dirty_bytes = 0;
    }

    fn checkpoint(&mut self) -> Result<(), StateError> {
        // The state must never be ahead of what the log keeps.
        let synced = self
            .log
            .lock()
            .sync()
            .and_then(|()| self.journal.checkpoint());
        if let Err(error) = synced {
            tracing::warn!(%error, "no checkpoint: the log cannot be synced");
            self.postpone();
            return Ok(());
        }
        self.state.checkpoint()?;
        self.dirty_since = None;
        self.dirty_bytes = 0;
        self.metrics.checkpoints.fetch_add(1, Ordering::Relaxed);
        self.metrics
            .journal_bytes
            .store(self.journal.size_bytes(), Ordering::Relaxed);
        if let Err(error) = self.log.lock().trim(self.state.seq().next()) {
            tracing::warn!(%error, "old segments of the log cannot be removed yet");
        }
        Ok(())
    }
}
