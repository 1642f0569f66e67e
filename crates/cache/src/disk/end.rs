//! The end of the log, where the disk's thread and those that write before they answer bring what
//! is pending into the file.

use super::log::{GATHER_BYTES, Log};
use super::tail::{Tail, Unsynced};
use parking_lot::MutexGuard;
use std::io;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// More than this is synced before its second is over: one large sync holds up all others on its
/// disk, such as that of a message.
pub(super) const SYNC_BYTES: u64 = 1 << 20;

/// The file that entries go to, and what its writers share.
pub(in super::super) struct End {
    pub(super) tail: Tail,
    /// Why a thread that wanted to write before it answered could not.
    error: Option<io::Error>,
    /// Keeps its memory from write to write.
    taken: Vec<u8>,
}

impl End {
    pub(super) fn new(tail: Tail) -> End {
        End {
            tail,
            error: None,
            taken: Vec::new(),
        }
    }
}

impl Log {
    /// Brings into the file what is pending.
    pub(super) fn flush(&self) -> io::Result<()> {
        let mut end = self.end.lock();
        match end.error.take() {
            Some(error) => Err(error),
            None => self.flush_to(&mut end),
        }
    }

    /// As [`Log::flush`], of a thread that must not wait for long: whoever has the file now will do
    /// it soon.
    pub(super) fn try_flush(&self) {
        let Some(mut end) = self.end.try_lock() else {
            return;
        };
        if end.error.is_some() {
            return;
        }
        let before = (end.tail.unsynced_bytes(), end.tail.written_bytes);
        let outcome = self.flush_to(&mut end);
        let now = (end.tail.unsynced_bytes(), end.tail.written_bytes);
        let calls = match outcome {
            // There is something to sync, or much; or, synced or not, the log may be long by now.
            Ok(()) => {
                (before.0 == 0 && now.0 > 0)
                    || (before.0 < SYNC_BYTES && now.0 >= SYNC_BYTES)
                    || before.1 / SYNC_BYTES < now.1 / SYNC_BYTES
            }
            Err(error) => {
                end.error = Some(error);
                true
            }
        };
        drop(end);
        if calls {
            self.pending.lock().news = true;
            self.wake.notify_one();
        }
    }

    fn flush_to(&self, end: &mut End) -> io::Result<()> {
        end.taken.clear();
        let seq = {
            let mut pending = self.pending.lock();
            std::mem::swap(&mut end.taken, &mut pending.frames);
            pending.next_seq - 1
        };
        let outcome = end.tail.write(&end.taken, seq);
        self.tail_bytes
            .store(end.tail.written_bytes, Ordering::Relaxed);
        if end.taken.capacity() > GATHER_BYTES {
            end.taken = Vec::new();
        }
        outcome
    }

    /// Nobody writes while this is held.
    pub(super) fn hold(&self) -> MutexGuard<'_, End> {
        self.end.lock()
    }

    /// The entries in it so far will not be added to; returns the old file.
    pub(super) fn replace(&self, end: &mut End, tail: Tail) -> Tail {
        self.tail_bytes.store(tail.written_bytes, Ordering::Relaxed);
        end.error = None;
        std::mem::replace(&mut end.tail, tail)
    }

    /// Of the file at the end.
    pub fn tail_bytes(&self) -> u64 {
        self.tail_bytes.load(Ordering::Relaxed)
    }

    /// Brings everything into the file, on disk or not; `false` if that cannot be done now.
    pub fn flush_within(&self, patience: Duration) -> bool {
        let Some(mut end) = self.end.try_lock_for(patience) else {
            return false;
        };
        if end.error.is_none()
            && let Err(error) = self.flush_to(&mut end)
        {
            end.error = Some(error);
        }
        let failed = end.error.is_some();
        drop(end);
        self.pending.lock().news = true;
        self.wake.notify_one();
        !failed
    }

    /// What a sync that begins now covers.
    pub(super) fn unsynced(&self) -> Option<Unsynced> {
        self.end.lock().tail.unsynced()
    }

    /// How much of the file may be lost with the power.
    pub(super) fn unsynced_bytes(&self) -> u64 {
        self.end.lock().tail.unsynced_bytes()
    }

    /// The file at the end has been synced so far.
    pub(super) fn tail_synced(&self, done: &Unsynced) {
        self.end.lock().tail.synced_bytes = done.bytes;
        self.synced(done.seq);
    }
}
