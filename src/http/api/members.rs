//! Who is in a room.

use crate::domain::{Command, Member, MemberRole, Refusal, RoomId, UserId, limits};
use crate::http::{
    answers::{Created, Done, Shown},
    app::App,
    guard::Caller,
    parts::Json,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// Either one person or several.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMembers {
    user_id: Option<UserId>,
    #[serde(default)]
    user_ids: Vec<UserId>,
    /// `member` (the default) or `owner`; owners are made by owners.
    role: Option<MemberRole>,
}

pub async fn list(app: App, caller: Caller, room: RoomId) -> Result<Shown<Vec<Member>>, Refusal> {
    Ok(Shown(members(&app, &caller, room).await?))
}

/// Adds people one after the other; the first who cannot be added ends it.
pub async fn add(
    app: App,
    caller: Caller,
    room: RoomId,
    Json(new): Json<NewMembers>,
) -> Result<Created<Vec<Member>>, Refusal> {
    let users: Vec<UserId> = new.user_id.into_iter().chain(new.user_ids).collect();
    if users.is_empty() {
        return Err(Refusal::empty("user_ids"));
    }
    if users.len() > limits::MEMBERS_PER_REQUEST {
        return Err(Refusal::too_long(
            "user_ids",
            limits::MEMBERS_PER_REQUEST,
            "people",
        ));
    }
    for user in users {
        let role = new.role;
        app.submit(&caller, Command::AddMember { room, user, role })
            .await?;
    }
    Ok(Created(members(&app, &caller, room).await?))
}

pub async fn remove(app: App, caller: Caller, room: RoomId, user: UserId) -> Result<Done, Refusal> {
    app.submit(&caller, Command::RemoveMember { room, user })
        .await?;
    Ok(Done)
}

async fn members(app: &App, caller: &Caller, room: RoomId) -> Result<Vec<Member>, Refusal> {
    let viewer = caller.user.id;
    app.big_read(move |read| match read.can_read(viewer, room)? {
        true => read.members(room).map(Some),
        false => Ok(None),
    })
    .await?
    .ok_or_else(|| Refusal::not_found("room"))
}
