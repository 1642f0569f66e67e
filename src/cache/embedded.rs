//! The cache of this process.

use super::disk::{self, Writer};
use super::keyspace::Keyspace;
use super::pubsub::Hub;
use super::shard::{SHARDS, Shard};
use super::{Clock, Cut, DATABASES, DiskStatus, Fsync, Limits, OpenError};
use parking_lot::{Condvar, Mutex};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

/// Keys removed for each time a shard is locked: some tens of microseconds.
const EXPIRE_BATCH: usize = 64;
const EXPIRE_EVERY: Duration = Duration::from_millis(100);

/// How to open an [`Embedded`] cache.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it is kept; `None` keeps it in memory only.
    pub path: Option<PathBuf>,
    /// When writes are forced to the disk.
    pub fsync: Fsync,
    /// Writes that would need more memory fail; `None` is no limit.
    pub max_bytes: Option<u64>,
    /// How much may wait for each subscriber.
    pub subscriber: Limits,
    /// Where time comes from. With a manual clock, expired keys are freed only by
    /// [`Embedded::expire`] (they are gone for every command all the same).
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            path: None,
            fsync: Fsync::default(),
            max_bytes: None,
            subscriber: Limits::default(),
            clock: Clock::system(),
        }
    }
}

/// What was found when a cache was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Keys that live.
    pub keys: u64,
    /// Keys whose deadline had passed meanwhile.
    pub expired: u64,
    /// What a crash had left torn, now cut away.
    pub cuts: Vec<Cut>,
}

/// Figures since the start, and of now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Reading commands that found their key.
    pub hits: u64,
    /// Reading commands that did not.
    pub misses: u64,
    /// Keys that ended by their deadline.
    pub expired: u64,
    /// Bytes that keys and values use.
    pub used_bytes: u64,
    /// For each database, keys, and how many of those have a deadline.
    pub keys: [(u64, u64); DATABASES as usize],
}

/// The cache of this process; the promises are those of [`super::Cache`]. Dropping it writes and
/// syncs everything.
///
/// The methods of the same names as the trait's are synchronous and box nothing. With
/// [`Fsync::Always`] their writes block the thread until the disk has answered, so on a runtime use
/// the trait's there.
pub struct Embedded {
    pub(super) space: Arc<Keyspace>,
    pub(super) hub: Arc<Hub>,
    pub(super) subscriber: Limits,
    report: LoadReport,
    /// Dropped before `writer`.
    _sweeper: Option<Sweeper>,
    writer: Option<Writer>,
}

impl Embedded {
    /// Opens a cache, loading what its directory holds. The caller sees to it that no other process
    /// uses the directory.
    pub fn open(options: Options) -> Result<Embedded, OpenError> {
        let mut report = LoadReport::default();
        let (space, writer) = match &options.path {
            None => {
                let shards = (0..SHARDS).map(|_| Shard::default()).collect();
                let space = Keyspace::new(shards, options.clock.clone(), None, options.max_bytes);
                (Arc::new(space), None)
            }
            Some(path) => {
                let loaded = disk::load(path, &options.clock)?;
                report.cuts = loaded.cuts;
                report.expired = loaded.expired as u64;
                let (tail, log) =
                    Writer::begin(path, loaded.generation, loaded.next_seq, options.fsync)?;
                for effects in &loaded.removals {
                    log.append(effects);
                }
                let space = Arc::new(Keyspace::new(
                    loaded.shards,
                    options.clock.clone(),
                    Some(log.clone()),
                    options.max_bytes,
                ));
                let status = DiskStatus {
                    base_bytes: loaded.base_bytes,
                    tail_bytes: loaded.tail_bytes,
                    ..DiskStatus::default()
                };
                let writer = Writer::start(
                    space.clone(),
                    log,
                    tail,
                    loaded.generation,
                    status,
                    loaded.tails,
                )
                .map_err(|source| OpenError::Io {
                    action: "start the writing thread for",
                    path: path.clone(),
                    source,
                })?;
                (space, Some(writer))
            }
        };
        let sweeper = match &options.clock {
            Clock::System(_) => Some(Sweeper::start(space.clone())),
            Clock::Manual(_) => None,
        };
        let mut cache = Embedded {
            space,
            hub: Arc::default(),
            subscriber: options.subscriber,
            report,
            _sweeper: sweeper,
            writer,
        };
        cache.report.keys = cache.stats().keys.iter().map(|(keys, _)| keys).sum();
        Ok(cache)
    }

    /// A cache in memory only.
    pub fn in_memory() -> Embedded {
        let shards = (0..SHARDS).map(|_| Shard::default()).collect();
        let space = Arc::new(Keyspace::new(shards, Clock::system(), None, None));
        Embedded {
            _sweeper: Some(Sweeper::start(space.clone())),
            space,
            hub: Arc::default(),
            subscriber: Limits::default(),
            report: LoadReport::default(),
            writer: None,
        }
    }

    /// What was found when it was opened.
    pub fn load_report(&self) -> &LoadReport {
        &self.report
    }

    /// Where this cache takes its time from.
    pub fn clock(&self) -> &Clock {
        &self.space.clock
    }

    /// Bytes that keys and values use, with what tables add.
    pub fn used_bytes(&self) -> u64 {
        self.space.used_bytes.load(Ordering::Relaxed)
    }

    /// Figures; visits all shards.
    pub fn stats(&self) -> Stats {
        let mut stats = Stats {
            used_bytes: self.used_bytes(),
            ..Stats::default()
        };
        for shard in &self.space.shards {
            let shard = shard.lock();
            stats.hits += shard.hits;
            stats.misses += shard.misses;
            stats.expired += shard.expired;
            for (db, (keys, mortal)) in (0..).zip(&mut stats.keys) {
                let (shard_keys, shard_mortal) = shard.len(db);
                *keys += shard_keys as u64;
                *mortal += shard_mortal as u64;
            }
        }
        stats
    }

    /// How the files are doing; `None` without files.
    pub fn disk_status(&self) -> Option<DiskStatus> {
        self.writer.as_ref().map(Writer::status)
    }

    /// Starts writing a new snapshot, to replace the log; does not wait for it.
    pub fn rewrite(&self) {
        if let Some(log) = &self.space.log {
            log.ask_to_rewrite();
        }
    }

    /// Frees all keys whose deadline has passed; answers how many. Happens by itself, a little
    /// behind, unless the clock is a manual one.
    pub fn expire(&self) -> usize {
        self.space.expire(EXPIRE_BATCH)
    }

    /// Ends all subscriptions and stops writing, with everything on disk. Dropping does the same.
    pub fn close(self) {
        drop(self);
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.hub.close();
        // Also on disk, what has ended has ended.
        self.expire();
    }
}

/// The thread that frees expired keys.
struct Sweeper {
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl Sweeper {
    fn start(space: Arc<Keyspace>) -> Sweeper {
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let stopped = stop.clone();
        let thread = std::thread::Builder::new()
            .name("cache-expiry".into())
            .spawn(move || {
                let (stopped, changed) = &*stopped;
                let mut guard = stopped.lock();
                while !*guard {
                    changed.wait_for(&mut guard, EXPIRE_EVERY);
                    parking_lot::MutexGuard::unlocked(&mut guard, || space.expire(EXPIRE_BATCH));
                }
            })
            .inspect_err(|error| {
                tracing::error!(%error, "expired keys are only freed when they are touched");
            })
            .ok();
        Sweeper { stop, thread }
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        *self.stop.0.lock() = true;
        self.stop.1.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
