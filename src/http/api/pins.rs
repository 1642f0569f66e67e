//! Pinned messages. Both ways are idempotent.

use crate::domain::{Command, Message, MessageId, Refusal, RoomId, Timestamp, UserId};
use crate::http::{answers::Shown, app::App, guard::Caller};
use serde::Serialize;
use utoipa::ToSchema;

/// What is pinned in a room, the newest pin first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pins {
    pins: Vec<Pinned>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Pinned {
    message: Message,
    pinned_by: UserId,
    pinned_at: Timestamp,
}

pub async fn list(app: App, caller: Caller, room: RoomId) -> Result<Shown<Pins>, Refusal> {
    let pins = app
        .big_read(move |read| {
            let may = read.can_read(caller.user.id, room)?;
            may.then(|| read.pins(room)).transpose()
        })
        .await?
        .ok_or_else(|| Refusal::not_found("room"))?;
    let pins = pins
        .into_iter()
        .map(|(message, pinned_by, pinned_at)| Pinned {
            message,
            pinned_by,
            pinned_at,
        });
    Ok(Shown(Pins {
        pins: pins.collect(),
    }))
}

pub async fn add(app: App, caller: Caller, message: MessageId) -> Result<Shown<Message>, Refusal> {
    pin(&app, &caller, message, true).await
}

pub async fn remove(
    app: App,
    caller: Caller,
    message: MessageId,
) -> Result<Shown<Message>, Refusal> {
    pin(&app, &caller, message, false).await
}

async fn pin(
    app: &App,
    caller: &Caller,
    message: MessageId,
    on: bool,
) -> Result<Shown<Message>, Refusal> {
    let (message, _) = super::message(app, caller, Command::Pin { message, on }).await?;
    Ok(Shown(message))
}
