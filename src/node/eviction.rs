//! What the cache forgets first, from the settings' word to the cache's.

use crate::cache;
use crate::config::Eviction;

pub fn policy(chosen: Eviction) -> cache::Policy {
    match chosen {
        Eviction::Nothing => cache::Policy::NoEviction,
        Eviction::AllKeysLru => cache::Policy::AllKeysLru,
        Eviction::VolatileLru => cache::Policy::VolatileLru,
        Eviction::AllKeysLfu => cache::Policy::AllKeysLfu,
        Eviction::VolatileLfu => cache::Policy::VolatileLfu,
        Eviction::AllKeysRandom => cache::Policy::AllKeysRandom,
        Eviction::VolatileRandom => cache::Policy::VolatileRandom,
        Eviction::VolatileTtl => cache::Policy::VolatileTtl,
    }
}
