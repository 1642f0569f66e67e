//! Letters: an address that is shown to be somebody's, and a new password by a link that goes there.

use super::unexpected;
use crate::auth::random;
use crate::auth::throttle::{Limit, neighbourhood};
use crate::domain::{Actor, Code, Command, Manage, Outcome, Refusal, UserId, limits};
use crate::http::{
    answers::{Done, Shown},
    app::App,
    guard::Caller,
    letters::{self, Words},
    parts::{Json, Visitor},
    problem,
    second_step::expect_password,
    services::throttled,
};
use crate::mail::{Letter, Mailer, is_address};
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

/// The seal of an address that is not shown to be anybody's yet.
const PURPOSE: &str = "email";
const CONFIRM_MS: i64 = 24 * 3600 * 1000;
/// A link for a new password works for so long.
const RESET_MS: i64 = 3600 * 1000;
/// Letters to one account, and what one address asks for.
const BY_ACCOUNT: Limit = Limit {
    name: "mail",
    count: 5,
    per: Duration::from_secs(3600),
};
const BY_ADDRESS: Limit = Limit {
    name: "mail-from",
    count: 20,
    per: Duration::from_secs(3600),
};
/// Of the accounts with one address of mail.
const ACCOUNTS: usize = 5;

/// Where letters reach the caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyEmail {
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// Whether the server sends letters.
    possible: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEmail {
    address: String,
    #[serde(default)]
    current_password: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailToken {
    /// From the link in the letter.
    token: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Forgotten {
    /// A user name, or an address of mail.
    username: String,
}

pub async fn show(app: App, caller: Caller) -> Result<Shown<MyEmail>, Refusal> {
    let held = app.read()?.email(caller.user.id)?;
    Ok(Shown(MyEmail {
        address: held.map(|held| held.address),
        possible: app.mail().is_some(),
    }))
}

/// Sends a letter with a link. The address counts once the link is opened.
pub async fn begin(
    app: App,
    caller: Caller,
    headers: HeaderMap,
    Json(new): Json<NewEmail>,
) -> Result<Done, Refusal> {
    let mailer = mailer(&app)?;
    expect_password(&app, &caller, new.current_password.as_deref()).await?;
    let address = new.address.trim().to_owned();
    if !is_address(&address) || address.len() > limits::EMAIL_BYTES {
        return Err(Refusal::invalid("address", "This is no address of mail."));
    }
    let services = app.services();
    let of_account = caller.user.id.to_string();
    throttled(services.throttle.take(&BY_ACCOUNT, &of_account).await)?;
    let until_ms = app.engine().now().0 + CONFIRM_MS;
    let text = format!(
        "{of_account}-{until_ms}-{}",
        URL_SAFE_NO_PAD.encode(&address)
    );
    let sealed = services.sessions.tokens().seal(PURPOSE, &text);
    let sealed = sealed.ok_or_else(problem::panicked)?;
    let link = format!("{}/email?token={sealed}", app.base_url(&headers));
    let letter = letters::confirm(Words::asked(&headers), &app.settings().name, &link);
    let sent = mailer.send(Letter {
        to: &address,
        subject: &letter.subject,
        text: letter.text,
    });
    sent.await.map_err(|error| {
        tracing::error!("{error}");
        Refusal::new(
            Code::Unavailable,
            "The letter could not be sent; the server's log says why.",
        )
    })?;
    Ok(Done)
}

/// Whoever has the link has the letter.
pub async fn confirm(
    app: App,
    visitor: Visitor,
    Json(shown): Json<EmailToken>,
) -> Result<Done, Refusal> {
    let gone = || {
        Refusal::new(
            Code::BadInvite,
            "This link is not valid any more; ask for another.",
        )
    };
    let tokens = app.services().sessions.tokens();
    let text = tokens.unseal(PURPOSE, &shown.token).ok_or_else(gone)?;
    let mut parts = text.splitn(3, '-');
    let user = parts.next().and_then(|part| part.parse().ok()).map(UserId);
    let until_ms: i64 = parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
    let address = parts
        .next()
        .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let address = address.and_then(|address| String::from_utf8(address).ok());
    let (Some(user), Some(address)) = (user, address) else {
        return Err(gone());
    };
    if until_ms < app.engine().now().0 {
        return Err(gone());
    }
    let command = Command::Manage(Manage::SetEmail {
        user,
        address: Some(address),
    });
    let command = command.asked_from(visitor.origin());
    match app.engine().submit(Actor::System, command).await? {
        Outcome::Done => Ok(Done),
        other => Err(unexpected(&other)),
    }
}

pub async fn remove(
    app: App,
    caller: Caller,
    Json(with): Json<super::factors::WithPassword>,
) -> Result<Done, Refusal> {
    expect_password(&app, &caller, with.current_password.as_deref()).await?;
    let command = Command::Manage(Manage::SetEmail {
        user: caller.user.id,
        address: None,
    });
    match app.submit(&caller, command).await? {
        Outcome::Done => Ok(Done),
        other => Err(unexpected(&other)),
    }
}

/// Sends a link for a new password, if there is such an account and it has an address. The answer is
/// the same, and comes as fast, if there is none.
pub async fn forgotten(
    app: App,
    visitor: Visitor,
    headers: HeaderMap,
    Json(forgotten): Json<Forgotten>,
) -> Result<Done, Refusal> {
    let mailer = mailer(&app)?.clone();
    let address = neighbourhood(visitor.address);
    throttled(app.services().throttle.take(&BY_ADDRESS, &address).await)?;
    let words = Words::asked(&headers);
    let base = app.base_url(&headers);
    tokio::spawn(async move {
        if let Err(refusal) = send_links(&app, &visitor, &mailer, words, &base, &forgotten).await {
            tracing::warn!(%refusal, "no link for a new password was sent");
        }
    });
    Ok(Done)
}

async fn send_links(
    app: &App,
    visitor: &Visitor,
    mailer: &Mailer,
    words: Words,
    base: &str,
    forgotten: &Forgotten,
) -> Result<(), Refusal> {
    let name = forgotten.username.trim();
    let read = app.read()?;
    let users = match read.account_by_name(name)? {
        Some(account) => vec![account.user.id],
        None => read.users_by_email(name, ACCOUNTS)?,
    };
    let mut found = Vec::new();
    for id in users {
        let user = read.user(id)?.filter(|user| !user.disabled);
        let email = read.email(id)?;
        found.extend(user.zip(email));
    }
    drop(read);
    for (user, email) in found {
        throttled(
            app.services()
                .throttle
                .take(&BY_ACCOUNT, &user.id.to_string())
                .await,
        )?;
        let token = random::token().map_err(|_| problem::panicked())?;
        let command = Command::Manage(Manage::CreateReset {
            user: user.id,
            digest: random::digest_text(&token),
            expires_at: app.engine().now().plus_ms(RESET_MS),
        });
        let command = command.asked_from(visitor.origin());
        app.engine().submit(Actor::System, command).await?;
        let link = format!("{base}/reset?token={token}");
        let letter = letters::reset(words, &app.settings().name, &user.username, &link);
        let sent = mailer.send(Letter {
            to: &email.address,
            subject: &letter.subject,
            text: letter.text,
        });
        if let Err(error) = sent.await {
            tracing::error!(user = %user.id, "{error}");
        }
    }
    Ok(())
}

fn mailer(app: &App) -> Result<&Mailer, Refusal> {
    app.mail().ok_or_else(|| {
        Refusal::new(
            Code::NotFound,
            "This server sends no letters; ask an administrator for a link.",
        )
    })
}
