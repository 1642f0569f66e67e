//! Sessions: begun with a password, ended at once.

use super::oidc;
use crate::domain::audit::{Act, Target};
use crate::domain::{Actor, Code, Command, Manage, Refusal, Session, SessionId, Timestamp, User};
use crate::http::{
    answers::{Done, Perhaps, Shown, WithCookie},
    app::App,
    guard::Caller,
    parts::{Json, Visitor, Whoever},
    sign_in::{self, SignedIn},
};
use axum::http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    username: String,
    password: String,
    /// Of the app, or a recovery code, where the answer was `second_factor_needed`.
    #[serde(default)]
    code: Option<String>,
}

pub async fn log_in(
    app: App,
    visitor: Visitor,
    Json(login): Json<Login>,
) -> Result<WithCookie<Shown<SignedIn>>, Refusal> {
    let Login {
        username,
        password,
        code,
    } = login;
    let services = app.services();
    let signed_in =
        sign_in::sign_in(services, &visitor, &username, &password, code.as_deref()).await;
    count(&app, &signed_in);
    if let Err(refusal) = &signed_in
        && refusal.code == Code::BadCredentials
    {
        // The password was right where the code was not.
        let factor = refusal.field.as_ref().map(|_| "code");
        note_refused(&app, &visitor, &username, factor).await;
    }
    Ok(with_cookies(&app, signed_in?))
}

/// A password that waits for its code is neither good nor bad.
pub(super) fn count(app: &App, signed_in: &Result<SignedIn, Refusal>) {
    let result = match signed_in {
        Ok(_) => "done",
        Err(refusal) if refusal.code == Code::SecondFactorNeeded => return,
        Err(refusal) => refusal.code.as_str(),
    };
    app.services().metrics.signed_in(result);
}

pub(super) fn with_cookies(app: &App, signed_in: SignedIn) -> WithCookie<Shown<SignedIn>> {
    WithCookie {
        cookie: app.session_cookie(&signed_in),
        device: sign_in::new_device(app.services(), signed_in.user.id)
            .map(|device| app.device_cookie(&device)),
        answer: Shown(signed_in),
    }
}

/// A wrong password of an account that is there. What was typed for a name that is none may be a
/// password, and is not kept.
pub(super) async fn note_refused(
    app: &App,
    visitor: &Visitor,
    username: &str,
    factor: Option<&str>,
) {
    let account = app.read().map(|read| read.account_by_name(username));
    let Ok(Ok(Some(account))) = account else {
        return;
    };
    let act = Act {
        action: "session.refused".to_owned(),
        target: Target {
            kind: "user".to_owned(),
            id: account.user.id.0,
            name: account.user.username,
        },
        details: factor
            .map(|factor| ("factor".to_owned(), factor.to_owned()))
            .into_iter()
            .collect(),
    };
    let command = Command::Manage(Manage::Note(act)).asked_from(visitor.origin());
    if let Err(refusal) = app.engine().submit(Actor::System, command).await {
        tracing::debug!(%refusal, "a wrong password is missing in the audit log");
    }
}

/// The session ends at the provider that it began at, too.
#[derive(Serialize, ToSchema)]
pub struct SignedOut {
    /// Where the browser goes now; it comes back by itself.
    provider_url: String,
}

pub async fn log_out(
    app: App,
    caller: Caller,
    headers: HeaderMap,
) -> Result<WithCookie<Perhaps<SignedOut>>, Refusal> {
    end_session(&app, &caller, caller.session).await?;
    let url = oidc::sign_out_url(&app, &headers).await;
    let gone = app.cookie().set_provider("", 0);
    Ok(WithCookie {
        device: url.as_ref().and(HeaderValue::from_str(&gone).ok()),
        answer: Perhaps(url.map(|provider_url| SignedOut { provider_url })),
        cookie: app.no_cookie(),
    })
}

/// Who is signed in, if anybody is.
#[derive(Serialize, ToSchema)]
pub struct CurrentSession {
    user: Option<User>,
}

/// A page may ask before anybody signs in: it is no error that nobody did.
pub async fn current(Whoever(caller): Whoever) -> Result<Shown<CurrentSession>, Refusal> {
    let user = caller.map(|caller| caller.user);
    Ok(Shown(CurrentSession { user }))
}

/// A session and when it was used.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsedSession {
    #[serde(flatten)]
    about: Session,
    /// To the minute; absent where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Timestamp>,
}

pub async fn list(app: App, caller: Caller) -> Result<Shown<Vec<UsedSession>>, Refusal> {
    let sessions = app.read()?.sessions(caller.user.id, Some(caller.session))?;
    let mut used = Vec::with_capacity(sessions.len());
    for about in sessions {
        let last_used_at = app.services().last_use.of(about.id.0).await;
        used.push(UsedSession {
            about,
            last_used_at,
        });
    }
    Ok(Shown(used))
}

pub async fn end(app: App, caller: Caller, session: SessionId) -> Result<Done, Refusal> {
    end_session(&app, &caller, session).await?;
    Ok(Done)
}

pub async fn end_all(app: App, caller: Caller) -> Result<WithCookie<Done>, Refusal> {
    if sign_in::is_only_in_cache(caller.session) {
        forget(&app, &caller).await?;
    }
    let command = Command::EndSessions {
        user: caller.user.id,
        keep: None,
    };
    app.submit(&caller, command).await?;
    Ok(without_cookie(&app))
}

async fn end_session(app: &App, caller: &Caller, session: SessionId) -> Result<(), Refusal> {
    if session == caller.session && sign_in::is_only_in_cache(session) {
        return forget(app, caller).await;
    }
    let command = Command::EndSession {
        user: caller.user.id,
        session,
    };
    app.submit(caller, command).await?;
    Ok(())
}

/// Ends a session that the state does not know.
async fn forget(app: &App, caller: &Caller) -> Result<(), Refusal> {
    let sessions = &app.services().sessions;
    if let Ok(verified) = sessions.tokens().verify(&caller.token) {
        sessions.forget(&verified.jti).await.map_err(|error| {
            tracing::error!(%error, "a session could not be ended");
            Refusal::new(
                crate::domain::Code::Unavailable,
                "The session could not be ended; try again.",
            )
        })?;
    }
    let live = app.engine().live();
    live.close_session(caller.user.id, caller.session);
    Ok(())
}

fn without_cookie(app: &App) -> WithCookie<Done> {
    WithCookie {
        answer: Done,
        cookie: app.no_cookie(),
        device: None,
    }
}
