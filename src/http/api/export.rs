//! A person's own data, as one JSON document that is written while it is read.

use crate::domain::factor::Factors;
use crate::domain::{MessageId, Refusal, RoomId, User, UserId};
use crate::http::{answers::Plain, app::App, body::Body, guard::Caller};
use crate::state::Reader;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use serde::Serialize;
use serde_json::json;
use std::io;
use tokio::sync::mpsc;

/// Messages that are read at a time.
const PAGE: usize = 200;
const PIECES: usize = 4;

/// Account, settings, sessions, rooms, and everything that the caller wrote with its files.
pub async fn export(app: App, caller: Caller) -> Result<Plain, Refusal> {
    let head = head(&app.read()?, &caller)?;
    let (sender, pieces) = mpsc::channel(PIECES);
    let user = caller.user.id;
    tokio::spawn(async move {
        if sender.send(Ok(head)).await.is_err() {
            return;
        }
        let (mut after, mut is_first) = ((RoomId(0), MessageId(0)), true);
        loop {
            // A snapshot for each page: nothing is held while the reader takes its time.
            let page = app.big_read(move |read| page(read, user, after, is_first));
            let (piece, next) = match page.await {
                Ok(page) => page,
                Err(refusal) => {
                    // Half a document must not look like a whole one.
                    let _ = sender.send(Err(io::Error::other(refusal))).await;
                    return;
                }
            };
            is_first &= piece.is_empty();
            if !piece.is_empty() && sender.send(Ok(piece.into())).await.is_err() {
                return;
            }
            match next {
                Some(next) => after = next,
                None => break,
            }
        }
        let _ = sender.send(Ok(Bytes::from_static(b"]}"))).await;
    });
    let pieces = futures_util::stream::unfold(pieces, async |mut pieces| {
        pieces
            .recv()
            .await
            .map(|piece: io::Result<Bytes>| (piece, pieces))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"maru-export.json\""),
    );
    Ok(Plain { response })
}

/// Everything but the messages, which follow.
fn head(read: &Reader, caller: &Caller) -> Result<Bytes, Refusal> {
    #[derive(Serialize)]
    struct Head<'a> {
        user: &'a User,
        settings: serde_json::Value,
        sessions: serde_json::Value,
        rooms: Vec<serde_json::Value>,
        /// Names and times, no secrets.
        factors: Factors,
        email: Option<String>,
    }
    let id = caller.user.id;
    let settings = serde_json::from_str(&read.settings(id)?).unwrap_or_else(|_| json!({}));
    let sessions = json!(read.sessions(id, Some(caller.session))?);
    let rooms = read.rooms(id, None)?.into_iter().map(|room| {
        let people: Vec<&str> = room.members.iter().map(|user| user.username.as_str()).collect();
        json!({ "id": room.id, "name": room.name, "kind": room.kind, "people": people, "me": room.me })
    });
    let head = Head {
        user: &caller.user,
        settings,
        sessions,
        rooms: rooms.collect(),
        factors: read.factors(id)?,
        email: read.email(id)?.map(|held| held.address),
    };
    // Plain values into memory have no way to fail.
    let mut text = serde_json::to_vec(&head).unwrap_or_default();
    text.pop();
    text.extend_from_slice(b",\"messages\":[");
    Ok(text.into())
}

type Next = Option<(RoomId, MessageId)>;

fn page(
    read: &Reader,
    user: UserId,
    after: (RoomId, MessageId),
    is_first: bool,
) -> crate::state::Result<(Vec<u8>, Next)> {
    let keys = read.written_by(user, after, PAGE)?;
    let mut text = Vec::new();
    for (_, id) in &keys {
        let Some(message) = read.message(*id)?.filter(|message| !message.deleted) else {
            continue;
        };
        if !(is_first && text.is_empty()) {
            text.push(b',');
        }
        text.extend(serde_json::to_vec(&message).unwrap_or_default());
    }
    let next = keys.last().copied().filter(|_| keys.len() == PAGE);
    Ok((text, next))
}
