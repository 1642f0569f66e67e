//! The log without a disk, for tests. Durable is what is in memory.
use super::{Entry, Log, LogError, LogReader, MAX_PAYLOAD_BYTES, ReadLimit};
use bytes::Bytes;
use maru_domain::Seq;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;

/// A log that ends with its last handle.
pub struct MemoryLog {
    shared: Arc<Shared>,
    epoch: u64,
}

pub(super) struct Shared(Mutex<State>);

struct State {
    entries: VecDeque<Bytes>,
    last: Seq,
}

impl MemoryLog {
    pub fn new(epoch: u64) -> MemoryLog {
        let state = State {
            entries: VecDeque::new(),
            last: Seq(0),
        };
        MemoryLog {
            shared: Arc::new(Shared(Mutex::new(state))),
            epoch,
        }
    }
}

impl State {
    fn first(&self) -> Seq {
        Seq(self.last.0 + 1 - self.entries.len() as u64)
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
        self.0.lock().first()
    }

    pub(super) fn last_seq(&self) -> Seq {
        self.0.lock().last
    }

    pub(super) fn read(&self, from: Seq, limit: ReadLimit) -> Result<Vec<Entry>, LogError> {
        let state = self.0.lock();
        state.check(from)?;
        let mut entries = Vec::new();
        let mut size_bytes = 0;
        let skip = (from.0 - state.first().0) as usize;
        for (payload, seq) in state.entries.iter().skip(skip).zip(from.0..) {
            size_bytes += payload.len();
            let full = entries.len() >= limit.entries || size_bytes > limit.size_bytes;
            if full && !entries.is_empty() {
                break;
            }
            entries.push(Entry {
                seq: Seq(seq),
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
        let mut state = self.shared.0.lock();
        let first = state.last.next();
        state.entries.extend(batch.iter().cloned());
        state.last.0 += batch.len() as u64;
        Ok(first)
    }

    fn reader(&self) -> LogReader {
        LogReader::of_memory(self.shared.clone())
    }

    fn trim(&mut self, before: Seq) -> Result<(), LogError> {
        let mut state = self.shared.0.lock();
        while state.first() < before && !state.entries.is_empty() {
            state.entries.pop_front();
        }
        Ok(())
    }

    fn truncate_after(&mut self, seq: Seq) -> Result<(), LogError> {
        let mut state = self.shared.0.lock();
        state.check(seq.next())?;
        while state.last > seq {
            state.entries.pop_back();
            state.last.0 -= 1;
        }
        Ok(())
    }

    fn reset(&mut self, next: Seq) -> Result<(), LogError> {
        let mut state = self.shared.0.lock();
        state.entries.clear();
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
        let state = self.shared.0.lock();
        state
            .entries
            .iter()
            .map(|payload| payload.len() as u64)
            .sum()
    }
}
