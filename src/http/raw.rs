//! Parts of requests that are not JSON of the API.

use super::{
    body::Body,
    handler::{Call, Part},
    openapi::Doc,
    parts::next,
};
use crate::domain::Refusal;

/// A word in a path.
pub struct Text(pub String);

impl Part for Text {
    fn describe(doc: &mut Doc) {
        doc.path_text("As it was given.");
    }
    async fn take(call: &mut Call) -> Result<Text, Refusal> {
        next(call)
            .map(|text| Text(text.to_owned()))
            .ok_or_else(|| Refusal::not_found("resource"))
    }
}

/// A body of any kind, not read yet.
pub struct RawBody(pub Body);

impl Part for RawBody {
    fn describe(doc: &mut Doc) {
        doc.media_body("*/*", "As the sender writes it.");
    }
    async fn take(call: &mut Call) -> Result<RawBody, Refusal> {
        Ok(RawBody(std::mem::take(&mut call.body)))
    }
}

/// The query string as it was sent.
pub struct RawQuery(pub String);

impl Part for RawQuery {
    fn describe(_: &mut Doc) {}
    async fn take(call: &mut Call) -> Result<RawQuery, Refusal> {
        Ok(RawQuery(
            call.parts.uri.query().unwrap_or_default().to_owned(),
        ))
    }
}
