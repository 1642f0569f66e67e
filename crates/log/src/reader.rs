//! The reading half of the log.
use super::{LogError, RawEntry, file, memory};
use maru_domain::Seq;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Reads what `append` has completed, while it goes on; cheap to clone, for any thread.
#[derive(Clone)]
pub struct LogReader(Storage);

#[derive(Clone)]
enum Storage {
    File(Arc<file::Shared>),
    Memory(Arc<memory::Shared>),
}

/// How much one read returns at most. One entry is returned whatever its size.
#[derive(Clone, Copy, Debug)]
pub struct ReadLimit {
    pub entries: usize,
    /// Of payload.
    pub size_bytes: usize,
}

impl ReadLimit {
    /// This many entries, within the bytes of one [`ReadLimit::CHUNK`].
    pub fn entries(entries: usize) -> ReadLimit {
        ReadLimit {
            entries,
            ..ReadLimit::CHUNK
        }
    }

    /// What a reader that wants everything fetches at a time.
    pub const CHUNK: ReadLimit = ReadLimit {
        entries: 4096,
        size_bytes: 256 << 10,
    };
}

impl LogReader {
    pub(super) fn of_file(shared: Arc<file::Shared>) -> LogReader {
        LogReader(Storage::File(shared))
    }

    pub(super) fn of_memory(shared: Arc<memory::Shared>) -> LogReader {
        LogReader(Storage::Memory(shared))
    }

    /// As [`Log::first_seq`](super::Log::first_seq).
    pub fn first_seq(&self) -> Seq {
        match &self.0 {
            Storage::File(log) => log.first_seq(),
            Storage::Memory(log) => log.first_seq(),
        }
    }

    /// As [`Log::last_seq`](super::Log::last_seq).
    pub fn last_seq(&self) -> Seq {
        match &self.0 {
            Storage::File(log) => log.last_seq(),
            Storage::Memory(log) => log.last_seq(),
        }
    }

    /// The entries from `from` on, in order and without a gap; empty if there is none yet.
    ///
    /// # Errors
    /// [`LogError::Trimmed`] if `from` is no longer there, [`LogError::Damaged`] if the bytes are
    /// not what was written.
    pub fn read(&self, from: Seq, limit: ReadLimit) -> Result<Vec<RawEntry>, LogError> {
        match &self.0 {
            Storage::File(log) => log.read(from, limit),
            Storage::Memory(log) => log.read(from, limit),
        }
    }

    /// As [`Log::size_bytes`](super::Log::size_bytes).
    pub fn size_bytes(&self) -> u64 {
        match &self.0 {
            Storage::File(log) => log.size_bytes(),
            Storage::Memory(log) => log.size_bytes(),
        }
    }

    /// Waits until there is an entry after `after`, at most so long; returns the last position.
    /// May return early, also without news.
    pub fn wait(&self, after: Seq, timeout: Duration) -> Seq {
        match &self.0 {
            Storage::File(log) => log.wait(after, timeout),
            Storage::Memory(log) => log.wait(after, timeout),
        }
    }

    /// Makes everybody who waits look up.
    pub fn interrupt(&self) {
        match &self.0 {
            Storage::File(log) => log.interrupt(),
            Storage::Memory(log) => log.interrupt(),
        }
    }

    /// Every entry from `from` to the last one at the moment the end is reached.
    pub fn entries(&self, from: Seq) -> Entries {
        Entries {
            reader: self.clone(),
            next: from,
            ready: VecDeque::new(),
            over: false,
        }
    }
}

/// Streams entries in memory of one chunk. Ends at the log's end or after the first error.
pub struct Entries {
    reader: LogReader,
    next: Seq,
    ready: VecDeque<RawEntry>,
    over: bool,
}

impl Iterator for Entries {
    type Item = Result<RawEntry, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ready.is_empty() && !self.over {
            match self.reader.read(self.next, ReadLimit::CHUNK) {
                Ok(entries) => self.ready = entries.into(),
                Err(error) => {
                    self.over = true;
                    return Some(Err(error));
                }
            }
        }
        let entry = self.ready.pop_front();
        match &entry {
            Some(entry) => self.next = entry.seq.next(),
            None => self.over = true,
        }
        entry.map(Ok)
    }
}
