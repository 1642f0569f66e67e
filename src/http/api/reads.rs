//! How far the caller has read.

use super::unexpected;
use crate::domain::{Command, MessageId, Outcome, Refusal, RoomId};
use crate::http::{answers::Shown, app::App, guard::Caller, parts::Json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadUpTo {
    message_id: MessageId,
}

/// The read position as it stands now.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadPosition {
    pub room_id: RoomId,
    pub last_read_id: MessageId,
}

pub async fn mark(
    app: App,
    caller: Caller,
    room: RoomId,
    Json(read): Json<ReadUpTo>,
) -> Result<Shown<ReadPosition>, Refusal> {
    let command = Command::Read {
        room,
        message: read.message_id,
    };
    position(&app, &caller, room, command).await
}

/// The message and what follows it are unread again.
pub async fn mark_unread(
    app: App,
    caller: Caller,
    room: RoomId,
    Json(read): Json<ReadUpTo>,
) -> Result<Shown<ReadPosition>, Refusal> {
    let command = Command::MarkUnread {
        room,
        message: read.message_id,
    };
    position(&app, &caller, room, command).await
}

async fn position(
    app: &App,
    caller: &Caller,
    room: RoomId,
    command: Command,
) -> Result<Shown<ReadPosition>, Refusal> {
    match app.submit(caller, command).await? {
        Outcome::Read(last_read_id) => Ok(Shown(ReadPosition {
            room_id: room,
            last_read_id,
        })),
        other => Err(unexpected(&other)),
    }
}
