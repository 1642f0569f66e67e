//! The parts of a request that handlers may ask for.

use super::{
    app::App,
    body::{self, Body, JSON_BYTES},
    guard::{self, Caller},
    handler::{Call, Part},
    openapi::Doc,
    wording,
};
use crate::domain::audit::Origin;
use crate::domain::{
    Code, FileId, HookId, InviteId, MessageId, Refusal, RoomId, ScheduledId, SessionId, TokenId,
    UserId, WebhookId,
};
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use std::net::IpAddr;
use utoipa::{IntoParams, ToSchema};

impl Part for App {
    fn describe(_: &mut Doc) {}
    async fn take(call: &mut Call) -> Result<App, Refusal> {
        Ok(call.app.clone())
    }
}

impl Part for Caller {
    fn describe(doc: &mut Doc) {
        doc.wants_caller = true;
    }
    async fn take(call: &mut Call) -> Result<Caller, Refusal> {
        call.caller
            .clone()
            .ok_or_else(|| Refusal::new(Code::Unauthenticated, "Sign in first."))
    }
}

/// Who calls a route that lets anybody in.
pub struct Whoever(pub Option<Caller>);

impl Part for Whoever {
    fn describe(_: &mut Doc) {}
    async fn take(call: &mut Call) -> Result<Whoever, Refusal> {
        guard::whoever(&call.app, &call.parts).await.map(Whoever)
    }
}

/// Who is on the other end of the line, for sessions and throttles.
pub struct Visitor {
    pub address: IpAddr,
    /// As the client calls itself, shortened.
    pub user_agent: String,
    /// By which the device is known that signed in before, if its cookie is right.
    pub device: Option<String>,
}

impl Visitor {
    /// The same for the audit log.
    pub fn origin(&self) -> Origin {
        Origin {
            address: self.address.to_string(),
            user_agent: self.user_agent.clone(),
        }
    }
}

impl Part for Visitor {
    fn describe(_: &mut Doc) {}
    async fn take(call: &mut Call) -> Result<Visitor, Refusal> {
        Ok(Visitor {
            address: call.peer,
            user_agent: user_agent(&call.parts.headers),
            device: call
                .app
                .cookie()
                .find_device(guard::fields(&call.parts, header::COOKIE))
                .map(str::to_owned),
        })
    }
}

/// Long enough to know a browser by.
const USER_AGENT_CHARS: usize = 200;

pub(super) fn user_agent(headers: &HeaderMap) -> String {
    headers
        .get(header::USER_AGENT)
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .take(USER_AGENT_CHARS)
        .collect()
}

impl Part for HeaderMap {
    fn describe(_: &mut Doc) {}
    async fn take(call: &mut Call) -> Result<HeaderMap, Refusal> {
        Ok(call.parts.headers.clone())
    }
}

/// The how-manieth of something, counted from 0.
pub struct Nth(pub u64);

/// An id in the path. What is no id names nothing, so it is a 404.
pub trait PathId: Send + Sized {
    const NOUN: &'static str;
    fn from_number(number: u64) -> Self;
}

macro_rules! path_ids {
    ($($id:ident = $noun:literal;)*) => {$(
        impl PathId for $id {
            const NOUN: &'static str = $noun;
            fn from_number(number: u64) -> Self { $id(number) }
        }

        impl Part for $id {
            fn describe(doc: &mut Doc) { doc.path_id::<$id>() }
            async fn take(call: &mut Call) -> Result<$id, Refusal> { next_id(call) }
        }
    )*};
}

path_ids! {
    UserId = "user";
    RoomId = "room";
    MessageId = "message";
    SessionId = "session";
    InviteId = "invitation";
    FileId = "file";
    ScheduledId = "scheduled message";
    TokenId = "token";
    HookId = "hook";
    WebhookId = "webhook";
    Nth = "picture";
}

pub(super) fn next_id<I: PathId>(call: &mut Call) -> Result<I, Refusal> {
    next(call)
        .filter(|text| text.bytes().all(|b| b.is_ascii_digit()))
        .and_then(|text| text.parse().ok())
        .map(I::from_number)
        .ok_or_else(|| Refusal::not_found(I::NOUN))
}

pub(super) fn next(call: &mut Call) -> Option<&str> {
    let text = call.path.get(call.taken)?;
    call.taken += 1;
    Some(text)
}

/// The emoji at the end of a path.
pub struct Emoji(pub String);

impl Part for Emoji {
    fn describe(doc: &mut Doc) {
        doc.path_text("One emoji, or a name like `:maru:`; percent-encoded.");
    }
    async fn take(call: &mut Call) -> Result<Emoji, Refusal> {
        next(call)
            .map(|text| Emoji(text.to_owned()))
            .ok_or_else(|| Refusal::not_found("reaction"))
    }
}

/// The query string as a type that refuses unknown keys.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + IntoParams + Send> Part for Query<T> {
    fn describe(doc: &mut Doc) {
        doc.query::<T>();
    }
    async fn take(call: &mut Call) -> Result<Query<T>, Refusal> {
        let query = call.parts.uri.query().unwrap_or_default();
        query_string(query).map(Query)
    }
}

/// Reads a query string; the error names the key where it is known.
pub fn query_string<T: DeserializeOwned>(query: &str) -> Result<T, Refusal> {
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(pairs).map_err(|error| unreadable("query", &error))
}

/// A JSON body as a type that refuses unknown fields.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + ToSchema + Send> Part for Json<T> {
    fn describe(doc: &mut Doc) {
        doc.json_body::<T>();
    }
    async fn take(call: &mut Call) -> Result<Json<T>, Refusal> {
        let bytes = json_bytes(call).await?;
        json(&bytes).map(Json)
    }
}

/// A JSON body that may be left out.
pub struct MaybeJson<T>(pub T);

impl<T: DeserializeOwned + Default + ToSchema + Send> Part for MaybeJson<T> {
    fn describe(doc: &mut Doc) {
        doc.optional_json_body::<T>();
    }
    async fn take(call: &mut Call) -> Result<MaybeJson<T>, Refusal> {
        let unmarked = !call.parts.headers.contains_key(header::CONTENT_TYPE);
        let bytes = if unmarked {
            let body = std::mem::take(&mut call.body);
            body::read(&call.parts.headers, body, JSON_BYTES).await?
        } else {
            json_bytes(call).await?
        };
        if bytes.is_empty() {
            return Ok(MaybeJson(T::default()));
        }
        json(&bytes).map(MaybeJson)
    }
}

async fn json_bytes(call: &mut Call) -> Result<bytes::Bytes, Refusal> {
    if !is_json(&call.parts.headers) {
        return Err(Refusal::new(
            Code::UnsupportedMediaType,
            "Send JSON, with `Content-Type: application/json`.",
        ));
    }
    let body: Body = std::mem::take(&mut call.body);
    body::read(&call.parts.headers, body, JSON_BYTES).await
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return false;
    };
    let essence = value
        .to_str()
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    essence.eq_ignore_ascii_case("application/json")
        || (essence.len() > 5 && essence[essence.len() - 5..].eq_ignore_ascii_case("+json"))
}

/// Reads JSON; the error names the field. Nesting is bounded by the parser (128 levels).
pub fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| unreadable("body", &error))?;
    reader.end().map_err(|_| {
        Refusal::new(
            Code::BadRequest,
            "Something follows the JSON of the body; send one value.",
        )
    })?;
    Ok(value)
}

/// `error` as a sentence. `whole` names what was read, for errors that are about no single field.
fn unreadable<E: std::fmt::Display>(
    whole: &'static str,
    error: &serde_path_to_error::Error<E>,
) -> Refusal {
    let reason = wording::of_people(&error.inner().to_string());
    let path = error.path().to_string();
    let field = match path.as_str() {
        "." | "?" => ticked(&reason).map(str::to_owned),
        _ => Some(path),
    };
    let message = match &field {
        Some(field) if !reason.contains(&format!("`{field}`")) => {
            format!("`{field}` in the {whole} cannot be read: {reason}.")
        }
        _ => format!("The {whole} cannot be read: {reason}."),
    };
    Refusal {
        field: field.map(Into::into),
        ..Refusal::new(Code::BadRequest, message)
    }
}

/// The name in "unknown field `x`", "missing field `x`", "duplicate field `x`".
fn ticked(reason: &str) -> Option<&str> {
    let (what, rest) = reason.split_once(" field `")?;
    matches!(what, "unknown" | "missing" | "duplicate")
        .then(|| rest.split('`').next())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape is read")]
    struct Body {
        text: String,
        #[serde(default)]
        ids: Vec<u64>,
    }

    fn field(text: &str) -> (String, String) {
        let refusal = json::<Body>(text.as_bytes()).expect_err("is refused");
        assert_eq!(refusal.code, Code::BadRequest);
        (
            refusal.field.unwrap_or_default().into_owned(),
            refusal.message.into_owned(),
        )
    }

    #[test]
    fn errors_name_the_field() {
        assert_eq!(field(r#"{"text":5}"#).0, "text");
        assert_eq!(field(r#"{"text":"a","ids":[1,"b"]}"#).0, "ids[1]");
        assert_eq!(field(r#"{"text":"a","ids":[-1]}"#).0, "ids[0]");
        assert_eq!(field(r#"{"text":"a","other":1}"#).0, "other");
        assert_eq!(field(r#"{"text":"a","text":"b"}"#).0, "text");
        assert_eq!(field("{}").0, "text");
        assert!(field("{").1.starts_with("The body cannot be read"));
        assert!(field(r#"{"text":"a"} x"#).1.contains("follows"));
    }

    #[test]
    fn errors_name_no_types_of_the_program() {
        for (text, words) in [
            (r#"[]"#, "expected an object"),
            (r#""a""#, "expected an object"),
            ("null", "expected an object"),
            (r#"{"text":"a","ids":[true]}"#, "expected a whole number"),
            (r#"{"text":"a","ids":5}"#, "expected a list"),
            (r#"{"text":5}"#, "expected a string"),
        ] {
            let (_, message) = field(text);
            assert!(message.contains(words), "{text}: {message}");
            for type_name in ["struct", "Body", "u64", "tuple", "enum"] {
                assert!(!message.contains(type_name), "{text}: {message}");
            }
        }
    }

    #[test]
    fn deep_json_is_refused_not_followed() {
        let deep = "[".repeat(100_000);
        assert!(json::<serde_json::Value>(deep.as_bytes()).is_err());
    }

    #[test]
    fn query_keys_are_known_and_single() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "only its shape is read")]
        struct Page {
            limit: Option<u32>,
        }
        assert!(query_string::<Page>("").is_ok());
        assert!(query_string::<Page>("limit=3").is_ok());
        for bad in ["limit=3&limit=4", "limit=x", "limit=99999999999", "limt=3"] {
            let refusal = query_string::<Page>(bad).expect_err(bad);
            assert!(refusal.field.is_some(), "{bad}: {refusal:?}");
        }
    }
}
