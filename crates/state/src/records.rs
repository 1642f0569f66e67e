//! What is stored. Fields are only ever added at the end, with a default: old files stay readable.

use super::StateError;
use maru_domain::{
    Member, MemberRole, MentionRange, MessageId, Reaction, Role, RoomKind, Seq, Timestamp, User,
    UserId, names,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// A user as stored: [`User`] without its id, and the password's hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserRecord {
    pub username: String,
    pub display_name: String,
    pub role: Role,
    pub created_at: Timestamp,
    pub disabled: bool,
    /// None: cannot sign in until somebody sets one.
    pub password_hash: Option<String>,
}

impl UserRecord {
    /// The display name's key, if it is another than the user name's.
    pub fn other_name(&self) -> Option<String> {
        let name = names::key(&self.display_name);
        (name != names::key(&self.username)).then_some(name)
    }

    pub fn view(self, id: UserId) -> User {
        User {
            id,
            username: self.username,
            display_name: self.display_name,
            role: self.role,
            created_at: self.created_at,
            disabled: self.disabled,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionRecord {
    pub user: UserId,
    pub jti: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub user_agent: String,
    pub address: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InviteRecord {
    pub digest: String,
    pub role: Role,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub uses_left: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoomRecord {
    pub name: String,
    pub topic: String,
    pub kind: RoomKind,
    pub created_at: Timestamp,
    pub member_count: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemberRecord {
    pub role: MemberRole,
    pub joined_at: Timestamp,
    pub joined_seq: Seq,
    pub last_read: MessageId,
}

impl MemberRecord {
    pub fn view(&self, user: User) -> Member {
        Member {
            user,
            role: self.role,
            joined_at: self.joined_at,
            last_read_id: self.last_read,
        }
    }
}

/// A message as stored. The author and the deleted mark also stand in front of the record, in
/// [`MessageRecord::HEADER`] bytes, so that counting unread messages decodes nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MessageRecord {
    pub author: UserId,
    pub deleted: bool,
    pub text: String,
    pub sent_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub client_id: Option<String>,
    pub reply_to: Option<MessageId>,
    /// Replies that are not deleted, and when the last one was sent.
    pub thread: Option<(u64, Timestamp)>,
    pub reactions: Vec<Reaction>,
    pub mentions: Vec<UserId>,
    pub pinned: bool,
    pub external_id: Option<String>,
    #[serde(default)]
    pub mention_ranges: Vec<MentionRange>,
}

/// What a count needs to know of a message.
pub struct Glance {
    pub author: UserId,
    pub deleted: bool,
    pub mentions_somebody: bool,
}

impl MessageRecord {
    pub const HEADER: usize = 9;

    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::HEADER + 64 + self.text.len());
        bytes.extend_from_slice(&self.author.0.to_le_bytes());
        bytes.push(u8::from(self.deleted) | u8::from(!self.mentions.is_empty()) << 1);
        encode_into(&mut bytes, self);
        bytes
    }

    pub fn decode(bytes: &[u8]) -> Result<MessageRecord, StateError> {
        decode(
            bytes
                .get(Self::HEADER..)
                .ok_or(StateError::Corrupt("message"))?,
        )
    }

    pub fn glance(bytes: &[u8]) -> Result<Glance, StateError> {
        let author: [u8; 8] = bytes
            .get(..8)
            .and_then(|b| b.try_into().ok())
            .ok_or(StateError::Corrupt("message"))?;
        let flags = *bytes.get(8).ok_or(StateError::Corrupt("message"))?;
        Ok(Glance {
            author: UserId(u64::from_le_bytes(author)),
            deleted: flags & 1 != 0,
            mentions_somebody: flags & 2 != 0,
        })
    }
}

pub fn encode<T: Serialize>(record: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    encode_into(&mut bytes, record);
    bytes
}

fn encode_into<T: Serialize>(bytes: &mut Vec<u8>, record: &T) {
    // Writing plain structs into memory has no way to fail.
    rmp_serde::encode::write(bytes, record).expect("records serialise");
}

pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StateError> {
    rmp_serde::from_slice(bytes).map_err(|_| StateError::Corrupt(std::any::type_name::<T>()))
}
