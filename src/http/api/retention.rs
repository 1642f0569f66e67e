//! How long rooms keep messages: counted before anything goes.

use crate::domain::{Refusal, RoomId, Timestamp};
use crate::http::{answers::Shown, app::App, guard::Caller, parts::Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const DAY_MS: i64 = 24 * 3600 * 1000;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct RetentionQuery {
    /// As if the room kept messages for so many days; its own rule where this is left out.
    days: Option<u32>,
}

/// What would go at the next daily run; nothing is changed by asking.
#[derive(Debug, Serialize, ToSchema)]
pub struct Expiring {
    room_id: RoomId,
    /// For how many days the room keeps messages; absent: for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<u32>,
    /// What was said before this time goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Timestamp>,
    messages: u64,
    files: u64,
    file_bytes: u64,
}

/// What a room would let go. For whoever may read it: everybody knows what they lose.
pub async fn of_room(
    app: App,
    caller: Caller,
    room: RoomId,
    Query(asked): Query<RetentionQuery>,
) -> Result<Shown<Expiring>, Refusal> {
    let read = app.read()?;
    if !read.can_read(caller.user.id, room)? {
        return Err(Refusal::not_found("room"));
    }
    let own = read
        .retention_days(room)?
        .ok_or_else(|| Refusal::not_found("room"))?;
    drop(read);
    let default = app.settings().retention_days;
    Ok(Shown(
        count(&app, room, asked.days.or(own).or(default)).await?,
    ))
}

/// The same for every room, with what the server's own rule lets go.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllExpiring {
    /// Of rooms without a rule of their own; absent: for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    default_days: Option<u32>,
    /// Those that would let something go.
    rooms: Vec<Expiring>,
    messages: u64,
    files: u64,
    file_bytes: u64,
}

pub async fn of_all(
    app: App,
    _: Caller,
    Query(asked): Query<RetentionQuery>,
) -> Result<Shown<AllExpiring>, Refusal> {
    let default_days = asked.days.or(app.settings().retention_days);
    let kept = app.big_read(crate::state::Reader::kept).await?;
    let mut all = AllExpiring {
        default_days,
        rooms: Vec::new(),
        messages: 0,
        files: 0,
        file_bytes: 0,
    };
    for room in kept {
        let found = count(&app, room.room, room.days.or(default_days)).await?;
        all.messages += found.messages;
        all.files += found.files;
        all.file_bytes += found.file_bytes;
        if found.messages + found.files > 0 {
            all.rooms.push(found);
        }
    }
    Ok(Shown(all))
}

async fn count(app: &App, room: RoomId, days: Option<u32>) -> Result<Expiring, Refusal> {
    let before = days.map(|days| app.engine().now().plus_ms(-i64::from(days) * DAY_MS));
    let found = match before {
        None => crate::state::Expiring::default(),
        Some(before) => {
            app.big_read(move |read| read.expiring(room, before))
                .await?
        }
    };
    Ok(Expiring {
        room_id: room,
        days,
        before,
        messages: found.messages,
        files: found.files,
        file_bytes: found.file_bytes,
    })
}
