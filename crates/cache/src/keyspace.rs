//! All shards, the clock, and the way to the disk: what transactions run on.

use super::disk::Log;
use super::effect::Effect;
use super::evict::{Policy, SAMPLES};
use super::pubsub::Hub;
use super::shard::{SHARDS, Shard};
use super::usage::Counting;
use super::values::{Packing, position};
use super::{CacheError, Clock, DATABASES, Happenings, MAX_ITEM_BYTES, Txn, notify};
use parking_lot::{Mutex, RwLock};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};

pub(super) struct Keyspace {
    pub shards: Box<[Mutex<Shard>]>,
    /// Held by a transaction that locks several shards, so that it may lock them in any order: who
    /// locks one waits for no other.
    pub several: Mutex<()>,
    pub clock: Clock,
    /// `None`: nothing outlives the process.
    pub log: Option<Arc<Log>>,
    pub hub: Arc<Hub>,
    pub used_bytes: AtomicU64,
    /// What else counts towards the limit: what a door holds for its clients.
    pub beside_bytes: AtomicU64,
    /// 0 is no limit.
    pub max_bytes: AtomicU64,
    /// A [`Policy`] by its index.
    pub policy: AtomicU8,
    /// `maxmemory-samples`: keys of a shard that are looked at before one goes.
    pub samples: AtomicU32,
    pub counting: Counting,
    pub evicted: AtomicU64,
    /// [`Happenings`] that are told.
    pub told: AtomicU32,
    /// The second of the monotonic clock, a little behind.
    pub cached_s: AtomicU32,
    pub dice: AtomicU64,
    /// Up to where collections count as small.
    pub packing: RwLock<Packing>,
    /// Whether keys whose deadline has passed are looked for.
    pub sweeps: AtomicBool,
    /// Whether such keys stay where they are, also when they are read.
    pub holds: AtomicBool,
}

impl Keyspace {
    pub fn new(
        shards: Vec<Shard>,
        clock: Clock,
        log: Option<Arc<Log>>,
        max_bytes: Option<u64>,
        policy: Policy,
    ) -> Self {
        debug_assert_eq!(shards.len(), SHARDS);
        let used_bytes = shards.iter().map(|shard| shard.used_bytes as u64).sum();
        let shards = shards
            .into_iter()
            .map(|mut shard| {
                shard.counted_bytes = shard.used_bytes;
                Mutex::new(shard)
            })
            .collect();
        let space = Keyspace {
            shards,
            several: Mutex::new(()),
            clock,
            log,
            hub: Arc::default(),
            used_bytes: AtomicU64::new(used_bytes),
            beside_bytes: AtomicU64::new(0),
            max_bytes: AtomicU64::new(max_bytes.unwrap_or(0)),
            policy: AtomicU8::new(policy.index()),
            samples: AtomicU32::new(SAMPLES),
            counting: Counting::default(),
            evicted: AtomicU64::new(0),
            told: AtomicU32::new(0),
            cached_s: AtomicU32::new(0),
            dice: AtomicU64::new(getrandom::u64().unwrap_or_else(|_| std::process::id().into())),
            packing: RwLock::default(),
            sweeps: AtomicBool::new(true),
            holds: AtomicBool::new(false),
        };
        space.tick();
        space
    }

    /// A transaction on one key.
    pub fn on(&self, db: u8, key: &[u8]) -> Txn<'_> {
        Txn::new(self, db, [shard_of(position(key))])
    }

    /// A transaction on several keys.
    pub fn on_all_of(&self, db: u8, keys: &[&[u8]]) -> Txn<'_> {
        if let [key] = keys {
            return self.on(db, key);
        }
        let mut shards: Vec<u8> = keys.iter().map(|key| shard_of(position(key))).collect();
        shards.sort_unstable();
        shards.dedup();
        Txn::new(self, db, shards)
    }

    /// A transaction on keys that are not known yet.
    pub fn on_demand(&self, db: u8) -> Txn<'_> {
        Txn::growing(self, db)
    }

    /// A transaction on everything.
    pub fn on_everything(&self, db: u8) -> Txn<'_> {
        Txn::new(self, db, (0..SHARDS).map(|index| index as u8))
    }

    /// Adds what changed in a shard to the sum; to be called before its lock is given back.
    pub fn count(&self, shard: &mut Shard) {
        let (before, now) = (shard.counted_bytes as u64, shard.used_bytes as u64);
        if before != now {
            self.used_bytes
                .fetch_add(now.wrapping_sub(before), Ordering::Relaxed);
            shard.counted_bytes = shard.used_bytes;
        }
    }

    /// What is told to subscribers.
    pub fn told(&self) -> Happenings {
        Happenings(self.told.load(Ordering::Relaxed))
    }

    /// Removes keys whose deadline has passed, at most `batch` for each time a lock is held, so
    /// that no command waits for more than that; `between` is called when none is. Answers how many
    /// were removed.
    pub fn expire(&self, batch: usize, between: &mut dyn FnMut()) -> usize {
        let mut removed = 0;
        let mut busy: Vec<usize> = (0..SHARDS).collect();
        let mut gone: Vec<(u8, Box<[u8]>)> = Vec::new();
        while !busy.is_empty() {
            busy.retain(|&index| {
                let told = self.told();
                let mut shard = self.shards[index].lock();
                // Recorded, or a wall clock that is set back would bring them back at the next start.
                let mut effects = Vec::new();
                let now = shard.expire(&self.clock, batch, &mut |db, slot| {
                    if !slot.volatile() && self.log.is_some() {
                        let key = slot.key();
                        Effect::Remove { db, key }.encode(&mut effects);
                    }
                    if told.tells(Happenings::EXPIRED) {
                        gone.push((db, slot.key().into()));
                    }
                });
                self.count(&mut shard);
                if let (Some(log), false) = (&self.log, effects.is_empty()) {
                    log.append(&effects);
                }
                for (db, key) in gone.drain(..) {
                    notify::tell(&self.hub, told, "expired", db, &key);
                }
                removed += now;
                drop(shard);
                if now > 0 {
                    between();
                }
                now == batch
            });
        }
        removed
    }
}

pub(super) fn shard_of(position: u32) -> u8 {
    (position >> 24) as u8
}

pub(super) fn fits(item: &[u8]) -> Result<(), CacheError> {
    if item.len() > MAX_ITEM_BYTES {
        return Err(CacheError::TooLarge {
            size_bytes: item.len(),
            max_bytes: MAX_ITEM_BYTES,
        });
    }
    Ok(())
}

pub(super) fn in_range(db: u8) -> u8 {
    assert!(db < DATABASES, "databases are numbered 0 to 15");
    db
}
