//! What is stored. Fields are only ever added at the end, with a default: old files stay readable.

mod beside;
mod email;
mod factor;
mod identity;
mod message;
mod program;
mod unsent;
mod word;
mod workspace;

pub use beside::{OldTextRecord, PreviewsRecord};
pub use email::{EmailRecord, email_key};
pub use factor::{FactorsRecord, PasskeyRecord, TotpRecord};
pub use identity::IdentityRecord;
pub use message::MessageRecord;
pub use program::{ConsumerRecord, HookRecord, SlashRecord, TokenRecord, WebhookRecord};
pub use unsent::{DraftRecord, ScheduledRecord};
pub use word::WordRecord;
pub use workspace::WorkspaceRecord;

use crate::table::{Held, records};
use maru_domain::audit::{Origin, Target};
use maru_domain::file::Thumbnail;
use maru_domain::{
    LogHash, Member, MemberRole, MessageId, Nonce, NotificationLevel, Role, RoomId, RoomKind,
    ScheduledId, Seq, Session, SessionId, Status, Timestamp, User, UserId, names,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    #[serde(default)]
    pub status: Option<Status>,
    #[serde(default)]
    pub avatar: Option<AvatarRecord>,
    /// Whose bot it is, where it is one; 0: the machine's owner's.
    #[serde(default)]
    pub bot_of: Option<UserId>,
}

/// The picture that stands for somebody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AvatarRecord {
    /// Names the content on the disk.
    pub content: String,
    pub size: u64,
    /// Grows with each picture: what was fetched before is not shown for the new one.
    pub version: u64,
}

impl UserRecord {
    pub fn avatar_address(&self, id: UserId) -> Option<String> {
        let avatar = self.avatar.as_ref()?;
        Some(format!("/api/v1/users/{id}/avatar?v={}", avatar.version))
    }

    /// The display name's key, if it is another than the user name's.
    pub fn other_name(&self) -> Option<String> {
        let name = names::key(&self.display_name);
        (name != names::key(&self.username)).then_some(name)
    }

    pub fn is_acting_admin(&self) -> bool {
        self.role == Role::Admin && !self.disabled
    }

    pub fn view(self, id: UserId) -> User {
        let avatar = self.avatar_address(id);
        User {
            id,
            avatar,
            username: self.username,
            display_name: self.display_name,
            role: self.role,
            created_at: self.created_at,
            disabled: self.disabled,
            status: self.status,
            bot: self.bot_of.is_some(),
        }
    }
}

/// What a person chose for the web app, as a JSON object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SettingsRecord {
    pub json: String,
}

/// A browser that wants to be told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PushRecord {
    pub endpoint: String,
    pub p256dh: String,
    pub auth: String,
    pub session: Option<SessionId>,
    pub user_agent: String,
    pub created_at: Timestamp,
}

/// All of one person's, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PushesRecord {
    pub pushes: Vec<PushRecord>,
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

impl SessionRecord {
    pub fn view(&self, id: SessionId, current: Option<SessionId>) -> Session {
        Session {
            id,
            created_at: self.created_at,
            expires_at: self.expires_at,
            user_agent: self.user_agent.clone(),
            address: self.address.clone(),
            current: current == Some(id),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InviteRecord {
    pub digest: String,
    pub role: Role,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub uses_left: u32,
    /// Makes the first administrator, and nobody once there is one.
    #[serde(default)]
    pub is_setup: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoomRecord {
    pub name: String,
    pub topic: String,
    pub kind: RoomKind,
    pub created_at: Timestamp,
    pub member_count: u64,
    #[serde(default)]
    pub retention_days: Option<u32>,
    /// Set by [`maru_domain::Manage::SetArchived`] or by import alone, both newer than what it
    /// forbids: no entry that an older program accepted is decided otherwise.
    #[serde(default)]
    pub archived_at: Option<Timestamp>,
}

/// How far the removal of a deleted room has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Purge {
    pub messages: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemberRecord {
    pub role: MemberRole,
    pub joined_at: Timestamp,
    pub joined_seq: Seq,
    pub read: ReadPosition,
    pub level: NotificationLevel,
}

/// How far somebody has read in a room. What is unread follows from it without a look at the
/// messages: posts of the room after `ordinal`, less the reader's own after `own`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadPosition {
    pub message: MessageId,
    pub at: i64,
    /// Posts in the room up to here.
    pub ordinal: u64,
    /// The reader's own posts up to here.
    pub own: u32,
    /// The newest message up to here that did not come by import: what names the reader behind it is
    /// unread, replies included.
    #[serde(default)]
    pub newest: MessageId,
    /// It was put back here on purpose.
    #[serde(default)]
    pub is_set_back: bool,
}

impl MemberRecord {
    pub fn view(&self, user: User) -> Member {
        Member {
            user,
            role: self.role,
            joined_at: self.joined_at,
            last_read_id: self.read.message,
        }
    }
}

/// A room's end. Replies are no part of it: they are shown in their threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tail {
    /// Posts that there ever were; imported history does not count.
    pub ordinal: u64,
    /// The newest message of the room, not of a thread, that is not deleted; 0 where there is none.
    pub at: i64,
    pub message: MessageId,
}

impl Held for Tail {
    type Raw = &'static [u8; 28];
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.ordinal.to_le_bytes());
        out.extend_from_slice(&self.at.to_le_bytes());
        out.extend_from_slice(&self.message.0.to_le_bytes());
    }
    fn read(bytes: &[u8]) -> Option<Tail> {
        let (ordinal, rest) = bytes.split_first_chunk::<8>()?;
        let (at, message) = rest.split_first_chunk::<8>()?;
        Some(Tail {
            ordinal: u64::from_le_bytes(*ordinal),
            at: i64::from_le_bytes(*at),
            message: MessageId(u64::from_le_bytes(message.try_into().ok()?)),
        })
    }
}

/// The last entry that was applied, as far as a log can be compared with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogPosition {
    pub seq: Seq,
    /// Of the log that the entry came from; 0 where it is not known.
    pub epoch: u64,
    pub nonce: Nonce,
    /// Of the log up to and with that entry.
    pub hash: LogHash,
}

impl Held for LogPosition {
    type Raw = &'static [u8; 52];
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.seq.0.to_le_bytes());
        out.extend_from_slice(&self.epoch.to_le_bytes());
        out.extend_from_slice(&self.nonce.0);
        out.extend_from_slice(&self.hash.0);
    }
    fn read(bytes: &[u8]) -> Option<LogPosition> {
        let (seq, rest) = bytes.split_first_chunk::<8>()?;
        let (epoch, rest) = rest.split_first_chunk::<8>()?;
        let (nonce, hash) = rest.split_first_chunk::<16>()?;
        Some(LogPosition {
            seq: Seq(u64::from_le_bytes(*seq)),
            epoch: u64::from_le_bytes(*epoch),
            nonce: Nonce(*nonce),
            hash: LogHash(hash.try_into().ok()?),
        })
    }
}

/// Where a message lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageLocation {
    pub room: RoomId,
    /// Its time in the order of the room, in milliseconds.
    pub at: i64,
}

impl Held for MessageLocation {
    type Raw = &'static [u8; 20];
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.room.0.to_le_bytes());
        out.extend_from_slice(&self.at.to_le_bytes());
    }
    fn read(bytes: &[u8]) -> Option<MessageLocation> {
        let (room, at) = bytes.split_first_chunk::<8>()?;
        Some(MessageLocation {
            room: RoomId(u64::from_le_bytes(*room)),
            at: i64::from_le_bytes(at.try_into().ok()?),
        })
    }
}

/// The replies below a message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ThreadRecord {
    pub room: RoomId,
    /// Replies that are not deleted.
    pub count: u64,
    pub last_at: Timestamp,
    /// Replies that there ever were; imported ones do not count.
    pub ordinal: u32,
}

/// Somebody's side of a thread.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FollowRecord {
    /// False: they do not want to follow, whatever happens in it.
    pub on: bool,
    /// The last reply that was read, by its ordinal.
    pub read: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PinRecord {
    pub at: Timestamp,
    pub user: UserId,
}

/// A file as stored. Its content lies on the disk under the name of its hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileRecord {
    pub owner: UserId,
    pub name: String,
    pub size: u64,
    pub mime: String,
    pub content: String,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub thumbnail: Option<Thumbnail>,
    pub created_at: Timestamp,
    /// 0 until a message carries it.
    pub room: RoomId,
    pub message: MessageId,
    /// The message that will carry it when its time comes; 0 is none.
    #[serde(default)]
    pub scheduled: ScheduledId,
}

/// A line of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditRecord {
    pub at: Timestamp,
    pub actor: Option<UserId>,
    pub action: String,
    pub target: Target,
    pub details: BTreeMap<String, String>,
    pub origin: Option<Origin>,
}

/// A link for a new password, by the digest of its token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResetRecord {
    pub user: UserId,
    pub expires_at: Timestamp,
}

records!(
    OldTextRecord,
    PreviewsRecord,
    IdentityRecord,
    AuditRecord,
    ResetRecord,
    FileRecord,
    DraftRecord,
    ScheduledRecord,
    UserRecord,
    SettingsRecord,
    PushesRecord,
    SessionRecord,
    InviteRecord,
    RoomRecord,
    Purge,
    MemberRecord,
    ThreadRecord,
    FollowRecord,
    PinRecord,
);
