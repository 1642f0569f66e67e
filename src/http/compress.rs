//! JSON in fewer bytes, for clients that take it so.

use super::{assets::Coding, body::Body};
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use http_body_util::BodyExt as _;
use hyper::body::Body as _;

/// Smaller answers gain nothing.
const WORTH_BYTES: u64 = 1_024;
/// Larger ones take too long for a thread that serves sockets.
const AT_ONCE_BYTES: usize = 32 * 1024;

/// The answer, compressed if it is worth it. Answers that set cookies hold secrets beside what was
/// asked, so their length tells nothing.
pub async fn json(asked: &Option<Coding>, response: Response) -> Response {
    let Some(coding) = *asked else {
        return response;
    };
    let headers = response.headers();
    let is_plain_json = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"))
        && !headers.contains_key(header::CONTENT_ENCODING)
        && !headers.contains_key(header::SET_COOKIE)
        && response.status() != StatusCode::NOT_MODIFIED;
    let size_bytes = response.body().size_hint().exact();
    if !is_plain_json || size_bytes.is_none_or(|bytes| bytes < WORTH_BYTES) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // The whole of it is in memory already.
    let Ok(plain) = body.collect().await else {
        return Response::from_parts(parts, Body::empty());
    };
    let plain = plain.to_bytes();
    let packed = if plain.len() <= AT_ONCE_BYTES {
        coding.compress_quickly(&plain)
    } else {
        let plain = plain.clone();
        let packed = tokio::task::spawn_blocking(move || coding.compress_quickly(&plain));
        packed.await.unwrap_or_default()
    };
    if packed.is_empty() {
        return Response::from_parts(parts, Body::from(plain));
    }
    parts
        .headers
        .insert(header::CONTENT_ENCODING, coding.name());
    parts
        .headers
        .append(header::VARY, HeaderValue::from_static("accept-encoding"));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(packed))
}

/// The coding that a request takes.
pub fn asked(headers: &HeaderMap) -> Option<Coding> {
    super::assets::accepted(headers)
}
