//! Every bound of the chat on one screen. Lengths of text count graphemes, what a reader calls
//! characters; a byte limit beside each keeps frames and records small.

pub const MESSAGE_GRAPHEMES: usize = 10_000;
pub const MESSAGE_BYTES: usize = 40_000;
pub const USERNAME_GRAPHEMES: usize = 64;
pub const DISPLAY_NAME_GRAPHEMES: usize = 64;
pub const ROOM_NAME_GRAPHEMES: usize = 80;
pub const TOPIC_GRAPHEMES: usize = 500;
/// Applies to every short text above, whatever its graphemes weigh.
pub const NAME_BYTES: usize = 512;
pub const TOPIC_BYTES: usize = 4_000;
pub const CLIENT_ID_BYTES: usize = 128;
pub const EXTERNAL_ID_BYTES: usize = 256;
pub const EMOJI_BYTES: usize = 64;
/// Different emoji on one message.
pub const REACTIONS_PER_MESSAGE: usize = 50;
pub const MENTIONS_PER_MESSAGE: usize = 100;
/// People with one and the same display name whom that name can mention at once.
pub const NAMESAKES: usize = 8;
pub const DIRECT_MEMBERS: usize = 8;
pub const MEMBERS_PER_REQUEST: usize = 100;
pub const SESSIONS_PER_USER: usize = 100;
pub const INVITE_USES: u32 = 10_000;
/// Messages on one page of history.
pub const PAGE: usize = 100;
pub const DEFAULT_PAGE: usize = 50;
/// People in one answer.
pub const PEOPLE: usize = 1_000;
/// Unread messages are counted up to here.
pub const UNREAD: u64 = 10_000;
/// Repeated client ids are recognised among this many latest posts.
pub const NONCES: usize = 131_072;
