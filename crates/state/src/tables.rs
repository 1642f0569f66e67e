//! All tables on one screen. Values are MessagePack arrays of [`super::records`]; ids in keys, so
//! that a room's page, a user's sessions and a thread are each one range.

use redb::{
    ReadOnlyTable, ReadTransaction, ReadableTable, Table, TableDefinition, TableError,
    WriteTransaction,
};

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident: $key:ty => $value:ty;)*) => {
        /// Table definitions by name.
        mod definition {
            use super::TableDefinition;
            $(#[expect(non_upper_case_globals, reason = "named as the table")]
            pub const $name: TableDefinition<$key, $value> = TableDefinition::new(stringify!($name));)*
        }

        /// The tables of a write transaction.
        pub struct WriteTables<'txn> { $($(#[$doc])* pub $name: Table<'txn, $key, $value>,)* }

        impl<'txn> WriteTables<'txn> {
            pub fn open(txn: &'txn WriteTransaction) -> Result<Self, TableError> {
                Ok(Self { $($name: txn.open_table(definition::$name)?,)* })
            }
        }

        /// The tables of a snapshot.
        pub struct ReadTables { $(pub $name: ReadOnlyTable<$key, $value>,)* }

        impl ReadTables {
            pub fn open(txn: &ReadTransaction) -> Result<Self, TableError> {
                Ok(Self { $($name: txn.open_table(definition::$name)?,)* })
            }
        }

        /// What queries need of either: every query works inside a write and on a snapshot.
        pub trait Tables {
            $($(#[$doc])* fn $name(&self) -> &impl ReadableTable<$key, $value>;)*
        }

        impl Tables for WriteTables<'_> {
            $(fn $name(&self) -> &impl ReadableTable<$key, $value> { &self.$name })*
        }

        impl Tables for ReadTables {
            $(fn $name(&self) -> &impl ReadableTable<$key, $value> { &self.$name })*
        }
    };
}

tables! {
    /// `seq`, `epoch`, `format`: where this snapshot stands.
    meta: &'static str => u64;
    users: u64 => &'static [u8];
    /// Name key to user.
    usernames: &'static str => u64;
    /// (name key, user), where it is not the user name's.
    display_names: (&'static str, u64) => ();
    sessions: u64 => &'static [u8];
    /// (user, session)
    user_sessions: (u64, u64) => ();
    invites: u64 => &'static [u8];
    /// Digest of the token to invitation.
    invite_digests: &'static str => u64;
    rooms: u64 => &'static [u8];
    /// Name key to public or private room.
    room_names: &'static str => u64;
    /// Sorted member ids to direct room.
    directs: &'static str => u64;
    /// (room, user)
    members: (u64, u64) => &'static [u8];
    /// (user, room) to the position of joining
    memberships: (u64, u64) => u64;
    /// (room, message): the body once, a page is one range.
    messages: (u64, u64) => &'static [u8];
    /// Message to room.
    message_rooms: u64 => u64;
    /// (root, reply)
    replies: (u64, u64) => ();
    /// External id to message.
    external_ids: &'static str => u64;
    /// Recent client ids, a row for each batch, see [`super::nonces`].
    nonces: u64 => &'static [u8];
}

/// The format that a file says it has; `None` in a new one. Looks at no other table, for an older
/// file may lack some.
pub fn format(txn: &ReadTransaction) -> Result<Option<u64>, super::StateError> {
    match txn.open_table(definition::meta) {
        Ok(meta) => Ok(meta.get("format")?.map(|format| format.value())),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
