//! The part of Elasticsearch's API that shippers of logs use: an index is a room, a document a
//! message. Documents are history: they keep their times, and call nobody.

mod documents;
mod query;

use crate::domain::{Refusal, Scope};
use crate::http::{
    answers::Plain,
    app::App,
    body,
    guard::Caller,
    raw::{RawBody, RawQuery, Text},
    scopes::{self, Needed},
};
use crate::search::{self, Readable, Sort};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use documents::{Doc, find_room, keep, load};
use serde_json::{Value, json};
use std::time::Instant;

/// Largest bulk.
const BULK_BYTES: usize = 16 << 20;

/// An error in Elasticsearch's shape.
struct Fault {
    status: StatusCode,
    kind: &'static str,
    reason: String,
}

impl Fault {
    fn new(status: u16, kind: &'static str, reason: impl Into<String>) -> Fault {
        Fault {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            kind,
            reason: reason.into(),
        }
    }

    fn of(refusal: &Refusal) -> Fault {
        let kind = match refusal.code.status() {
            404 => "index_not_found_exception",
            403 => "security_exception",
            429 => "es_rejected_execution_exception",
            _ => "mapper_parsing_exception",
        };
        Fault::new(refusal.code.status(), kind, refusal.message.to_string())
    }

    fn json(&self) -> Value {
        json!({ "type": self.kind, "reason": self.reason })
    }

    fn answer(&self) -> Plain {
        let body = json!({
            "error": { "root_cause": [self.json()], "type": self.kind, "reason": self.reason },
            "status": self.status.as_u16(),
        });
        shown(self.status, &body)
    }
}

fn shown(status: StatusCode, value: &Value) -> Plain {
    let mut response = Response::new(body::Body::from(value.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/vnd.elasticsearch+json;compatible-with=8"),
    );
    // Official clients look for it in every answer.
    headers.insert(
        HeaderName::from_static("x-elastic-product"),
        HeaderValue::from_static("Elasticsearch"),
    );
    Plain { response }
}

/// What clients ask first. It is of the version that the client says it can talk to: the part that is
/// here is the same in all of them.
pub fn about(headers: &HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT);
    let accept = accept.and_then(|accept| accept.to_str().ok());
    let is_nine = accept.is_some_and(|accept| accept.contains("compatible-with=9"));
    let number = if is_nine { "9.0.0" } else { "8.15.0" };
    let about = json!({
        "name": "maru",
        "cluster_name": "maru",
        "version": {
            "number": number, "build_flavor": "default", "build_type": "tar",
            "minimum_wire_compatibility_version": "7.17.0",
            "minimum_index_compatibility_version": "7.0.0",
        },
        "tagline": "You Know, for Search",
    });
    shown(StatusCode::OK, &about).response
}

/// Whether a client of Elasticsearch asks, not a browser.
pub fn is_client(headers: &HeaderMap) -> bool {
    let has = |name: HeaderName, word: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.contains(word))
    };
    has(header::ACCEPT, "elasticsearch") || has(header::USER_AGENT, "elastic")
}

pub async fn bulk(
    app: App,
    caller: Caller,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Plain, Refusal> {
    load(&app, &caller, None, &headers, body).await
}

pub async fn bulk_of(
    app: App,
    caller: Caller,
    Text(index): Text,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Plain, Refusal> {
    load(&app, &caller, Some(index), &headers, body).await
}

pub async fn document(
    app: App,
    caller: Caller,
    Text(index): Text,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Plain, Refusal> {
    one(&app, &caller, ("index", &index), None, &headers, body).await
}

pub async fn document_named(
    app: App,
    caller: Caller,
    Text(index): Text,
    Text(id): Text,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Plain, Refusal> {
    one(&app, &caller, ("index", &index), Some(id), &headers, body).await
}

pub async fn document_created(
    app: App,
    caller: Caller,
    Text(index): Text,
    Text(id): Text,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Plain, Refusal> {
    one(&app, &caller, ("create", &index), Some(id), &headers, body).await
}

async fn one(
    app: &App,
    caller: &Caller,
    (action, index): (&'static str, &str),
    id: Option<String>,
    headers: &HeaderMap,
    raw: body::Body,
) -> Result<Plain, Refusal> {
    scopes::admit(Needed::Scope(Scope::MessagesWrite), &caller.scopes)?;
    let bytes = body::read(headers, raw, BULK_BYTES).await?;
    let Ok(source) = serde_json::from_slice::<Value>(&bytes) else {
        return Ok(Fault::new(400, "mapper_parsing_exception", "the document is no JSON").answer());
    };
    let doc = Doc {
        action,
        index: index.to_owned(),
        id,
        source,
    };
    let mut done = keep(app, caller, vec![Ok(doc)]).await?;
    Ok(match done.pop() {
        Some(Ok(kept)) => shown(kept.status(), &kept.json()),
        Some(Err(bad)) => bad.1.answer(),
        None => Fault::new(500, "exception", "nothing was kept").answer(),
    })
}

pub async fn search(
    app: App,
    caller: Caller,
    Text(index): Text,
    RawQuery(asked): RawQuery,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Plain, Refusal> {
    let began = Instant::now();
    scopes::admit(Needed::Scope(Scope::SearchRead), &caller.scopes)?;
    let bytes = body::read(&headers, body, body::JSON_BYTES).await?;
    let asked = match query::read(&asked, &bytes) {
        Ok(asked) => asked,
        Err(reason) => return Ok(Fault::new(400, "parsing_exception", reason).answer()),
    };
    let room = match find_room(&app, &caller, &index) {
        Ok((room, _)) => room,
        Err(fault) => return Ok(fault.answer()),
    };
    let viewer = caller.user.id;
    let (engine, searcher) = (app.engine().clone(), app.services().search.clone());
    let (from, size) = (asked.from, asked.size);
    let found = app.services().load.searches.run(viewer, move || {
        let read = engine.read()?;
        let readable = Readable {
            public: true,
            rooms: read.readable_private(viewer)?,
        };
        let question = search::Query {
            text: asked.text,
            room: Some(room),
            author: None,
            among: None,
            mentions: None,
            without: asked.without,
            after_ms: asked.after_ms,
            before_ms: asked.before_ms,
            has: search::Has::default(),
            sort: if asked.newest {
                Sort::Newest
            } else {
                Sort::Relevance
            },
            limit: (from + size).clamp(1, 100),
            cursor: None,
        };
        let page = searcher
            .query(&question, &readable)
            .map_err(super::search::refused)?;
        let mut hits = Vec::new();
        for hit in page.hits.iter().skip(from).take(size) {
            if let Some(message) = read
                .message_for(viewer, hit.id)?
                .filter(|message| !message.deleted)
            {
                hits.push((hit.score, message));
            }
        }
        Ok((page.total, hits))
    });
    let (total, hits) = found.await?;
    let most = hits.iter().map(|(score, _)| *score).fold(0.0_f32, f32::max);
    let hits: Vec<Value> = hits
        .into_iter()
        .map(|(score, message)| {
            json!({
                "_index": index, "_id": message.id.0.to_string(), "_score": score,
                "_source": {
                    "message": message.text, "@timestamp": message.sent_at,
                    "user": { "name": message.author.username }, "room_id": message.room_id,
                    "external_id": message.external_id,
                },
            })
        })
        .collect();
    let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let body = json!({
        "took": took, "timed_out": false,
        "_shards": { "total": 1, "successful": 1, "skipped": 0, "failed": 0 },
        "hits": { "total": { "value": total, "relation": "eq" }, "max_score": most, "hits": hits },
    });
    Ok(shown(StatusCode::OK, &body))
}
