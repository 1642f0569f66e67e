//! What comes back of commands.

use super::command::LineOutcome;
use super::program::ProgramOutcome;
use super::{
    File, FollowState, Invite, Message, MessageId, Room, RoomId, Scheduled, Session, SessionId,
    User, WordId,
};

/// What a command that was done gives back.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Done,
    User(User),
    /// A session began; `user` is whose.
    Session {
        user: User,
        session: SessionId,
        /// The oldest ones, which had to end for it.
        ended: Vec<Session>,
    },
    /// How many sessions ended.
    Ended(u64),
    Invite(Invite),
    Room {
        room: Room,
        created: bool,
    },
    /// `created` is false for the repeat of a command that was done before.
    Message {
        message: Message,
        created: bool,
    },
    /// A reaction came or went, unless it was so already. Who wants to see all of them reads the
    /// message.
    Reacted {
        message: MessageId,
        changed: bool,
    },
    /// The message's position; nothing else is built for the bulk.
    Imported {
        id: MessageId,
        created: bool,
    },
    /// The read position as it stands now.
    Read(MessageId),
    /// One for each line.
    Lines(Vec<LineOutcome>),
    Follow(FollowState),
    /// Whether there is more to do.
    Part {
        more: bool,
    },
    Settings(String),
    File(File),
    /// How many messages went, and behind which to go on.
    Expired {
        removed: u64,
        next: Option<(i64, u64)>,
    },
    /// As with [`Outcome::Expired`], of one person.
    Erased {
        removed: u64,
        next: Option<(RoomId, MessageId)>,
    },
    Scheduled(Scheduled),
    Program(Box<ProgramOutcome>),
    /// In the order of the command.
    Words(Vec<WordId>),
}
