//! Signing in through the provider that the operator chose.

use super::unexpected;
use crate::auth::{random, tokens::LIFETIME};
use crate::domain::{Actor, Code, Command, Manage, Outcome, Refusal, Role, UserId, names};
use crate::http::{
    answers::Plain,
    app::App,
    body::Body,
    parts::{Query, Visitor, Whoever},
    problem,
    sign_in::{Planned, new_device},
    sso::Sso,
};
use crate::oidc::{Begun, Identity, Kept, OidcError, Redeemed};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// The seal of what is kept in the browser meanwhile.
const PURPOSE: &str = "oidc";
/// Whoever takes longer begins again.
const LIFETIME_MS: i64 = 10 * 60 * 1000;
/// The seal of the provider's token, for the end of the session there.
const SIGN_OUT: &str = "oidc-sign-out";
/// Of such a token, so that it fits a cookie twice encoded.
const TOKEN_BYTES: usize = 2_000;
const CALLBACK: &str = "/api/v1/oidc/callback";
/// Numbers that are tried behind a name that is taken.
const NAMESAKES: u32 = 1_000;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct BeginQuery {
    /// Where to go afterwards: a path of this server.
    #[serde(default)]
    to: Option<String>,
}

/// What comes back with the browser.
#[derive(Serialize, Deserialize)]
struct InBrowser {
    kept: Kept,
    to: String,
    /// Whose account the identity becomes, where somebody is signed in already.
    link: Option<UserId>,
    until_ms: i64,
}

/// Sends the browser to the provider. Who is signed in already links the identity to the account.
pub async fn begin(
    app: App,
    Whoever(caller): Whoever,
    headers: HeaderMap,
    Query(asked): Query<BeginQuery>,
) -> Result<Plain, Refusal> {
    let sso = sso(&app)?;
    let mut failed = false;
    let random = || {
        random::token().unwrap_or_else(|_| {
            failed = true;
            String::new()
        })
    };
    let uri = redirect_uri(&app, &headers);
    let begun = sso.provider.begin(&uri, random);
    let Begun { url, kept } = begun.await.map_err(refusal)?;
    if failed {
        return Err(problem::panicked());
    }
    let in_browser = InBrowser {
        kept,
        to: own_path(asked.to),
        link: caller.map(|caller| caller.user.id),
        until_ms: app.engine().now().0 + LIFETIME_MS,
    };
    let json = serde_json::to_vec(&in_browser).map_err(|_| problem::panicked())?;
    let text = URL_SAFE_NO_PAD.encode(json);
    let tokens = app.services().sessions.tokens();
    let sealed = tokens.seal(PURPOSE, &text).ok_or_else(problem::panicked)?;
    let cookie = app.cookie().set_sign_in(&sealed, LIFETIME_MS as u64 / 1000);
    Ok(redirect(&url, [cookie]))
}

#[derive(Debug, Deserialize, IntoParams)]
pub struct CallbackQuery {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    error_description: Option<String>,
}

/// The browser is back: begins the session.
pub async fn callback(
    app: App,
    visitor: Visitor,
    headers: HeaderMap,
    Query(asked): Query<CallbackQuery>,
) -> Result<Plain, Refusal> {
    let sso = sso(&app)?;
    let stale = || refusal(OidcError::Stale);
    let held = app.cookie().find_sign_in(
        headers
            .get_all(header::COOKIE)
            .iter()
            .map(HeaderValue::as_bytes),
    );
    let tokens = app.services().sessions.tokens();
    let text = held.and_then(|held| tokens.unseal(PURPOSE, held));
    let json = text.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let held: Option<InBrowser> = json.and_then(|json| serde_json::from_slice(&json).ok());
    let held = held.filter(|held| held.until_ms > app.engine().now().0);
    let held = held.ok_or_else(stale)?;
    if let Some(error) = asked.error {
        let text = format!("{error} {}", asked.error_description.unwrap_or_default());
        let text: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
        return Err(refusal(OidcError::Denied(text)));
    }
    let (Some(code), Some(state)) = (asked.code, asked.state) else {
        return Err(stale());
    };
    let uri = redirect_uri(&app, &headers);
    let redeemed = sso.provider.redeem(&uri, &held.kept, &state, &code);
    let Redeemed { identity, token } = redeemed.await.map_err(refusal)?;
    let done = app.cookie().set_sign_in("", 0);
    if let Some(user) = held.link {
        link(&app, &visitor, user, identity).await?;
        return Ok(redirect(&held.to, [done]));
    }
    let planned = Planned::new(app.services())?;
    let command = Command::Manage(Manage::SignInBy {
        username: free_name(&app, &identity)?,
        display_name: identity.name.clone(),
        may_create: sso.may_sign_up(&app, &identity),
        role: sso.role(&identity),
        issuer: identity.issuer,
        subject: identity.subject,
        session: planned.session(&visitor),
    });
    let command = command.asked_from(visitor.origin());
    let outcome = app.engine().submit(Actor::System, command).await;
    app.services().metrics.signed_in(match &outcome {
        Ok(_) => "done",
        Err(refusal) => refusal.code.as_str(),
    });
    let Outcome::Session {
        user,
        session,
        ended,
    } = outcome?
    else {
        return Err(problem::panicked());
    };
    let signed_in = planned.signed(app.services(), user, session, ended)?;
    let mut cookies = vec![done];
    if sso.signs_out {
        cookies.push(begun_there(&app, &token)?);
    }
    for cookie in [
        Some(app.session_cookie(&signed_in)),
        new_device(app.services(), signed_in.user.id).map(|device| app.device_cookie(&device)),
    ] {
        cookies.extend(cookie.and_then(|cookie| cookie.to_str().map(str::to_owned).ok()));
    }
    Ok(redirect(&held.to, cookies))
}

/// The cookie by which a sign-out finds the way to the provider.
fn begun_there(app: &App, token: &str) -> Result<String, Refusal> {
    // Browsers keep no larger cookies; the provider then asks who it is.
    let token = if token.len() > TOKEN_BYTES { "" } else { token };
    let tokens = app.services().sessions.tokens();
    let sealed = tokens.seal(SIGN_OUT, &URL_SAFE_NO_PAD.encode(token));
    let sealed = sealed.ok_or_else(problem::panicked)?;
    Ok(app.cookie().set_provider(&sealed, LIFETIME.as_secs()))
}

/// Where the browser goes to end its session at the provider, too, if it began there.
pub(super) async fn sign_out_url(app: &App, headers: &HeaderMap) -> Option<String> {
    let sso = app.sso().filter(|sso| sso.signs_out)?;
    let fields = headers.get_all(header::COOKIE).iter();
    let held = app
        .cookie()
        .find_provider(fields.map(HeaderValue::as_bytes))?;
    let text = app.services().sessions.tokens().unseal(SIGN_OUT, held)?;
    let token = URL_SAFE_NO_PAD.decode(text).ok()?;
    let token = String::from_utf8(token)
        .ok()
        .filter(|token| !token.is_empty());
    let back = format!("{}/", app.base_url(headers).trim_end_matches('/'));
    match sso.provider.sign_out_url(token.as_deref(), &back).await {
        Ok(url) => url,
        Err(error) => {
            // Here the session is over all the same.
            tracing::warn!("nobody is signed out at the provider: {error}");
            None
        }
    }
}

async fn link(
    app: &App,
    visitor: &Visitor,
    user: UserId,
    identity: Identity,
) -> Result<(), Refusal> {
    let command = Command::Manage(Manage::LinkIdentity {
        user,
        issuer: identity.issuer,
        subject: identity.subject,
    });
    let command = command.asked_from(visitor.origin());
    match app.engine().submit(Actor::System, command).await? {
        Outcome::Done => Ok(()),
        other => Err(unexpected(&other)),
    }
}

fn sso(app: &App) -> Result<&Sso, Refusal> {
    app.sso().ok_or_else(|| {
        Refusal::new(
            Code::NotFound,
            "Signing in through a provider is not set up here.",
        )
    })
}

/// A name for a new account: the provider's, or what stands before the @, with a number if taken.
fn free_name(app: &App, identity: &Identity) -> Result<String, Refusal> {
    let local = identity
        .email
        .as_deref()
        .and_then(|email| email.split('@').next());
    let wanted = identity.username.as_deref().or(local);
    let wanted = wanted
        .and_then(|wanted| wanted.split('@').next())
        .unwrap_or("user");
    let base = names::username(wanted.to_owned()).unwrap_or_else(|_| "user".to_owned());
    let read = app.read()?;
    for n in 1..NAMESAKES {
        let name = match n {
            1 => base.clone(),
            n => format!("{base}{n}"),
        };
        if read.account_by_name(&name)?.is_none() {
            return Ok(name);
        }
    }
    Ok(format!("{base}-{}", app.engine().now().0))
}

fn redirect_uri(app: &App, headers: &HeaderMap) -> String {
    format!("{}{CALLBACK}", app.base_url(headers))
}

/// Nowhere else than on this server.
fn own_path(asked: Option<String>) -> String {
    asked
        .filter(|path| {
            path.starts_with('/')
                && !path.starts_with("//")
                && path
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        })
        .unwrap_or_else(|| "/".to_owned())
}

fn redirect(to: &str, cookies: impl IntoIterator<Item = String>) -> Plain {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FOUND;
    let headers = response.headers_mut();
    if let Ok(to) = HeaderValue::from_str(to) {
        headers.insert(header::LOCATION, to);
    }
    for cookie in cookies {
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
    Plain { response }
}

fn refusal(error: OidcError) -> Refusal {
    let code = match &error {
        OidcError::Away(..) | OidcError::OtherIssuer { .. } | OidcError::Unusable(..) => {
            tracing::error!("{error}");
            Code::Unavailable
        }
        OidcError::Untrusted(_) => {
            tracing::warn!("{error}");
            Code::BadCredentials
        }
        OidcError::Denied(_) | OidcError::Stale => Code::BadCredentials,
    };
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    Refusal::new(
        code,
        format!("{}{}.", first.unwrap_or_default(), letters.as_str()),
    )
}

/// The role that a group of the provider gives.
impl Sso {
    fn role(&self, identity: &Identity) -> Option<Role> {
        let group = self.admin_group.as_ref()?;
        Some(if identity.groups.contains(group) {
            Role::Admin
        } else {
            Role::Member
        })
    }

    fn may_sign_up(&self, app: &App, identity: &Identity) -> bool {
        if app.settings().signup == crate::config::Signup::Open {
            return true;
        }
        let domain = identity
            .email
            .as_deref()
            .and_then(|email| email.rsplit_once('@'))
            .map(|(_, domain)| domain.to_ascii_lowercase());
        domain.is_some_and(|domain| self.domains.contains(&domain))
    }
}
