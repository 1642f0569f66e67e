//! Once a day: what is older than rooms keep it goes, and old lines of the audit log.

use crate::domain::{Actor, Command, Manage, Outcome};
use crate::engine::{Engine, retention};
use crate::state::copy;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A server that has just started has other things to do.
const AFTER_START: Duration = Duration::from_secs(10 * 60);
const EVERY: Duration = Duration::from_secs(24 * 3600);
const DAY_MS: i64 = 24 * 3600 * 1000;
/// What was set aside is kept for so long.
const ASIDE_DAYS: i64 = 7;
/// Says that the state is to be written anew at the next start.
const MARK: &str = "compact";

/// Runs for as long as the node does.
pub async fn run(
    engine: Engine,
    dir: PathBuf,
    (days, audit_days): (Option<u32>, u32),
    works: impl Fn() -> bool,
) {
    tokio::time::sleep(AFTER_START).await;
    let mut pace = tokio::time::interval(EVERY);
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // Before the start something may have gone, too.
    let mut known = None;
    loop {
        pace.tick().await;
        // Of several nodes one does it, and each forgets for itself.
        if works() {
            expire(&engine, days).await;
            let before = engine.now().plus_ms(-i64::from(audit_days) * DAY_MS);
            prune_audit(&engine, before).await;
        }
        remove_asides(&dir);
        let removals = engine.removals();
        if known != Some(removals) {
            known = Some(removals);
            engine.forget_removed();
            if let Err(error) = std::fs::write(dir.join(MARK), b"") {
                tracing::warn!(%error, "free pages of the state keep what was removed");
            }
        }
    }
}

/// What a node had before it took a snapshot of others is nobody's after a week, and may hold what
/// was erased meanwhile.
fn remove_asides(dir: &Path) {
    let now_ms = crate::engine::now().0;
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let at_ms = name.to_str().and_then(|name| name.strip_prefix("aside-"));
        let at_ms: Option<i64> = at_ms.and_then(|at_ms| at_ms.parse().ok());
        if at_ms.is_some_and(|at_ms| now_ms - at_ms > ASIDE_DAYS * DAY_MS) {
            match std::fs::remove_dir_all(entry.path()) {
                Ok(()) => {
                    tracing::info!(folder = %entry.path().display(), "removed what was set aside")
                }
                Err(error) => tracing::warn!(%error, "what was set aside stays"),
            }
        }
    }
}

async fn expire(engine: &Engine, days: Option<u32>) {
    match retention::expire(engine, days).await {
        Ok(removed) if removed.messages > 0 => {
            let (rooms, messages) = (removed.rooms, removed.messages);
            tracing::info!(rooms, messages, "removed what rooms keep no longer");
        }
        Ok(_) => {}
        Err(refusal) => tracing::warn!(%refusal, "what is too old stays until tomorrow"),
    }
}

async fn prune_audit(engine: &Engine, before: crate::domain::Timestamp) {
    loop {
        let command = Command::Manage(Manage::PruneAudit { before });
        match engine.submit(Actor::System, command).await {
            Ok(Outcome::Part { more: true }) => {}
            Ok(_) => return,
            Err(refusal) => {
                tracing::debug!(%refusal, "old lines of the audit log stay a little longer");
                return;
            }
        }
    }
}

/// Writes the state anew where that was asked for: pages that are free hold what was removed.
pub fn compact_if_due(dir: &Path) {
    let (mark, state) = (dir.join(MARK), dir.join("state.redb"));
    if !mark.exists() || !state.exists() {
        return;
    }
    // A state that cannot be copied is opened as it is, and tells itself what is wrong.
    if let Err(error) = copy::compact(&state) {
        tracing::warn!(%error, "the state could not be written anew");
    }
    let _ = std::fs::remove_file(mark);
}
