//! Signed-in sessions.

use super::factor::Proof;
use super::{SessionId, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
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

/// A session that begins together with something else, or alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewSession {
    /// The token's `jti`, random.
    pub jti: String,
    pub expires_at: Timestamp,
    pub user_agent: String,
    pub address: String,
    /// Fingerprint of the password hash that was verified, see [`fingerprint`]; the session does
    /// not begin if the password is another one by now.
    #[serde(default)]
    pub verified: Option<String>,
    /// What was shown besides the password.
    #[serde(default)]
    pub proof: Option<Proof>,
}

/// Names a password hash without telling it.
pub fn fingerprint(password_hash: &str) -> String {
    let digest = Sha256::digest(password_hash.as_bytes());
    digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
