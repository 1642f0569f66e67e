//! What is written and not sent: drafts, and messages that are sent later.

use super::{File, MessageId, RoomId, ScheduledId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What somebody began to write, as all their devices know it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct KeptDraft {
    pub room_id: RoomId,
    /// The message that began the thread, where it is a reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<MessageId>,
    pub text: String,
    pub updated_at: Timestamp,
}

/// A message that waits for its time. Only its author sees it until then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Scheduled {
    pub id: ScheduledId,
    pub room_id: RoomId,
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
    pub mentions: Vec<UserId>,
    pub files: Vec<File>,
    pub send_at: Timestamp,
    pub created_at: Timestamp,
    /// Why it could not be sent when its time came: the code of the refusal. It waits for its author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}
