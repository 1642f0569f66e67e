//! What the command line asks for, in words that fit a socket as well as a function call.

use crate::domain::audit::AuditEntry;
use crate::domain::{Invite, Role, RoomId, Scope, Timestamp, Token, User};
use crate::engine::retention::Removed;
use crate::ops::check::Report;
use crate::ops::cluster::Nodes;
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
    CreateToken {
        /// The account that acts; a bot is made where there is none.
        username: String,
        label: String,
        scopes: Vec<Scope>,
        expires_in_s: Option<u64>,
    },
    ListTokens {
        username: String,
    },
    RevokeToken {
        id: u64,
    },
    /// Which of these rooms are not public here, so that history cannot be loaded into them.
    ClosedRooms {
        rooms: Vec<String>,
    },
    Check,
    /// How the nodes of the cluster are.
    Cluster,
    /// Makes a cluster of this server, over an empty Redis.
    ClusterInit {
        redis_url: String,
    },
    /// Whether the process answers, or, with `ready`, whether writes are taken.
    Health {
        ready: bool,
    },
    Audit {
        user: Option<String>,
        action: Option<String>,
        after: Option<Timestamp>,
        limit: usize,
    },
    EraseUser {
        username: String,
        messages: bool,
    },
    /// Removes what somebody signs in with besides the password.
    ResetFactors {
        username: String,
    },
    /// A link by which somebody sets a new password.
    ResetLink {
        username: String,
    },
    /// Such a link for everybody who has no password yet.
    ClaimLinks,
    /// Removes what rooms keep no longer, or counts it.
    Retention {
        dry_run: bool,
        /// Of rooms without a rule of their own.
        days: Option<u32>,
    },
    /// Builds the search index anew, and answers when it is built.
    Reindex,
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
    /// The secret is shown only here.
    Token {
        secret: String,
    },
    Tokens {
        tokens: Vec<Token>,
    },
    Rooms {
        rooms: Vec<String>,
    },
    Checked {
        report: Report,
    },
    Cluster {
        nodes: Nodes,
    },
    /// From this position on.
    ClusterBegun {
        seq: u64,
    },
    Reindexed {
        messages: u64,
        took_ms: u64,
    },
    Audit {
        entries: Vec<AuditEntry>,
    },
    Erased {
        messages: u64,
    },
    Link {
        link: String,
    },
    /// User names with their links.
    Links {
        links: Vec<(String, String)>,
    },
    Expiring {
        rooms: Vec<ExpiringRoom>,
    },
    Removed {
        removed: Removed,
    },
}

/// What one room would let go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpiringRoom {
    pub id: RoomId,
    pub name: String,
    pub days: u32,
    pub messages: u64,
    pub files: u64,
    pub file_bytes: u64,
}

/// What became of the lines of a file.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loaded {
    pub created: u64,
    /// There already, or twice in the file.
    pub repeated: u64,
    /// Left out, where bad lines are skipped.
    pub skipped: u64,
    /// Of the repeated ones, those under whose id something else is here.
    pub differing: u64,
    /// Tell something of a message, a room or somebody that is not here.
    #[serde(default)]
    pub unplaced: u64,
    pub first_differing: Vec<Differing>,
}

/// A line whose id is taken by another message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Differing {
    pub number: u64,
    /// What differs: `room`, `user` or `text`.
    pub field: String,
}

impl Loaded {
    const SHOWN: usize = 20;

    pub fn differ(&mut self, line: Differing) {
        self.differing += 1;
        if self.first_differing.len() < Loaded::SHOWN {
            self.first_differing.push(line);
        }
    }
}
