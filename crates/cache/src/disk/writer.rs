//! The thread that owns the files.

use super::super::OpenError;
use super::super::keyspace::Keyspace;
use super::doomed::Doomed;
use super::end::SYNC_BYTES;
use super::files::{Dir, fresh_salt, io_error};
use super::log::Log;
use super::tail::Tail;
use super::{DiskStatus, Fsync, snapshot};
use parking_lot::Mutex;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// After this many starts without a rewrite there is one, to be rid of many small files.
const MAX_TAILS: usize = 8;
const SYNC_EVERY: Duration = Duration::from_secs(1);
/// Where writes need not be synced at once, they are gathered this long.
const GATHER: Duration = Duration::from_millis(2);
const RETRY_AFTER: Duration = Duration::from_secs(3);
const IDLE: Duration = Duration::from_secs(60);

/// What was there at the start.
pub(in super::super) struct Found {
    pub tails: usize,
    /// Damaged files, and where they are kept once there is a new base.
    pub set_aside: Vec<(PathBuf, PathBuf)>,
    /// Files are missing.
    pub is_lacking: bool,
    /// Why there is no new tail.
    pub error: Option<io::Error>,
}

/// Stops and joins the thread when dropped; all that was committed before is then on disk.
pub(in super::super) struct Writer {
    log: Arc<Log>,
    status: Arc<Mutex<DiskStatus>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Begins a new tail; answers it with the log that will fill it. Where that cannot be, as on a
    /// full disk, the cache goes on in memory, and it is tried again.
    pub fn begin(
        path: &Path,
        generation: u64,
        next_seq: u64,
        fsync: Fsync,
    ) -> Result<(Arc<Log>, Option<io::Error>), OpenError> {
        let dir = Dir(path.to_path_buf());
        let salt = fresh_salt();
        let (tail, error) = match Tail::create(&dir, generation, salt, next_seq, false) {
            Ok(tail) => (tail, None),
            Err(error) => {
                let _ = std::fs::remove_file(dir.tail(generation));
                let nowhere = Path::new("/dev/null");
                let tail = Tail::nowhere(nowhere, salt, next_seq);
                (tail.map_err(io_error("open", nowhere))?, Some(error))
            }
        };
        let log = Arc::new(Log::new(fsync, salt, next_seq, tail));
        Ok((log, error))
    }

    /// Starts the thread.
    pub fn start(
        path: &Path,
        space: Arc<Keyspace>,
        log: Arc<Log>,
        generation: u64,
        status: DiskStatus,
        found: Found,
    ) -> io::Result<Writer> {
        let dir = Dir(path.to_path_buf());
        let older_tail_bytes = status.tail_bytes;
        let status = Arc::new(Mutex::new(status));
        let is_damaged = !found.set_aside.is_empty() || found.is_lacking;
        let mut worker = Worker {
            dir,
            space,
            log: log.clone(),
            generation,
            older_tail_bytes,
            status: status.clone(),
            doomed: Doomed::default(),
            last_sync: Instant::now(),
            not_before: Instant::now(),
            broken: false,
            tail_failed: false,
            set_aside: found.set_aside,
        };
        if let Some(error) = &found.error {
            worker.fail(error);
        }
        if found.tails > MAX_TAILS || is_damaged {
            log.ask_to_rewrite();
        }
        let thread = std::thread::Builder::new()
            .name("cache-disk".into())
            .spawn(move || worker.run())?;
        Ok(Writer {
            log,
            status,
            thread: Some(thread),
        })
    }

    pub fn status(&self) -> DiskStatus {
        self.status.lock().clone()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.log.stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the cache's disk thread panicked; its last writes may be lost");
        }
    }
}

struct Worker {
    dir: Dir,
    space: Arc<Keyspace>,
    log: Arc<Log>,
    generation: u64,
    /// Of the tails before this one, since the base.
    older_tail_bytes: u64,
    status: Arc<Mutex<DiskStatus>>,
    doomed: Doomed,
    last_sync: Instant,
    /// No rewrite before this moment, since the last one failed.
    not_before: Instant,
    /// The tail cannot be trusted any more; only a new base can go on.
    broken: bool,
    /// The last failure was one of the tail, not of the new base.
    tail_failed: bool,
    /// Damaged files and their new names.
    set_aside: Vec<(PathBuf, PathBuf)>,
}

impl Worker {
    fn run(mut self) {
        loop {
            let mut call = self.log.called(Some(self.patience()));
            if call.broken && !self.broken {
                self.fail(&io::Error::other("the disk does not keep up"));
            }
            if self.broken {
                if (call.stop || Instant::now() >= self.not_before) && self.rewrite().is_ok() {
                    call.asked_to_rewrite = false;
                }
            } else if let Err(error) = self.flush().and_then(|()| self.sync_in_time()) {
                self.fail(&error);
            }
            if call.stop {
                self.finish();
                return;
            }
            if !self.broken && (call.asked_to_rewrite || self.is_long()) {
                // A failure is told by `rewrite` itself.
                let _ = self.rewrite();
            }
            self.doomed.shorten_in_time();
            if self.log.fsync() != Fsync::Always {
                std::thread::sleep(GATHER);
            }
        }
    }

    fn patience(&self) -> Duration {
        let patience = if self.broken {
            self.not_before.saturating_duration_since(Instant::now())
        } else if self.log.fsync() == Fsync::EverySec && self.log.unsynced_bytes() > 0 {
            SYNC_EVERY.saturating_sub(self.last_sync.elapsed())
        } else {
            IDLE
        };
        self.doomed
            .patience()
            .map_or(patience, |soon| soon.min(patience))
    }

    /// Brings what has come into the file.
    fn flush(&mut self) -> io::Result<()> {
        let outcome = self.log.flush();
        self.status.lock().tail_bytes = self.older_tail_bytes + self.log.tail_bytes();
        outcome
    }

    fn sync_in_time(&mut self) -> io::Result<()> {
        let due = match self.log.fsync() {
            Fsync::Always => true,
            Fsync::EverySec => {
                self.last_sync.elapsed() >= SYNC_EVERY || self.log.unsynced_bytes() >= SYNC_BYTES
            }
            Fsync::No => false,
        };
        if due { self.sync() } else { Ok(()) }
    }

    /// Others go on writing meanwhile.
    fn sync(&mut self) -> io::Result<()> {
        if let Some(unsynced) = self.log.unsynced() {
            unsynced.file.sync_data()?;
            self.log.tail_synced(&unsynced);
        }
        self.last_sync = Instant::now();
        Ok(())
    }

    /// Brings what has come meanwhile into the file.
    fn drain(&mut self) -> io::Result<()> {
        let call = self.log.called(None);
        if call.broken {
            return Err(io::Error::other("the disk does not keep up"));
        }
        if call.asked_to_rewrite {
            self.log.ask_to_rewrite();
        }
        self.flush()?;
        self.sync_in_time()
    }

    /// Everything to disk, and a mark that says so: from here on any damage is noticed.
    fn finish(&mut self) {
        self.doomed.remove();
        if self.broken {
            tracing::error!("the cache stops with writes that are not on disk");
            return;
        }
        let done = self.drain().and_then(|()| self.sync()).and_then(|()| {
            let mut end = self.log.hold();
            end.tail.mark().and_then(|()| end.tail.sync())
        });
        if let Err(error) = done {
            tracing::error!(%error, "the cache could not write its last changes");
        }
    }

    fn is_long(&self) -> bool {
        let status = self.status.lock();
        self.log.is_long(&status) && Instant::now() >= self.not_before
    }

    /// What was written since the last sync may or may not be there, and syncing again would not
    /// tell: the way out is a new base from memory, which has it all.
    fn fail(&mut self, error: &io::Error) {
        let path = self.dir.tail(self.generation);
        let before = self.status.lock().error.replace(error.to_string());
        // It is tried every few seconds; the log tells of it once.
        if before.as_deref() != Some(error.to_string().as_str()) {
            tracing::error!(path = %path.display(), %error, "the cache cannot write; it goes on in memory and tries again");
        }
        self.broken = true;
        self.not_before = Instant::now() + RETRY_AFTER;
        self.log.give_up();
    }

    fn rewrite(&mut self) -> Result<(), ()> {
        let began = Instant::now();
        self.status.lock().rewriting_since = Some(began);
        let outcome = self.write_anew();
        let mut status = self.status.lock();
        status.rewriting_since = None;
        status.last_rewrite = Some(began.elapsed());
        status.last_rewrite_failed = outcome.is_err();
        status.failed_rewrites += u64::from(outcome.is_err());
        status.failed_in_a_row = match outcome {
            Ok(()) => 0,
            Err(()) => status.failed_in_a_row + 1,
        };
        outcome
    }

    /// Begins a new tail and writes a new base beside the old files, then removes those.
    fn write_anew(&mut self) -> Result<(), ()> {
        let after_failure = self.broken;
        let generation = self.generation + 1;
        if !after_failure && let Err(error) = self.flush().and_then(|()| self.sync()) {
            // Nearly all of the old tail is on disk before anybody has to wait for the rest.
            self.fail(&error);
            return Err(());
        }
        let (old, number) = match self.begin_tail(generation, after_failure) {
            Ok(begun) => begun,
            Err(error) => {
                let _ = std::fs::remove_file(self.dir.tail(generation));
                self.fail(&error);
                return Err(());
            }
        };
        let older_tail_bytes = self.older_tail_bytes;
        self.older_tail_bytes += old.written_bytes;
        self.generation = generation;
        self.broken = false;

        match self.new_base(generation) {
            Ok(base_bytes) => {
                self.older_tail_bytes = 0;
                let mut status = self.status.lock();
                status.base_bytes = base_bytes;
                status.tail_bytes = self.log.tail_bytes();
                status.rewrites += 1;
                status.saved_seq = number - 1;
                if status.error.take().is_some() {
                    tracing::info!("the cache writes again");
                }
                drop(status);
                self.log.synced(number - 1);
                for (path, aside) in self.set_aside.drain(..) {
                    if let Err(error) = std::fs::rename(&path, &aside) {
                        tracing::error!(path = %path.display(), %error, "a damaged file of the cache cannot be kept");
                    }
                }
                self.doomed.extend(self.dir.before(generation));
                Ok(())
            }
            Err(error) => {
                let _ = std::fs::remove_file(self.dir.unfinished(generation));
                self.not_before = Instant::now() + RETRY_AFTER;
                if after_failure {
                    // Without the base, the new tail has nothing to stand on.
                    let _ = std::fs::remove_file(self.dir.tail(generation));
                    self.log.replace(&mut self.log.hold(), old);
                    self.generation = generation - 1;
                    self.older_tail_bytes = older_tail_bytes;
                }
                if after_failure || self.tail_failed {
                    self.fail(&error);
                } else {
                    tracing::warn!(%error, "the cache could not rewrite its files; it goes on with the old ones");
                }
                Err(())
            }
        }
    }

    /// From here on entries go to a new tail; answers the old one, which is whole and on disk unless
    /// it failed, and the number of the new one's first entry.
    fn begin_tail(&self, generation: u64, after_failure: bool) -> io::Result<(Tail, u64)> {
        let mut end = self.log.hold();
        let salt = fresh_salt();
        let (rest, number) = self.log.turn(salt);
        let begun = (|| {
            if !after_failure {
                end.tail.write(&rest, number - 1)?;
                end.tail.sync()?;
            }
            Tail::create(&self.dir, generation, salt, number, after_failure)
        })();
        match begun {
            Ok(tail) => Ok((self.log.replace(&mut end, tail), number)),
            Err(error) => {
                // What has come for the new file must not get into the old one.
                self.log.give_up();
                Err(error)
            }
        }
    }

    fn new_base(&mut self, generation: u64) -> io::Result<u64> {
        let (space, log, dir) = (self.space.clone(), self.log.clone(), self.dir.clone());
        let unfinished = dir.unfinished(generation);
        self.tail_failed = false;
        let base_bytes = snapshot::write(&unfinished, generation, &space, &log, || {
            let drained = self.drain();
            self.tail_failed = drained.is_err();
            drained
        })?;
        self.tail_failed = true;
        self.drain()?;
        self.sync()?;
        self.tail_failed = false;
        std::fs::rename(&unfinished, dir.base(generation))?;
        dir.sync()?;
        Ok(base_bytes)
    }
}
