//! People, and what administrators do to their accounts.

use super::people::{self, Finder};
use crate::domain::{Command, Refusal, Role, User, UserId};
use crate::http::{
    answers::{Done, Shown},
    app::App,
    guard::Caller,
    parts::{Json, Query},
};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

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

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct UsersQuery {
    /// A part of a name, also a half-typed one: the likeliest first, without disabled accounts.
    q: Option<String>,
    /// These people, as `1,2,3`; ids of nobody are left out.
    ids: Option<String>,
    /// Only people after this one; for the next page, the last id of this one.
    #[param(value_type = Option<u64>)]
    after: Option<UserId>,
    /// 1 to 1000; 1000 where it is left out. An answer of fewer people is the last page.
    limit: Option<usize>,
}

pub async fn list(
    app: App,
    _: Caller,
    Query(query): Query<UsersQuery>,
) -> Result<Shown<Vec<User>>, Refusal> {
    let limit = people::page_size(query.limit)?;
    let ids = query.ids.as_deref().map(people::ids).transpose()?;
    let finder = Finder::new(query.q.as_deref().unwrap_or_default())?;
    let after = query.after.unwrap_or_default();
    let names = Arc::clone(&app.services().names);
    let users = app.big_read(move |read| {
        if let Some(ids) = ids {
            let known = ids.into_iter().map(|id| read.user(UserId(id)));
            return known.filter_map(Result::transpose).take(limit).collect();
        }
        if finder.is_empty() {
            read.users_after(after, limit)
        } else {
            finder.users(read, &names.people(read)?, limit)
        }
    });
    Ok(Shown(users.await?))
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
