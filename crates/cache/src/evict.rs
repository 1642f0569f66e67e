//! What goes when memory is short.

use super::keyspace::Keyspace;
use super::shard::SHARDS;
use super::slot::Slot;
use super::{CacheError, Embedded, Happenings};
use std::sync::atomic::Ordering;

/// Which keys may go, and which of those go first; Redis's names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// None: what needs more memory fails.
    #[default]
    NoEviction,
    /// Any, the longest unused first.
    AllKeysLru,
    /// Those with a deadline, the longest unused first.
    VolatileLru,
    /// Any, the least used first.
    AllKeysLfu,
    /// Those with a deadline, the least used first.
    VolatileLfu,
    /// Any.
    AllKeysRandom,
    /// Any with a deadline.
    VolatileRandom,
    /// Those that would end first.
    VolatileTtl,
}

/// All policies by their names.
const NAMES: [(&str, Policy); 8] = [
    ("noeviction", Policy::NoEviction),
    ("allkeys-lru", Policy::AllKeysLru),
    ("volatile-lru", Policy::VolatileLru),
    ("allkeys-lfu", Policy::AllKeysLfu),
    ("volatile-lfu", Policy::VolatileLfu),
    ("allkeys-random", Policy::AllKeysRandom),
    ("volatile-random", Policy::VolatileRandom),
    ("volatile-ttl", Policy::VolatileTtl),
];

impl Policy {
    /// From its name.
    pub fn parse(name: &str) -> Option<Policy> {
        let name = name.to_ascii_lowercase();
        NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, policy)| *policy)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|(_, policy)| *policy == self)
            .map_or("noeviction", |(name, _)| name)
    }

    /// Whether use is counted instead of dated.
    pub fn counts_use(self) -> bool {
        matches!(self, Policy::AllKeysLfu | Policy::VolatileLfu)
    }

    /// Whether it matters when or how often keys are used.
    pub fn looks_at_use(self) -> bool {
        use Policy::{AllKeysLfu, AllKeysLru, VolatileLfu, VolatileLru};
        matches!(self, AllKeysLru | AllKeysLfu | VolatileLru | VolatileLfu)
    }

    pub(super) fn from_index(index: u8) -> Policy {
        NAMES
            .get(usize::from(index))
            .map_or(Policy::NoEviction, |(_, policy)| *policy)
    }

    pub(super) fn index(self) -> u8 {
        NAMES
            .iter()
            .position(|(_, policy)| *policy == self)
            .unwrap_or(0) as u8
    }

    fn spares_immortal(self) -> bool {
        use Policy::{VolatileLfu, VolatileLru, VolatileRandom, VolatileTtl};
        matches!(
            self,
            VolatileLru | VolatileLfu | VolatileRandom | VolatileTtl
        )
    }
}

/// Shards looked at before a key is chosen.
const DRAWS: u32 = 4;
/// Keys in each, unless it is set.
pub(super) const SAMPLES: u32 = 5;
/// So often shards are drawn by chance in vain before all are looked at, one after the other.
const TRIES: usize = 8;
/// Then there is nothing that may go.
const PATIENCE: usize = TRIES + SHARDS / DRAWS as usize;
/// An empty cache takes more than this.
const EMPTY_BYTES: u64 = 4096;
/// The appliance's own keys begin like this, in database 0. Nothing evicts them: a missing session
/// would sign somebody out, and a missing throttle would open a door.
const OWN: &[u8] = b"maru:";

/// Whether a key is the appliance's own.
pub(super) fn is_own(db: u8, key: &[u8]) -> bool {
    db == 0 && key.starts_with(OWN)
}

impl Keyspace {
    /// The limit, if there is one.
    pub fn limit(&self) -> Option<u64> {
        Some(self.max_bytes.load(Ordering::Relaxed)).filter(|&max_bytes| max_bytes > 0)
    }

    pub fn policy(&self) -> Policy {
        Policy::from_index(self.policy.load(Ordering::Relaxed))
    }

    /// Makes room as the policy says, if more is in use than the limit allows; fails if that is not
    /// possible. No lock of a shard may be held.
    pub fn make_room(&self) -> Result<(), CacheError> {
        let Some(max_bytes) = self.limit() else {
            return Ok(());
        };
        let policy = self.policy();
        let mut in_vain = 0;
        loop {
            let beside_bytes = self.beside_bytes.load(Ordering::Relaxed);
            let used_bytes = match beside_bytes + self.used_bytes.load(Ordering::Relaxed) {
                // No limit is so low that nothing is more.
                0 if max_bytes < EMPTY_BYTES => EMPTY_BYTES,
                used_bytes => used_bytes,
            };
            if used_bytes <= max_bytes {
                return Ok(());
            }
            if policy == Policy::NoEviction || in_vain >= PATIENCE {
                return Err(CacheError::Full {
                    used_bytes,
                    max_bytes,
                });
            }
            let random = self.random();
            in_vain = if self.evict_one(policy, random, in_vain) {
                0
            } else {
                in_vain + 1
            };
        }
    }

    fn evict_one(&self, policy: Policy, random: u64, in_vain: usize) -> bool {
        let mut chosen: Option<(u64, u8, Box<[u8]>)> = None;
        let samples = self.samples.load(Ordering::Relaxed) as usize;
        for draw in 0..DRAWS {
            let index = match in_vain.checked_sub(TRIES) {
                None => random.rotate_left(8 * draw) as usize % SHARDS,
                Some(round) => (round * DRAWS as usize + draw as usize) % SHARDS,
            };
            let shard = self.shards[index].lock();
            for (db, table) in shard.tables() {
                let mut consider = |slot: &Slot| {
                    let rank = self.rank(policy, slot);
                    let better = chosen.as_ref().is_none_or(|(best, ..)| rank < *best);
                    if better && !is_own(db, slot.key()) {
                        chosen = Some((rank, db, slot.key().into()));
                    }
                };
                if policy.spares_immortal() {
                    let from = (policy != Policy::VolatileTtl).then_some(random >> 24);
                    table.sample_mortal(from, samples).for_each(&mut consider);
                } else {
                    table.sample(random >> 24, samples).for_each(&mut consider);
                }
            }
        }
        let Some((_, db, key)) = chosen else {
            return false;
        };
        let mut txn = self.on(db, &key);
        if let Some(changes) = &txn.shard(&key).0.changes {
            changes.add(&key, true);
        }
        if txn.take(&key).is_some() {
            self.evicted.fetch_add(1, Ordering::Relaxed);
            txn.tell(Happenings::EVICTED, "evicted", &key);
        }
        true
    }

    /// Lower goes first.
    fn rank(&self, policy: Policy, slot: &Slot) -> u64 {
        match policy {
            Policy::AllKeysLru | Policy::VolatileLru => u64::from(slot.touched()),
            Policy::AllKeysLfu | Policy::VolatileLfu => u64::from(self.frequency(slot)),
            Policy::VolatileTtl => slot.deadline().map_or(u64::MAX, |d| d.monotonic_ms),
            Policy::NoEviction | Policy::AllKeysRandom | Policy::VolatileRandom => 0,
        }
    }
}

impl Embedded {
    /// Says what counts towards the memory limit besides keys.
    pub fn count_beside(&self, bytes: u64) {
        self.space.beside_bytes.store(bytes, Ordering::Relaxed);
    }

    /// Sets how many keys are looked at, in each of several places, before one of them goes: the
    /// more, the surer it is the right one.
    pub fn set_samples(&self, samples: u32) {
        self.space.samples.store(samples.max(1), Ordering::Relaxed);
    }
}
