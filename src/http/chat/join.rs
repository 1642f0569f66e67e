//! From a handshake to somebody.

use super::super::scopes::{self, Held, Needed};
use super::super::{parts, problem::Problem, services::Services};
use super::said::At;
use crate::auth::credentials::{self, Bearer, Cookie};
use crate::auth::origin::{Asked, Origins};
use crate::domain::{Code, Position, Refusal, Scope, SessionId, User};
use crate::socketio::{self, Handshake, Socket};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, value::RawValue};
use std::sync::Arc;

/// The `auth` of a client. Clients add fields of their own, so unknown ones are let pass.
#[derive(Debug, Default, Deserialize)]
pub struct Auth {
    token: Option<String>,
    epoch: Option<u64>,
    since: Option<Position>,
    /// From clients with connection state recovery; other things of these names are nobody's fault.
    #[serde(default, deserialize_with = "text")]
    pid: Option<String>,
    #[serde(default, deserialize_with = "text")]
    offset: Option<String>,
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        _ => None,
    })
}

/// Somebody who is let in.
pub struct Joined {
    pub user: User,
    pub session: SessionId,
    pub scopes: Held,
    pub token: String,
    /// Where the client wants to go on from.
    pub since: Option<(u64, Position)>,
    /// What it was given to recover by, and the offset it has come to.
    pub pid: Option<(String, Option<String>)>,
    /// What other servers said by the stream after this is told again.
    pub said: Option<At>,
}

/// Decides who is let in.
pub struct Joining {
    services: Services,
    cookie: Cookie,
    origins: Arc<Origins>,
}

/// What of the handshake's headers is looked at here.
pub const KEPT_HEADERS: [&str; 5] = [
    "authorization",
    "cookie",
    "host",
    "origin",
    "sec-fetch-site",
];

impl Joining {
    pub fn new(services: Services, cookie: Cookie, origins: Arc<Origins>) -> Joining {
        Joining {
            services,
            cookie,
            origins,
        }
    }

    pub fn services(&self) -> &Services {
        &self.services
    }

    /// The token is in `auth`, else in the `Authorization` header, else in the cookie. Pages of
    /// other sites cannot know a token, but browsers send the cookie along with their requests: so
    /// only the cookie is judged by where the page comes from.
    pub async fn join(
        &self,
        socket: &Socket,
        auth: Option<Box<RawValue>>,
    ) -> Result<Joined, Refusal> {
        let auth = match auth.as_deref().map(RawValue::get) {
            None | Some("null") => Auth::default(),
            Some(text) => parts::json::<Auth>(text.as_bytes())?,
        };
        let handshake = socket.handshake();
        let fields = |name| handshake.headers(name).map(str::as_bytes);
        let tokens = match (&auth.token, credentials::bearer(fields("authorization"))) {
            (Some(token), _) => vec![token.as_str()],
            (None, Bearer::Token(token)) => vec![token],
            (None, Bearer::None | Bearer::Malformed) => {
                let tokens = self.cookie.find(fields("cookie"));
                if !tokens.is_empty() {
                    self.expect_own_page(handshake)?;
                }
                tokens
            }
        };
        if tokens.is_empty() {
            return Err(Refusal::new(
                Code::Unauthenticated,
                "Sign in first, and give the token in `auth`.",
            ));
        }
        let (identity, token) = self.services.identify_one(&tokens).await?;
        scopes::admit(Needed::Scope(Scope::EventsRead), &identity.scopes)?;
        identity.expect_factor()?;
        let epoch = auth.epoch.unwrap_or_else(|| self.services.engine.epoch());
        Ok(Joined {
            user: identity.user,
            session: identity.session,
            scopes: identity.scopes,
            token,
            since: auth.since.map(|since| (epoch, since)),
            pid: auth.pid.map(|pid| (pid, auth.offset)),
            said: None,
        })
    }

    /// Native clients name no origin.
    fn expect_own_page(&self, handshake: &Handshake) -> Result<(), Refusal> {
        let Some(origin) = handshake.header("origin") else {
            return Ok(());
        };
        let asked = Asked {
            host: handshake.header("host"),
            origin: Some(origin),
            fetch_site: handshake.header("sec-fetch-site"),
        };
        self.origins.check(asked).map_err(|_| {
            Refusal::new(
                Code::BadOrigin,
                "Pages of this origin may not use the session's cookie; give a token in `auth`, \
                 or allow the origin with --origin.",
            )
        })
    }

    /// The session that was let in still lives: it may have ended in the meantime.
    pub async fn still_lives(&self, token: &str) -> bool {
        self.services.identify(token).await.is_ok()
    }
}

/// A refusal as the client's `connect_error`: its `data` is what an HTTP error holds.
pub fn connect_error(refusal: &Refusal) -> socketio::Refusal {
    let data = serde_json::to_value(Problem::bare(refusal)).ok();
    socketio::Refusal::new(refusal.message.as_ref(), data)
}
