//! What somebody signs in with besides a password, or in its place.

use super::{Code, Refusal, Timestamp, UserId, limits, text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Of whom a second factor is demanded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Demand {
    /// Whoever has one is asked for it.
    #[default]
    Nobody,
    /// Administrators set one up before they do anything else.
    Admins,
    /// Everybody who has a password does.
    Everyone,
}

/// What was shown besides the password, verified by the door. The state decides whether it counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Proof {
    /// A code of an app, of this period of 30 seconds since 1970: none counts twice.
    Totp { period: u64 },
    /// The digest of a recovery code, which counts once.
    Recovery { digest: String },
    /// A passkey, with what moved in it.
    Passkey { id: String, moving: Vec<u8> },
}

/// As with [`super::Command`]: variants and fields are only ever added at the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FactorCommand {
    /// The app showed a code of this period.
    AddTotp {
        user: UserId,
        secret: Vec<u8>,
        period: u64,
        /// Digests of new recovery codes; none: those before stay.
        recovery: Vec<String>,
    },
    AddPasskey {
        user: UserId,
        id: String,
        name: String,
        key: Vec<u8>,
        moving: Vec<u8>,
        transports: u8,
        recovery: Vec<String>,
    },
    RemoveTotp {
        user: UserId,
    },
    RemovePasskey {
        user: UserId,
        id: String,
    },
    /// Other recovery codes: those before count no more.
    SetRecovery {
        user: UserId,
        digests: Vec<String>,
    },
    /// Everything goes: the password alone signs in again.
    Reset {
        user: UserId,
    },
    /// Of whom a second factor is demanded from now on.
    SetDemand {
        of: Demand,
    },
}

impl FactorCommand {
    pub(super) fn checked(self) -> Result<FactorCommand, Refusal> {
        match self {
            FactorCommand::AddPasskey {
                user,
                id,
                name,
                key,
                moving,
                transports,
                recovery,
            } => Ok(FactorCommand::AddPasskey {
                name: text::line(
                    "name",
                    name,
                    limits::PASSKEY_NAME_GRAPHEMES,
                    limits::PASSKEY_NAME_BYTES,
                )?,
                user,
                id,
                key,
                moving,
                transports,
                recovery,
            }),
            other => Ok(other),
        }
    }
}

/// The password was right and is not enough.
pub fn needed() -> Refusal {
    Refusal {
        field: Some("code".into()),
        ..Refusal::new(
            Code::SecondFactorNeeded,
            "A second factor is needed: a code of your app, a recovery code or a passkey.",
        )
    }
}

/// The code is wrong, or was used.
pub fn used() -> Refusal {
    Refusal {
        field: Some("code".into()),
        ..Refusal::new(
            Code::BadCredentials,
            "This code does not count (any more); use the next one.",
        )
    }
}

/// What somebody has, as they see it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Factors {
    /// Since when an app makes codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totp: Option<Timestamp>,
    pub passkeys: Vec<Passkey>,
    /// How many recovery codes are left.
    pub recovery_codes: usize,
}

impl Factors {
    /// The password alone does not sign in.
    pub fn any(&self) -> bool {
        self.totp.is_some() || !self.passkeys.is_empty()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Passkey {
    pub id: String,
    pub name: String,
    pub added_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_at: Option<Timestamp>,
}
