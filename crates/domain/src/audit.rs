//! The audit log: administrative and security acts, with who did them and from where.

use super::{Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// From where something was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Origin {
    /// Of the network.
    pub address: String,
    /// As the client calls itself; empty where it does not.
    #[serde(default)]
    pub user_agent: String,
}

/// What an act was done to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Target {
    /// `user`, `room`, `message`, `session`, `invite`, or `server`.
    #[serde(rename = "type")]
    pub kind: String,
    pub id: u64,
    /// As it was called then; empty where it has no name.
    pub name: String,
}

/// An act that changes nothing by itself, for the audit log alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    pub action: String,
    #[serde(default)]
    pub target: Target,
    #[serde(default)]
    pub details: BTreeMap<String, String>,
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditActor {
    pub id: UserId,
    pub username: String,
}

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    pub id: u64,
    pub at: Timestamp,
    /// Absent where it was the command line on the server's machine, or the server itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<AuditActor>,
    /// Such as `user.role_changed`.
    pub action: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// What exactly.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
    /// Absent where the actor is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}
