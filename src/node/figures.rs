//! Figures for dashboards are counted as messages come, and kept every minute.

use crate::auth::used::Used;
use crate::engine::Engine;
use crate::http::stats::Stats;
use crate::search::Search;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(60);

/// Runs for as long as the node does.
pub async fn keep(
    (stats, used): (Stats, Used),
    engine: Engine,
    search: Arc<Search>,
    file: PathBuf,
) {
    let mut pace = tokio::time::interval_at(tokio::time::Instant::now() + EVERY, EVERY);
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        pace.tick().await;
        let (stats, used, engine) = (stats.clone(), used.clone(), engine.clone());
        let (search, file) = (Arc::clone(&search), file.clone());
        let saved = tokio::task::spawn_blocking(move || {
            stats.count_and_save(&engine, (&search, &used), &file)
        })
        .await;
        if let Ok(Err(error)) = saved {
            tracing::warn!(%error, "the figures of dashboards are not kept");
        }
    }
}
