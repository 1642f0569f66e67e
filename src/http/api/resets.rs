//! Links for a new password, made by administrators.

use super::unexpected;
use crate::auth::random;
use crate::auth::throttle::{Limit, neighbourhood};
use crate::domain::{Actor, Code, Command, Manage, Outcome, Refusal, Timestamp, UserId};
use crate::http::{
    answers::{Created, Done},
    app::App,
    guard::Caller,
    parts::{Json, Visitor},
    problem,
    services::throttled,
};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

/// A link works for so long.
pub const LIFETIME_MS: i64 = 24 * 3600 * 1000;

/// What is shown only once.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShownReset {
    /// The secret that lets somebody set a new password, once.
    token: String,
    /// The same as a link.
    url: String,
    expires_at: Timestamp,
}

pub async fn create(
    app: App,
    caller: Caller,
    user: UserId,
    headers: HeaderMap,
) -> Result<Created<ShownReset>, Refusal> {
    let token = random::token().map_err(|_| problem::panicked())?;
    let expires_at = app.engine().now().plus_ms(LIFETIME_MS);
    let command = Command::Manage(Manage::CreateReset {
        user,
        digest: random::digest_text(&token),
        expires_at,
    });
    match app.submit(&caller, command).await? {
        Outcome::Done => Ok(Created(ShownReset {
            url: format!("{}/reset?token={token}", app.base_url(&headers)),
            token,
            expires_at,
        })),
        other => Err(unexpected(&other)),
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reset {
    token: String,
    password: String,
}

/// Whoever has the link sets the password; all sessions of the account end.
pub async fn redeem(app: App, visitor: Visitor, Json(reset): Json<Reset>) -> Result<Done, Refusal> {
    let services = app.services();
    let address = neighbourhood(visitor.address);
    throttled(services.throttle.take(&BY_ADDRESS, &address).await)?;
    let digest = random::digest_text(&reset.token);
    let gone = || {
        Refusal::new(
            Code::BadInvite,
            "This link is not valid any more; ask an administrator for a new one.",
        )
    };
    let read = app.read()?;
    let user = read.reset(&digest, app.engine().now())?.ok_or_else(gone)?;
    let user = read.user(user)?.ok_or_else(gone)?;
    drop(read);
    let password_hash = services
        .new_password(&reset.password, &user.username)
        .await?;
    let command = Command::Manage(Manage::UseReset {
        digest,
        password_hash,
    });
    let command = command.asked_from(visitor.origin());
    app.engine().submit(Actor::System, command).await?;
    Ok(Done)
}

/// Tokens cannot be guessed; trying costs hashing.
const BY_ADDRESS: Limit = Limit {
    name: "reset",
    count: 20,
    per: Duration::from_secs(3600),
};
