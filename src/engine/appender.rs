//! The appender: commands get their places here, in the order in which they came.

use super::disk::Disk;
use super::gate::{Gate, Trouble};
use super::waiters::Waiters;
use super::{Job, too_large, unknown};
use crate::domain::{Code, Nonce, Refusal};
use crate::log::{LogError, OrderError, Sequencer};
use crate::metrics::Metrics;
use bytes::Bytes;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// One append takes at most this much of what waits.
const BATCH_ENTRIES: usize = 1_024;
const BATCH_BYTES: usize = 1 << 20;
/// How often a log that failed is tried again.
const RETRY: Duration = Duration::from_millis(500);

pub(super) struct Appender {
    pub sequencer: Box<dyn Sequencer>,
    pub waiters: Arc<Waiters>,
    pub gate: Arc<Gate>,
    pub disk: Disk,
    pub timers: Metrics,
}

impl Appender {
    pub fn run(mut self, jobs: Receiver<Job>) {
        let mut last_try = Instant::now();
        loop {
            let first = match jobs.recv_timeout(RETRY) {
                Ok(job) => Some(job),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            if last_try.elapsed() >= RETRY {
                last_try = Instant::now();
                if self.gate.log_is_shut() {
                    self.recover();
                } else if let Err(error) = self.sequencer.look() {
                    self.fail(&error);
                }
            }
            if let Some(first) = first {
                let batch = gather(first, &jobs);
                self.append(batch);
            }
        }
    }

    fn append(&mut self, batch: Vec<Job>) {
        if let Some(trouble) = self.disk.trouble() {
            self.gate.log_failed(trouble);
        }
        let batch = match self.gate.trouble() {
            None => batch,
            Some(trouble) => refuse_most(batch, &trouble),
        };
        if batch.is_empty() {
            return;
        }
        let payloads: Vec<Bytes> = batch.iter().map(|job| job.payload.clone()).collect();
        let nonces: Vec<Nonce> = batch.iter().map(|job| job.nonce).collect();
        // Before the entries can be read: whoever applies them may be faster than this thread.
        let waiting = batch.into_iter().map(|job| (job.nonce, job.answer));
        self.waiters.add(waiting);
        self.timers.batch.observe(payloads.len() as f64);
        let ordered = self.timers.append.time(|| self.sequencer.order(&payloads));
        let Err(error) = ordered else {
            return;
        };
        let refusal = match &error {
            // The command is to blame, not the log.
            OrderError::Refused(LogError::TooLarge { .. }) => too_large(),
            OrderError::Refused(cause) => {
                let refusal = trouble(cause).refusal();
                self.fail(cause);
                refusal
            }
            OrderError::Unknown(cause) => {
                self.fail(cause);
                not_known(cause)
            }
        };
        for answer in self.waiters.take(&nonces).into_iter().flatten() {
            answer.give(Err(refusal.clone()));
        }
    }

    /// Nothing more is taken. What was ordered elsewhere may not come back from there for long, so
    /// nobody waits for it; here it is in the log, and applied.
    fn fail(&self, error: &LogError) {
        self.gate.log_failed(trouble(error));
        if matches!(error, LogError::Away { .. }) {
            for answer in self.waiters.take_all() {
                answer.give(Err(not_known(error)));
            }
        }
    }

    fn recover(&mut self) {
        let failed = self.sequencer.recover().err();
        let trouble = failed.map(|error| trouble(&error));
        match trouble.or_else(|| self.disk.trouble()) {
            Some(trouble) => self.gate.log_failed(trouble),
            None => self.gate.log_works(),
        }
    }
}

/// Whoever asks again with the same client id gets the first outcome, if there was one.
fn not_known(error: &LogError) -> Refusal {
    let refusal = unknown();
    match error {
        LogError::Away { .. } => Refusal {
            retry_after_s: Some(2),
            ..Refusal::new(Code::ReadOnly, refusal.message)
        },
        _ => refusal,
    }
}

fn gather(first: Job, jobs: &Receiver<Job>) -> Vec<Job> {
    let mut bytes = first.payload.len();
    let mut batch = vec![first];
    while batch.len() < BATCH_ENTRIES
        && bytes < BATCH_BYTES
        && let Ok(job) = jobs.try_recv()
    {
        bytes += job.payload.len();
        batch.push(job);
    }
    batch
}

/// What is taken in spite of the trouble.
fn refuse_most(batch: Vec<Job>, trouble: &Trouble) -> Vec<Job> {
    let (taken, refused): (Vec<Job>, Vec<Job>) = batch
        .into_iter()
        .partition(|job| job.is_relief && trouble.takes_relief);
    let refusal = trouble.refusal();
    for job in refused {
        job.answer.give(Err(refusal.clone()));
    }
    taken
}

fn trouble(error: &LogError) -> Trouble {
    Trouble {
        storage_full: error.is_storage_full(),
        takes_relief: false,
        away: matches!(error, LogError::Away { .. }),
        cause: error.to_string(),
    }
}
