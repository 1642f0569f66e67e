//! All tables on one screen. Ids stand in keys, so that a room's page, a user's sessions and a
//! thread are each one range. Values are [`super::records`], with checksums ([`super::table`]).

use super::Result;
use super::records::{
    AuditRecord, ConsumerRecord, DraftRecord, EmailRecord, FactorsRecord, FileRecord, FollowRecord,
    HookRecord, IdentityRecord, InviteRecord, LogPosition, MemberRecord, MessageLocation,
    MessageRecord, OldTextRecord, PasskeyRecord, PinRecord, PreviewsRecord, Purge, PushesRecord,
    ResetRecord, RoomRecord, ScheduledRecord, SessionRecord, SettingsRecord, SlashRecord, Tail,
    ThreadRecord, TokenRecord, UserRecord, WebhookRecord, WordRecord, WorkspaceRecord,
};
use super::table::{Held, ReadColumn, Readable, TableKey, WriteColumn};
use redb::{ReadTransaction, TableDefinition, TableError, WriteTransaction};
use std::sync::Arc;

/// What is done to every table, whatever is in it.
pub trait Visit {
    fn table<K: TableKey, T: Held + 'static>(&mut self, column: &impl Readable<K, T>)
    -> Result<()>;
}

/// As [`Visit`], from a snapshot into the tables of another file.
pub trait Carry {
    fn table<K: TableKey, T: Held + 'static>(
        &mut self,
        from: &ReadColumn<K, T>,
        to: &mut WriteColumn<'_, K, T>,
    ) -> Result<()>;
}

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident: $key:ty => $value:ty;)*) => {
        /// Table definitions by name.
        mod definition {
            use super::*;
            $(#[expect(non_upper_case_globals, reason = "named as the table")]
            pub const $name: TableDefinition<$key, <$value as Held>::Raw> =
                TableDefinition::new(stringify!($name));)*
        }

        pub const NAMES: &[&str] = &[$(stringify!($name),)*];

        /// The tables of a write transaction.
        pub struct WriteTables<'txn> { $($(#[$doc])* pub $name: WriteColumn<'txn, $key, $value>,)* }

        impl<'txn> WriteTables<'txn> {
            pub fn new(txn: &'txn WriteTransaction) -> Self {
                Self { $($name: WriteColumn::new(txn, definition::$name, stringify!($name)),)* }
            }

            /// Makes the tables of a new file.
            pub fn make(&mut self) -> Result<()> {
                $(self.$name.make()?;)*
                Ok(())
            }

            /// Everything of a snapshot, table by table.
            pub fn carry(&mut self, from: &ReadTables, how: &mut impl Carry) -> Result<()> {
                $(how.table(&from.$name, &mut self.$name)?;)*
                Ok(())
            }
        }

        /// The tables of a snapshot.
        pub struct ReadTables { $(pub $name: ReadColumn<$key, $value>,)* }

        impl ReadTables {
            pub fn new(txn: ReadTransaction) -> Self {
                let txn = Arc::new(txn);
                Self { $($name: ReadColumn::new(&txn, definition::$name, stringify!($name)),)* }
            }

            pub fn visit(&self, visit: &mut impl Visit) -> Result<()> {
                $(visit.table(&self.$name)?;)*
                Ok(())
            }
        }

        /// What queries need of either: every query works inside a write and on a snapshot.
        pub trait Tables {
            $($(#[$doc])* fn $name(&self) -> &impl Readable<$key, $value>;)*
        }

        impl Tables for WriteTables<'_> {
            $(fn $name(&self) -> &impl Readable<$key, $value> { &self.$name })*
        }

        impl Tables for ReadTables {
            $(fn $name(&self) -> &impl Readable<$key, $value> { &self.$name })*
        }
    };
}

/// The key of `meta` with the entry that last made, renamed, disabled or erased an account.
pub const PEOPLE_CHANGED: &str = "people_changed";

/// The key of `meta` with the entry that last made, renamed or deleted a room.
pub const DIRECTORY_CHANGED: &str = "directory_changed";

tables! {
    /// `seq` and `at` of the last entry: where this snapshot stands.
    meta: &'static str => u64;
    /// `last`: what a log is compared with.
    position: &'static str => LogPosition;
    /// `it`: what its people made of it.
    workspace: &'static str => WorkspaceRecord;
    users: u64 => UserRecord;
    /// Name key to user.
    usernames: &'static str => u64;
    /// What a user name looks like, to user.
    usernames_alike: &'static str => u64;
    /// (name key, user), where it is not the user name's.
    display_names: (&'static str, u64) => ();
    /// Administrators who may sign in.
    admins: u64 => ();
    /// (until, user): statuses that end.
    status_ends: (i64, u64) => ();
    settings: u64 => SettingsRecord;
    /// Where somebody is told of news while no page is open.
    pushes: u64 => PushesRecord;
    /// Endpoint to user.
    push_endpoints: &'static str => u64;
    sessions: u64 => SessionRecord;
    /// (user, session)
    user_sessions: (u64, u64) => ();
    /// (expiry, session)
    session_ends: (i64, u64) => ();
    invites: u64 => InviteRecord;
    /// Digest of the token to invitation.
    invite_digests: &'static str => u64;
    /// (expiry, invitation)
    invite_ends: (i64, u64) => ();
    tokens: u64 => TokenRecord;
    /// Digest of an access token to the token.
    token_digests: &'static str => u64;
    /// (user, token)
    user_tokens: (u64, u64) => ();
    /// (expiry, token)
    token_ends: (i64, u64) => ();
    /// (owner, bot)
    bots: (u64, u64) => ();
    hooks: u64 => HookRecord;
    /// Digest of an incoming webhook's secret to the hook.
    hook_digests: &'static str => u64;
    /// (room, hook)
    room_hooks: (u64, u64) => ();
    webhooks: u64 => WebhookRecord;
    /// (name, user)
    consumers: (&'static str, u64) => ConsumerRecord;
    /// By name.
    slash_commands: &'static str => SlashRecord;
    rooms: u64 => RoomRecord;
    /// Name key to public or private room.
    room_names: &'static str => u64;
    /// What a room name looks like, to public or private room.
    room_names_alike: &'static str => u64;
    /// Name key to public room that is not archived.
    directory: &'static str => u64;
    /// Sorted member ids to direct room.
    directs: &'static str => u64;
    /// Rooms that were deleted, until all that was in them is removed.
    purges: u64 => Purge;
    /// (room, user)
    members: (u64, u64) => MemberRecord;
    /// (room, user)
    owners: (u64, u64) => ();
    /// (user, room) to the position of joining
    memberships: (u64, u64) => u64;
    /// Room to its newest message and how many there were.
    tails: u64 => Tail;
    /// (room, time, message): the body once, a page is one range.
    messages: (u64, i64, u64) => MessageRecord;
    /// Message to room and time.
    places: u64 => MessageLocation;
    /// (author, room, message) to how many the author had posted there, this one included.
    authored: (u64, u64, u64) => u32;
    /// (room, ordinal) of posts that were deleted, to their authors.
    deleted: (u64, u64) => u64;
    /// (root, time, reply) to the reply's ordinal in its thread.
    replies: (u64, i64, u64) => u32;
    /// By root.
    threads: u64 => ThreadRecord;
    /// (root, user)
    follows: (u64, u64) => FollowRecord;
    /// (user, root)
    followed: (u64, u64) => ();
    /// (message, emoji, user) to the position of reacting
    reactions: (u64, &'static str, u64) => u64;
    /// (user, room, message that names the user) to the message that began its thread, or itself.
    mentions: (u64, u64, u64) => u64;
    /// (user, message) to the message's room.
    mentioned: (u64, u64) => u64;
    /// (room, message)
    pins: (u64, u64) => PinRecord;
    /// (user, message) to the time of saving
    saved: (u64, u64) => i64;
    /// Rooms into which history came of which nobody was told yet.
    histories: u64 => ();
    files: u64 => FileRecord;
    /// (owner, file) to the time of sending, where no message carries it yet.
    loose_files: (u64, u64) => i64;
    /// (room, file) to the message that carries it.
    room_files: (u64, u64) => u64;
    /// (message, n) to its nth file.
    message_files: (u64, u64) => u64;
    /// Name of a content on the disk to how many files have it.
    contents: &'static str => u64;
    /// (room, message that calls everybody) to itself.
    calls: (u64, u64) => u64;
    /// (user, room, root or 0)
    drafts: (u64, u64, u64) => DraftRecord;
    scheduled: u64 => ScheduledRecord;
    /// (author, scheduled)
    scheduled_by: (u64, u64) => ();
    /// (time, scheduled): what waits for its time, not what failed.
    scheduled_at: (i64, u64) => ();
    /// Words that search is taught.
    own_words: u64 => WordRecord;
    /// Folded word to the word.
    own_word_keys: &'static str => u64;
    /// Of links, by message.
    previews: u64 => PreviewsRecord;
    /// (message, position of the edit) to what it said before.
    old_texts: (u64, u64) => OldTextRecord;
    /// External id to message.
    external_ids: &'static str => u64;
    /// By id, which grows with time.
    audit: u64 => AuditRecord;
    /// Issuer and subject to the account that they sign in to.
    identities: &'static str => IdentityRecord;
    /// Digest of the token to whose password it sets.
    resets: &'static str => ResetRecord;
    /// What somebody signs in with besides a password.
    factors: u64 => FactorsRecord;
    /// By the passkey's id, in base64url.
    passkeys: &'static str => PasskeyRecord;
    /// Where letters reach somebody.
    emails: u64 => EmailRecord;
    /// (folded address, user)
    email_owners: (&'static str, u64) => ();
    /// What administrators demand of everybody, by its name.
    demands: &'static str => u64;
    /// Name key to public room that is archived.
    archived_directory: &'static str => u64;
    /// (period, author, hash of the client id) to message, see [`super::nonces`].
    nonces: (u32, u64, u64) => u64;
}

/// The format that a file says it has; `None` in a new one. Formats before 3 had no checksums.
pub fn format(txn: &ReadTransaction) -> Result<Option<u64>> {
    /// Never sealed, so that every version can read it.
    const FORMAT: TableDefinition<&str, u64> = TableDefinition::new("format");
    const OLD_META: TableDefinition<&str, u64> = TableDefinition::new("meta");
    match txn.open_table(FORMAT) {
        Ok(format) => return Ok(format.get("format")?.map(|format| format.value())),
        Err(TableError::TableDoesNotExist(_)) => {}
        Err(error) => return Err(error.into()),
    }
    match txn.open_table(OLD_META) {
        Ok(meta) => Ok(meta.get("format")?.map(|format| format.value())),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

pub fn set_format(txn: &WriteTransaction, format: u64) -> Result<()> {
    const FORMAT: TableDefinition<&str, u64> = TableDefinition::new("format");
    txn.open_table(FORMAT)?.insert("format", format)?;
    Ok(())
}
