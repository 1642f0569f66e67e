//! Drafts of the caller, and messages of theirs that are sent later.

use super::unexpected;
use crate::domain::{
    Command, FileId, KeptDraft, Message, MessageId, Outcome, Refusal, RoomId, Scheduled,
    ScheduledId, Timestamp, UserId,
};
use crate::http::{
    answers::{Created, Done, Shown},
    app::App,
    guard::Caller,
    parts::Json,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The one that was changed last first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Drafts {
    drafts: Vec<KeptDraft>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDraft {
    room_id: RoomId,
    /// The message that began the thread, where it is a reply.
    thread_id: Option<MessageId>,
    /// Empty: there is no draft any more.
    text: String,
}

pub async fn drafts(app: App, caller: Caller) -> Result<Shown<Drafts>, Refusal> {
    let drafts = app
        .big_read(move |read| read.drafts(caller.user.id))
        .await?;
    Ok(Shown(Drafts { drafts }))
}

pub async fn keep_draft(
    app: App,
    caller: Caller,
    Json(draft): Json<NewDraft>,
) -> Result<Done, Refusal> {
    let command = Command::KeepDraft {
        room: draft.room_id,
        thread: draft.thread_id,
        text: draft.text,
    };
    app.submit(&caller, command).await?;
    Ok(Done)
}

/// The next first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduledMessages {
    scheduled: Vec<Scheduled>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScheduled {
    text: String,
    send_at: Timestamp,
    reply_to: Option<MessageId>,
    /// As in a new message.
    #[serde(default)]
    mentions: Vec<UserId>,
    /// As in a new message; nothing else may carry them meanwhile, and they go when it is given up.
    #[serde(default)]
    file_ids: Vec<FileId>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduledChange {
    text: Option<String>,
    send_at: Option<Timestamp>,
}

pub async fn all(app: App, caller: Caller) -> Result<Shown<ScheduledMessages>, Refusal> {
    let scheduled = app.read()?.scheduled(caller.user.id, None)?;
    Ok(Shown(ScheduledMessages { scheduled }))
}

pub async fn of_room(
    app: App,
    caller: Caller,
    room: RoomId,
) -> Result<Shown<ScheduledMessages>, Refusal> {
    let read = app.read()?;
    if !read.can_read(caller.user.id, room)? {
        return Err(Refusal::not_found("room"));
    }
    let scheduled = read.scheduled(caller.user.id, Some(room))?;
    Ok(Shown(ScheduledMessages { scheduled }))
}

pub async fn schedule(
    app: App,
    caller: Caller,
    room: RoomId,
    Json(new): Json<NewScheduled>,
) -> Result<Created<Scheduled>, Refusal> {
    app.services().spread(&new.file_ids).await?;
    let command = Command::Schedule {
        room,
        text: new.text,
        reply_to: new.reply_to,
        mentions: new.mentions,
        send_at: new.send_at,
        files: new.file_ids,
    };
    scheduled(&app, &caller, command).await.map(Created)
}

pub async fn change(
    app: App,
    caller: Caller,
    id: ScheduledId,
    Json(change): Json<ScheduledChange>,
) -> Result<Shown<Scheduled>, Refusal> {
    let command = Command::ChangeScheduled {
        scheduled: id,
        text: change.text,
        send_at: change.send_at,
    };
    scheduled(&app, &caller, command).await.map(Shown)
}

pub async fn cancel(app: App, caller: Caller, id: ScheduledId) -> Result<Done, Refusal> {
    let command = Command::Unschedule { scheduled: id };
    app.submit(&caller, command).await?;
    Ok(Done)
}

pub async fn send_now(
    app: App,
    caller: Caller,
    id: ScheduledId,
) -> Result<Shown<Message>, Refusal> {
    let command = Command::SendScheduled { scheduled: id };
    let (message, _) = super::message(&app, &caller, command).await?;
    Ok(Shown(message))
}

async fn scheduled(app: &App, caller: &Caller, command: Command) -> Result<Scheduled, Refusal> {
    match app.submit(caller, command).await? {
        Outcome::Scheduled(scheduled) => Ok(scheduled),
        other => Err(unexpected(&other)),
    }
}
