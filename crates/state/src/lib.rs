//! redb: the snapshot that the log is applied to, and the queries that read it.
//!
//! One thread applies entries in order ([`State::apply`]); each batch is one transaction that also
//! stores the last entry's `seq`. Batches commit without fsync; a [checkpoint](State::checkpoint) is
//! a durable commit, after which the log before it is not needed any more.
//!
//! There is no clock, no randomness and no order of hash maps here: the same log gives the same
//! state, byte for byte.
#![deny(clippy::disallowed_methods)]
pub mod apply;
mod caught;
pub mod compact;
pub mod copy;
pub mod examine;
pub mod file;
mod migrate;
mod nonces;
pub mod read;
pub mod records;
mod rules;
pub mod store;
pub mod table;
pub mod tables;

pub use apply::Applied;
pub use compact::{Compacted, Compactor};
pub use read::{
    Account, AuditFilter, DirectoryPage, Expiring, FollowedThread, History, HistoryQuery, Kept,
    Located, MessageKey, Reader, ThreadPage, ThreadSpan,
};
pub use records::{FileRecord, LogPosition, WebhookRecord};
pub use store::{Snapshot, State};

use maru_domain::Seq;

/// What can go wrong below the rules. None of it is the caller's fault.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    #[error("the state's file cannot be used: {0}")]
    Storage(#[from] redb::Error),
    /// One record; everything else can be read and written.
    #[error("state.redb: the record {key} of the table {table} is damaged; run `maru check`")]
    Corrupt { table: &'static str, key: String },
    /// A page and what is in it; everything else can be read and written.
    #[error("state.redb: a page of the table {table} is damaged; run `maru check`")]
    Page { table: &'static str },
    #[error(
        "the data directory was written by a newer version (state format {found}, this version knows {known}); install that version"
    )]
    Future { found: u64, known: u64 },
    #[error(
        "the log's entry {seq} is decided by the rules {found}, and this version knows rules up to {known}; install a newer version"
    )]
    Rules { seq: Seq, found: u16, known: u16 },
    #[error("the state is being reopened after an error")]
    Reopening,
}

impl StateError {
    /// A record that another one leads to is not there.
    pub fn missing(table: &'static str, key: impl std::fmt::Display) -> StateError {
        StateError::Corrupt {
            table,
            key: key.to_string(),
        }
    }

    /// Whether it concerns no more than what was asked for.
    pub fn is_local(&self) -> bool {
        matches!(self, StateError::Corrupt { .. } | StateError::Page { .. })
    }

    /// Whether the cause is that the disk is full.
    pub fn is_storage_full(&self) -> bool {
        use std::io::ErrorKind;
        match self {
            StateError::Storage(redb::Error::Io(error)) => matches!(
                error.kind(),
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded
            ),
            _ => false,
        }
    }
}

impl From<StateError> for maru_domain::Refusal {
    fn from(error: StateError) -> maru_domain::Refusal {
        use maru_domain::{Code, Refusal};
        match error {
            StateError::Reopening => Refusal {
                retry_after_s: Some(1),
                ..Refusal::new(Code::Unavailable, "The state is being reopened; try again.")
            },
            error => {
                tracing::error!(%error, "reading the state failed");
                Refusal::new(
                    Code::Internal,
                    "Something is wrong on the server; its log says what.",
                )
            }
        }
    }
}

macro_rules! from_redb {
    ($($error:ty),*) => {
        $(impl From<$error> for StateError {
            fn from(error: $error) -> StateError { StateError::Storage(error.into()) }
        })*
    };
}

from_redb!(
    redb::StorageError,
    redb::TableError,
    redb::CommitError,
    redb::TransactionError,
    redb::DatabaseError,
    redb::CompactionError,
    redb::SetDurabilityError
);

/// A result of reading or writing the state.
pub type Result<T, E = StateError> = std::result::Result<T, E>;
