//! What a chat is: ids, commands, events, rules and limits. No I/O, no clock, no randomness.
//!
//! A door turns bytes into a [`Command`]; the state applies it and answers with an [`Outcome`] or a
//! [`Refusal`]; what others may hear of it is an [`Event`].
#![deny(clippy::disallowed_methods)]
pub mod audit;
mod checked;
pub mod command;
pub mod emoji;
pub mod entry;
pub mod event;
pub mod factor;
pub mod file;
pub mod fold;
pub mod history;
pub mod ids;
pub mod ink;
pub mod invite;
pub mod limits;
pub mod link;
pub mod manage;
pub mod mention;
pub mod message;
pub mod names;
pub mod outcome;
pub mod preview;
pub mod program;
pub mod push;
pub mod refusal;
pub mod room;
pub mod session;
pub mod text;
pub mod timestamp;
pub mod unsent;
pub mod user;
pub mod words;

pub use command::{Actor, Command, Draft, Outcome};
pub use entry::{Entry, LogHash, Nonce, Stamp};
pub use event::{Audience, Effect, Event, EventKind};
pub use file::File;
pub use ids::{
    FileId, HookId, InviteId, MessageId, Position, RoomId, ScheduledId, Seq, SessionId, TokenId,
    UserId, WebhookId, WordId,
};
pub use invite::Invite;
pub use manage::Manage;
pub use mention::{Call, MentionRange};
pub use message::{Author, FollowState, Message, OldText, Reaction, ThreadSummary};
pub use preview::{Preview, PreviewCommand, PreviewPicture};
pub use program::{ProgramCommand, ProgramOutcome, Scope, Token};
pub use refusal::{Code, Refusal};
pub use room::{Member, MemberRole, Mine, NotificationLevel, Room, RoomKind};
pub use session::Session;
pub use timestamp::Timestamp;
pub use unsent::{KeptDraft, Scheduled};
pub use user::{Role, Status, User};
pub use words::{KeptWord, OwnWord, PartOfSpeech};
