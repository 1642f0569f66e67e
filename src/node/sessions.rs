//! Sessions in the cache as the state knows them.

use super::OpenError;
use crate::auth::sessions::{Live, Sessions};
use crate::engine::Parts;

pub async fn reconcile(sessions: &Sessions, parts: &Parts) -> Result<(), OpenError> {
    let rows = parts.state().snapshot().read()?.all_sessions()?;
    let live = rows.into_iter().map(|row| Live {
        jti: row.record.jti,
        user_id: row.record.user,
        session_id: row.id,
        expires_at_ms: u64::try_from(row.record.expires_at.0).unwrap_or(0),
    });
    if sessions.are_shared() {
        // The common cache may know more than this node, which has to catch up yet.
        sessions.adopt(&live.collect::<Vec<Live>>());
        return Ok(());
    }
    let found = sessions.reconcile(live).await?;
    if found.added + found.removed > 0 {
        tracing::info!(
            added = found.added,
            removed = found.removed,
            "brought the sessions in line with the state"
        );
    }
    Ok(())
}
