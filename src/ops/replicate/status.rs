//! How far the second place is, for metrics.

use crate::engine::Engine;
use crate::metrics::Readings;
use parking_lot::{Mutex, MutexGuard};
use std::time::Instant;

/// How far it is.
#[derive(Default)]
pub struct Status(Mutex<Progress>);

#[derive(Default)]
pub(super) struct Progress {
    pub shipped: u64,
    /// When everything was there last.
    pub level: Option<Instant>,
    pub snapshot_ms: i64,
    pub trouble: Option<String>,
}

impl Status {
    pub(super) fn lock(&self) -> MutexGuard<'_, Progress> {
        self.0.lock()
    }

    /// Adds how far the second place is behind.
    pub fn figures(&self, engine: &Engine, to: &mut Readings) {
        let progress = self.0.lock();
        let behind = engine.status().seq.0.saturating_sub(progress.shipped);
        let seconds = match (behind, progress.level) {
            (0, _) => 0.0,
            (_, Some(level)) => level.elapsed().as_secs_f64(),
            (_, None) => f64::INFINITY,
        };
        to.gauge(
            "maru_replication_lag_commands",
            "Commands that the replica has not yet",
            behind as f64,
        );
        to.gauge(
            "maru_replication_lag_seconds",
            "Since the replica last had everything",
            seconds,
        );
        let fails = if progress.trouble.is_some() { 1.0 } else { 0.0 };
        to.gauge(
            "maru_replication_failing",
            "Whether the last try to reach the replica failed",
            fails,
        );
        to.gauge(
            "maru_replication_snapshot_timestamp_seconds",
            "As of when the newest snapshot in the replica is; 0: none",
            progress.snapshot_ms as f64 / 1000.0,
        );
    }
}
