//! The tables and records of formats 1 and 2, as version 0.1.0 wrote them.

use crate::{Result, StateError};
use maru_domain::{
    MemberRole, MentionRange, MessageId, Reaction, Role, RoomKind, Seq, Timestamp, UserId,
};
use redb::TableDefinition;
use serde::{Deserialize, de::DeserializeOwned};

macro_rules! old_tables {
    ($($name:ident = $text:literal: $key:ty => $value:ty;)*) => {
        $(pub const $name: TableDefinition<$key, $value> = TableDefinition::new($text);)*
    };
}

old_tables! {
    META = "meta": &str => u64;
    USERS = "users": u64 => &[u8];
    SESSIONS = "sessions": u64 => &[u8];
    INVITES = "invites": u64 => &[u8];
    ROOMS = "rooms": u64 => &[u8];
    DIRECTS = "directs": &str => u64;
    MEMBERS = "members": (u64, u64) => &[u8];
    MEMBERSHIPS = "memberships": (u64, u64) => u64;
    MESSAGES = "messages": (u64, u64) => &[u8];
    EXTERNAL_IDS = "external_ids": &str => u64;
    NONCES = "nonces": u64 => &[u8];
}

#[derive(Deserialize)]
pub struct User {
    pub username: String,
    pub display_name: String,
    pub role: Role,
    pub created_at: Timestamp,
    pub disabled: bool,
    pub password_hash: Option<String>,
}

#[derive(Deserialize)]
pub struct Session {
    pub user: UserId,
    pub jti: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub user_agent: String,
    pub address: String,
}

#[derive(Deserialize)]
pub struct Invite {
    pub digest: String,
    pub role: Role,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub uses_left: u32,
}

#[derive(Deserialize)]
pub struct Room {
    pub name: String,
    pub topic: String,
    pub kind: RoomKind,
    pub created_at: Timestamp,
    pub member_count: u64,
}

#[derive(Deserialize)]
pub struct Member {
    pub role: MemberRole,
    pub joined_at: Timestamp,
    pub joined_seq: Seq,
    pub last_read: MessageId,
}

#[derive(Deserialize)]
pub struct Message {
    pub author: UserId,
    pub deleted: bool,
    pub text: String,
    pub sent_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub client_id: Option<String>,
    pub reply_to: Option<MessageId>,
    pub thread: Option<(u64, Timestamp)>,
    pub reactions: Vec<Reaction>,
    pub mentions: Vec<UserId>,
    pub pinned: bool,
    pub external_id: Option<String>,
    #[serde(default)]
    pub mention_ranges: Vec<MentionRange>,
}

impl Message {
    /// Author and marks stood in front of the record once more.
    const HEADER: usize = 9;

    pub fn read(bytes: &[u8], id: u64) -> Result<Message> {
        decode(
            "messages",
            id,
            bytes.get(Self::HEADER..).unwrap_or_default(),
        )
    }
}

pub fn decode<T: DeserializeOwned>(
    table: &'static str,
    key: impl std::fmt::Display,
    bytes: &[u8],
) -> Result<T> {
    rmp_serde::from_slice(bytes).map_err(|_| StateError::missing(table, key))
}
