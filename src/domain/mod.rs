//! What a chat is: ids, commands, events, rules and limits. No I/O, no clock, no randomness.
pub mod ids;

pub use ids::{InviteId, MessageId, RoomId, Seq, SessionId, UserId};
