//! What is written and not sent.

use maru_domain::file::File;
use maru_domain::{FileId, MessageId, RoomId, Scheduled, ScheduledId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// What somebody began to write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftRecord {
    pub text: String,
    pub at: Timestamp,
}

/// A message that waits for its time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScheduledRecord {
    pub author: UserId,
    pub room: RoomId,
    pub text: String,
    pub reply_to: Option<MessageId>,
    pub mentions: Vec<UserId>,
    pub send_at: Timestamp,
    pub created_at: Timestamp,
    /// The code of the refusal when its time came.
    pub failed: Option<String>,
    #[serde(default)]
    pub files: Vec<FileId>,
}

impl ScheduledRecord {
    pub fn view(self, id: ScheduledId, files: Vec<File>) -> Scheduled {
        Scheduled {
            id,
            room_id: self.room,
            text: self.text,
            reply_to: self.reply_to,
            mentions: self.mentions,
            files,
            send_at: self.send_at,
            created_at: self.created_at,
            failed: self.failed,
        }
    }
}
