//! Files: read in parts, shown small, listed by room.

use crate::domain::{Code, Command, File, FileId, Message, Refusal, RoomId};
use crate::files::{FileType, kind};
use crate::http::{
    answers::{Done, Plain, Shown},
    app::App,
    body::Body,
    content::{Asked, asked_range, disposition, matches_tag},
    guard::Caller,
    parts::Query,
    uploads,
};
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub async fn remove(app: App, caller: Caller, file: FileId) -> Result<Done, Refusal> {
    app.submit(&caller, Command::DropFile { file }).await?;
    Ok(Done)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ShowQuery {
    /// To be saved rather than shown.
    #[serde(default)]
    download: bool,
}

pub async fn show(
    app: App,
    caller: Caller,
    id: FileId,
    headers: HeaderMap,
    Query(query): Query<ShowQuery>,
) -> Result<Plain, Refusal> {
    let (file, content) = app
        .read()?
        .file_for(caller.user.id, id)?
        .ok_or_else(|| Refusal::not_found("file"))?;
    let tag = format!("\"f{id}\"");
    let mut response = Response::new(Body::empty());
    let is_shown = kind::Shown::Download != shown(&file) && !query.download;
    protect(response.headers_mut(), &tag);
    let answer = response.headers_mut();
    answer.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    answer.insert(header::CONTENT_TYPE, media_type(&file));
    answer.insert(
        header::CONTENT_DISPOSITION,
        disposition(&file.name, is_shown),
    );
    if matches_tag(&headers, header::IF_NONE_MATCH, &tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(Plain { response });
    }
    let (from, bytes) = match asked_range(&headers, &tag, file.size) {
        Asked::Whole => (0, file.size),
        Asked::Part(from, to) => {
            let range = format!("bytes {from}-{to}/{}", file.size);
            if let Ok(range) = HeaderValue::from_str(&range) {
                answer.insert(header::CONTENT_RANGE, range);
            }
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            (from, to - from + 1)
        }
        Asked::Nothing => {
            let range = format!("bytes */{}", file.size);
            if let Ok(range) = HeaderValue::from_str(&range) {
                answer.insert(header::CONTENT_RANGE, range);
            }
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            return Ok(Plain { response });
        }
    };
    app.services().bring(&content).await;
    let unreadable = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, file = %id, "a file's content cannot be read");
        Refusal::new(
            Code::Internal,
            "The file's content cannot be read; the server's log says why.",
        )
    };
    let store = app.services().files.store().clone();
    let path = store.path(&content);
    let verified = tokio::task::spawn_blocking(move || store.verify(&content));
    match verified.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Err(unreadable(&error)),
        Err(error) => return Err(unreadable(&error)),
    }
    let pieces = uploads::pieces(&path, from, bytes).await;
    let pieces = pieces.map_err(|error| unreadable(&error))?;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    *response.body_mut() = Body::from_stream(pieces);
    Ok(Plain { response })
}

pub async fn thumbnail(
    app: App,
    caller: Caller,
    id: FileId,
    headers: HeaderMap,
) -> Result<Plain, Refusal> {
    let none = || Refusal::not_found("thumbnail");
    let found = app.read()?.file_for(caller.user.id, id)?;
    let (file, content) = found.ok_or_else(none)?;
    if file.thumbnail.is_none() {
        return Err(none());
    }
    let tag = format!("\"t{id}\"");
    let mut response = Response::new(Body::empty());
    protect(response.headers_mut(), &tag);
    if matches_tag(&headers, header::IF_NONE_MATCH, &tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(Plain { response });
    }
    let services = app.services();
    services.bring(&content).await;
    let store = services.files.store().clone();
    let made = services.load.files.run(caller.user.id, move || {
        store.thumbnail(&content).map_err(|error| {
            tracing::warn!(%error, "a thumbnail cannot be made");
            Refusal::not_found("thumbnail")
        })
    });
    let bytes = made.await?;
    let mime = FileType::of(&bytes, true).mime;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime));
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("inline"),
    );
    *response.body_mut() = Body::from(bytes);
    Ok(Plain { response })
}

fn shown(file: &File) -> kind::Shown {
    match FileType::named(&file.mime) {
        // One that is too large to be looked into here is too large for a page, too.
        kind::Shown::Picture if file.width.is_none() => kind::Shown::Download,
        shown => shown,
    }
}

/// What people sent runs nowhere, whatever it is and wherever it is opened. It is asked for again
/// each time, for who may read it changes.
fn protect(headers: &mut HeaderMap, tag: &str) {
    let policy = "default-src 'none'; sandbox";
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(policy),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
}

fn media_type(file: &File) -> HeaderValue {
    let unknown = HeaderValue::from_static("application/octet-stream");
    HeaderValue::from_str(&file.mime).unwrap_or(unknown)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct FilesQuery {
    /// 1 to 100; 50 where it is left out.
    limit: Option<usize>,
    /// Where the page before ended.
    #[param(value_type = Option<u64>)]
    cursor: Option<FileId>,
}

/// What was shared in a room, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilesPage {
    files: Vec<SharedFile>,
    /// For the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<FileId>,
}

/// A file and the message that carries it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SharedFile {
    file: File,
    message: Message,
}

pub async fn of_room(
    app: App,
    caller: Caller,
    room: RoomId,
    Query(query): Query<FilesQuery>,
) -> Result<Shown<FilesPage>, Refusal> {
    let limit = super::messages::page_size(query.limit)?;
    let viewer = caller.user.id;
    let found = app.big_read(move |read| {
        if !read.can_read(viewer, room)? {
            return Ok(None);
        }
        let mut found = read.files_of_room(viewer, room, query.cursor, limit + 1)?;
        let more = found.len() > limit;
        found.truncate(limit);
        Ok(Some((found, more)))
    });
    let (found, more) = found.await?.ok_or_else(|| Refusal::not_found("room"))?;
    let cursor = found.last().map(|(file, _)| file.id).filter(|_| more);
    let files = found
        .into_iter()
        .map(|(file, message)| SharedFile { file, message })
        .collect();
    Ok(Shown(FilesPage { files, cursor }))
}
