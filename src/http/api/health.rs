//! Whether the process lives, and whether it can write.

use crate::domain::Refusal;
use crate::http::{answers::Shown, app::App};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok`
    status: &'static str,
    /// What does not work between this node and others, in sentences; writes are taken all the
    /// same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lacks: Vec<String>,
}

/// The process answers.
pub async fn alive(_: App) -> Result<Shown<Health>, Refusal> {
    Ok(Shown(Health {
        status: "ok",
        lacks: Vec::new(),
    }))
}

/// Writes are taken; otherwise the reason.
pub async fn ready(app: App) -> Result<Shown<Health>, Refusal> {
    app.engine().ready()?;
    let peers = app.services().peers.as_ref();
    Ok(Shown(Health {
        status: "ok",
        lacks: peers.map_or_else(Vec::new, |peers| peers.shared().lacks()),
    }))
}
