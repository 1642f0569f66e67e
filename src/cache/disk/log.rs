//! Where transactions leave their effects, for the writer to pick up.

use super::super::CacheError;
use super::{Fsync, frame};
use parking_lot::{Condvar, Mutex};
use std::time::Duration;
use tokio::sync::watch;

/// More than this unwritten means that the disk has stopped keeping up.
const MAX_PENDING_BYTES: usize = 64 << 20;

/// The memory side of the log. Locked after shards, never before.
pub(in super::super) struct Log {
    pub fsync: Fsync,
    pending: Mutex<Pending>,
    wake: Condvar,
    progress: watch::Sender<Progress>,
    /// Pairs with `progress_changed` for those who wait without a runtime.
    progress_gate: Mutex<()>,
    progress_changed: Condvar,
}

struct Pending {
    frames: Vec<u8>,
    salt: u32,
    next_seq: u64,
    /// Nothing is kept: a snapshot will cover it.
    broken: bool,
    stop: bool,
    asked_to_rewrite: bool,
    writer_waits: bool,
}

/// How far entries have got.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    synced_seq: u64,
    lost_seq: u64,
}

/// What the writer woke up for.
pub(super) struct Batch {
    pub last_seq: u64,
    pub stop: bool,
    pub asked_to_rewrite: bool,
    pub broken: bool,
}

impl Log {
    pub fn new(fsync: Fsync, salt: u32, next_seq: u64) -> Log {
        Log {
            fsync,
            pending: Mutex::new(Pending {
                frames: Vec::new(),
                salt,
                next_seq,
                broken: false,
                stop: false,
                asked_to_rewrite: false,
                writer_waits: false,
            }),
            wake: Condvar::new(),
            progress: watch::Sender::new(Progress::default()),
            progress_gate: Mutex::new(()),
            progress_changed: Condvar::new(),
        }
    }

    /// Adds one entry; answers its number. Never waits for the disk.
    pub fn append(&self, effects: &[u8]) -> u64 {
        let mut pending = self.pending.lock();
        let seq = pending.next_seq;
        pending.next_seq += 1;
        if !pending.broken {
            let salt = pending.salt;
            frame::append(&mut pending.frames, salt, effects);
            if pending.frames.len() > MAX_PENDING_BYTES {
                pending.broken = true;
                pending.frames = Vec::new();
            }
        }
        if pending.writer_waits {
            self.wake.notify_one();
        }
        seq
    }

    /// The number of the newest entry.
    pub fn last_seq(&self) -> u64 {
        self.pending.lock().next_seq - 1
    }

    /// Waits until an entry is on disk, where that was asked for.
    pub async fn settled(&self, seq: Option<u64>) -> Result<(), CacheError> {
        let (Some(seq), Fsync::Always) = (seq, self.fsync) else {
            return Ok(());
        };
        let mut progress = self.progress.subscribe();
        match progress.wait_for(|progress| progress.decided(seq)).await {
            Ok(progress) => progress.verdict(seq),
            Err(_) => Err(CacheError::NotDurable("the cache has been closed".into())),
        }
    }

    /// As [`Log::settled`], blocking the thread.
    pub fn settle(&self, seq: Option<u64>) -> Result<(), CacheError> {
        let (Some(seq), Fsync::Always) = (seq, self.fsync) else {
            return Ok(());
        };
        let mut gate = self.progress_gate.lock();
        loop {
            let progress = *self.progress.borrow();
            if progress.decided(seq) {
                return progress.verdict(seq);
            }
            self.progress_changed.wait(&mut gate);
        }
    }

    pub fn ask_to_rewrite(&self) {
        self.pending.lock().asked_to_rewrite = true;
        self.wake.notify_one();
    }

    pub fn stop(&self) {
        self.pending.lock().stop = true;
        self.wake.notify_one();
    }

    /// Moves what waits into `into`. With `patience`, waits that long for something to come.
    pub(super) fn take(&self, into: &mut Vec<u8>, patience: Option<Duration>) -> Batch {
        let mut pending = self.pending.lock();
        if let Some(patience) = patience
            && pending.frames.is_empty()
            && !pending.stop
            && !pending.asked_to_rewrite
        {
            pending.writer_waits = true;
            self.wake.wait_for(&mut pending, patience);
            pending.writer_waits = false;
        }
        into.clear();
        std::mem::swap(into, &mut pending.frames);
        Batch {
            last_seq: pending.next_seq - 1,
            stop: pending.stop,
            asked_to_rewrite: std::mem::take(&mut pending.asked_to_rewrite),
            broken: pending.broken,
        }
    }

    /// From here on entries belong to another file, with this salt. Answers what still belongs to
    /// the old one, and the number of the first entry of the new one.
    pub(super) fn turn(&self, salt: u32) -> (Vec<u8>, u64) {
        let mut pending = self.pending.lock();
        pending.salt = salt;
        pending.broken = false;
        (std::mem::take(&mut pending.frames), pending.next_seq)
    }

    pub(super) fn synced(&self, seq: u64) {
        self.advance(|progress| progress.synced_seq = progress.synced_seq.max(seq));
    }

    /// Entries up to now will not come to disk by way of the log.
    pub(super) fn give_up(&self) {
        let lost = {
            let mut pending = self.pending.lock();
            pending.broken = true;
            pending.frames = Vec::new();
            pending.next_seq - 1
        };
        self.advance(|progress| progress.lost_seq = progress.lost_seq.max(lost));
    }

    fn advance(&self, change: impl FnOnce(&mut Progress)) {
        let _gate = self.progress_gate.lock();
        self.progress.send_modify(change);
        self.progress_changed.notify_all();
    }
}

impl Progress {
    fn decided(&self, seq: u64) -> bool {
        self.synced_seq >= seq || self.lost_seq >= seq
    }

    fn verdict(&self, seq: u64) -> Result<(), CacheError> {
        if self.synced_seq >= seq {
            return Ok(());
        }
        Err(CacheError::NotDurable(
            "writing to the cache directory failed; is the disk full?".into(),
        ))
    }
}
