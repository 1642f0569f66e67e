//! Who a provider of OpenID Connect knows.

use maru_domain::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// Who signs in through a provider, by its issuer and subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdentityRecord {
    pub user: UserId,
    pub at: Timestamp,
}
