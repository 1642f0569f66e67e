//! What the workspace is called, and the picture that stands for it.

use super::{
    avatars::{self, AvatarQuery},
    server::{self, ServerInfo},
    uploads::{self, Incoming},
};
use crate::domain::{Command, Manage, Refusal, UserId};
use crate::http::{
    answers::{Plain, Shown},
    app::App,
    guard::Caller,
    parts::{Json, Query},
};
use axum::http::HeaderMap;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkspaceChange {
    /// Empty: as the server was started.
    name: String,
}

pub async fn change(
    app: App,
    caller: Caller,
    Json(change): Json<WorkspaceChange>,
) -> Result<Shown<ServerInfo>, Refusal> {
    let manage = Manage::NameWorkspace { name: change.name };
    app.submit(&caller, Command::Manage(manage)).await?;
    Ok(Shown(server::info(&app)?))
}

pub async fn set_picture(
    app: App,
    caller: Caller,
    incoming: Incoming,
) -> Result<Shown<ServerInfo>, Refusal> {
    let new = uploads::picture(&app, &caller, incoming).await?;
    let content = new.content.clone();
    let manage = Manage::PictureWorkspace { picture: Some(new) };
    app.submit(&caller, Command::Manage(manage)).await?;
    app.services().files.make_thumbnail(content);
    Ok(Shown(server::info(&app)?))
}

pub async fn remove_picture(app: App, caller: Caller) -> Result<Shown<ServerInfo>, Refusal> {
    let manage = Manage::PictureWorkspace { picture: None };
    app.submit(&caller, Command::Manage(manage)).await?;
    Ok(Shown(server::info(&app)?))
}

/// For anybody: it stands above the form of signing in.
pub async fn picture(
    app: App,
    headers: HeaderMap,
    Query(query): Query<AvatarQuery>,
) -> Result<Plain, Refusal> {
    let picture = app.read()?.workspace()?.picture;
    let picture = picture.ok_or_else(|| Refusal::not_found("picture"))?;
    let tag = format!("\"w{}\"", picture.version);
    let is_this = query.v == Some(picture.version);
    avatars::small(&app, UserId(0), picture.content, (tag, is_this), &headers).await
}
