//! The applier: one thread that applies the log's entries in order and tells whoever has to know.

use super::EngineMetrics;
use super::alive::Pulse;
use super::compaction::Compaction;
use super::disk::Disk;
use super::gate::{Gate, Trouble};
use super::journal::Journal;
use super::open::Followers;
use super::replay::{ReplayError, read, replay};
use super::waiters::Waiters;
use super::{Answer, unknown};
use crate::domain::{Nonce, Seq, Stamp};
use crate::live::{Hub, Packet};
use crate::log::{FileLog, Log, LogError, LogReader};
use crate::metrics::Metrics;
use crate::state::{Applied, State, StateError};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// After so many bytes of log, or so long after the first change, the state is made durable.
const CHECKPOINT_BYTES: u64 = 8 << 20;
const CHECKPOINT_AFTER: Duration = Duration::from_secs(20);
/// How often a state that failed is reopened.
const RETRY: Duration = Duration::from_millis(500);
const TELL_AGAIN: Duration = Duration::from_secs(60);
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
    /// This node's number in stamps.
    pub node: u32,
    /// The log keeps everything from here on, for nodes that may need it.
    pub keep_from: Arc<AtomicU64>,
    /// Everything up to here was applied and told.
    pub told: Seq,
    pub dirty_since: Option<Instant>,
    pub dirty_bytes: u64,
    pub broken: Option<Broken>,
    pub timers: Metrics,
    /// Asked to let go of what was removed.
    pub forget: Arc<AtomicBool>,
    pub compaction: Compaction,
}

/// The state's file fails.
pub(super) struct Broken {
    pub since: Instant,
    pub last_try: Instant,
    /// When the log last told that it cannot be mended yet.
    pub last_told: Option<Instant>,
    /// Nothing can be applied: not even in memory.
    pub is_poisoned: bool,
}

impl Applier {
    pub fn run(mut self) {
        loop {
            self.pulse.beat();
            self.mend_if_due();
            // Looked at before the log: what was appended until then is still applied.
            let ending = self.ending.load(Ordering::Acquire);
            if self
                .broken
                .as_ref()
                .is_some_and(|broken| broken.is_poisoned)
            {
                if ending {
                    break;
                }
                // Wakes at the end, and for nothing else.
                self.log_reader.wait(Seq(u64::MAX), RETRY);
                continue;
            }
            let timeout = match &self.broken {
                _ if ending => Duration::ZERO,
                Some(_) => RETRY,
                None => TICK,
            };
            if self.log_reader.wait(self.told, timeout) > self.told {
                self.take();
            } else if ending {
                break;
            }
            if self.broken.is_none() {
                self.maybe_checkpoint();
            }
            if self.broken.is_none() && !ending {
                self.maybe_compact();
            }
        }
        self.compaction.rest(Duration::ZERO);
        if self.broken.is_none()
            && let Err(error) = self.checkpoint()
        {
            tracing::error!(%error, "the last checkpoint failed; the next start replays the log");
        }
    }

    fn take(&mut self) {
        let read = read(&self.log_reader, self.told.next());
        let applied = read.and_then(|batch| {
            let state = &mut self.state;
            let applied = self.timers.apply.time(|| state.apply(&batch.entries));
            Ok((applied?, batch))
        });
        match applied {
            Ok((applied, batch)) => {
                self.dirty_bytes += batch.size_bytes;
                self.compaction.note(applied.len(), batch.size_bytes);
                self.dirty_since.get_or_insert_with(Instant::now);
                let (nonces, nodes) = batch.marks();
                let answers = self.waiters.take(&nonces);
                self.tell(applied, &nodes, answers);
                self.look_at_the_file();
            }
            Err(error) => self.fail(&error, true),
        }
    }

    /// A file that takes nothing more is noticed here: the state goes on in memory, and what was
    /// acknowledged is applied and answered, but nothing new is taken.
    fn look_at_the_file(&mut self) {
        if let Some(failure) = self.state.failure() {
            self.fail(&ReplayError::State(failure), false);
        }
    }

    /// The log has these commands and they will be applied; who waits for them hears that nothing
    /// is sure, and sends them again.
    fn give_up(&self) {
        for answer in self.waiters.take_all() {
            answer.give(Err(unknown()));
        }
    }

    pub(super) fn fail(&mut self, error: &ReplayError, is_poisoned: bool) {
        let now = Instant::now();
        let broken = self.broken.get_or_insert(Broken {
            since: now,
            last_try: now,
            last_told: None,
            is_poisoned,
        });
        broken.is_poisoned |= is_poisoned;
        let storage_full = error.is_storage_full();
        self.gate.state_failed(Trouble {
            storage_full,
            takes_relief: storage_full && !broken.is_poisoned,
            away: false,
            cause: error.to_string(),
        });
    }

    fn mend_if_due(&mut self) {
        let Some(broken) = &mut self.broken else {
            return;
        };
        if broken.last_try.elapsed() < RETRY {
            return;
        }
        broken.last_try = Instant::now();
        match self.mend() {
            Ok(()) => {
                self.broken = None;
                self.dirty_since = None;
                self.dirty_bytes = 0;
                self.gate.state_works();
            }
            Err(error) => {
                self.tell_still_broken(&error);
                if broken_for_long(&self.broken) {
                    self.give_up();
                }
            }
        }
    }

    /// Once, and then once a minute: it is tried twice a second.
    fn tell_still_broken(&mut self, error: &ReplayError) {
        let Some(broken) = &mut self.broken else {
            return;
        };
        if broken.last_told.is_none_or(|at| at.elapsed() >= TELL_AGAIN) {
            broken.last_told = Some(Instant::now());
            tracing::warn!(%error, "the state cannot be reopened yet");
        }
    }

    /// Builds the state anew out of its last checkpoint and the log. Nobody sees it before it has
    /// caught up; until then the one that fails is read, as far as it can be.
    fn mend(&mut self) -> Result<(), ReplayError> {
        // Its copy is of a file that may be wrong.
        self.compaction.rest(Duration::ZERO);
        self.state.probe()?;
        let mut fresh = self.state.reopened()?;
        let news = self.catch_up(&mut fresh)?;
        self.state.take_over(fresh);
        self.tell_late(news);
        if let Some(broken) = &mut self.broken {
            broken.is_poisoned = false;
        }
        Ok(self.state.settle()?)
    }

    /// Applies to another handle what the log has after it. Returns what nobody was told of yet.
    pub(super) fn catch_up(&self, fresh: &mut State) -> Result<Vec<(Applied, Stamp)>, ReplayError> {
        let from = fresh.seq().next();
        let mut untold = Vec::new();
        let told = self.told;
        let last = replay(fresh, &self.log_reader, from, |applied, batch| {
            let marks = batch.entries.iter().map(|entry| entry.stamp);
            let news = applied.into_iter().zip(marks);
            untold.extend(news.filter(|(applied, _)| applied.seq > told));
        })?;
        if last < told {
            return Err(LogError::Trimmed {
                asked: told,
                first: last,
            }
            .into());
        }
        Ok(untold)
    }

    pub(super) fn tell_late(&mut self, news: Vec<(Applied, Stamp)>) {
        let (news, stamps): (Vec<Applied>, Vec<Stamp>) = news.into_iter().unzip();
        let nonces: Vec<Nonce> = stamps.iter().map(|stamp| stamp.nonce).collect();
        let nodes: Vec<u32> = stamps.iter().map(|stamp| stamp.node).collect();
        if !news.is_empty() {
            let answers = self.waiters.take(&nonces);
            self.tell(news, &nodes, answers);
        }
    }

    /// Effects first (an answered sign-out has to hold), then the answers, then everybody else.
    fn tell(&mut self, applied: Vec<Applied>, nodes: &[u32], answers: Vec<Option<Answer>>) {
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
        for (applied, node) in applied.into_iter().zip(nodes) {
            for effect in &applied.effects {
                (self.followers.effect)(effect, *node == self.node);
            }
            let removed = applied.events.iter().filter(|event| event.is_removal());
            self.metrics
                .removals
                .fetch_add(removed.count() as u64, Ordering::Relaxed);
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
                self.timers.acknowledged.observe(answer.since.elapsed());
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
        let due = self.forget.load(Ordering::Acquire)
            || self.dirty_bytes >= CHECKPOINT_BYTES
            || self
                .dirty_since
                .is_some_and(|since| since.elapsed() >= CHECKPOINT_AFTER);
        if !due {
            return;
        }
        // On a full disk it would fail, and the state with it; the log has everything.
        if self.disk.trouble().is_some() {
            self.postpone();
        } else {
            match self.checkpoint() {
                Ok(()) => self.look_at_the_file(),
                Err(error) => self.fail(&error.into(), true),
            }
        }
    }

    fn postpone(&mut self) {
        self.dirty_since = Some(Instant::now());
        self.dirty_bytes = 0;
    }

    /// Goes on in new segments: the old ones hold what was removed, and nothing needs them.
    fn turn(&mut self) -> Result<(), LogError> {
        let mut log = self.log.lock();
        let epoch = log.epoch();
        log.begin_epoch(epoch)?;
        drop(log);
        self.journal.turn()
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
        let state = &mut self.state;
        self.timers.checkpoint.time(|| state.checkpoint())?;
        if self.state.failure().is_some() {
            // Not on the disk: the log is still needed.
            return Ok(());
        }
        self.dirty_since = None;
        self.dirty_bytes = 0;
        self.metrics.checkpoints.fetch_add(1, Ordering::Relaxed);
        self.metrics
            .journal_bytes
            .store(self.journal.size_bytes(), Ordering::Relaxed);
        if self.forget.swap(false, Ordering::AcqRel)
            && let Err(error) = self.turn()
        {
            tracing::warn!(%error, "what was removed stays in the log for now");
        }
        let next = self.state.seq().next();
        let kept = Seq(self.keep_from.load(Ordering::Acquire));
        let needed = self.compaction.needs().unwrap_or(next);
        if let Err(error) = self.log.lock().trim(next.min(kept).min(needed)) {
            tracing::warn!(%error, "old segments of the log cannot be removed yet");
        }
        Ok(())
    }
}

fn broken_for_long(broken: &Option<Broken>) -> bool {
    broken
        .as_ref()
        .is_some_and(|broken| broken.is_poisoned && broken.since.elapsed() >= PATIENCE)
}
