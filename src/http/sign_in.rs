//! From a password to a session.

use super::{
    parts::Visitor,
    services::{Services, hashing, throttled},
};
use crate::auth::{
    guesses::{Account, Source},
    passwords::Password,
    random,
    sessions::Live,
    tokens::{Grant, LIFETIME},
};
use crate::domain::{
    Actor, Code, Command, Outcome, Refusal, SessionId, Timestamp, User, UserId,
    command::{NewSession, fingerprint},
};
use serde::Serialize;
use utoipa::ToSchema;

/// The beginning of a session.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedIn {
    /// For `Authorization: Bearer`; shown only here.
    pub token: String,
    pub expires_at: Timestamp,
    pub user: User,
}

/// A session that is not begun yet.
pub struct Planned {
    jti: String,
    now: Timestamp,
    expires_at: Timestamp,
}

/// Sessions made while nothing can be written have ids that the log never gives.
const ONLY_IN_CACHE: u64 = 1;

/// Whether a session is known to the cache alone.
pub fn is_only_in_cache(session: SessionId) -> bool {
    session.0 % crate::domain::Seq::IDS == ONLY_IN_CACHE
}

impl Planned {
    pub fn new(services: &Services) -> Result<Planned, Refusal> {
        let now = services.engine.now();
        let lifetime_ms = i64::try_from(LIFETIME.as_millis()).unwrap_or(i64::MAX);
        // Tokens count whole seconds.
        let expires_at = Timestamp(now.plus_ms(lifetime_ms).0 / 1000 * 1000);
        Ok(Planned {
            jti: random::id().map_err(|error| broken(&error))?,
            now,
            expires_at,
        })
    }

    pub fn session(&self, visitor: &Visitor) -> NewSession {
        NewSession {
            jti: self.jti.clone(),
            expires_at: self.expires_at,
            user_agent: visitor.user_agent.clone(),
            address: visitor.address.to_string(),
            verified: None,
        }
    }

    /// The token of the session, now that it has an id.
    pub fn signed(
        self,
        services: &Services,
        user: User,
        session_id: SessionId,
    ) -> Result<SignedIn, Refusal> {
        let grant = Grant {
            user_id: user.id,
            session_id,
            jti: self.jti,
            issued_at_ms: unsigned(self.now),
            expires_at_ms: unsigned(self.expires_at),
        };
        let token = services.sessions.tokens().issue(&grant);
        Ok(SignedIn {
            token: token.map_err(|error| broken(&error))?,
            expires_at: self.expires_at,
            user,
        })
    }
}

/// The seal of the texts by which devices are known.
const DEVICE: &str = "device";

/// Checks the password and begins a session. Who does not exist, has no password or is disabled
/// gets the answer of a wrong password, after the same time.
pub async fn sign_in(
    services: &Services,
    visitor: &Visitor,
    username: &str,
    password: &str,
) -> Result<SignedIn, Refusal> {
    expect_writable(services)?;
    let account = services.engine.read()?.account_by_name(username)?;
    let stored = account.as_ref().and_then(|a| a.password_hash.as_deref());
    let device = account
        .as_ref()
        .and_then(|account| known_device(services, visitor, account.user.id));
    let whose = match &account {
        Some(account) => Account::Known(account.user.id),
        None => Account::Missing(username),
    };
    let source = match &device {
        Some(device) => Source::Device(device),
        None => Source::Address(visitor.address),
    };
    let right = guess(services, whose, source, password, stored).await?;
    match account {
        Some(account) if right && !account.user.disabled => {
            let verified = account.password_hash.as_deref().map(fingerprint);
            begin(services, visitor, account.user, verified).await
        }
        _ => Err(wrong()),
    }
}

/// Among several nodes a session that cannot be written is none, and what counts the attempts may be
/// away with what gives the order: said at once.
pub fn expect_writable(services: &Services) -> Result<(), Refusal> {
    match services.sessions.are_shared() {
        true => services.engine.ready(),
        false => Ok(()),
    }
}

/// The device's own name, if it was given to it when it signed in to this account.
fn known_device(services: &Services, visitor: &Visitor, user: UserId) -> Option<String> {
    let sealed = visitor.device.as_deref()?;
    let text = services.sessions.tokens().unseal(DEVICE, sealed)?;
    let (whose, name) = text.split_once('-')?;
    (whose == user.to_string()).then(|| name.to_owned())
}

/// What a device keeps that has signed in; `None` where nothing can be signed now.
pub fn new_device(services: &Services, user: UserId) -> Option<String> {
    let name = random::id().ok()?.replace('-', "_");
    let tokens = services.sessions.tokens();
    tokens.seal(DEVICE, &format!("{user}-{name}"))
}

/// Whether the password is right, counted against where the guess comes from.
pub async fn guess(
    services: &Services,
    account: Account<'_>,
    source: Source<'_>,
    password: &str,
    stored: Option<&str>,
) -> Result<bool, Refusal> {
    let attempt = throttled(services.throttle.begin(account, source).await)?;
    let verdict = services
        .passwords
        .verify(&Password::new(password), stored)
        .await;
    let counted = match (&verdict, attempt) {
        (_, None) => Ok(()),
        (Ok(verdict), Some(attempt)) if verdict.right => attempt.succeeded().await,
        (Ok(_), Some(attempt)) => {
            attempt.failed();
            Ok(())
        }
        (Err(_), Some(attempt)) => attempt.abandoned().await,
    };
    if let Err(error) = counted {
        tracing::error!(%error, "an attempt to sign in could not be counted");
    }
    Ok(verdict.map_err(hashing)?.right)
}

pub fn wrong() -> Refusal {
    Refusal::new(
        Code::BadCredentials,
        "The user name or the password is wrong.",
    )
}

/// `verified` names the hash that the password was right for: another one begins no session.
async fn begin(
    services: &Services,
    visitor: &Visitor,
    user: User,
    verified: Option<String>,
) -> Result<SignedIn, Refusal> {
    let planned = Planned::new(services)?;
    let command = Command::StartSession {
        user: user.id,
        session: NewSession {
            verified,
            ..planned.session(visitor)
        },
    };
    let command = command.asked_from(visitor.origin());
    match services.engine.submit(Actor::System, command).await {
        Ok(Outcome::Session { user, session }) => planned.signed(services, user, session),
        Ok(other) => Err(super::api::unexpected(&other)),
        // The other nodes would not know of it.
        Err(refusal) if services.sessions.are_shared() => Err(refusal),
        Err(refusal) if matches!(refusal.code, Code::ReadOnly | Code::StorageFull) => {
            let session = only_in_cache(services, &planned, user.id).await?;
            planned.signed(services, user, session)
        }
        Err(refusal) => Err(refusal),
    }
}

/// Reading goes on while nothing can be written, so signing in has to. Such a session is not in the
/// state: it ends with the process at the latest.
async fn only_in_cache(
    services: &Services,
    planned: &Planned,
    user_id: UserId,
) -> Result<SessionId, Refusal> {
    let random: [u8; 4] = random::bytes().map_err(|error| broken(&error))?;
    let number = u64::from(u32::from_le_bytes(random));
    let session_id = SessionId(number * crate::domain::Seq::IDS + ONLY_IN_CACHE);
    let live = Live {
        jti: planned.jti.clone(),
        user_id,
        session_id,
        expires_at_ms: unsigned(planned.expires_at),
    };
    let kept = services.sessions.remember(&live).await;
    kept.map_err(|error| broken(&error))?;
    Ok(session_id)
}

fn unsigned(at: Timestamp) -> u64 {
    u64::try_from(at.0).unwrap_or(0)
}

fn broken(error: &dyn std::error::Error) -> Refusal {
    tracing::error!(error = %error, "a session could not be made");
    Refusal::new(
        Code::Internal,
        "The server could not sign you in; its log says why.",
    )
}
