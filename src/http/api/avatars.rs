//! The pictures that stand for people.

use super::uploads::{self, Incoming};
use crate::domain::{Command, Refusal, User, UserId};
use crate::files::FileType;
use crate::http::{
    answers::{Plain, Shown},
    app::App,
    body::Body,
    content::matches_tag,
    guard::Caller,
    parts::Query,
};
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Deserialize;
use utoipa::IntoParams;

pub async fn set(app: App, caller: Caller, incoming: Incoming) -> Result<Shown<User>, Refusal> {
    let new = uploads::picture(&app, &caller, incoming).await?;
    let content = new.content.clone();
    app.services()
        .spread_contents(vec![content.clone()])
        .await?;
    let picture = Some(new);
    let user = super::user(&app, &caller, Command::SetAvatar { picture }).await?;
    app.services().files.make_thumbnail(content);
    Ok(Shown(user))
}

pub async fn remove(app: App, caller: Caller) -> Result<Shown<User>, Refusal> {
    let command = Command::SetAvatar { picture: None };
    Ok(Shown(super::user(&app, &caller, command).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AvatarQuery {
    /// As in the address that the user has: this picture then never changes.
    pub(super) v: Option<u64>,
}

/// The small picture; nobody's own picture is shown in full.
pub async fn show(
    app: App,
    caller: Caller,
    user: UserId,
    headers: HeaderMap,
    Query(query): Query<AvatarQuery>,
) -> Result<Plain, Refusal> {
    let none = || Refusal::not_found("picture");
    let (content, version) = app.read()?.avatar(user)?.ok_or_else(none)?;
    let tag = format!("\"a{user}-{version}\"");
    let is_this = query.v == Some(version);
    small(&app, caller.user.id, content, (tag, is_this), &headers).await
}

/// A small picture; `is_this`: it was asked for by an address that never changes its picture.
pub(super) async fn small(
    app: &App,
    asking: UserId,
    content: String,
    (tag, is_this): (String, bool),
    headers: &HeaderMap,
) -> Result<Plain, Refusal> {
    let mut response = Response::new(Body::empty());
    let answer = response.headers_mut();
    let policy = HeaderValue::from_static("default-src 'none'; sandbox");
    answer.insert(header::CONTENT_SECURITY_POLICY, policy);
    let caching = if is_this {
        "private, max-age=31536000, immutable"
    } else {
        "private, no-cache"
    };
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answer.insert(header::ETAG, tag);
    }
    if matches_tag(headers, header::IF_NONE_MATCH, &tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(Plain { response });
    }
    let services = app.services();
    services.bring(&content).await;
    let store = services.files.store().clone();
    let made = services.load.files.run(asking, move || {
        store.thumbnail(&content).map_err(|error| {
            tracing::warn!(%error, "a picture cannot be made small");
            Refusal::not_found("picture")
        })
    });
    let bytes = made.await?;
    let mime = FileType::of(&bytes, true).mime;
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime));
    *response.body_mut() = Body::from(bytes);
    Ok(Plain { response })
}
