//! Where transactions leave their effects, and how those come into the file.

use super::super::CacheError;
use super::end::End;
use super::tail::Tail;
use super::{DiskStatus, Fsync, frame};
use parking_lot::{Condvar, Mutex};
use std::cell::Cell;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// More than this unwritten means that the disk has stopped keeping up.
const MAX_PENDING_BYTES: usize = 64 << 20;

/// A thread that writes before it answers need not have more than this waiting until then.
pub(super) const GATHER_BYTES: usize = 1 << 20;
/// A log smaller than this is not worth a rewrite, and a larger one is as large as its snapshot: as
/// Redis does it.
const REWRITE_BYTES: u64 = 64 << 20;
const REWRITE_PERCENT: u64 = 100;

thread_local! {
    /// On a thread that answers many at once: the newest entry that nobody has waited for yet.
    static DEFERRED: Cell<Option<u64>> = const { Cell::new(None) };
}

/// The log: what is in memory of it, and the file it goes to. `pending` is locked after shards and
/// after `end`, never before.
pub(in super::super) struct Log {
    /// An [`Fsync`] by its index.
    fsync: AtomicU8,
    /// The log is rewritten when it is larger than this …
    rewrite_bytes: AtomicU64,
    /// … and by so many per cent larger than the snapshot; 0: never.
    rewrite_percent: AtomicU64,
    pub(super) end: Mutex<End>,
    /// Of the file at the end.
    pub(super) tail_bytes: AtomicU64,
    pub(super) pending: Mutex<Pending>,
    pub(super) wake: Condvar,
    progress: watch::Sender<Progress>,
    /// Pairs with `progress_changed` for those who wait without a runtime.
    progress_gate: Mutex<()>,
    progress_changed: Condvar,
}

pub(super) struct Pending {
    pub frames: Vec<u8>,
    salt: u32,
    pub next_seq: u64,
    /// Nothing is kept: a snapshot will cover it.
    broken: bool,
    stop: bool,
    asked_to_rewrite: bool,
    /// There is something to sync, or an error to deal with.
    pub news: bool,
    writer_waits: bool,
}

/// How far entries have got.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    synced_seq: u64,
    lost_seq: u64,
}

/// What the writer woke up for.
pub(super) struct Call {
    pub stop: bool,
    pub asked_to_rewrite: bool,
    pub broken: bool,
}

impl Log {
    pub fn new(fsync: Fsync, salt: u32, next_seq: u64, tail: Tail) -> Log {
        Log {
            tail_bytes: AtomicU64::new(tail.written_bytes),
            end: Mutex::new(End::new(tail)),
            fsync: AtomicU8::new(fsync as u8),
            rewrite_bytes: AtomicU64::new(REWRITE_BYTES),
            rewrite_percent: AtomicU64::new(REWRITE_PERCENT),
            pending: Mutex::new(Pending {
                frames: Vec::new(),
                salt,
                next_seq,
                broken: false,
                stop: false,
                asked_to_rewrite: false,
                news: false,
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
        let writes_itself = DEFERRED.get().is_some() && pending.frames.len() < GATHER_BYTES;
        if pending.writer_waits && !writes_itself {
            self.wake.notify_one();
        }
        seq
    }

    pub fn fsync(&self) -> Fsync {
        match self.fsync.load(Ordering::Relaxed) {
            0 => Fsync::Always,
            1 => Fsync::EverySec,
            _ => Fsync::No,
        }
    }

    /// Whoever waits for the disk and need not any more goes on.
    pub fn set_fsync(&self, fsync: Fsync) {
        self.fsync.store(fsync as u8, Ordering::Relaxed);
        self.advance(|_| {});
        self.wake.notify_one();
    }

    /// Per cent of the snapshot, and bytes.
    pub fn rewrite_rule(&self) -> (u64, u64) {
        let percent = self.rewrite_percent.load(Ordering::Relaxed);
        (percent, self.rewrite_bytes.load(Ordering::Relaxed))
    }

    pub fn set_rewrite_rule(&self, percent: u64, min_bytes: u64) {
        self.rewrite_percent.store(percent, Ordering::Relaxed);
        self.rewrite_bytes.store(min_bytes, Ordering::Relaxed);
        self.wake.notify_one();
    }

    pub(super) fn is_long(&self, status: &DiskStatus) -> bool {
        let (percent, min_bytes) = self.rewrite_rule();
        percent > 0
            && status.tail_bytes > min_bytes
            && status.tail_bytes as u128 * 100 > status.base_bytes as u128 * percent as u128
    }

    /// Whether a snapshot has been asked for that is not begun.
    pub fn is_asked_to_rewrite(&self) -> bool {
        self.pending.lock().asked_to_rewrite
    }

    /// The number of the newest entry.
    pub fn last_seq(&self) -> u64 {
        self.pending.lock().next_seq - 1
    }

    /// Waits until an entry is on disk, where that was asked for.
    pub async fn settled(&self, seq: Option<u64>) -> Result<(), CacheError> {
        let (Some(seq), Fsync::Always) = (seq, self.fsync()) else {
            return Ok(());
        };
        let mut progress = self.progress.subscribe();
        let decided = |progress: &Progress| progress.decided(seq) || self.fsync() != Fsync::Always;
        match progress.wait_for(decided).await {
            Ok(_) if self.fsync() != Fsync::Always => Ok(()),
            Ok(progress) => progress.verdict(seq),
            Err(_) => Err(CacheError::NotDurable("the cache has been closed".into())),
        }
    }

    /// As [`Log::settled`], blocking the thread, unless that waits for many at once.
    pub fn settle(&self, seq: Option<u64>) -> Result<(), CacheError> {
        let Some(seq) = seq else {
            return Ok(());
        };
        if let Some(before) = DEFERRED.get() {
            DEFERRED.set(Some(before.max(seq)));
            return Ok(());
        }
        match self.fsync() {
            Fsync::Always => self.wait_for(seq),
            Fsync::EverySec | Fsync::No => Ok(()),
        }
    }

    /// From now on this thread waits for the disk only here, for everything since the last time;
    /// where it need not wait, everything is at least in the file, which outlives the process.
    pub fn settle_deferred(&self) -> Result<(), CacheError> {
        match (DEFERRED.replace(Some(0)), self.fsync()) {
            (None | Some(0), _) => Ok(()),
            (Some(seq), Fsync::Always) => {
                self.wake.notify_one();
                self.wait_for(seq)
            }
            (Some(_), Fsync::EverySec | Fsync::No) => {
                self.try_flush();
                Ok(())
            }
        }
    }

    fn wait_for(&self, seq: u64) -> Result<(), CacheError> {
        let mut gate = self.progress_gate.lock();
        loop {
            let progress = *self.progress.borrow();
            if self.fsync() != Fsync::Always {
                return Ok(());
            }
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

    /// Waits until something is to be done, or for as long as `patience`; does not wait without.
    pub(super) fn called(&self, patience: Option<Duration>) -> Call {
        let mut pending = self.pending.lock();
        if let Some(patience) = patience
            && pending.frames.is_empty()
            && !pending.stop
            && !pending.asked_to_rewrite
            && !pending.news
        {
            pending.writer_waits = true;
            self.wake.wait_for(&mut pending, patience);
            pending.writer_waits = false;
        }
        pending.news = false;
        Call {
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
