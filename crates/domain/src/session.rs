//! Signed-in sessions.

use super::{SessionId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Session {
    pub id: SessionId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// What the client said it is.
    pub user_agent: String,
    /// Where it signed in from.
    pub address: String,
    /// The session of this very request.
    pub current: bool,
}
