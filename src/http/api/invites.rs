//! Invitations to sign up, made by administrators.

use super::unexpected;
use crate::auth::random;
use crate::domain::{Command, Invite, InviteId, Outcome, Refusal, Role, limits};
use crate::http::{
    answers::{Created, Done, Shown},
    app::App,
    guard::Caller,
    parts::MaybeJson,
    problem,
};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const DAY_S: u64 = 24 * 60 * 60;
const USUAL_S: u64 = 7 * DAY_S;
const LONGEST_S: u64 = 366 * DAY_S;

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvite {
    /// The role that it gives; `member` where it is left out.
    #[serde(default)]
    role: Role,
    /// Seconds until it is over; seven days where it is left out, 366 at most.
    expires_in_s: Option<u64>,
    /// How many people can use it; one where it is left out.
    uses: Option<u32>,
}

/// A new invitation with what is shown only once.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShownInvite {
    #[serde(flatten)]
    invite: Invite,
    /// The secret that lets people sign up.
    token: String,
    /// The same as a link.
    url: String,
}

pub async fn list(app: App, _: Caller) -> Result<Shown<Vec<Invite>>, Refusal> {
    let now = app.engine().now();
    let mut invites = app.read()?.invites()?;
    invites.retain(|invite| invite.uses_left > 0 && invite.expires_at > now);
    Ok(Shown(invites))
}

pub async fn create(
    app: App,
    caller: Caller,
    headers: HeaderMap,
    MaybeJson(new): MaybeJson<NewInvite>,
) -> Result<Created<ShownInvite>, Refusal> {
    let expires_in_s = new.expires_in_s.unwrap_or(USUAL_S);
    if !(1..=LONGEST_S).contains(&expires_in_s) {
        return Err(Refusal {
            limit: Some(LONGEST_S),
            ..Refusal::invalid(
                "expires_in_s",
                format!("An invitation lasts 1 to {LONGEST_S} seconds (366 days)."),
            )
        });
    }
    let uses = new.uses.unwrap_or(1);
    if uses > limits::INVITE_USES {
        return Err(Refusal {
            limit: Some(u64::from(limits::INVITE_USES)),
            ..Refusal::invalid(
                "uses",
                format!("An invitation has 1 to {} uses.", limits::INVITE_USES),
            )
        });
    }
    let token = random::token().map_err(|error| {
        tracing::error!(%error, "an invitation could not be made");
        problem::panicked()
    })?;
    let expires_in_ms = i64::try_from(expires_in_s * 1000).unwrap_or(i64::MAX);
    let command = Command::CreateInvite {
        digest: random::digest_text(&token),
        role: new.role,
        expires_at: app.engine().now().plus_ms(expires_in_ms),
        uses,
        is_setup: false,
    };
    match app.submit(&caller, command).await? {
        Outcome::Invite(invite) => {
            let url = format!("{}/signup?invite={token}", app.base_url(&headers));
            Ok(Created(ShownInvite { invite, token, url }))
        }
        other => Err(unexpected(&other)),
    }
}

pub async fn revoke(app: App, caller: Caller, invite: InviteId) -> Result<Done, Refusal> {
    app.submit(&caller, Command::RevokeInvite { invite })
        .await?;
    Ok(Done)
}
