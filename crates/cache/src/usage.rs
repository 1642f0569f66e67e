//! When and how often keys are used, as eviction and `OBJECT` want to know it.
//!
//! Each key has four bytes for it: the second of its last use; or, where use is counted, the minute
//! of that in the upper part and a logarithmic counter in the lowest byte, as Redis does.

use super::keyspace::Keyspace;
use super::slot::Slot;
use super::{Clock, Embedded};
use std::sync::atomic::{AtomicU32, Ordering};

/// New keys begin here, or they would go before they are used a second time.
const FIRST_COUNT: u32 = 5;
/// The second at which the process began: keys may have been out of use for longer than it runs.
const BEGINNING_S: u32 = 500_000_000;
/// How use is counted; Redis's settings of the same names.
pub struct Counting {
    /// `lfu-log-factor`: how much harder each further step of the counter is.
    log_factor: AtomicU32,
    /// `lfu-decay-time`: so many minutes without use take a step away; 0 takes none.
    decay_minutes: AtomicU32,
}

impl Default for Counting {
    fn default() -> Counting {
        Counting {
            log_factor: AtomicU32::new(10),
            decay_minutes: AtomicU32::new(1),
        }
    }
}

impl Keyspace {
    /// The seconds that last use is dated with.
    pub fn now_s(&self) -> u32 {
        match &self.clock {
            // Brought up to date by the sweeper, so that reading needs no clock.
            Clock::System(_) => self.cached_s.load(Ordering::Relaxed),
            Clock::Manual(_) => self.second(),
        }
    }

    fn second(&self) -> u32 {
        (self.clock.monotonic_ms() / 1000) as u32 + BEGINNING_S
    }

    /// Time has passed.
    pub fn tick(&self) {
        self.cached_s.store(self.second(), Ordering::Relaxed);
    }

    /// What a key is marked with that has not been used for so long, and so often.
    pub fn used_before(&self, idle_s: u64, count: u8) -> u32 {
        let idle_s = u32::try_from(idle_s).unwrap_or(u32::MAX);
        if self.policy().counts_use() {
            (self.now_s() / 60) << 8 | u32::from(count)
        } else {
            self.now_s().saturating_sub(idle_s).max(1)
        }
    }

    /// What a new key is marked with.
    pub fn fresh(&self) -> u32 {
        if self.policy().counts_use() {
            (self.now_s() / 60) << 8 | FIRST_COUNT
        } else {
            self.now_s()
        }
    }

    /// What a key is marked with that is being used.
    pub fn used(&self, slot: &Slot) -> u32 {
        if !self.policy().counts_use() {
            return self.now_s();
        }
        let count = self.frequency(slot);
        let factor = u64::from(self.counting.log_factor.load(Ordering::Relaxed));
        let hard = u64::from(count.saturating_sub(FIRST_COUNT)) * factor + 1;
        let more = count < 255 && self.random().is_multiple_of(hard);
        (self.now_s() / 60) << 8 | (count + u32::from(more))
    }

    /// How often a key is used: 0 to 255, less for each while without use.
    pub fn frequency(&self, slot: &Slot) -> u32 {
        let (minute, count) = match slot.touched() {
            // Loaded from the disk, and not used since.
            0 => (BEGINNING_S / 60, FIRST_COUNT),
            touched => (touched >> 8, touched & 0xff),
        };
        let idle_minutes = (self.now_s() / 60).saturating_sub(minute);
        let decay_minutes = self.counting.decay_minutes.load(Ordering::Relaxed);
        count.saturating_sub(idle_minutes.checked_div(decay_minutes).unwrap_or(0))
    }

    /// How long a key has not been used.
    pub fn idle_s(&self, slot: &Slot) -> u64 {
        let touched_s = match self.policy().counts_use() {
            // Loaded from the disk, and not used since.
            false if slot.touched() == 0 => BEGINNING_S,
            false => slot.touched(),
            true => (slot.touched() >> 8) * 60,
        };
        u64::from(self.now_s().saturating_sub(touched_s))
    }

    /// A number that is hard enough to foresee for drawing lots.
    pub fn random(&self) -> u64 {
        let drawn = self
            .dice
            .fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        let mixed = (drawn ^ drawn >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }
}

impl Embedded {
    /// Sets how much harder each further step of a key's counter is (0: not at all), and how many
    /// minutes without use take a step away (0: none do).
    pub fn set_counting(&self, log_factor: u32, decay_minutes: u32) {
        let counting = &self.space.counting;
        counting.log_factor.store(log_factor, Ordering::Relaxed);
        counting
            .decay_minutes
            .store(decay_minutes, Ordering::Relaxed);
    }
}
