//! Rooms with those who answer for them, for administrators.

use crate::domain::{Refusal, Room, RoomId, RoomKind, User, UserId};
use crate::http::{answers::Shown, app::App, guard::Caller, parts::Query};
use crate::state::{self, Reader};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Owners that are named; a room with more has no lack of them.
const OWNERS: usize = 20;
const LARGEST_PAGE: usize = 200;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct OwnedRoomsQuery {
    /// At most 200; 50 where it is left out.
    limit: Option<usize>,
    /// From the page before.
    cursor: Option<String>,
    /// True: only archived rooms; false, or left out: only others.
    #[serde(default)]
    archived: bool,
}

/// A room, and who answers for it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnedRoom {
    #[serde(flatten)]
    room: Room,
    /// At most 20 of them; none where everybody who owned it has left.
    owners: Vec<Owner>,
    /// Every new person is in it from the beginning.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    default: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Owner {
    id: UserId,
    username: String,
    display_name: String,
}

/// The caller's private rooms stand on the first page, then public ones by their names.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnedRooms {
    rooms: Vec<OwnedRoom>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

pub async fn list(
    app: App,
    caller: Caller,
    Query(query): Query<OwnedRoomsQuery>,
) -> Result<Shown<OwnedRooms>, Refusal> {
    let limit = query.limit.unwrap_or(crate::domain::limits::DEFAULT_PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(Refusal {
            limit: Some(LARGEST_PAGE as u64),
            ..Refusal::invalid("limit", format!("A page has 1 to {LARGEST_PAGE} rooms."))
        });
    }
    let viewer = caller.user.id;
    let page = app.big_read(move |read| {
        let mut rooms = Vec::new();
        let default = read.workspace()?.default_rooms;
        if query.cursor.is_none() {
            let mine = read.rooms(viewer, Some(query.archived))?.into_iter();
            for room in mine.filter(|room| room.kind == RoomKind::Private) {
                rooms.push(owned(read, room, &default)?);
            }
        }
        let how = (limit, query.archived);
        let page = read.directory(viewer, |_| true, query.cursor.as_deref(), how)?;
        for room in page.rooms {
            rooms.push(owned(read, room, &default)?);
        }
        Ok(OwnedRooms {
            rooms,
            cursor: page.next,
        })
    });
    Ok(Shown(page.await?))
}

fn owned(read: &Reader, room: Room, default: &[RoomId]) -> state::Result<OwnedRoom> {
    let owners = read.owners(room.id, OWNERS)?.into_iter();
    Ok(OwnedRoom {
        owners: owners.map(owner).collect(),
        default: default.contains(&room.id),
        room,
    })
}

fn owner(user: User) -> Owner {
    Owner {
        id: user.id,
        username: user.username,
        display_name: user.display_name,
    }
}
