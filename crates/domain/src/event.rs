//! What others hear of a command that was done, and what it changes outside the state.

use super::{
    FollowState, Message, MessageId, Room, RoomId, Scheduled, ScheduledId, Seq, SessionId,
    ThreadSummary, Timestamp, User, UserId,
};
use serde::{Deserialize, Serialize};

/// Who may hear an event; decided in apply, never by a door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Audience {
    Everyone,
    /// Whoever is a member of the room at the event's position.
    Room(RoomId),
    /// The room's members and one who just ceased to be one.
    RoomAnd(RoomId, UserId),
    Users(Vec<UserId>),
}

/// One of the events of an entry, which are ordered by `(seq, n)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub seq: Seq,
    pub n: u16,
    pub audience: Audience,
    /// Who is in a room from this event on, and hears it already.
    pub joined: Vec<(RoomId, UserId)>,
    /// Who is in a room no more behind this event, and hears it still.
    pub left: Vec<(RoomId, UserId)>,
    /// Messages that changed without an event of their own, for the search index.
    pub changed: Vec<MessageId>,
    pub body: Body,
}

macro_rules! kinds {
    ($($name:ident = $text:literal;)*) => {
        /// An event's name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum EventKind { $(#[serde(rename = $text)] $name,)* }
        impl EventKind {
            pub const ALL: &'static [EventKind] = &[$(EventKind::$name,)*];
            pub fn as_str(self) -> &'static str {
                match self { $(EventKind::$name => $text,)* }
            }
        }
    };
}

kinds! {
    MessageCreated = "message.created";
    MessageUpdated = "message.updated";
    MessageDeleted = "message.deleted";
    ReactionAdded = "reaction.added";
    ReactionRemoved = "reaction.removed";
    RoomCreated = "room.created";
    RoomUpdated = "room.updated";
    RoomDeleted = "room.deleted";
    MemberJoined = "member.joined";
    MemberLeft = "member.left";
    ReadMoved = "read.moved";
    PinAdded = "pin.added";
    PinRemoved = "pin.removed";
    UserUpdated = "user.updated";
    HistoryChanged = "history.changed";
    ThreadUpdated = "thread.updated";
    SettingsUpdated = "settings.updated";
    DraftUpdated = "draft.updated";
    ScheduledUpdated = "scheduled.updated";
}

/// What happened. Serialises to the JSON object that clients get, without `seq`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Body {
    /// created, updated or deleted, as `kind` says
    Message {
        #[serde(skip)]
        kind: EventKind,
        room_id: RoomId,
        message_id: MessageId,
        message: Box<Message>,
    },
    Reaction {
        #[serde(skip)]
        added: bool,
        room_id: RoomId,
        message_id: MessageId,
        user_id: UserId,
        emoji: String,
    },
    RoomCreated {
        room_id: RoomId,
        room: Box<Room>,
        user_ids: Vec<UserId>,
    },
    RoomUpdated {
        room_id: RoomId,
        room: Box<Room>,
    },
    RoomDeleted {
        room_id: RoomId,
    },
    MemberJoined {
        room_id: RoomId,
        user_id: UserId,
        user: Box<User>,
        room: Box<Room>,
    },
    MemberLeft {
        room_id: RoomId,
        user_id: UserId,
    },
    /// Forward or back; only the reader hears it.
    ReadMoved {
        room_id: RoomId,
        user_id: UserId,
        message_id: MessageId,
        unread: u64,
        mentions: u64,
    },
    Pin {
        #[serde(skip)]
        added: bool,
        room_id: RoomId,
        message_id: MessageId,
        user_id: UserId,
    },
    UserUpdated {
        user_id: UserId,
        user: Box<User>,
    },
    /// Messages came or went that nobody is told one by one: clients read the room again.
    HistoryChanged {
        room_id: RoomId,
    },
    ThreadUpdated {
        room_id: RoomId,
        /// The message that began the thread.
        message_id: MessageId,
        #[serde(skip_serializing_if = "Option::is_none")]
        thread: Option<ThreadSummary>,
        /// The hearer's own side, where that is what changed.
        #[serde(skip_serializing_if = "Option::is_none")]
        me: Option<FollowState>,
    },
    SettingsUpdated {
        settings: serde_json::Value,
    },
    /// An empty text: there is none any more.
    DraftUpdated {
        room_id: RoomId,
        #[serde(skip_serializing_if = "Option::is_none")]
        thread_id: Option<MessageId>,
        text: String,
    },
    ScheduledUpdated {
        id: ScheduledId,
        room_id: RoomId,
        /// Left out when it was sent or given up.
        #[serde(skip_serializing_if = "Option::is_none")]
        scheduled: Option<Box<Scheduled>>,
    },
}

impl Event {
    /// Whether something went that was said.
    pub fn is_removal(&self) -> bool {
        matches!(
            self.body.kind(),
            EventKind::MessageDeleted | EventKind::RoomDeleted | EventKind::HistoryChanged
        )
    }
}

impl Body {
    pub fn kind(&self) -> EventKind {
        match self {
            Body::Message { kind, .. } => *kind,
            Body::Reaction { added: true, .. } => EventKind::ReactionAdded,
            Body::Reaction { added: false, .. } => EventKind::ReactionRemoved,
            Body::RoomCreated { .. } => EventKind::RoomCreated,
            Body::RoomUpdated { .. } => EventKind::RoomUpdated,
            Body::RoomDeleted { .. } => EventKind::RoomDeleted,
            Body::MemberJoined { .. } => EventKind::MemberJoined,
            Body::MemberLeft { .. } => EventKind::MemberLeft,
            Body::ReadMoved { .. } => EventKind::ReadMoved,
            Body::Pin { added: true, .. } => EventKind::PinAdded,
            Body::Pin { added: false, .. } => EventKind::PinRemoved,
            Body::UserUpdated { .. } => EventKind::UserUpdated,
            Body::HistoryChanged { .. } => EventKind::HistoryChanged,
            Body::ThreadUpdated { .. } => EventKind::ThreadUpdated,
            Body::SettingsUpdated { .. } => EventKind::SettingsUpdated,
            Body::DraftUpdated { .. } => EventKind::DraftUpdated,
            Body::ScheduledUpdated { .. } => EventKind::ScheduledUpdated,
        }
    }

    pub fn room(&self) -> Option<RoomId> {
        match self {
            Body::Message { room_id, .. }
            | Body::Reaction { room_id, .. }
            | Body::RoomCreated { room_id, .. }
            | Body::RoomUpdated { room_id, .. }
            | Body::RoomDeleted { room_id }
            | Body::MemberJoined { room_id, .. }
            | Body::MemberLeft { room_id, .. }
            | Body::ReadMoved { room_id, .. }
            | Body::HistoryChanged { room_id }
            | Body::ThreadUpdated { room_id, .. }
            | Body::DraftUpdated { room_id, .. }
            | Body::ScheduledUpdated { room_id, .. }
            | Body::Pin { room_id, .. } => Some(*room_id),
            Body::UserUpdated { .. } | Body::SettingsUpdated { .. } => None,
        }
    }

    pub fn message(&self) -> Option<MessageId> {
        match self {
            Body::Message { message_id, .. }
            | Body::Reaction { message_id, .. }
            | Body::ThreadUpdated { message_id, .. }
            | Body::Pin { message_id, .. } => Some(*message_id),
            Body::ReadMoved { .. }
            | Body::RoomCreated { .. }
            | Body::RoomUpdated { .. }
            | Body::RoomDeleted { .. }
            | Body::MemberJoined { .. }
            | Body::MemberLeft { .. }
            | Body::HistoryChanged { .. }
            | Body::SettingsUpdated { .. }
            | Body::DraftUpdated { .. }
            | Body::ScheduledUpdated { .. }
            | Body::UserUpdated { .. } => None,
        }
    }
}

/// What has to change outside the state before anybody hears of the command.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    SessionStarted {
        user: UserId,
        session: SessionId,
        jti: String,
        expires_at: Timestamp,
    },
    /// Its token stops working and its sockets close.
    SessionEnded {
        user: UserId,
        session: SessionId,
        jti: String,
    },
    /// As [`Effect::SessionEnded`] for all sessions but one, also those that the state never knew.
    SessionsEnded {
        user: UserId,
        keep: Option<SessionId>,
    },
    /// Somebody read on in a room so small that the others may see it.
    Seen {
        room: RoomId,
        user: UserId,
        message: MessageId,
    },
    /// An access token counts no more: its sockets and streams close. They have the token's id as
    /// their session.
    TokenEnded { user: UserId, token: SessionId },
    /// Outgoing webhooks came, went or were moved by somebody.
    WebhooksChanged,
    /// A deleted room waits for [`Command::Purge`](super::Command::Purge).
    PurgeDue,
    /// Search cuts texts otherwise from here on.
    WordsChanged,
}
