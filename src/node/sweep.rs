//! What has ended by time, what was in rooms that were deleted, contents that no file has.

use super::{CONTENT_AGE, INCOMING_AGE, PURGE_EVERY, SWEEP_EVERY, SWEEP_FILES_EVERY};
use crate::domain::{Actor, Command, Outcome};
use crate::engine::Engine;
use crate::files::Store;
use crate::http::Peers;
use crate::live::Hub;
use std::sync::Arc;

/// Contents that are brought from other nodes in one round.
const BROUGHT: usize = 1_000;
/// Sessions that end at a time.
const OVER: usize = 256;

/// Clears away what has ended by time, and what was in rooms that were deleted; both in parts, so
/// that nobody's command waits for long.
pub async fn sweep(engine: Engine, hub: Arc<Hub>, works: impl Fn() -> bool) {
    // An import that was cut off told nobody.
    let mut announced = false;
    let mut pace = tokio::time::interval(PURGE_EVERY);
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut swept = tokio::time::Instant::now();
    loop {
        pace.tick().await;
        // Open sockets end with their session at once, on every node, also while nothing can be
        // written.
        let over = engine
            .read()
            .and_then(|read| Ok(read.sessions_over(engine.now(), OVER)?));
        let over = over.unwrap_or_default();
        for (user, session) in &over {
            hub.close_session(*user, *session);
        }
        // Of several nodes one does the rest.
        if !works() {
            continue;
        }
        if !std::mem::replace(&mut announced, true) {
            in_parts(&engine, Command::AnnounceHistory).await;
        }
        let purges = engine
            .read()
            .is_ok_and(|read| read.has_purges().unwrap_or(false));
        if purges {
            in_parts(&engine, Command::Purge).await;
        }
        if !over.is_empty() || swept.elapsed() >= SWEEP_EVERY {
            swept = tokio::time::Instant::now();
            in_parts(&engine, Command::Sweep).await;
        }
    }
}

/// Contents that no file has any more go from the disk; and what came in and was given up. Contents
/// that only other nodes have come here, so that none is lost with one of them.
pub async fn sweep_files(engine: Engine, store: Store, peers: Option<Peers>) {
    let mut pace = tokio::time::interval(SWEEP_FILES_EVERY);
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        pace.tick().await;
        let (engine, store, peers) = (engine.clone(), store.clone(), peers.clone());
        let swept = tokio::task::spawn_blocking(move || -> anyhow::Result<usize> {
            let wanted = engine.read()?.contents()?;
            if let Some(peers) = peers {
                let missing = wanted.iter().filter(|hash| !store.path(hash).exists());
                let brought = missing
                    .take(BROUGHT)
                    .filter(|hash| peers.fetch(hash))
                    .count();
                if brought > 0 {
                    tracing::info!(brought, "brought files here that other nodes have");
                }
            }
            Ok(store.sweep(&wanted, CONTENT_AGE, INCOMING_AGE)?)
        });
        match swept.await {
            Ok(Ok(0)) => {}
            Ok(Ok(gone)) => tracing::info!(gone, "removed contents that no file has"),
            Ok(Err(error)) => tracing::warn!(%error, "files cannot be swept"),
            Err(_) => return,
        }
    }
}

async fn in_parts(engine: &Engine, command: Command) {
    loop {
        match engine.submit(Actor::System, command.clone()).await {
            Ok(Outcome::Part { more: true }) => {}
            Ok(_) => return,
            Err(refusal) => {
                tracing::debug!(%refusal, "what has ended stays a little longer");
                return;
            }
        }
    }
}
