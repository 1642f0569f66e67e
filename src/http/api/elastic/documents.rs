//! Documents as messages.

use super::{BULK_BYTES, Fault, shown};
use crate::domain::history::{HistoryLine, Imported, LineOutcome};
use crate::domain::{Actor, Command, Outcome, Refusal, RoomId, RoomKind, Scope, Timestamp, limits};
use crate::http::{
    answers::Plain,
    app::App,
    body,
    guard::Caller,
    scopes::{self, Needed},
};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use std::time::Instant;

/// Of one bulk.
const DOCS: usize = 10_000;

/// A document on its way to being a message.
pub(super) struct Doc {
    pub action: &'static str,
    pub index: String,
    pub id: Option<String>,
    pub source: Value,
}

pub(super) struct Kept {
    action: &'static str,
    index: String,
    id: String,
    created: bool,
}

impl Kept {
    pub(super) fn status(&self) -> StatusCode {
        match (self.created, self.action) {
            (true, _) => StatusCode::CREATED,
            (false, "create") => StatusCode::CONFLICT,
            (false, _) => StatusCode::OK,
        }
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "_index": self.index, "_id": self.id, "_version": 1,
            "result": if self.created { "created" } else { "noop" },
            "_shards": { "total": 1, "successful": 1, "failed": 0 },
            "_seq_no": 0, "_primary_term": 1, "status": self.status().as_u16(),
        })
    }
}

/// A document that was not taken, and why.
type Bad = Box<(Doc, Fault)>;
pub(super) type Docs = Vec<Result<Doc, Bad>>;
pub(super) type Item = Result<Kept, Bad>;

pub(super) async fn load(
    app: &App,
    caller: &Caller,
    index: Option<String>,
    headers: &HeaderMap,
    raw: body::Body,
) -> Result<Plain, Refusal> {
    let began = Instant::now();
    scopes::admit(Needed::Scope(Scope::MessagesWrite), &caller.scopes)?;
    let bytes = body::read(headers, raw, BULK_BYTES).await?;
    let docs = match documents(&bytes, index.as_deref()) {
        Ok(docs) => docs,
        Err(fault) => return Ok(fault.answer()),
    };
    let items = keep(app, caller, docs).await?;
    let errors = items.iter().any(Result::is_err);
    let items: Vec<Value> = items
        .into_iter()
        .map(|item| match item {
            Ok(kept) => json!({ kept.action: kept.json() }),
            Err(bad) => {
                let (doc, fault) = *bad;
                json!({ doc.action: {
                "_index": doc.index, "_id": doc.id, "status": fault.status.as_u16(), "error": fault.json(),
            }})
            }
        })
        .collect();
    let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let body = json!({ "took": took, "errors": errors, "items": items });
    Ok(shown(StatusCode::OK, &body))
}

/// The actions and documents of a bulk.
fn documents(bytes: &[u8], index: Option<&str>) -> Result<Docs, Fault> {
    let bad = |reason: String| Fault::new(400, "illegal_argument_exception", reason);
    let mut lines = bytes
        .split(|b| *b == b'\n')
        .filter(|line| !line.trim_ascii().is_empty());
    let mut docs = Vec::new();
    while let Some(line) = lines.next() {
        let action: Value = serde_json::from_slice(line)
            .map_err(|_| bad(format!("action {} is no JSON", docs.len() + 1)))?;
        let found = ["index", "create", "update", "delete"]
            .into_iter()
            .find_map(|name| Some((name, action.get(name)?)));
        let Some((name, about)) = found else {
            return Err(bad(format!(
                "action {} is none of index, create, update, delete",
                docs.len() + 1
            )));
        };
        let text = |field: &str| about.get(field).and_then(Value::as_str).map(str::to_owned);
        let mut doc = Doc {
            action: name,
            index: text("_index")
                .or_else(|| index.map(str::to_owned))
                .unwrap_or_default(),
            id: text("_id"),
            source: Value::Null,
        };
        if matches!(name, "update" | "delete") {
            if name == "update" {
                lines.next();
            }
            let reason = format!("[{name}] is not understood here; send [index] or [create]");
            docs.push(Err(Box::new((
                doc,
                Fault::new(400, "illegal_argument_exception", reason),
            ))));
            continue;
        }
        let source = lines
            .next()
            .ok_or_else(|| bad("the last action has no document".to_owned()))?;
        match serde_json::from_slice(source) {
            Ok(source) => {
                doc.source = source;
                docs.push(Ok(doc));
            }
            Err(_) => {
                let fault = Fault::new(400, "mapper_parsing_exception", "the document is no JSON");
                docs.push(Err(Box::new((doc, fault))));
            }
        }
        if docs.len() > DOCS {
            return Err(Fault::new(
                413,
                "es_rejected_execution_exception",
                format!("a bulk has at most {DOCS} documents"),
            ));
        }
    }
    if docs.is_empty() {
        return Err(bad("the bulk is empty".to_owned()));
    }
    Ok(docs)
}

/// Messages of documents, in their order.
pub(super) async fn keep(app: &App, caller: &Caller, docs: Docs) -> Result<Vec<Item>, Refusal> {
    let now = app.engine().now();
    let mut lines = Vec::new();
    let mut items: Vec<Result<(Doc, String), Bad>> = Vec::new();
    for (n, doc) in docs.into_iter().enumerate() {
        match doc.and_then(|doc| line(app, caller, doc, now, n)) {
            Ok((doc, id, line)) => {
                lines.push(line);
                items.push(Ok((doc, id)));
            }
            Err(fault) => items.push(Err(fault)),
        }
    }
    let mut outcomes = Vec::with_capacity(lines.len());
    for chunk in lines.chunks(limits::IMPORT_LINES / 2) {
        let command = Command::ImportLines(chunk.to_vec());
        match app.engine().submit(Actor::System, command).await? {
            Outcome::Lines(some) => outcomes.extend(some),
            other => return Err(crate::http::api::unexpected(&other)),
        }
    }
    if !lines.is_empty() {
        app.engine()
            .submit(Actor::System, Command::AnnounceHistory)
            .await?;
    }
    let mut outcomes = outcomes.into_iter();
    Ok(items
        .into_iter()
        .map(|item| {
            let (doc, id) = item?;
            match outcomes.next() {
                Some(LineOutcome::Created) => Ok((doc, id, true)),
                Some(LineOutcome::Repeated | LineOutcome::Differs(_)) => Ok((doc, id, false)),
                Some(LineOutcome::Refused(refusal)) => Err(Box::new((doc, Fault::of(&refusal)))),
                None | Some(LineOutcome::Unplaced) => Err(Box::new((
                    doc,
                    Fault::new(500, "exception", "it was not kept"),
                ))),
            }
        })
        .map(|item| {
            item.map(|(doc, id, created)| Kept {
                action: doc.action,
                index: doc.index,
                id,
                created,
            })
        })
        .collect())
}

fn line(
    app: &App,
    caller: &Caller,
    doc: Doc,
    now: Timestamp,
    n: usize,
) -> Result<(Doc, String, HistoryLine), Bad> {
    let room = match room_of(app, caller, &doc.index) {
        Ok(room) => room,
        Err(fault) => return Err(Box::new((doc, fault))),
    };
    let sent_at = match doc.source.get("@timestamp") {
        None => now,
        Some(value) => match time(value) {
            Some(at) => at,
            None => {
                let fault = Fault::new(
                    400,
                    "mapper_parsing_exception",
                    "failed to parse field [@timestamp]: it is no time",
                );
                return Err(Box::new((doc, fault)));
            }
        },
    };
    let Some(text) = text(&doc.source) else {
        let fault = Fault::new(
            400,
            "mapper_parsing_exception",
            "the document is no object, or empty",
        );
        return Err(Box::new((doc, fault)));
    };
    let id = match &doc.id {
        Some(id) => id.clone(),
        None => format!(
            "{}-{}-{n}",
            now.0,
            crate::auth::random::id().unwrap_or_default()
        ),
    };
    let (name, kind) = room;
    let line = Imported {
        external_id: format!("es:{}:{id}", doc.index),
        room: name,
        user: caller.user.username.clone(),
        sent_at,
        text,
        kind: Some(kind),
        ..Imported::default()
    };
    match line.checked() {
        Ok(line) => Ok((doc, id, HistoryLine::Message(Box::new(line)))),
        Err(refusal) => Err(Box::new((doc, Fault::of(&refusal)))),
    }
}

/// The room that an index means, in which the caller has to be: also `logs-2026.11.29` is `logs`.
fn room_of(app: &App, caller: &Caller, index: &str) -> Result<(String, RoomKind), Fault> {
    let (id, record) = find_room(app, caller, index)?;
    let found = app
        .read()
        .and_then(|read| Ok((read.is_member(id, caller.user.id)?, read.is_archived(id)?)));
    match found {
        Ok((true, false)) => Ok(record),
        // As of an index that is read-only: nobody tries it again.
        Ok((true, true)) => Err(Fault::new(
            403,
            "cluster_block_exception",
            format!("the room [{index}] is archived and takes nothing"),
        )),
        Ok((false, _)) => Err(Fault::new(
            403,
            "security_exception",
            format!("{} is not in the room [{index}]", caller.user.username),
        )),
        Err(refusal) => Err(Fault::of(&refusal)),
    }
}

pub(super) fn find_room(
    app: &App,
    caller: &Caller,
    index: &str,
) -> Result<(RoomId, (String, RoomKind)), Fault> {
    let missing = || {
        Fault::new(
            404,
            "index_not_found_exception",
            format!("no such index [{index}]"),
        )
    };
    let undated = index.trim_end_matches(|c: char| c.is_ascii_digit() || ".-_".contains(c));
    let read = app.read().map_err(|refusal| Fault::of(&refusal))?;
    for name in [index, undated] {
        let broken = |_| Fault::new(500, "exception", "the rooms cannot be read");
        let Some(id) = read.room_by_name(name).map_err(broken)? else {
            continue;
        };
        if read.can_read(caller.user.id, id).map_err(broken)?
            && let Some(room) = read.room_record(id).map_err(broken)?
        {
            return Ok((id, (room.name, room.kind)));
        }
    }
    Err(missing())
}

fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(number) => number.as_i64().map(Timestamp),
        Value::String(text) => Timestamp::parse(text).or_else(|| {
            // Shippers write times without a zone as UTC.
            Timestamp::parse(&format!("{}Z", text.replace(' ', "T")))
        }),
        _ => None,
    }
}

/// What shippers call the text; the whole document where there is none.
fn text(source: &Value) -> Option<String> {
    let fields = source.as_object()?;
    let named = ["message", "log", "text", "msg"]
        .iter()
        .find_map(|name| fields.get(*name)?.as_str());
    let nested = || source.pointer("/event/original").and_then(Value::as_str);
    let text = match named.or_else(nested) {
        Some(text) => text.to_owned(),
        None if fields.is_empty() => return None,
        None => source.to_string(),
    };
    let text = text.trim_end();
    let cut: String = text.chars().take(9_500).collect();
    Some(if cut.is_empty() {
        "(empty)".to_owned()
    } else {
        cut
    })
}
