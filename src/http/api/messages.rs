//! Messages and pages of them.

use crate::domain::{
    Command, FileId, Message, MessageId, OldText, Refusal, RoomId, UserId, limits,
};
use crate::http::{
    answers::{Done, Made, Shown},
    app::App,
    guard::Caller,
    parts::{Json, Query},
};
use crate::state::{History, HistoryQuery};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// Only messages older than this one.
    #[param(value_type = Option<u64>)]
    before: Option<MessageId>,
    /// Only messages newer than this one.
    #[param(value_type = Option<u64>)]
    after: Option<MessageId>,
    /// This message in the middle.
    #[param(value_type = Option<u64>)]
    around: Option<MessageId>,
    /// 1 to 100; 50 where it is left out.
    limit: Option<usize>,
    /// `false`: without replies that stand in their threads alone.
    replies: Option<bool>,
}

/// A page of a room's history.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessagePage {
    /// Oldest first.
    pub messages: Vec<Message>,
    /// There are older ones before this page.
    pub more_before: bool,
    /// There are newer ones after this page.
    pub more_after: bool,
}

impl From<History> for MessagePage {
    fn from(history: History) -> MessagePage {
        MessagePage {
            messages: history.messages,
            more_before: history.more_before,
            more_after: history.more_after,
        }
    }
}

/// A message as it is sent, over HTTP and over Socket.IO.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    pub text: String,
    /// Chosen by the client: sent again, it is the same message.
    pub client_id: Option<String>,
    /// The message that is answered; both are then in one thread.
    pub reply_to: Option<MessageId>,
    /// Selection the author chose, at most 100: of several members with one name these are meant. Every
    /// other name behind `@` is found in the text.
    #[serde(default)]
    pub mentions: Vec<UserId>,
    /// The author's files, at most 10, which no message carries yet. With them the text may be empty.
    #[serde(default)]
    pub file_ids: Vec<FileId>,
    /// A reply that stands in the room, too, not in its thread alone.
    #[serde(default)]
    pub also_in_room: bool,
}

impl NewMessage {
    pub fn command(self, room: RoomId) -> Result<Command, Refusal> {
        Ok(Command::Post {
            room,
            text: self.text,
            client_id: self.client_id,
            reply_to: self.reply_to,
            mentions: self.mentions,
            files: self.file_ids,
            also_in_room: self.also_in_room,
            may_call: true,
        })
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageChange {
    text: String,
    /// As in a new message.
    #[serde(default)]
    mentions: Vec<UserId>,
}

/// How many are on a page, or why that is no number for it.
pub fn page_size(limit: Option<usize>) -> Result<usize, Refusal> {
    match limit {
        None => Ok(limits::DEFAULT_PAGE),
        Some(limit) if (1..=limits::PAGE).contains(&limit) => Ok(limit),
        Some(_) => Err(Refusal {
            limit: Some(limits::PAGE as u64),
            ..Refusal::invalid(
                "limit",
                format!("`limit` is a number from 1 to {}.", limits::PAGE),
            )
        }),
    }
}

pub async fn page(
    app: App,
    caller: Caller,
    room: RoomId,
    Query(query): Query<PageQuery>,
) -> Result<Shown<MessagePage>, Refusal> {
    let page = HistoryQuery {
        before: query.before,
        after: query.after,
        around: query.around,
        limit: page_size(query.limit)?,
        folded: query.replies == Some(false),
    };
    let read = app.read()?;
    if !read.can_read(caller.user.id, room)? {
        return Err(Refusal::not_found("room"));
    }
    if !page.folded {
        return Ok(Shown(read.history(room, page)?.into()));
    }
    // Long threads are passed over message by message.
    let found = app.big_read(move |read| read.history(room, page)).await?;
    Ok(Shown(found.into()))
}

pub async fn post(
    app: App,
    caller: Caller,
    room: RoomId,
    Json(new): Json<NewMessage>,
) -> Result<Made<Message>, Refusal> {
    app.services().load.posts.take(caller.user.id)?;
    app.services().spread(&new.file_ids).await?;
    let (what, created) = super::message(&app, &caller, new.command(room)?).await?;
    Ok(Made { what, created })
}

pub async fn show(app: App, caller: Caller, id: MessageId) -> Result<Shown<Message>, Refusal> {
    app.read()?
        .message_for(caller.user.id, id)?
        .map(Shown)
        .ok_or_else(|| Refusal::not_found("message"))
}

pub async fn change(
    app: App,
    caller: Caller,
    message: MessageId,
    Json(change): Json<MessageChange>,
) -> Result<Shown<Message>, Refusal> {
    let command = Command::Edit {
        message,
        text: change.text,
        mentions: change.mentions,
        keeps_old: app.settings().edit_history,
    };
    let (message, _) = super::message(&app, &caller, command).await?;
    Ok(Shown(message))
}

pub async fn remove(app: App, caller: Caller, message: MessageId) -> Result<Done, Refusal> {
    app.submit(&caller, Command::Delete { message }).await?;
    Ok(Done)
}

/// What a message said before it was edited, the first first.
#[derive(Debug, Serialize, ToSchema)]
pub struct EditHistory {
    texts: Vec<OldText>,
}

/// Of a message that the administrator may read.
pub async fn history(
    app: App,
    caller: Caller,
    id: MessageId,
) -> Result<Shown<EditHistory>, Refusal> {
    let read = app.read()?;
    if read.message_for(caller.user.id, id)?.is_none() {
        return Err(Refusal::not_found("message"));
    }
    let texts = read.old_texts(id)?;
    Ok(Shown(EditHistory { texts }))
}
