//! `math.random` of scripts: the same numbers for the same seed, on every machine.

/// A linear congruential generator of 48 bits, as `lrand48` of C.
pub struct Random(u64);

const MULTIPLIER: u64 = 0x5_deec_e66d;
const INCREMENT: u64 = 0xb;
const MASK: u64 = (1 << 48) - 1;
const LOWEST: u64 = 0x330e;
/// One less than the range of [`Random::next`].
const MAX: u32 = i32::MAX as u32;

impl Default for Random {
    /// As before the first seed.
    fn default() -> Random {
        Random(0x1234_abcd_330e)
    }
}

impl Random {
    /// Begins the numbers of a seed.
    pub fn seed(&mut self, seed: i32) {
        self.0 = u64::from(seed as u32) << 16 | LOWEST;
    }

    /// From 0, below 1.
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(MULTIPLIER).wrapping_add(INCREMENT) & MASK;
        let number = (self.0 >> 17) as u32;
        f64::from(number % MAX) / f64::from(MAX)
    }
}
