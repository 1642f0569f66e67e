//! Who is in a room.

use super::people::{self, Finder};
use crate::domain::{Command, Member, MemberRole, Refusal, RoomId, UserId, limits};
use crate::http::{
    answers::{Created, Done, Shown},
    app::App,
    guard::Caller,
    parts::{Json, Query},
};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

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

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct MembersQuery {
    /// A part of a name, also a half-typed one: the likeliest first, without disabled accounts.
    q: Option<String>,
    /// Only people after this one; for the next page, the last user's id of this one.
    #[param(value_type = Option<u64>)]
    after: Option<UserId>,
    /// 1 to 1000; 1000 where it is left out. An answer of fewer people is the last page.
    limit: Option<usize>,
}

pub async fn list(
    app: App,
    caller: Caller,
    room: RoomId,
    Query(query): Query<MembersQuery>,
) -> Result<Shown<Vec<Member>>, Refusal> {
    Ok(Shown(members(&app, &caller, room, query).await?))
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
    let all = MembersQuery::default();
    Ok(Created(members(&app, &caller, room, all).await?))
}

pub async fn remove(app: App, caller: Caller, room: RoomId, user: UserId) -> Result<Done, Refusal> {
    app.submit(&caller, Command::RemoveMember { room, user })
        .await?;
    Ok(Done)
}

async fn members(
    app: &App,
    caller: &Caller,
    room: RoomId,
    query: MembersQuery,
) -> Result<Vec<Member>, Refusal> {
    let viewer = caller.user.id;
    let limit = people::page_size(query.limit)?;
    let finder = Finder::new(query.q.as_deref().unwrap_or_default())?;
    let after = query.after.unwrap_or_default();
    let names = Arc::clone(&app.services().names);
    let found = app.big_read(move |read| {
        if !read.can_read(viewer, room)? {
            return Ok(None);
        }
        if finder.is_empty() {
            return read.members_after(room, after, limit).map(Some);
        }
        let mut found = Vec::new();
        for id in finder.best(&names.people(read)?, usize::MAX) {
            if found.len() == limit {
                break;
            }
            if let (Some(member), Some(user)) = (read.member(room, id)?, read.user(id)?) {
                found.push(member.view(user));
            }
        }
        Ok(Some(found))
    });
    found.await?.ok_or_else(|| Refusal::not_found("room"))
}
