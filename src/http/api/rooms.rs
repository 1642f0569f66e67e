//! Rooms.

use crate::domain::{Command, Refusal, Room, RoomId, RoomKind};
use crate::http::{
    answers::{Created, Done, Shown},
    app::App,
    guard::Caller,
    parts::Json,
};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRoom {
    name: String,
    #[serde(default)]
    topic: String,
    /// `public` (the default) or `private`.
    #[serde(default)]
    kind: RoomKind,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoomChange {
    name: Option<String>,
    topic: Option<String>,
}

pub async fn list(app: App, caller: Caller) -> Result<Shown<Vec<Room>>, Refusal> {
    let rooms = app.big_read(move |read| read.rooms(caller.user.id)).await?;
    Ok(Shown(rooms))
}

pub async fn create(
    app: App,
    caller: Caller,
    Json(new): Json<NewRoom>,
) -> Result<Created<Room>, Refusal> {
    let command = Command::CreateRoom {
        name: new.name,
        topic: new.topic,
        kind: new.kind,
    };
    let (room, _) = super::room(&app, &caller, command).await?;
    Ok(Created(room))
}

pub async fn show(app: App, caller: Caller, room: RoomId) -> Result<Shown<Room>, Refusal> {
    app.read()?
        .room(caller.user.id, room)?
        .map(Shown)
        .ok_or_else(|| Refusal::not_found("room"))
}

pub async fn change(
    app: App,
    caller: Caller,
    room: RoomId,
    Json(change): Json<RoomChange>,
) -> Result<Shown<Room>, Refusal> {
    let command = Command::UpdateRoom {
        room,
        name: change.name,
        topic: change.topic,
    };
    let (room, _) = super::room(&app, &caller, command).await?;
    Ok(Shown(room))
}

pub async fn remove(app: App, caller: Caller, room: RoomId) -> Result<Done, Refusal> {
    app.submit(&caller, Command::DeleteRoom { room }).await?;
    Ok(Done)
}

pub async fn join(app: App, caller: Caller, room: RoomId) -> Result<Shown<Room>, Refusal> {
    let (room, _) = super::room(&app, &caller, Command::Join { room }).await?;
    Ok(Shown(room))
}

pub async fn leave(app: App, caller: Caller, room: RoomId) -> Result<Done, Refusal> {
    app.submit(&caller, Command::Leave { room }).await?;
    Ok(Done)
}
