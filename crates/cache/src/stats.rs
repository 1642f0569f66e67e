//! Figures of all shards together.

use super::keyspace::Keyspace;
use super::shard::Shard;
use super::{DATABASES, Txn};
use std::sync::atomic::Ordering;

/// Keys of each shard and database whose deadlines are looked at for the average.
const TTL_SAMPLE: usize = 4;

/// Figures since the start, and of now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Reading commands that found their key.
    pub hits: u64,
    /// Reading commands that did not.
    pub misses: u64,
    /// Keys that ended by their deadline.
    pub expired: u64,
    /// Keys that were made, changed or removed, each time.
    pub changes: u64,
    /// Keys that had to go for want of memory.
    pub evicted: u64,
    /// Bytes that keys and values use.
    pub used_bytes: u64,
    /// For each database, keys, and how many of those have a deadline.
    pub keys: [(u64, u64); DATABASES as usize],
    /// For each database, how long its keys with a deadline still live, in milliseconds, as a few
    /// of them say.
    pub ttl_ms: [u64; DATABASES as usize],
}

/// [`Stats`] while shards are added.
pub(super) struct StatsSum {
    stats: Stats,
    /// For each database, keys whose deadlines were looked at.
    sampled: [u64; DATABASES as usize],
    now_ms: u64,
}

impl StatsSum {
    pub fn new(space: &Keyspace) -> StatsSum {
        StatsSum {
            stats: Stats {
                used_bytes: space.used_bytes.load(Ordering::Relaxed),
                evicted: space.evicted.load(Ordering::Relaxed),
                ..Stats::default()
            },
            sampled: [0; DATABASES as usize],
            now_ms: space.clock.monotonic_ms(),
        }
    }

    pub fn add(&mut self, shard: &Shard) {
        let stats = &mut self.stats;
        for (db, table) in shard.tables() {
            for slot in table.sample_mortal(None, TTL_SAMPLE) {
                let ends_ms = slot.deadline().map_or(0, |deadline| deadline.monotonic_ms);
                stats.ttl_ms[usize::from(db)] += ends_ms.saturating_sub(self.now_ms);
                self.sampled[usize::from(db)] += 1;
            }
        }
        stats.hits += shard.hits;
        stats.misses += shard.misses;
        stats.expired += shard.expired;
        stats.changes += shard.modifications;
        for (db, (keys, mortal)) in (0..).zip(&mut stats.keys) {
            let (shard_keys, shard_mortal) = shard.len(db);
            *keys += shard_keys as u64;
            *mortal += shard_mortal as u64;
        }
    }

    pub fn finish(self) -> Stats {
        let mut stats = self.stats;
        for (ttl_ms, sampled) in stats.ttl_ms.iter_mut().zip(self.sampled) {
            *ttl_ms = ttl_ms.checked_div(sampled).unwrap_or(0);
        }
        stats
    }
}

/// For a transaction on everything: the shards are locked by it already.
impl Txn<'_> {
    /// See [`Embedded::stats`](crate::Embedded::stats).
    pub fn stats(&mut self) -> Stats {
        let mut sum = StatsSum::new(self.space);
        self.guards().for_each(|shard| sum.add(shard));
        sum.finish()
    }

    /// See [`Embedded::reset_stats`](crate::Embedded::reset_stats).
    pub fn reset_stats(&mut self) {
        self.space.evicted.store(0, Ordering::Relaxed);
        self.guards().for_each(Shard::reset_stats);
    }
}
