//! What somebody signs in with besides a password.

use crate::table::records;
use maru_domain::factor::{Factors, Passkey};
use maru_domain::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// Of one person; none: the password alone signs in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FactorsRecord {
    pub totp: Option<TotpRecord>,
    /// Ids, in the order in which they were added.
    pub passkeys: Vec<String>,
    /// Digests of codes that were not used.
    pub recovery: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TotpRecord {
    pub secret: Vec<u8>,
    /// The last period of which a code counted.
    pub period: u64,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PasskeyRecord {
    pub user: UserId,
    pub name: String,
    pub key: Vec<u8>,
    pub moving: Vec<u8>,
    pub transports: u8,
    pub at: Timestamp,
    #[serde(default)]
    pub used_at: Option<Timestamp>,
}

impl FactorsRecord {
    /// The password alone does not sign in.
    pub fn any(&self) -> bool {
        self.totp.is_some() || !self.passkeys.is_empty()
    }

    pub fn view(&self, passkeys: Vec<Passkey>) -> Factors {
        Factors {
            totp: self.totp.as_ref().map(|totp| totp.at),
            passkeys,
            recovery_codes: self.recovery.len(),
        }
    }
}

impl PasskeyRecord {
    pub fn view(&self, id: &str) -> Passkey {
        Passkey {
            id: id.to_owned(),
            name: self.name.clone(),
            added_at: self.at,
            used_at: self.used_at,
        }
    }
}

records!(FactorsRecord, PasskeyRecord);
