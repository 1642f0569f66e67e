//! Threads: a message and its replies, and the threads that somebody follows.

use super::unexpected;
use crate::domain::{
    Code, Command, FollowState, Message, MessageId, Outcome, Refusal, Timestamp, limits,
};
use crate::http::{
    answers::Shown,
    app::App,
    guard::Caller,
    parts::{Json, Query},
};
use crate::state::ThreadSpan;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ThreadQuery {
    /// Replies before this one.
    before: Option<u64>,
    /// Replies after this one.
    after: Option<u64>,
    /// This reply in the middle.
    around: Option<u64>,
    /// At most 100; 100 where it is left out.
    limit: Option<usize>,
}

/// A page of a thread, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThreadPage {
    /// The message that began the thread.
    root: Message,
    /// Replies; the first page begins with the root.
    messages: Vec<Message>,
    more_before: bool,
    more_after: bool,
    me: FollowState,
}

/// The thread from any message of it; the newest replies where nothing else is asked.
pub async fn show(
    app: App,
    caller: Caller,
    message: MessageId,
    Query(query): Query<ThreadQuery>,
) -> Result<Shown<ThreadPage>, Refusal> {
    let limit = page_limit(query.limit, limits::PAGE)?;
    let viewer = caller.user.id;
    let span = ThreadSpan {
        before: query.before.map(MessageId),
        after: query.after.map(MessageId),
        around: query.around.map(MessageId),
        limit,
    };
    let page = app
        .big_read(move |read| match read.message_for(viewer, message)? {
            Some(_) => read.thread(viewer, message, span),
            None => Ok(None),
        })
        .await?
        .ok_or_else(|| Refusal::not_found("message"))?;
    let mut messages = page.replies;
    if !page.more_before {
        messages.insert(0, page.root.clone());
    }
    Ok(Shown(ThreadPage {
        root: page.root,
        messages,
        more_before: page.more_before,
        more_after: page.more_after,
        me: page.me,
    }))
}

/// A limit of a page; `usual` where none is asked.
pub fn page_limit(asked: Option<usize>, usual: usize) -> Result<usize, Refusal> {
    let limit = asked.unwrap_or(usual);
    if (1..=limits::PAGE).contains(&limit) {
        return Ok(limit);
    }
    Err(Refusal {
        limit: Some(limits::PAGE as u64),
        ..Refusal::invalid(
            "limit",
            format!("A page has 1 to {} entries.", limits::PAGE),
        )
    })
}

pub async fn follow(
    app: App,
    caller: Caller,
    message: MessageId,
) -> Result<Shown<FollowState>, Refusal> {
    state(&app, &caller, Command::Follow { message, on: true }).await
}

pub async fn unfollow(
    app: App,
    caller: Caller,
    message: MessageId,
) -> Result<Shown<FollowState>, Refusal> {
    state(&app, &caller, Command::Follow { message, on: false }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ThreadRead {
    /// The last reply that was read.
    message_id: MessageId,
}

pub async fn read(
    app: App,
    caller: Caller,
    message: MessageId,
    Json(read): Json<ThreadRead>,
) -> Result<Shown<FollowState>, Refusal> {
    let visible = app.read()?.message_for(caller.user.id, message)?;
    visible.ok_or_else(|| Refusal::not_found("message"))?;
    let command = Command::ReadThread {
        message: read.message_id,
    };
    state(&app, &caller, command).await
}

async fn state(
    app: &App,
    caller: &Caller,
    command: Command,
) -> Result<Shown<FollowState>, Refusal> {
    match app.submit(caller, command).await? {
        Outcome::Follow(state) => Ok(Shown(state)),
        other => Err(unexpected(&other)),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct FollowedQuery {
    /// Only threads with unread replies.
    unread: Option<bool>,
    /// At most 100; 50 where it is left out.
    limit: Option<usize>,
    /// From the page before.
    cursor: Option<String>,
}

/// Threads that the caller follows, the one with the newest reply first.
#[derive(Debug, Serialize, ToSchema)]
pub struct FollowedThreads {
    threads: Vec<FollowedThread>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FollowedThread {
    root: Message,
    last_at: Timestamp,
    me: FollowState,
}

pub async fn followed(
    app: App,
    caller: Caller,
    Query(query): Query<FollowedQuery>,
) -> Result<Shown<FollowedThreads>, Refusal> {
    let limit = page_limit(query.limit, limits::DEFAULT_PAGE)?;
    let after = query.cursor.as_deref().map(position).transpose()?;
    let viewer = caller.user.id;
    let only_unread = query.unread.unwrap_or(false);
    let threads = app
        .big_read(move |read| read.followed_threads(viewer, only_unread, after, limit))
        .await?;
    let full = threads.len() == limit;
    let cursor = threads
        .last()
        .filter(|_| full)
        .map(|last| format!("{}-{}", last.last_at.0, last.root.id));
    let threads = threads.into_iter().map(|thread| FollowedThread {
        root: thread.root,
        last_at: thread.last_at,
        me: thread.me,
    });
    Ok(Shown(FollowedThreads {
        threads: threads.collect(),
        cursor,
    }))
}

/// The position in a cursor, which tells nothing that the page did not.
fn position(cursor: &str) -> Result<(Timestamp, MessageId), Refusal> {
    let parts = cursor.rsplit_once('-').and_then(|(at, id)| {
        let (at, id) = (at.parse().ok()?, id.parse().ok()?);
        Some((Timestamp(at), MessageId(id)))
    });
    parts.ok_or_else(|| Refusal {
        field: Some("cursor".into()),
        ..Refusal::new(
            Code::Invalid,
            "This is no cursor of ours; leave it out for the first page.",
        )
    })
}
