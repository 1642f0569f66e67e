//! Previews of links: their pictures, and taking them off.

use crate::domain::{Command, Message, MessageId, PreviewCommand, Refusal};
use crate::files::FileType;
use crate::http::{
    answers::{Plain, Shown},
    app::App,
    body::Body,
    content::matches_tag,
    guard::Caller,
    parts::Nth,
    problem,
};
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};

/// The message shows no previews any more.
pub async fn hide(app: App, caller: Caller, message: MessageId) -> Result<Shown<Message>, Refusal> {
    let command = Command::Preview(PreviewCommand::Hide { message });
    let (message, _) = super::message(&app, &caller, command).await?;
    Ok(Shown(message))
}

/// The small picture of the n-th preview, counted from 0. Readers ask nobody else for it.
pub async fn picture(
    app: App,
    caller: Caller,
    message: MessageId,
    Nth(n): Nth,
    headers: HeaderMap,
) -> Result<Plain, Refusal> {
    let none = || Refusal::not_found("picture");
    let said = app.read()?.message_for(caller.user.id, message)?;
    let preview = said.and_then(|said| said.previews.into_iter().nth(n as usize));
    let picture = preview
        .and_then(|preview| preview.picture)
        .ok_or_else(none)?;
    let mut response = Response::new(Body::empty());
    let answer = response.headers_mut();
    let policy = HeaderValue::from_static("default-src 'none'; sandbox");
    answer.insert(header::CONTENT_SECURITY_POLICY, policy);
    // Who may read the message changes, and so may its previews.
    let caching = HeaderValue::from_static("private, no-cache");
    answer.insert(header::CACHE_CONTROL, caching);
    let tag = format!(
        "\"p{message}-{n}-{:x}\"",
        crc32c::crc32c(picture.content.as_bytes())
    );
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answer.insert(header::ETAG, tag);
    }
    if matches_tag(&headers, header::IF_NONE_MATCH, &tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(Plain { response });
    }
    let services = app.services();
    services.bring(&picture.content).await;
    let store = services.files.store().clone();
    let read = tokio::task::spawn_blocking(move || {
        store.verify(&picture.content)?;
        Ok::<_, crate::files::FileError>(std::fs::read(store.path(&picture.content))?)
    });
    let read = read.await.map_err(|_| problem::panicked())?;
    let bytes = read.map_err(|error| {
        tracing::warn!(%error, "the picture of a page cannot be read");
        none()
    })?;
    let mime = FileType::of(&bytes, true).mime;
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime));
    *response.body_mut() = Body::from(bytes);
    Ok(Plain { response })
}
