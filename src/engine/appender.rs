//! The appender: commands become durable here, in the order in which they came.

use super::applier::Batch;
use super::disk::Disk;
use super::gate::{Gate, Trouble};
use super::{EngineMetrics, Job};
use crate::log::{Log, LogError};
use bytes::Bytes;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

/// One append takes at most this much of what waits.
const BATCH_ENTRIES: usize = 1_024;
const BATCH_BYTES: usize = 1 << 20;
/// How often a log that failed is tried again.
const RETRY: Duration = Duration::from_millis(500);

pub(super) struct Appender {
    pub log: Arc<Mutex<Box<dyn Log>>>,
    pub gate: Arc<Gate>,
    pub disk: Disk,
    pub metrics: Arc<EngineMetrics>,
    /// Bounded: a slow applier slows the log down, and that the doors.
    pub applier: SyncSender<Batch>,
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
            if self.gate.log_is_shut() && last_try.elapsed() >= RETRY {
                last_try = Instant::now();
                self.recover();
            }
            if let Some(first) = first {
                let batch = gather(first, &jobs);
                if !self.append(batch) {
                    return;
                }
            }
        }
    }

    /// False when nobody applies any more.
    fn append(&mut self, batch: Vec<Job>) -> bool {
        if let Err(refusal) = self.gate.check() {
            refuse(batch, &refusal);
            return true;
        }
        if let Some(trouble) = self.disk.trouble() {
            let refusal = trouble.refusal();
            self.gate.log_failed(trouble);
            refuse(batch, &refusal);
            return true;
        }
        let payloads: Vec<Bytes> = batch.iter().map(|job| job.payload.clone()).collect();
        let mut log = self.log.lock();
        let appended = log.append(&payloads);
        self.metrics
            .log_bytes
            .store(log.size_bytes(), Ordering::Relaxed);
        drop(log);
        match appended {
            Ok(first) => {
                let size_bytes = payloads.iter().map(|payload| payload.len() as u64).sum();
                let jobs = batch
                    .into_iter()
                    .map(|job| (job.draft, Some(job.answer)))
                    .collect();
                self.applier
                    .send(Batch {
                        first,
                        jobs,
                        size_bytes,
                    })
                    .is_ok()
            }
            Err(error) => {
                let trouble = trouble(&error);
                let refusal = trouble.refusal();
                self.gate.log_failed(trouble);
                refuse(batch, &refusal);
                true
            }
        }
    }

    fn recover(&mut self) {
        let trouble = match self.disk.trouble() {
            Some(trouble) => Some(trouble),
            None => self.log.lock().recover().err().map(|error| trouble(&error)),
        };
        match trouble {
            Some(trouble) => self.gate.log_failed(trouble),
            None => self.gate.log_works(),
        }
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

fn refuse(batch: Vec<Job>, refusal: &crate::domain::Refusal) {
    for job in batch {
        job.answer.give(Err(refusal.clone()));
    }
}

pub(super) fn trouble(error: &LogError) -> Trouble {
    Trouble {
        storage_full: error.is_storage_full(),
        cause: error.to_string(),
    }
}
