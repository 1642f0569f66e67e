//! What tests of clients set while a cache runs.

use super::{Embedded, Packing};
use std::sync::atomic::Ordering;

impl Embedded {
    /// Sets up to where collections count as small; those that are large already stay so.
    pub fn set_packing(&self, packing: Packing) {
        *self.space.packing.write() = packing;
    }

    /// Up to where collections count as small.
    pub fn packing(&self) -> Packing {
        *self.space.packing.read()
    }

    /// Whether keys whose deadline has passed are freed before somebody asks for them. Until then
    /// they are counted; nobody sees them all the same.
    pub fn sweep(&self, sweeps: bool) {
        self.space.sweeps.store(sweeps, Ordering::Relaxed);
    }

    /// While writing clients are paused, keys whose deadline has passed are neither freed nor told
    /// of, for that would be a write; nobody sees them all the same.
    pub fn hold_ended(&self, holds: bool) {
        self.space.holds.store(holds, Ordering::Relaxed);
    }
}
