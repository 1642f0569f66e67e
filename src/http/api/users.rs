//! People, and what administrators do to their accounts.

use crate::domain::{Command, Refusal, Role, User, UserId};
use crate::http::{
    answers::{Done, Shown},
    app::App,
    guard::Caller,
    parts::Json,
};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    role: Option<Role>,
    /// A disabled account cannot sign in, and its sessions end.
    disabled: Option<bool>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    password: String,
}

pub async fn list(app: App, _: Caller) -> Result<Shown<Vec<User>>, Refusal> {
    Ok(Shown(app.big_read(|read| read.users()).await?))
}

pub async fn show(app: App, _: Caller, user: UserId) -> Result<Shown<User>, Refusal> {
    found(&app, user)
}

pub async fn change(
    app: App,
    caller: Caller,
    id: UserId,
    Json(change): Json<UserChange>,
) -> Result<Shown<User>, Refusal> {
    if let Some(role) = change.role {
        super::user(&app, &caller, Command::SetRole { user: id, role }).await?;
    }
    if let Some(disabled) = change.disabled {
        super::user(&app, &caller, Command::SetDisabled { user: id, disabled }).await?;
    }
    found(&app, id)
}

/// Sets a password for somebody else; all their sessions end.
pub async fn set_password(
    app: App,
    caller: Caller,
    id: UserId,
    Json(new): Json<NewPassword>,
) -> Result<Done, Refusal> {
    let Shown(user) = found(&app, id)?;
    let password_hash = app
        .services()
        .new_password(&new.password, &user.username)
        .await?;
    let command = Command::SetPassword {
        user: id,
        password_hash,
        keep: None,
    };
    app.submit(&caller, command).await?;
    Ok(Done)
}

fn found(app: &App, id: UserId) -> Result<Shown<User>, Refusal> {
    app.read()?
        .user(id)?
        .map(Shown)
        .ok_or_else(|| Refusal::not_found("user"))
}
