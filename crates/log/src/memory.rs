//! The log without a disk, for tests. Durable is what is in memory.
use super::{Log, LogError, LogReader, MAX_PAYLOAD_BYTES, RawEntry, ReadLimit, hash};
use bytes::Bytes;
use maru_domain::{LogHash, Seq};
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A log that ends with its last handle.
pub struct MemoryLog {
    shared: Arc<Shared>,
    epoch: u64,
}

#[derive(Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Default)]
struct State {
    entries: VecDeque<(Bytes, LogHash)>,
    last: Seq,
    /// Before the first entry.
    before: LogHash,
    interrupts: u64,
}

impl MemoryLog {
    pub fn new(epoch: u64) -> MemoryLog {
        MemoryLog {
            shared: Arc::default(),
            epoch,
        }
    }
}

impl State {
    fn first(&self) -> Seq {
        Seq(self.last.0 + 1 - self.entries.len() as u64)
    }

    fn hash(&self) -> LogHash {
        self.entries.back().map_or(self.before, |(_, hash)| *hash)
    }

    fn check(&self, asked: Seq) -> Result<(), LogError> {
        let first = self.first();
        if asked < first {
            return Err(LogError::Trimmed { asked, first });
        }
        Ok(())
    }
}

impl Shared {
    pub(super) fn first_seq(&self) -> Seq {
        self.state.lock().first()
    }

    pub(super) fn last_seq(&self) -> Seq {
        self.state.lock().last
    }

    pub(super) fn size_bytes(&self) -> u64 {
        let state = self.state.lock();
        state
            .entries
            .iter()
            .map(|(payload, _)| payload.len() as u64)
            .sum()
    }

    pub(super) fn wait(&self, after: Seq, timeout: Duration) -> Seq {
        let mut state = self.state.lock();
        let interrupts = state.interrupts;
        let deadline = Instant::now().checked_add(timeout);
        while state.last <= after && state.interrupts == interrupts {
            let Some(deadline) = deadline else {
                self.news.wait(&mut state);
                continue;
            };
            if self.news.wait_until(&mut state, deadline).timed_out() {
                break;
            }
        }
        state.last
    }

    pub(super) fn interrupt(&self) {
        self.state.lock().interrupts += 1;
        self.news.notify_all();
    }

    pub(super) fn read(&self, from: Seq, limit: ReadLimit) -> Result<Vec<RawEntry>, LogError> {
        let state = self.state.lock();
        state.check(from)?;
        let mut entries = Vec::new();
        let mut size_bytes = 0;
        let skip = (from.0 - state.first().0) as usize;
        for ((payload, hash), seq) in state.entries.iter().skip(skip).zip(from.0..) {
            size_bytes += payload.len();
            let full = entries.len() >= limit.entries || size_bytes > limit.size_bytes;
            if full && !entries.is_empty() {
                break;
            }
            entries.push(RawEntry {
                seq: Seq(seq),
                hash: *hash,
                payload: payload.clone(),
            });
        }
        Ok(entries)
    }
}

impl Log for MemoryLog {
    fn epoch(&self) -> u64 {
        self.epoch
    }

    fn first_seq(&self) -> Seq {
        self.shared.first_seq()
    }

    fn last_seq(&self) -> Seq {
        self.shared.last_seq()
    }

    fn last_hash(&self) -> LogHash {
        self.shared.state.lock().hash()
    }

    fn append(&mut self, batch: &[Bytes]) -> Result<Seq, LogError> {
        if let Some(size_bytes) = batch
            .iter()
            .map(Bytes::len)
            .find(|n| *n > MAX_PAYLOAD_BYTES)
        {
            return Err(LogError::TooLarge {
                size_bytes,
                limit_bytes: MAX_PAYLOAD_BYTES,
            });
        }
        let mut state = self.shared.state.lock();
        let first = state.last.next();
        for payload in batch {
            let hash = hash::next(state.hash(), payload);
            state.entries.push_back((payload.clone(), hash));
        }
        state.last.0 += batch.len() as u64;
        drop(state);
        self.shared.news.notify_all();
        Ok(first)
    }

    fn reader(&self) -> LogReader {
        LogReader::of_memory(self.shared.clone())
    }

    fn trim(&mut self, before: Seq) -> Result<(), LogError> {
        let mut state = self.shared.state.lock();
        while state.first() < before && !state.entries.is_empty() {
            state.before = state.entries.pop_front().map_or(state.before, |e| e.1);
        }
        Ok(())
    }

    fn truncate_after(&mut self, seq: Seq) -> Result<(), LogError> {
        let mut state = self.shared.state.lock();
        state.check(seq.next())?;
        while state.last > seq {
            state.entries.pop_back();
            state.last.0 -= 1;
        }
        Ok(())
    }

    fn reset(&mut self, next: Seq, before: LogHash) -> Result<(), LogError> {
        let mut state = self.shared.state.lock();
        state.entries.clear();
        state.before = before;
        state.last = Seq(next.0.saturating_sub(1));
        Ok(())
    }

    fn begin_epoch(&mut self, epoch: u64) -> Result<(), LogError> {
        self.epoch = epoch;
        Ok(())
    }

    fn recover(&mut self) -> Result<(), LogError> {
        Ok(())
    }

    fn sync(&mut self) -> Result<(), LogError> {
        Ok(())
    }

    fn size_bytes(&self) -> u64 {
        self.shared.size_bytes()
    }
}
