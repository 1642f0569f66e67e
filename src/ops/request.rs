//! What the command line asks for, in words that fit a socket as well as a function call.

use crate::domain::{Invite, Role, User};
use crate::ops::check::Report;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    AddUser {
        username: String,
        display_name: Option<String>,
        role: Role,
        password: String,
    },
    ListUsers,
    SetPassword {
        username: String,
        password: String,
    },
    SetRole {
        username: String,
        role: Role,
    },
    SetDisabled {
        username: String,
        disabled: bool,
    },
    CreateInvite {
        role: Role,
        expires_in_s: u64,
        uses: u32,
    },
    /// Which of these rooms are not public here, so that history cannot be loaded into them.
    ClosedRooms {
        rooms: Vec<String>,
    },
    Check,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Reply {
    Done,
    User {
        user: User,
    },
    Users {
        users: Vec<User>,
    },
    /// The link is whole where the server's address is known, else it begins with its path.
    Invite {
        invite: Invite,
        link: String,
    },
    Rooms {
        rooms: Vec<String>,
    },
    Checked {
        report: Report,
    },
}

/// What became of the lines of a file.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loaded {
    pub created: u64,
    /// There already, or twice in the file.
    pub repeated: u64,
    /// Left out, where bad lines are skipped.
    pub skipped: u64,
}
