//! The audit log, for administrators.

use crate::domain::audit::AuditEntry;
use crate::domain::{Refusal, Timestamp, UserId, limits};
use crate::http::{answers::Shown, app::App, guard::Caller, parts::Query};
use crate::state::AuditFilter;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Whose acts.
    #[param(value_type = Option<u64>)]
    actor_id: Option<UserId>,
    /// An action such as `user.disabled`, or all that begin with `user.`.
    action: Option<String>,
    /// The id of what it was done to.
    target_id: Option<u64>,
    /// From this time on.
    #[param(value_type = Option<String>)]
    after: Option<Timestamp>,
    /// Before this time.
    #[param(value_type = Option<String>)]
    before: Option<Timestamp>,
    /// At most 200; 50 where it is left out.
    limit: Option<usize>,
    /// From the page before.
    cursor: Option<u64>,
}

/// A page of the audit log, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditPage {
    entries: Vec<AuditEntry>,
    /// Where the next page goes on; absent at the end. A page with a cursor may be short.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<u64>,
}

pub async fn list(
    app: App,
    _: Caller,
    Query(asked): Query<AuditQuery>,
) -> Result<Shown<AuditPage>, Refusal> {
    let limit = asked.limit.unwrap_or(limits::DEFAULT_PAGE);
    if !(1..=limits::AUDIT_PAGE).contains(&limit) {
        return Err(Refusal {
            limit: Some(limits::AUDIT_PAGE as u64),
            ..Refusal::invalid(
                "limit",
                format!("A page has 1 to {} lines.", limits::AUDIT_PAGE),
            )
        });
    }
    let filter = AuditFilter {
        actor: asked.actor_id,
        action: asked.action,
        target_id: asked.target_id,
        after: asked.after,
        before: asked.before,
    };
    let cursor = asked.cursor;
    let page = app.big_read(move |read| read.audit(&filter, cursor, limit));
    let (entries, cursor) = page.await?;
    Ok(Shown(AuditPage { entries, cursor }))
}
