//! The cache of this process.

use super::disk::{self, Found, Writer};
use super::keyspace::Keyspace;
use super::shard::{SHARDS, Shard};
use super::stats::{Stats, StatsSum};
use super::{
    CacheError, Clock, Cut, Damage, DiskStatus, Fsync, Gone, Happenings, Limits, OpenError, Policy,
};
use parking_lot::{Condvar, Mutex};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Keys removed for each time a shard is locked: some tens of microseconds.
const EXPIRE_BATCH: usize = 64;
const EXPIRE_EVERY: Duration = Duration::from_millis(100);
/// When many keys end at once, their removal leaves most of a core to those who wait for one.
const EXPIRE_BURST: Duration = Duration::from_micros(300);
const EXPIRE_REST: Duration = Duration::from_micros(700);

/// What was salvaged is written anew within this time, or meanwhile.
const REWRITE_PATIENCE: Duration = Duration::from_secs(5);

/// How to open an [`Embedded`] cache.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it is kept; `None` keeps it in memory only.
    pub path: Option<PathBuf>,
    /// When writes are forced to the disk.
    pub fsync: Fsync,
    /// With more in use than this, keys go as the policy says, or writes fail; `None` is no limit.
    pub max_bytes: Option<u64>,
    /// What goes when memory is short.
    pub policy: Policy,
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
            policy: Policy::default(),
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
    /// Files that were damaged or missing.
    pub damages: Vec<Damage>,
    /// Keys that were lost with them.
    pub gone: Gone,
}

/// The cache of this process; the promises are those of [`super::Cache`]. Dropping it writes and
/// syncs everything.
///
/// The methods of the same names as the trait's are synchronous and box nothing. With
/// [`Fsync::Always`] their writes block the thread until the disk has answered, so on a runtime use
/// the trait's there.
pub struct Embedded {
    pub(super) space: Arc<Keyspace>,
    pub(super) subscriber: Limits,
    report: LoadReport,
    path: Option<PathBuf>,
    /// Dropped before `writer`.
    _sweeper: Option<Sweeper>,
    writer: Option<Writer>,
}

impl std::fmt::Debug for Embedded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Embedded").finish_non_exhaustive()
    }
}

impl Embedded {
    /// Opens a cache, loading what its directory holds. The caller sees to it that no other process
    /// uses the directory.
    pub fn open(options: Options) -> Result<Embedded, OpenError> {
        let mut report = LoadReport::default();
        let (space, writer) = match &options.path {
            None => {
                let shards = (0..SHARDS).map(|_| Shard::default()).collect();
                let space = Keyspace::new(
                    shards,
                    options.clock.clone(),
                    None,
                    options.max_bytes,
                    options.policy,
                );
                (Arc::new(space), None)
            }
            Some(path) => {
                let loaded = disk::load(path, &options.clock)?;
                for Cut {
                    path,
                    offset,
                    lost_bytes,
                } in &loaded.cuts
                {
                    tracing::warn!(path = %path.display(), offset, lost_bytes, "a crash had left the end of the cache's log torn; it was cut");
                }
                disk::tell(&loaded.damages, &loaded.gone);
                let set_aside = loaded.damages.iter().filter_map(|damage| {
                    let aside = damage.aside.clone().filter(|aside| !aside.exists())?;
                    Some((damage.path.clone(), aside))
                });
                let set_aside: Vec<_> = set_aside.collect();
                let is_lacking = loaded.damages.iter().any(|damage| damage.offset.is_none());
                report.cuts = loaded.cuts;
                report.damages = loaded.damages;
                report.gone = loaded.gone;
                report.expired = loaded.expired as u64;
                let (log, error) =
                    Writer::begin(path, loaded.generation, loaded.next_seq, options.fsync)?;
                for effects in &loaded.removals {
                    log.append(effects);
                }
                let space = Arc::new(Keyspace::new(
                    loaded.shards,
                    options.clock.clone(),
                    Some(log.clone()),
                    options.max_bytes,
                    options.policy,
                ));
                let status = DiskStatus {
                    base_bytes: loaded.base_bytes,
                    saved_seq: loaded.next_seq - 1,
                    tail_bytes: loaded.tail_bytes,
                    ..DiskStatus::default()
                };
                let writer = Writer::start(
                    path,
                    space.clone(),
                    log,
                    loaded.generation,
                    status,
                    Found {
                        tails: loaded.tails,
                        set_aside,
                        is_lacking,
                        error,
                    },
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
            subscriber: options.subscriber,
            report,
            path: options.path,
            _sweeper: sweeper,
            writer,
        };
        if !cache.report.damages.is_empty() {
            cache.await_rewrite();
        }
        cache.report.keys = cache.stats().keys.iter().map(|(keys, _)| keys).sum();
        Ok(cache)
    }

    /// Until what was salvaged stands in new files, or cannot be written now.
    fn await_rewrite(&self) {
        let began = Instant::now();
        while began.elapsed() < REWRITE_PATIENCE
            && let Some(writer) = &self.writer
            && let status = writer.status()
            && status.rewrites + status.failed_rewrites == 0
        {
            std::thread::sleep(REWRITE_PATIENCE / 1000);
        }
    }

    /// A cache in memory only.
    pub fn in_memory() -> Embedded {
        let shards = (0..SHARDS).map(|_| Shard::default()).collect();
        let space = Keyspace::new(shards, Clock::system(), None, None, Policy::default());
        let space = Arc::new(space);
        Embedded {
            _sweeper: Some(Sweeper::start(space.clone())),
            space,
            subscriber: Limits::default(),
            report: LoadReport::default(),
            path: None,
            writer: None,
        }
    }

    /// What was found when it was opened.
    pub fn load_report(&self) -> &LoadReport {
        &self.report
    }

    /// Where it is kept; `None` keeps it in memory only.
    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Where this cache takes its time from.
    pub fn clock(&self) -> &Clock {
        &self.space.clock
    }

    /// Bytes that keys and values use, with what tables add.
    pub fn used_bytes(&self) -> u64 {
        self.space.used_bytes.load(Ordering::Relaxed)
    }

    /// Large values and databases that were removed and still take memory.
    pub fn being_freed(&self) -> u64 {
        super::remains::waiting()
    }

    /// Bytes that the tables of a cache without keys use.
    pub fn fixed_bytes(&self) -> u64 {
        (SHARDS * size_of::<Mutex<Shard>>() + size_of::<Keyspace>()) as u64
    }

    /// Figures; visits all shards. Within a transaction, see [`Txn::stats`](crate::Txn::stats).
    pub fn stats(&self) -> Stats {
        let mut sum = StatsSum::new(&self.space);
        for shard in &self.space.shards {
            sum.add(&shard.lock());
        }
        sum.finish()
    }

    /// Counts hits, misses, expired and evicted keys anew. Within a transaction, see
    /// [`Txn::reset_stats`](crate::Txn::reset_stats).
    pub fn reset_stats(&self) {
        self.space.evicted.store(0, Ordering::Relaxed);
        for shard in &self.space.shards {
            shard.lock().reset_stats();
        }
    }

    /// Fails if more memory is in use than the limit allows and nothing may go. To be called before
    /// commands that may need more, outside of transactions.
    pub fn make_room(&self) -> Result<(), CacheError> {
        self.space.make_room()
    }

    /// The memory limit.
    pub fn max_bytes(&self) -> Option<u64> {
        self.space.limit()
    }

    /// Sets or lifts the memory limit; keys go at the next write.
    pub fn set_max_bytes(&self, max_bytes: Option<u64>) {
        let max_bytes = max_bytes.unwrap_or(0);
        self.space.max_bytes.store(max_bytes, Ordering::Relaxed);
    }

    /// What goes when memory is short.
    pub fn policy(&self) -> Policy {
        self.space.policy()
    }

    /// Sets what goes when memory is short.
    pub fn set_policy(&self, policy: Policy) {
        self.space.policy.store(policy.index(), Ordering::Relaxed);
    }

    /// What happens to keys and is told to subscribers.
    pub fn told(&self) -> Happenings {
        self.space.told()
    }

    /// Sets what is told to subscribers.
    pub fn tell(&self, happenings: Happenings) {
        self.space.told.store(happenings.0, Ordering::Relaxed);
    }

    pub(super) fn writer(&self) -> Option<&Writer> {
        self.writer.as_ref()
    }

    /// Frees all keys whose deadline has passed; answers how many. Happens by itself, a little
    /// behind, unless the clock is a manual one.
    pub fn expire(&self) -> usize {
        self.space.expire(EXPIRE_BATCH, &mut || {})
    }

    /// Ends all subscriptions and stops writing, with everything on disk. Dropping does the same.
    pub fn close(self) {
        drop(self);
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.space.hub.close();
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
                    space.tick();
                    if space.sweeps.load(Ordering::Relaxed) && !space.holds.load(Ordering::Relaxed)
                    {
                        parking_lot::MutexGuard::unlocked(&mut guard, || {
                            let mut burst = Instant::now();
                            space.expire(EXPIRE_BATCH, &mut || {
                                if burst.elapsed() < EXPIRE_BURST {
                                    return;
                                }
                                let mut guard = stopped.lock();
                                if !*guard {
                                    changed.wait_for(&mut guard, EXPIRE_REST);
                                }
                                burst = Instant::now();
                            })
                        });
                    }
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
