//! The caller's own account.

use super::unexpected;
use crate::auth::guesses::{Account, GuessOrigin};
use crate::domain::{Command, Outcome, Refusal, Status, User};
use crate::http::{answers::Shown, app::App, guard::Caller, parts::Json, sign_in};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MyChange {
    display_name: Option<String>,
    password: Option<PasswordChange>,
}

/// All other sessions end with it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    current: String,
    new: String,
}

/// Whatever the web app keeps with an account: an object of settings by name.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
pub struct Settings(Map<String, Value>);

impl Settings {
    /// As they are kept.
    pub fn of(json: &str) -> Settings {
        Settings(serde_json::from_str(json).unwrap_or_default())
    }
}

pub async fn settings(app: App, caller: Caller) -> Result<Shown<Settings>, Refusal> {
    let json = app.read()?.settings(caller.user.id)?;
    Ok(Shown(Settings::of(&json)))
}

/// A JSON merge patch (RFC 7396): null removes a setting, the others stay as they are.
pub async fn change_settings(
    app: App,
    caller: Caller,
    Json(Settings(patch)): Json<Settings>,
) -> Result<Shown<Settings>, Refusal> {
    let patch = Value::Object(patch).to_string();
    match app
        .submit(&caller, Command::ChangeSettings { patch })
        .await?
    {
        Outcome::Settings(json) => Ok(Shown(Settings::of(&json))),
        other => Err(unexpected(&other)),
    }
}

/// What the caller is up to; one without emoji and text takes it back.
pub async fn set_status(
    app: App,
    caller: Caller,
    Json(status): Json<Status>,
) -> Result<Shown<User>, Refusal> {
    let status = Some(status);
    let user = super::user(&app, &caller, Command::SetStatus { status }).await?;
    Ok(Shown(user))
}

pub async fn show(_: App, caller: Caller) -> Result<Shown<User>, Refusal> {
    Ok(Shown(caller.user))
}

pub async fn change(
    app: App,
    caller: Caller,
    Json(change): Json<MyChange>,
) -> Result<Shown<User>, Refusal> {
    // The password first: when it is wrong, nothing is changed.
    if let Some(password) = change.password {
        change_password(&app, &caller, &password).await?;
    }
    let Some(display_name) = change.display_name else {
        return Ok(Shown(caller.user));
    };
    let command = Command::SetDisplayName {
        user: caller.user.id,
        display_name,
    };
    Ok(Shown(super::user(&app, &caller, command).await?))
}

async fn change_password(
    app: &App,
    caller: &Caller,
    change: &PasswordChange,
) -> Result<(), Refusal> {
    let services = app.services();
    let account = app.read()?.account(caller.user.id)?;
    let stored = account.and_then(|account| account.password_hash);
    let verdict = sign_in::guess(
        services,
        Account::Known(caller.user.id),
        GuessOrigin::Session(caller.session),
        &change.current,
        stored.as_deref(),
    );
    if !verdict.await?.right {
        return Err(Refusal {
            field: Some("password.current".into()),
            ..Refusal::forbidden("The current password is wrong.")
        });
    }
    let password_hash = services
        .new_password(&change.new, &caller.user.username)
        .await?;
    let command = Command::SetPassword {
        user: caller.user.id,
        password_hash,
        keep: Some(caller.session),
    };
    app.submit(caller, command).await?;
    Ok(())
}
