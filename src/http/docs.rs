//! The API's document and the page that shows it, without anything from elsewhere.

use super::{
    answers::Plain,
    body::Body,
    handler::{Call, Part},
    openapi::{self, Doc},
    routes,
};
use crate::domain::Refusal;
use axum::{
    http::{HeaderValue, header},
    response::Response,
};
use bytes::Bytes;
use std::sync::LazyLock;

/// The document as it is served and checked in for the web app.
pub static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| {
    let document = openapi::document(&routes::list());
    let mut json = serde_json::to_vec_pretty(&document).unwrap_or_default();
    json.push(b'\n');
    Bytes::from(json)
});

/// The name at the end of the path.
pub struct FileName(String);

impl Part for FileName {
    fn describe(doc: &mut Doc) {
        doc.path_text("A file's name.");
    }
    async fn take(call: &mut Call) -> Result<FileName, Refusal> {
        let name = call.path.first().cloned().unwrap_or_default();
        Ok(FileName(name))
    }
}

/// Nothing of the request.
pub struct Nothing;

impl Part for Nothing {
    fn describe(_: &mut Doc) {}
    async fn take(_: &mut Call) -> Result<Nothing, Refusal> {
        Ok(Nothing)
    }
}

pub async fn document(_: Nothing) -> Result<Plain, Refusal> {
    Ok(plain("application/json", DOCUMENT.clone()))
}

pub async fn page(_: Nothing) -> Result<Plain, Refusal> {
    let html = include_bytes!("docs/index.html");
    Ok(plain("text/html; charset=utf-8", Bytes::from_static(html)))
}

pub async fn file(FileName(name): FileName) -> Result<Plain, Refusal> {
    match name.as_str() {
        "docs.js" => Ok(plain(
            "text/javascript; charset=utf-8",
            Bytes::from_static(include_bytes!("docs/docs.js")),
        )),
        "docs.css" => Ok(plain(
            "text/css; charset=utf-8",
            Bytes::from_static(include_bytes!("docs/docs.css")),
        )),
        _ => Err(Refusal::not_found("file")),
    }
}

fn plain(media_type: &'static str, bytes: Bytes) -> Plain {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Plain { response }
}
