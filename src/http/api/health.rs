//! Whether the process lives, and whether it can write.

use crate::domain::Refusal;
use crate::http::{answers::Shown, app::App};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok`
    status: &'static str,
}

/// The process answers.
pub async fn alive(_: App) -> Result<Shown<Health>, Refusal> {
    Ok(Shown(Health { status: "ok" }))
}

/// Writes are taken; otherwise the reason.
pub async fn ready(app: App) -> Result<Shown<Health>, Refusal> {
    app.engine().ready()?;
    Ok(Shown(Health { status: "ok" }))
}
