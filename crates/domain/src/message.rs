//! What people say.

use super::{Call, File, MentionRange, MessageId, Preview, RoomId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who said it, with the names they have now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Author {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    /// Where the person's picture is; another address for another picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Reaction {
    pub emoji: String,
    /// In the order in which they reacted.
    pub user_ids: Vec<UserId>,
}

/// The replies below a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ThreadSummary {
    pub count: u64,
    pub last_at: Timestamp,
}

/// Somebody's side of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FollowState {
    pub following: bool,
    /// Replies of others that were not read, counted up to 100.
    pub unread: u32,
}

/// A message. A deleted one keeps its place: `deleted` is true and the text is empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    pub id: MessageId,
    pub room_id: RoomId,
    pub author: Author,
    pub text: String,
    pub sent_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// What the author's client called it, so that it knows its own message again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The message that began the thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
    /// A reply that stands in the room, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub also_in_room: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<ThreadSummary>,
    pub reactions: Vec<Reaction>,
    /// In the order in which the author named them.
    pub files: Vec<File>,
    /// The members whom the text names with `@`: ids, so renaming changes nothing.
    pub mentions: Vec<UserId>,
    /// Where the text names them; left out where it names nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mention_ranges: Vec<MentionRange>,
    /// The text calls everybody in the room, or everybody who is here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<Call>,
    pub pinned: bool,
    /// Of pages that it links to, where the server looks at them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previews: Vec<Preview>,
    /// The `id` of the imported line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
}

/// What a message said before it was edited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OldText {
    pub text: String,
    /// When it was said so: as it was sent, or by an edit.
    pub since: Timestamp,
}
