//! Rooms.

use super::people::Finder;
use super::threads::page_limit;
use crate::domain::{Command, Manage, NotificationLevel, Refusal, Room, RoomId, RoomKind, limits};
use crate::http::{
    answers::{Created, Done, Shown},
    app::App,
    guard::Caller,
    parts::{Json, Query},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

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
    /// How many days messages are kept; null: as long as the server keeps them.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>)]
    retention_days: Option<Option<u32>>,
    /// Read-only and out of the lists, or as it was before.
    archived: Option<bool>,
    /// Whether every new person is in this public room from the beginning; for administrators.
    default: Option<bool>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct RoomsQuery {
    /// True: only archived rooms; false, or left out: only others.
    #[serde(default)]
    archived: bool,
}

/// Null says something else than nothing.
fn given<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Option<u32>>, D::Error> {
    Option::<u32>::deserialize(from).map(Some)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct DirectoryQuery {
    /// A part of the name: first consonants, half a syllable and the other keyboard's letters, too.
    q: Option<String>,
    /// At most 100; 50 where it is left out.
    limit: Option<usize>,
    /// From the page before.
    cursor: Option<String>,
    /// True: only archived rooms; false, or left out: only others.
    #[serde(default)]
    archived: bool,
}

/// Public rooms in the order of their names. With a cursor there may be more, also where this page is
/// short.
#[derive(Debug, Serialize, ToSchema)]
pub struct Directory {
    rooms: Vec<Room>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Notifications {
    level: NotificationLevel,
}

pub async fn directory(
    app: App,
    caller: Caller,
    Query(query): Query<DirectoryQuery>,
) -> Result<Shown<Directory>, Refusal> {
    let limit = page_limit(query.limit, limits::DEFAULT_PAGE)?;
    let finder = Finder::new(&query.q.unwrap_or_default())?;
    let page = app
        .big_read(move |read| {
            let after = query.cursor.as_deref();
            let is_wanted = |name: &str| finder.rank_name(name).is_some();
            let how = (limit, query.archived);
            read.directory(caller.user.id, is_wanted, after, how)
        })
        .await?;
    Ok(Shown(Directory {
        rooms: page.rooms,
        cursor: page.next,
    }))
}

pub async fn notifications(
    app: App,
    caller: Caller,
    room: RoomId,
    Json(wanted): Json<Notifications>,
) -> Result<Shown<Room>, Refusal> {
    let level = wanted.level;
    let command = Command::SetNotifications { room, level };
    let (room, _) = super::room(&app, &caller, command).await?;
    Ok(Shown(room))
}

pub async fn list(
    app: App,
    caller: Caller,
    Query(query): Query<RoomsQuery>,
) -> Result<Shown<Vec<Room>>, Refusal> {
    let rooms = app.big_read(move |read| read.rooms(caller.user.id, Some(query.archived)));
    Ok(Shown(rooms.await?))
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
    let archive = |archived| Command::Manage(Manage::SetArchived { room, archived });
    let mut shown = None;
    // An archived room is not changed: it comes back first, and is put away last.
    if change.archived == Some(false) {
        shown = Some(super::room(&app, &caller, archive(false)).await?.0);
    }
    if let Some(days) = change.retention_days {
        let command = Command::Manage(Manage::SetRetention { room, days });
        shown = Some(super::room(&app, &caller, command).await?.0);
    }
    if let Some(on) = change.default {
        let command = Command::Manage(Manage::SetDefault { room, on });
        shown = Some(super::room(&app, &caller, command).await?.0);
    }
    let is_empty = shown.is_none() && change.archived.is_none();
    if is_empty || change.name.is_some() || change.topic.is_some() {
        let command = Command::UpdateRoom {
            room,
            name: change.name,
            topic: change.topic,
        };
        shown = Some(super::room(&app, &caller, command).await?.0);
    }
    if change.archived == Some(true) {
        shown = Some(super::room(&app, &caller, archive(true)).await?.0);
    }
    shown.map(Shown).ok_or_else(|| Refusal::not_found("room"))
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
