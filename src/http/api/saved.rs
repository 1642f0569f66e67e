//! Messages that the caller saved, and those that name the caller.

use super::threads::page_limit;
use crate::domain::{Command, Message, MessageId, Refusal, Timestamp, limits};
use crate::http::{
    answers::{Done, Shown},
    app::App,
    guard::Caller,
    parts::Query,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PlaceQuery {
    /// At most 100; 50 where it is left out.
    limit: Option<usize>,
    /// From the page before.
    cursor: Option<u64>,
}

/// The newest save first.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedPage {
    saved: Vec<Saved>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Saved {
    message: Message,
    saved_at: Timestamp,
}

/// The newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct MentionsPage {
    messages: Vec<Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<u64>,
}

pub async fn save(app: App, caller: Caller, message: MessageId) -> Result<Done, Refusal> {
    app.submit(&caller, Command::Save { message, on: true })
        .await?;
    Ok(Done)
}

pub async fn unsave(app: App, caller: Caller, message: MessageId) -> Result<Done, Refusal> {
    app.submit(&caller, Command::Save { message, on: false })
        .await?;
    Ok(Done)
}

pub async fn list(
    app: App,
    caller: Caller,
    Query(query): Query<PlaceQuery>,
) -> Result<Shown<SavedPage>, Refusal> {
    let limit = page_limit(query.limit, limits::DEFAULT_PAGE)?;
    let all = app.big_read(move |read| read.saved(caller.user.id)).await?;
    let behind = |message: &Message| Some(message.id.0) == query.cursor;
    let start = match query.cursor {
        Some(_) => all
            .iter()
            .position(|(message, _)| behind(message))
            .map_or(all.len(), |at| at + 1),
        None => 0,
    };
    let more = all.len().saturating_sub(start) > limit;
    let saved: Vec<Saved> = all
        .into_iter()
        .skip(start)
        .take(limit)
        .map(|(message, saved_at)| Saved { message, saved_at })
        .collect();
    let cursor = saved.last().filter(|_| more).map(|last| last.message.id.0);
    Ok(Shown(SavedPage { saved, cursor }))
}

pub async fn mentions(
    app: App,
    caller: Caller,
    Query(query): Query<PlaceQuery>,
) -> Result<Shown<MentionsPage>, Refusal> {
    let limit = page_limit(query.limit, limits::DEFAULT_PAGE)?;
    let before = query.cursor.map(MessageId);
    let messages = app
        .big_read(move |read| read.mentions(caller.user.id, before, limit))
        .await?;
    let full = messages.len() == limit;
    let cursor = messages.last().filter(|_| full).map(|last| last.id.0);
    Ok(Shown(MentionsPage { messages, cursor }))
}
