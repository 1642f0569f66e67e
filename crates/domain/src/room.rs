//! Rooms and who is in them.

use super::{Message, Refusal, RoomId, Timestamp, User};
use crate::MessageId;
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use utoipa::ToSchema;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// Everybody in the house may find, read and join it.
    #[default]
    Public,
    /// Only members know of it.
    Private,
    /// A conversation of a fixed set of people, without a name.
    Direct,
}

impl FromStr for RoomKind {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<RoomKind, Refusal> {
        match text {
            "public" => Ok(RoomKind::Public),
            "private" => Ok(RoomKind::Private),
            "direct" => Ok(RoomKind::Direct),
            _ => Err(Refusal::invalid(
                "kind",
                "A room is `public`, `private` or `direct`.",
            )),
        }
    }
}

#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    #[default]
    Member,
    /// May rename and delete the room and remove members.
    Owner,
}

/// A room as one person sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Room {
    pub id: RoomId,
    /// Empty for direct rooms: clients show the other members' names.
    pub name: String,
    pub topic: String,
    pub kind: RoomKind,
    pub member_count: u64,
    pub created_at: Timestamp,
    pub last_message: Option<Message>,
    /// How many days messages are kept; absent: as long as the server keeps them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
    /// It is read-only, and in no list but that of archived rooms.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    /// Since when it is archived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Timestamp>,
    /// The people of a direct room, the caller included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<User>,
    /// Absent where the caller is not a member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub me: Option<Mine>,
}

/// The caller's own side of a room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Mine {
    pub role: MemberRole,
    /// 0 where nothing was read yet.
    pub last_read_id: MessageId,
    /// Messages of others after `last_read_id`, counted up to 10,000.
    pub unread: u64,
    /// How many of the unread ones mention the caller.
    pub mentions: u64,
    pub notifications: NotificationLevel,
}

/// What somebody wants to be told of a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotificationLevel {
    #[default]
    All,
    /// Only what names them.
    Mentions,
    None,
}

/// Somebody in a room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Member {
    pub user: User,
    pub role: MemberRole,
    pub joined_at: Timestamp,
    pub last_read_id: MessageId,
}
