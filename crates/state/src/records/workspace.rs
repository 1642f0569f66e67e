//! The workspace as a whole.

use super::AvatarRecord;
use crate::table::records;
use maru_domain::RoomId;
use serde::{Deserialize, Serialize};

records!(WorkspaceRecord);

/// What the people of a workspace made of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WorkspaceRecord {
    /// Empty: as the server was started.
    pub name: String,
    #[serde(default)]
    pub picture: Option<AvatarRecord>,
    /// Every new person is in them. A room that is archived or gone counts no more.
    #[serde(default)]
    pub default_rooms: Vec<RoomId>,
}
