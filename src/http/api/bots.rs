//! Bots: accounts of programs.

use super::tokens::{end_of, submit, usual_scopes};
use crate::auth::access::{self, TokenKind};
use crate::domain::program::ProgramOutcome;
use crate::domain::{
    Command, ProgramCommand, Refusal, Role, Scope, Timestamp, TokenId, User, UserId,
};
use crate::http::{
    answers::{Created, Done, Shown},
    app::App,
    guard::Caller,
    parts::Json,
    problem,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBot {
    username: String,
    display_name: Option<String>,
    /// What its first token may do; `read` and `write` where it is left out.
    #[serde(default = "usual_scopes")]
    scopes: Vec<Scope>,
    /// When its first token ends; never, where this and `expires_in_s` are left out.
    expires_at: Option<Timestamp>,
    expires_in_s: Option<u64>,
}

/// A new bot with what is shown only once.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShownBot {
    user: User,
    /// Its first token. It is kept nowhere: who loses it makes another with `POST /tokens`.
    token: String,
    token_id: TokenId,
    scopes: Vec<Scope>,
    expires_at: Option<Timestamp>,
}

/// The caller's; all for administrators.
pub async fn list(app: App, caller: Caller) -> Result<Shown<Vec<User>>, Refusal> {
    let read = app.read()?;
    Ok(Shown(match caller.user.role {
        Role::Admin => read.all_bots()?,
        Role::Member => read.bots_of(caller.user.id)?,
    }))
}

pub async fn create(
    app: App,
    caller: Caller,
    Json(new): Json<NewBot>,
) -> Result<Created<ShownBot>, Refusal> {
    let expires_at = end_of(app.engine(), new.expires_at, new.expires_in_s)?;
    let secret = access::secret(TokenKind::Bot).map_err(|_| problem::panicked())?;
    let command = ProgramCommand::CreateBot {
        username: new.username,
        display_name: new.display_name,
        name: "first".to_owned(),
        digest: access::digest(&secret),
        scopes: new.scopes,
        expires_at,
    };
    match submit(&app, &caller, command).await? {
        ProgramOutcome::Bot(user, token) => Ok(Created(ShownBot {
            user,
            token: secret,
            token_id: token.id,
            scopes: token.scopes,
            expires_at: token.expires_at,
        })),
        _ => Err(problem::panicked()),
    }
}

/// Its tokens end at once and it is disabled; its messages stay.
pub async fn remove(app: App, caller: Caller, bot: UserId) -> Result<Done, Refusal> {
    let command = Command::Program(ProgramCommand::RemoveBot { bot });
    app.submit(&caller, command).await?;
    Ok(Done)
}
