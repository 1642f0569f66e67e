//! The applier: one thread that applies entries in order and tells whoever has to know.

use super::disk::Disk;
use super::gate::{Gate, Trouble};
use super::journal::Journal;
use super::open::Followers;
use super::replay::{Replay, replay};
use super::{Answer, EngineMetrics};
use crate::domain::{Draft, Seq};
use crate::live::{Hub, Packet};
use crate::log::{Log, LogReader};
use crate::state::{Applied, State, StateError};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// What the log has taken, from `first` on.
pub(super) struct Batch {
    pub first: Seq,
    pub jobs: Vec<(Draft, Option<Answer>)>,
    /// Of payload, as a measure of the work that a restart would have.
    pub size_bytes: u64,
}

/// After so many bytes of log, or so long after the first change, the state is made durable.
const CHECKPOINT_BYTES: u64 = 8 << 20;
const CHECKPOINT_AFTER: Duration = Duration::from_secs(20);
/// How often a state that failed is reopened.
const RETRY: Duration = Duration::from_millis(500);
const TICK: Duration = Duration::from_secs(1);

pub(super) struct Applier {
    pub state: State,
    pub log: Arc<Mutex<Box<dyn Log>>>,
    pub log_reader: LogReader,
    pub journal: Journal,
    pub hub: Arc<Hub>,
    pub followers: Followers,
    pub gate: Arc<Gate>,
    pub metrics: Arc<EngineMetrics>,
    pub disk: Disk,
    /// Everything up to here was told.
    pub told: Seq,
    pub dirty_since: Option<Instant>,
    pub dirty_bytes: u64,
    pub broken: bool,
}

impl Applier {
    pub fn run(mut self, batches: Receiver<Batch>) {
        loop {
            match batches.recv_timeout(if self.broken { RETRY } else { TICK }) {
                Ok(batch) => self.take(batch),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.broken {
                self.mend();
            } else {
                self.maybe_checkpoint();
            }
        }
        if !self.broken
            && let Err(error) = self.checkpoint()
        {
            tracing::error!(%error, "the last checkpoint failed; the next start replays the log");
        }
    }

    fn take(&mut self, batch: Batch) {
        let size_bytes = batch.size_bytes;
        let mut entries = Vec::with_capacity(batch.jobs.len());
        let mut answers = Vec::with_capacity(batch.jobs.len());
        for (i, (draft, answer)) in batch.jobs.into_iter().enumerate() {
            entries.push((Seq(batch.first.0 + i as u64), draft));
            answers.push(answer);
        }
        if self.broken {
            return self.give_up(answers);
        }
        match self.state.apply(&entries) {
            Ok(applied) => {
                self.dirty_bytes += size_bytes;
                self.dirty_since.get_or_insert_with(Instant::now);
                self.tell(applied, answers);
            }
            Err(error) => {
                self.fail(&error);
                self.give_up(answers);
            }
        }
    }

    /// The log has these commands and they will be applied; who waits for them hears that nothing
    /// is sure, and sends them again.
    fn give_up(&self, answers: Vec<Option<Answer>>) {
        if let Err(refusal) = self.gate.check() {
            for answer in answers.into_iter().flatten() {
                answer.give(Err(refusal.clone()));
            }
        }
    }

    fn fail(&mut self, error: &StateError) {
        self.broken = true;
        let text = error.to_string();
        let storage_full = text.contains("No space left") || text.contains("os error 28");
        self.gate.state_failed(Trouble {
            storage_full,
            cause: text,
        });
    }

    /// Opens the state anew at its last checkpoint and brings it up to the log's end.
    fn mend(&mut self) {
        let mended = self
            .state
            .reopen()
            .map_err(|e| e.to_string())
            .and_then(|()| {
                let from = self.state.seq().next();
                let mut told = Vec::new();
                replay(&mut self.state, &self.log_reader, from, |applied| {
                    told.push(applied)
                })
                .map_err(|e| e.to_string())?;
                Ok(told)
            });
        match mended {
            Ok(batches) => {
                for applied in batches {
                    let news: Vec<Applied> =
                        applied.into_iter().filter(|a| a.seq > self.told).collect();
                    if !news.is_empty() {
                        let answers = news.iter().map(|_| None).collect();
                        self.tell(news, answers);
                    }
                }
                self.broken = false;
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
            self.fail(&error);
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

impl Replay for State {
    fn apply(&mut self, entries: &[(Seq, Draft)]) -> Result<Vec<Applied>, StateError> {
        State::apply(self, entries)
    }
}
