//! The caller's own account.

use crate::auth::guesses::{Account, Source};
use crate::domain::{Command, Refusal, User};
use crate::http::{answers::Shown, app::App, guard::Caller, parts::Json, sign_in};
use serde::Deserialize;
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
    let right = sign_in::guess(
        services,
        Account::Known(caller.user.id),
        Source::Session(caller.session),
        &change.current,
        stored.as_deref(),
    );
    if !right.await? {
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
