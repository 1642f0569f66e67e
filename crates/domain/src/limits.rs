//! Every bound of the chat on one screen. Lengths of text count graphemes, what a reader calls
//! characters; a byte limit beside each keeps frames and records small.

pub const MESSAGE_GRAPHEMES: usize = 10_000;
pub const MESSAGE_BYTES: usize = 40_000;
pub const USERNAME_GRAPHEMES: usize = 64;
pub const DISPLAY_NAME_GRAPHEMES: usize = 64;
pub const ROOM_NAME_GRAPHEMES: usize = 80;
pub const STATUS_GRAPHEMES: usize = 100;
pub const TOPIC_GRAPHEMES: usize = 500;
/// Applies to every short text above, whatever its graphemes weigh.
pub const NAME_BYTES: usize = 512;
pub const FILE_NAME_BYTES: usize = 255;
pub const FILES_PER_MESSAGE: usize = 10;
/// Files of one person that no message carries yet.
pub const LOOSE_FILES: usize = 200;
/// After so many milliseconds without a message, a file is removed.
pub const LOOSE_FILE_MS: i64 = 24 * 60 * 60 * 1000;
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
pub const TOKENS_PER_USER: usize = 100;
pub const BOTS_PER_USER: usize = 100;
pub const HOOKS_PER_ROOM: usize = 50;
pub const WEBHOOKS_PER_USER: usize = 50;
/// Rooms that an outgoing webhook can be narrowed to.
pub const WEBHOOK_ROOMS: usize = 200;
pub const CONSUMERS_PER_USER: usize = 1_000;
pub const SLASH_COMMANDS_PER_BOT: usize = 100;
pub const URL_BYTES: usize = 2_048;
pub const INVITE_USES: u32 = 10_000;
/// A hundred years.
pub const RETENTION_DAYS: u32 = 36_525;
/// Of one person, deleted by one command.
pub const ERASE_MESSAGES: usize = 100;
/// Lines of the audit log on one page.
pub const AUDIT_PAGE: usize = 200;
/// Messages on one page of history.
pub const PAGE: usize = 100;
pub const DEFAULT_PAGE: usize = 50;
/// People in one answer.
pub const PEOPLE: usize = 1_000;
/// Unread messages are counted up to here.
pub const UNREAD: u64 = 10_000;
/// Rooms of up to this many people show who has read what.
pub const SEEN_MEMBERS: u64 = 64;
/// A repeated client id is recognised for at least this many milliseconds, and at most twice that.
pub const NONCE_PERIOD_MS: i64 = 4 * 24 * 60 * 60 * 1000;
/// Messages that one person may have saved.
pub const SAVED: usize = 2_000;
/// Threads that one person may follow; beyond, the oldest are let go.
pub const FOLLOWED: usize = 2_000;
/// Unread replies of a thread are counted up to here.
pub const UNREAD_REPLIES: u32 = 100;
/// Of an address of mail (RFC 5321).
pub const EMAIL_BYTES: usize = 254;
/// Of one person.
pub const PASSKEYS: usize = 20;
/// Of the name of a passkey.
pub const PASSKEY_NAME_GRAPHEMES: usize = 64;
pub const PASSKEY_NAME_BYTES: usize = 512;
pub const PINS_PER_ROOM: usize = 200;
/// Links of a message that are previewed.
pub const PREVIEWS_PER_MESSAGE: usize = 3;
pub const PREVIEW_TITLE_GRAPHEMES: usize = 150;
pub const PREVIEW_DESCRIPTION_GRAPHEMES: usize = 300;
pub const PREVIEW_SITE_GRAPHEMES: usize = 60;
/// Of each of those.
pub const PREVIEW_BYTES: usize = 2_000;
/// Earlier texts of a message that are kept; beyond, the oldest go.
pub const OLD_TEXTS: usize = 100;
/// What the web app keeps with an account, as JSON.
pub const SETTINGS_BYTES: usize = 64 * 1024;
/// Rooms that every new person is in from the beginning.
pub const DEFAULT_ROOMS: usize = 20;
/// Drafts that are kept of one person; beyond, the oldest go.
pub const DRAFTS: usize = 100;
/// Messages of one person that wait for their time.
pub const SCHEDULED: usize = 100;
/// So far ahead a message can be scheduled.
pub const SCHEDULED_MS: i64 = 366 * 24 * 60 * 60 * 1000;
/// In larger rooms only owners and administrators call everybody.
pub const CALLED_MEMBERS: u64 = 200;
/// Lines of history in one entry of the log.
pub const IMPORT_LINES: usize = 256;
/// What one entry of the log removes of a room that was deleted, in messages.
pub const PURGE_MESSAGES: usize = 500;
/// Sessions and invitations that one sweep ends.
pub const SWEEP: usize = 1_000;
/// Of a word that search is taught.
pub const WORD_GRAPHEMES: usize = 40;
/// Parts or synonyms of one of those.
pub const WORD_FORMS: usize = 20;
/// All of those.
pub const OWN_WORDS: u64 = 20_000;
/// Of those in one command.
pub const WORDS_PER_REQUEST: usize = 500;
