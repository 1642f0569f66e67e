//! Invitations to sign up.

use super::{InviteId, Role, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An invitation as administrators see it; its token is shown once, when it is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Invite {
    pub id: InviteId,
    /// The role that it gives.
    pub role: Role,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub uses_left: u32,
}
