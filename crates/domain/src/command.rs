//! What may be asked of the state, and what comes back.
//!
//! Everything that is random or depends on a clock (times, tokens, password hashes) is in the
//! command already; shape checks ([`super::text`], [`super::names`]) are done by
//! [`Command::checked`] before the log, checks against the state inside apply.

use super::audit::Origin;
use super::file::NewFile;
pub use super::history::{HistoryLine, Imported, ImportedRoom, ImportedUser, LineOutcome};
pub use super::manage::Manage;
pub use super::outcome::Outcome;
use super::program::ProgramCommand;
pub use super::session::{NewSession, fingerprint};
pub use super::words::Lesson;
use super::{
    FileId, MemberRole, MessageId, NotificationLevel, Role, RoomId, RoomKind, ScheduledId,
    SessionId, Status, Timestamp, UserId, WordId,
};
use serde::{Deserialize, Serialize};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// The machine's owner: command line, start-up. May do everything.
    /// Called House in logs of 0.1.0.
    #[serde(alias = "House")]
    System,
    User(UserId),
}

/// A command with who asks and when, as it goes into the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub actor: Actor,
    pub at: Timestamp,
    pub command: Command,
}

/// Variants and fields are only ever added at the end (fields with a default): old logs stay readable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Signs up (with or without an invitation) or is made by an administrator.
    CreateUser {
        username: String,
        display_name: Option<String>,
        role: Role,
        password_hash: Option<String>,
        /// Digest of the invitation's token, which then decides the role.
        invite: Option<String>,
        session: Option<NewSession>,
    },
    /// Ends every session of the user except `keep`.
    SetPassword {
        user: UserId,
        password_hash: String,
        keep: Option<SessionId>,
    },
    SetDisplayName {
        user: UserId,
        display_name: String,
    },
    SetRole {
        user: UserId,
        role: Role,
    },
    SetDisabled {
        user: UserId,
        disabled: bool,
    },
    StartSession {
        user: UserId,
        session: NewSession,
    },
    EndSession {
        user: UserId,
        session: SessionId,
    },
    /// All but `keep`.
    EndSessions {
        user: UserId,
        keep: Option<SessionId>,
    },
    CreateInvite {
        digest: String,
        role: Role,
        expires_at: Timestamp,
        uses: u32,
        /// Makes the first administrator, and nobody once there is one.
        #[serde(default)]
        is_setup: bool,
    },
    RevokeInvite {
        invite: super::InviteId,
    },
    CreateRoom {
        name: String,
        topic: String,
        kind: RoomKind,
    },
    /// The direct room of exactly these people and the actor; made when it is not there yet.
    OpenDirect {
        users: Vec<UserId>,
    },
    UpdateRoom {
        room: RoomId,
        name: Option<String>,
        topic: Option<String>,
    },
    DeleteRoom {
        room: RoomId,
    },
    Join {
        room: RoomId,
    },
    Leave {
        room: RoomId,
    },
    AddMember {
        room: RoomId,
        user: UserId,
        role: Option<MemberRole>,
    },
    RemoveMember {
        room: RoomId,
        user: UserId,
    },
    Post {
        room: RoomId,
        text: String,
        client_id: Option<String>,
        reply_to: Option<MessageId>,
        /// Whom the author chose by hand: of several people with one name these are meant.
        #[serde(default)]
        mentions: Vec<UserId>,
        /// The author's own, which no message carries yet. With files, the text may be empty.
        #[serde(default)]
        files: Vec<FileId>,
        /// A reply that stands in the room, too, not in its thread alone.
        #[serde(default)]
        also_in_room: bool,
        /// `@room` and `@here` mean something; they did not always.
        #[serde(default)]
        may_call: bool,
    },
    Edit {
        message: MessageId,
        text: String,
        /// As in a post.
        #[serde(default)]
        mentions: Vec<UserId>,
        /// What it said before is kept, for administrators.
        #[serde(default)]
        keeps_old: bool,
    },
    Delete {
        message: MessageId,
    },
    React {
        message: MessageId,
        emoji: String,
        on: bool,
    },
    Pin {
        message: MessageId,
        on: bool,
    },
    /// Never moves backwards.
    Read {
        room: RoomId,
        message: MessageId,
    },
    /// One line of history: makes the missing public room and user, and adds the author as a member.
    Import(Box<Imported>),
    /// Only what time has ended: sessions, invitations and statuses that are over, some at a time.
    Sweep,
    /// The read position goes back: this message and what follows are unread again.
    MarkUnread {
        room: RoomId,
        message: MessageId,
    },
    /// Any message of a thread stands for the thread.
    Follow {
        message: MessageId,
        on: bool,
    },
    /// Everything in the thread up to the message counts as read.
    ReadThread {
        message: MessageId,
    },
    Save {
        message: MessageId,
        on: bool,
    },
    SetNotifications {
        room: RoomId,
        level: NotificationLevel,
    },
    /// A JSON merge patch (RFC 7396) of what the web app keeps with an account.
    ChangeSettings {
        patch: String,
    },
    SetStatus {
        status: Option<Status>,
    },
    /// Lines of history in the order of their file.
    ImportLines(Vec<HistoryLine>),
    /// Tells the readers of rooms into which history came that it did.
    AnnounceHistory,
    /// Removes a part of what was in rooms that were deleted.
    Purge,
    /// A file that has come in whole; only its sender may read it until a message carries it.
    AddFile(NewFile),
    /// Takes back a file that no message carries yet.
    DropFile {
        file: FileId,
    },
    /// A command that the audit log keeps, with where it was asked.
    Asked {
        from: Origin,
        command: Box<Command>,
    },
    /// What the people who run the server do.
    Manage(Manage),
    /// The picture that stands for the actor; none takes it away.
    SetAvatar {
        picture: Option<NewFile>,
    },
    /// An empty text is no draft any more.
    KeepDraft {
        room: RoomId,
        thread: Option<MessageId>,
        text: String,
    },
    Schedule {
        room: RoomId,
        text: String,
        reply_to: Option<MessageId>,
        mentions: Vec<UserId>,
        send_at: Timestamp,
        /// As in a post; they are kept until it is sent or given up.
        #[serde(default)]
        files: Vec<FileId>,
    },
    ChangeScheduled {
        scheduled: ScheduledId,
        text: Option<String>,
        send_at: Option<Timestamp>,
    },
    Unschedule {
        scheduled: ScheduledId,
    },
    /// Its time has come.
    SendScheduled {
        scheduled: ScheduledId,
    },
    /// Tokens, bots, hooks, consumers, slash commands.
    Program(ProgramCommand),
    /// The same password under a better hash; nothing where the hash is another one by now.
    RenewPasswordHash {
        user: UserId,
        /// Fingerprint of the hash that was verified.
        verified: String,
        password_hash: String,
    },
    /// Words that search is taught; those that are there already are taught anew.
    TeachWords(Lesson),
    ForgetWords(Vec<WordId>),
    Push(super::push::PushCommand),
    Preview(super::preview::PreviewCommand),
}
