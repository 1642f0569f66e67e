//! From a password to a session.

use super::{
    parts::Visitor,
    second_step,
    services::{Services, hashing, throttled},
};
use crate::auth::{
    guesses::{Account as Guessed, GuessOrigin},
    passwords::{Password, Verdict},
    random,
    sessions::Live,
    tokens::{Grant, LIFETIME},
};
use crate::domain::{
    Actor, Code, Command, Outcome, Refusal, Session, SessionId, Timestamp, User, UserId,
    command::{NewSession, fingerprint},
    factor::Proof,
};
use crate::state::Account;
use serde::Serialize;
use utoipa::ToSchema;

/// The beginning of a session.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedIn {
    /// For `Authorization: Bearer`; shown only here.
    pub token: String,
    pub expires_at: Timestamp,
    pub user: User,
    /// The oldest sessions, which ended because nobody has more than a hundred.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ended_sessions: Vec<Session>,
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
            proof: None,
        }
    }

    /// The token of the session, now that it has an id.
    pub fn signed(
        self,
        services: &Services,
        user: User,
        session_id: SessionId,
        ended_sessions: Vec<Session>,
    ) -> Result<SignedIn, Refusal> {
        for ended in &ended_sessions {
            tracing::info!(
                user = %user.id,
                session = %ended.id,
                "a sign-in beyond the limit of sessions ended the oldest one"
            );
        }
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
            ended_sessions,
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
    code: Option<&str>,
) -> Result<SignedIn, Refusal> {
    expect_writable(services)?;
    let account = services.engine.read()?.account_by_name(username)?;
    let stored = account.as_ref().and_then(|a| a.password_hash.as_deref());
    let device = account
        .as_ref()
        .and_then(|account| known_device(services, visitor, account.user.id));
    let whose = match &account {
        Some(account) => Guessed::Known(account.user.id),
        None => Guessed::Missing(username),
    };
    let source = match &device {
        Some(device) => GuessOrigin::Device(device),
        None => GuessOrigin::Address(visitor.address),
    };
    let verdict = guess(services, whose, source.clone(), password, stored).await?;
    let account = account.filter(|account| verdict.right && !account.user.disabled);
    let Some(Account {
        user,
        password_hash,
    }) = account
    else {
        return Err(wrong());
    };
    let verified = password_hash.as_deref().map(fingerprint);
    let proof = second_step::step(services, user.id, &source, code).await?;
    let shown = Verified {
        hash: verified.clone(),
        proof: proof.clone(),
    };
    let begun = begin(services, visitor, user.clone(), shown).await;
    match (&begun, verified) {
        (Ok(_), Some(verified)) if verdict.rehash => {
            renew(services, user.id, verified, password);
        }
        // Another sign-in may just have renewed the hash of this very password.
        (Err(refusal), _) if verdict.rehash && refusal.code == Code::BadCredentials => {
            return begin_after_all(services, visitor, user, password, proof).await;
        }
        _ => {}
    }
    begun
}

/// Keeps the same password under a hash of today's strength, behind the sign-in's back.
fn renew(services: &Services, user: UserId, verified: String, password: &str) {
    let (services, password) = (services.clone(), Password::new(password));
    tokio::spawn(async move {
        let password_hash = match services.passwords.hash(&password).await {
            Ok(hash) => hash,
            // It is tried again at the next sign-in.
            Err(error) => {
                tracing::debug!(%error, "an outdated hash of a password stays");
                return;
            }
        };
        let command = Command::RenewPasswordHash {
            user,
            verified,
            password_hash,
        };
        match services.engine.submit(Actor::System, command).await {
            Ok(_) => tracing::info!(%user, "renewed the outdated hash of a password"),
            Err(refusal) => tracing::debug!(%refusal, "an outdated hash of a password stays"),
        }
    });
}

async fn begin_after_all(
    services: &Services,
    visitor: &Visitor,
    user: User,
    password: &str,
    proof: Option<Proof>,
) -> Result<SignedIn, Refusal> {
    let account = services.engine.read()?.account(user.id)?;
    let stored = account.and_then(|account| account.password_hash);
    let verdict = services
        .passwords
        .verify(&Password::new(password), stored.as_deref())
        .await
        .map_err(hashing)?;
    if !verdict.right {
        return Err(wrong());
    }
    let hash = stored.as_deref().map(fingerprint);
    begin(services, visitor, user, Verified { hash, proof }).await
}

/// The device has verified who holds it, and the passkey was verified here.
pub async fn begin_by_passkey(
    services: &Services,
    visitor: &Visitor,
    user: User,
    proof: Proof,
) -> Result<SignedIn, Refusal> {
    let shown = Verified {
        hash: None,
        proof: Some(proof),
    };
    begin(services, visitor, user, shown).await
}

/// What was verified before a session begins.
struct Verified {
    /// The fingerprint of the hash that the password was right for: another one begins no session.
    hash: Option<String>,
    proof: Option<Proof>,
}

/// Among several nodes a session that cannot be written is none, and what counts the attempts may be
/// away with what gives the order: said at once.
pub fn expect_writable(services: &Services) -> Result<(), Refusal> {
    if services.sessions.are_shared() {
        services.engine.ready()
    } else {
        Ok(())
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
    account: Guessed<'_>,
    source: GuessOrigin<'_>,
    password: &str,
    stored: Option<&str>,
) -> Result<Verdict, Refusal> {
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
    verdict.map_err(hashing)
}

pub fn wrong() -> Refusal {
    Refusal::new(
        Code::BadCredentials,
        "The user name or the password is wrong.",
    )
}

async fn begin(
    services: &Services,
    visitor: &Visitor,
    user: User,
    verified: Verified,
) -> Result<SignedIn, Refusal> {
    let planned = Planned::new(services)?;
    // It would count again and again while nothing can be written.
    let is_used_up = matches!(verified.proof, Some(Proof::Recovery { .. }));
    let command = Command::StartSession {
        user: user.id,
        session: NewSession {
            verified: verified.hash,
            proof: verified.proof,
            ..planned.session(visitor)
        },
    };
    let command = command.asked_from(visitor.origin());
    match services.engine.submit(Actor::System, command).await {
        Ok(Outcome::Session {
            user,
            session,
            ended,
        }) => planned.signed(services, user, session, ended),
        Ok(other) => Err(super::api::unexpected(&other)),
        // The other nodes would not know of it.
        Err(refusal) if services.sessions.are_shared() => Err(refusal),
        Err(refusal)
            if !is_used_up && matches!(refusal.code, Code::ReadOnly | Code::StorageFull) =>
        {
            let session = only_in_cache(services, &planned, user.id).await?;
            planned.signed(services, user, session, Vec::new())
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
