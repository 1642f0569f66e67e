//! Who may pass: the one place where a request becomes somebody's.

use super::{
    app::App,
    route::Route,
    scopes::{self, Held},
    services::Identity,
};
use crate::auth::{
    credentials::{self, Bearer},
    origin::Asked,
    policy::{self, Denied},
};
use crate::domain::audit::Origin;
use crate::domain::{Code, Refusal, SessionId, User};
use axum::http::{HeaderMap, HeaderName, Method, header, request::Parts};
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

pub use crate::auth::policy::Need;

/// The far end of the request's connection, put into its extensions by the server.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Somebody who is signed in.
#[derive(Clone)]
pub struct Caller {
    pub user: User,
    /// The session, or the access token in its place.
    pub session: SessionId,
    pub token: String,
    /// From where they call.
    pub origin: Origin,
    pub scopes: Held,
}

impl Caller {
    fn new(identity: Identity, token: &str, origin: Origin) -> Caller {
        Caller {
            user: identity.user,
            session: identity.session,
            token: token.to_owned(),
            origin,
            scopes: identity.scopes,
        }
    }
}

/// Whoever calls, if the route lets them. A route that needs nobody does not look.
pub async fn pass(app: &App, route: &Route, parts: &Parts) -> Result<Option<Caller>, Refusal> {
    let need = route.need;
    let shown = match shown_token(app, parts) {
        // Some clients send an empty header along with the password.
        Err(_) if need == Need::Anyone => None,
        shown => shown?,
    };
    let by_header = matches!(shown, Some(Shown::Header(_)));
    if !by_header && changes_something(&parts.method) {
        // A form on another page must not act for somebody, nor sign somebody in.
        from_own_page(app, parts)?;
    }
    if need == Need::Anyone {
        return Ok(None);
    }
    let caller = match shown {
        Some(shown) => {
            let (identity, token) = shown.identify(app).await?;
            scopes::admit(scopes::of(route), &identity.scopes)?;
            if !is_open_to_all(route.path) {
                identity.expect_factor()?;
            }
            Some(Caller::new(identity, &token, origin(app, parts)))
        }
        None => None,
    };
    let role = caller.as_ref().map(|caller| caller.user.role);
    match policy::admit(need, role) {
        Ok(()) => Ok(caller),
        Err(denied @ Denied::SignIn) => {
            Err(Refusal::new(Code::Unauthenticated, denied.to_string()))
        }
        Err(denied @ Denied::Forbidden) => Err(Refusal::forbidden(denied.to_string())),
    }
}

/// What somebody may do who has to set up a second factor first: that, and leave.
fn is_open_to_all(path: &str) -> bool {
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    matches!(path, "/me" | "/session" | "/logout") || path.starts_with("/factors")
}

/// Whoever calls a route that lets anybody in; nobody where the token does not count.
pub async fn whoever(app: &App, parts: &Parts) -> Result<Option<Caller>, Refusal> {
    let Ok(Some(shown)) = shown_token(app, parts) else {
        return Ok(None);
    };
    match shown.identify(app).await {
        Ok((identity, token)) => {
            if !is_open_to_all(parts.uri.path()) {
                identity.expect_factor()?;
            }
            Ok(Some(Caller::new(identity, &token, origin(app, parts))))
        }
        Err(refusal) if refusal.code == Code::Unauthenticated => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

/// A token and how it came.
enum Shown<'a> {
    Header(Cow<'a, str>),
    /// What may be one.
    Cookies(Vec<&'a str>),
}

impl Shown<'_> {
    async fn identify(self, app: &App) -> Result<(Identity, String), Refusal> {
        match self {
            Shown::Header(token) => Ok((app.services().identify(&token).await?, token.into())),
            Shown::Cookies(tokens) => app.services().identify_one(&tokens).await,
        }
    }
}

/// The header wins: who sets it means it.
fn shown_token<'a>(app: &App, parts: &'a Parts) -> Result<Option<Shown<'a>>, Refusal> {
    match credentials::bearer(fields(parts, header::AUTHORIZATION)) {
        Bearer::Token(token) => Ok(Some(Shown::Header(token.into()))),
        Bearer::Malformed => Err(Refusal::new(
            Code::Unauthenticated,
            "Send the token as `Authorization: Bearer <token>`.",
        )),
        Bearer::None => {
            if let Some(token) = credentials::wrapped(fields(parts, header::AUTHORIZATION)) {
                return Ok(Some(Shown::Header(token.into())));
            }
            let tokens = app.cookie().find(fields(parts, header::COOKIE));
            Ok((!tokens.is_empty()).then_some(Shown::Cookies(tokens)))
        }
    }
}

/// The values of all header fields of this name, in their order.
pub fn fields(parts: &Parts, name: HeaderName) -> impl DoubleEndedIterator<Item = &[u8]> {
    fields_of(&parts.headers, name)
}

/// As [`fields`], where only the headers are at hand.
pub fn fields_of(headers: &HeaderMap, name: HeaderName) -> impl DoubleEndedIterator<Item = &[u8]> {
    let values = headers.get_all(name).iter();
    values.map(axum::http::HeaderValue::as_bytes)
}

fn changes_something(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn from_own_page(app: &App, parts: &Parts) -> Result<(), Refusal> {
    let text = |name: HeaderName| {
        let value = parts.headers.get(name);
        value.and_then(|value| value.to_str().ok())
    };
    let origin = parts.headers.contains_key(header::ORIGIN);
    let asked = Asked {
        host: text(header::HOST),
        // What cannot be read is not ours.
        origin: origin.then(|| text(header::ORIGIN).unwrap_or("null")),
        fetch_site: text(HeaderName::from_static("sec-fetch-site")),
    };
    app.origins()
        .check(asked)
        .map_err(|foreign| Refusal::new(Code::BadOrigin, sentence(&foreign.to_string())))
}

/// Errors inside are phrases.
fn sentence(phrase: &str) -> String {
    let mut letters = phrase.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}

fn origin(app: &App, parts: &Parts) -> Origin {
    Origin {
        address: peer(app, parts).to_string(),
        user_agent: super::parts::user_agent(&parts.headers),
    }
}

/// Where a request comes from.
pub fn peer(app: &App, parts: &Parts) -> IpAddr {
    let peer = parts.extensions.get::<Peer>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    app.client_address(peer, &parts.headers)
}
