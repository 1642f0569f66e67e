//! The rooms behind the door, as handlers hold them.

use super::groups::Groups;
use super::imports::Imports;
use super::scopes::Held;
use super::slash::Slash;
use super::stats::Stats;
use super::{
    chat::{Attention, Emitted},
    figures::IndexLag,
    load::Load,
    names::Names,
    peers::Peers,
    uploads::Files,
};
use crate::auth::{
    access,
    last_use::LastUse,
    passwords::{HashError, Hasher, Password},
    sessions::Sessions,
    throttle::{Throttle, ThrottleError},
    tokens::TokenError,
    used::Used,
};
use crate::domain::{Code, FileId, Position, Refusal, SessionId, Timestamp, User};
use crate::engine::Engine;
use crate::metrics::Metrics;
use crate::outbound::Client;
use crate::push::Vapid;
use crate::search::Search;
use std::sync::Arc;
use std::time::Duration;

/// Whose a token is.
pub struct Identity {
    pub user: User,
    /// The session, or the access token in its place.
    pub session: SessionId,
    pub scopes: Held,
    /// A second factor is demanded, and there is none.
    pub lacks_factor: bool,
}

impl Identity {
    /// Nothing else before a second factor that is demanded.
    pub fn expect_factor(&self) -> Result<(), Refusal> {
        if self.lacks_factor {
            Err(Refusal::new(
                Code::SecondFactorMissing,
                "A second factor is demanded here; set one up in the app first.",
            ))
        } else {
            Ok(())
        }
    }
}

/// Handles; clones are the same services.
#[derive(Clone)]
pub struct Services {
    pub engine: Engine,
    pub search: Arc<Search>,
    pub sessions: Sessions,
    /// When sessions were last used.
    pub last_use: LastUse,
    pub passwords: Hasher,
    pub throttle: Throttle,
    pub files: Files,
    /// Figures for dashboards.
    pub stats: Stats,
    /// Histories of other programs on their way in.
    pub imports: Imports,
    /// Consumers that share rooms.
    pub groups: Groups,
    /// For whoever looks for somebody while they type.
    pub names: Arc<Names>,
    /// When tokens were last shown.
    pub used: Used,
    /// Slash commands under way.
    pub slash: Slash,
    /// How other servers are asked.
    pub outbound: Client,
    /// By which push services know the server.
    pub vapid: Arc<Vapid>,
    /// How much is done at once.
    pub load: Load,
    /// The other nodes, in clustered mode.
    pub peers: Option<Peers>,
    /// Where publications of emitters go in.
    pub emitted: Emitted,
    pub metrics: Metrics,
    pub index_lag: IndexLag,
    /// Who sits before their screen.
    pub attention: Arc<Attention>,
}

impl Services {
    /// Whose token this is; one answer for all that do not count.
    /// Whose session one of these is. Others may be old or somebody's who put them there; sessions of
    /// two people are nobody's.
    pub async fn identify_one(&self, tokens: &[&str]) -> Result<(Identity, String), Refusal> {
        let mut found: Option<(Identity, String)> = None;
        let mut refused = not_valid();
        for &token in tokens {
            match self.identify(token).await {
                Ok(identity) => match &found {
                    Some((other, _)) if other.user.id != identity.user.id => {
                        return Err(not_valid());
                    }
                    Some(_) => {}
                    None => found = Some((identity, token.to_owned())),
                },
                Err(refusal) => refused = refusal,
            }
        }
        found.ok_or(refused)
    }

    pub async fn identify(&self, token: &str) -> Result<Identity, Refusal> {
        if access::is_access(token) {
            return self.identify_access(token);
        }
        let caller = self
            .sessions
            .lookup(token)
            .await
            .map_err(|error| match error {
                TokenError::Cache(error) => {
                    tracing::error!(%error, "a session could not be looked up");
                    Refusal::new(
                        Code::Unavailable,
                        "It cannot be known who you are; try again.",
                    )
                }
                _ => not_valid(),
            })?;
        let read = self.engine.read()?;
        let user = read.user(caller.user_id)?;
        let user = user.filter(|user| !user.disabled).ok_or_else(not_valid)?;
        self.last_use.note(caller.session_id.0, self.engine.now());
        Ok(Identity {
            lacks_factor: read.lacks_factor(user.id, user.role)?,
            user,
            session: caller.session_id,
            scopes: None,
        })
    }

    /// The position behind everything that was done before this call, told to everybody who hears
    /// it: what a webhook or a consumer that begins now is not sent.
    pub async fn here(&self) -> Result<Position, Refusal> {
        let done = self.engine.read()?.seq().end();
        let live = self.engine.live();
        // Applied, and about to be published.
        while live.published() < done {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(live.published())
    }

    fn identify_access(&self, token: &str) -> Result<Identity, Refusal> {
        let found = self.engine.read()?.token(&access::digest(token))?;
        let now = self.engine.now();
        let counts = |end: Option<Timestamp>| end.is_none_or(|end| end > now);
        match found {
            Some((token, user)) if !user.disabled && counts(token.expires_at) => {
                self.used.note(token.id, now);
                Ok(Identity {
                    user,
                    session: SessionId(token.id.0),
                    scopes: Some(token.scopes.into()),
                    // Made by somebody who had one, or before it was demanded.
                    lacks_factor: false,
                })
            }
            _ => Err(not_valid()),
        }
    }

    /// Makes sure that the contents of files are on a second node, where there is one: before a
    /// message that carries them is acknowledged.
    pub async fn spread(&self, files: &[FileId]) -> Result<(), Refusal> {
        if self.peers.is_none() || files.is_empty() {
            return Ok(());
        }
        let reader = self.engine.read()?;
        let mut contents = Vec::new();
        for file in files {
            contents.extend(reader.content_of(*file)?);
        }
        drop(reader);
        self.spread_contents(contents).await
    }

    /// As [`Services::spread`], by what the files hold.
    pub async fn spread_contents(&self, contents: Vec<String>) -> Result<(), Refusal> {
        let Some(peers) = self.peers.clone() else {
            return Ok(());
        };
        let spread = tokio::task::spawn_blocking(move || peers.spread(&contents)).await;
        match spread {
            Ok(Ok(())) => Ok(()),
            Ok(Err(why)) => {
                tracing::warn!(why, "a file does not reach a second node");
                Err(not_spread())
            }
            Err(_) => Err(not_spread()),
        }
    }

    /// Brings a content here that only another node has.
    pub async fn bring(&self, content: &str) {
        let Some(peers) = self.peers.clone() else {
            return;
        };
        if self.files.store().path(content).exists() {
            return;
        }
        let content = content.to_owned();
        let brought = tokio::task::spawn_blocking(move || peers.fetch(&content)).await;
        if !brought.unwrap_or(false) {
            tracing::warn!("no node that is here has a file's content");
        }
    }

    /// The hash of a new password, if it may become one.
    pub async fn new_password(&self, typed: &str, username: &str) -> Result<String, Refusal> {
        let password = Password::new(typed);
        password
            .check(username)
            .map_err(|unfit| Refusal::invalid("password", unfit.to_string()))?;
        self.passwords.hash(&password).await.map_err(hashing)
    }
}

fn not_spread() -> Refusal {
    Refusal {
        retry_after_s: Some(2),
        ..Refusal::new(
            Code::Unavailable,
            "The file is not on a second node yet; send the message again in a moment.",
        )
    }
}

fn not_valid() -> Refusal {
    Refusal::new(Code::Unauthenticated, TokenError::OUTSIDE)
}

/// Why nothing was hashed, for the outside.
pub fn hashing(error: HashError) -> Refusal {
    match error {
        HashError::Busy { retry_after } => Refusal {
            retry_after_s: Some(retry_after.as_secs().max(1)),
            ..Refusal::new(
                Code::TooManyRequests,
                "Too many people sign in right now; try again in a moment.",
            )
        },
        HashError::Failed(cause) => {
            tracing::error!(cause, "a password could not be hashed");
            Refusal::new(
                Code::Internal,
                "The server could not check the password; its log says why.",
            )
        }
    }
}

/// Too many tries, as a refusal. Counters that cannot be read stop nobody: passwords are slow by
/// themselves.
pub fn throttled<T>(taken: Result<T, ThrottleError>) -> Result<Option<T>, Refusal> {
    match taken {
        Ok(taken) => Ok(Some(taken)),
        Err(ThrottleError::Throttled(throttled)) => {
            let seconds = throttled.retry_after_s();
            Err(Refusal {
                retry_after_s: Some(seconds),
                ..Refusal::new(
                    Code::TooManyRequests,
                    format!("Too many attempts; try again in {seconds} seconds."),
                )
            })
        }
        Err(ThrottleError::Cache(error)) => {
            tracing::error!(%error, "attempts could not be counted");
            Ok(None)
        }
    }
}
