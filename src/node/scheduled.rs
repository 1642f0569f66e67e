//! Sends what was scheduled when its time has come.

use crate::domain::{Actor, Command};
use crate::engine::Engine;
use std::time::Duration;

const SCHEDULED_EVERY: Duration = Duration::from_secs(1);
/// More that are due at once wait for the next round.
const SCHEDULED_AT_ONCE: usize = 100;

/// Also what should have gone while nobody served.
pub async fn send(engine: Engine, works: impl Fn() -> bool) {
    let mut pace = tokio::time::interval(SCHEDULED_EVERY);
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        pace.tick().await;
        // Of several nodes one does it.
        if !works() {
            continue;
        }
        let due = engine
            .read()
            .and_then(|read| Ok(read.scheduled_due(crate::engine::now(), SCHEDULED_AT_ONCE)?));
        for scheduled in due.unwrap_or_default() {
            let command = Command::SendScheduled { scheduled };
            if let Err(refusal) = engine.submit(Actor::System, command).await {
                // Writes are refused for a while, or another node was faster.
                tracing::debug!(%refusal, "a scheduled message waits a little longer");
                break;
            }
        }
    }
}
