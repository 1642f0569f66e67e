//! What can go wrong with the log.
use maru_domain::Seq;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why the log did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LogError {
    #[error("no space is left for {}; free some on that disk, writing then resumes by itself", file.display())]
    StorageFull { file: PathBuf },

    #[error("{}: {source}", file.display())]
    Io {
        file: PathBuf,
        source: Arc<io::Error>,
    },

    /// The bytes are not what was written. They are never served.
    #[error("{} is damaged at byte {offset}: {what}; {remedy}", file.display())]
    Damaged {
        file: PathBuf,
        offset: u64,
        what: String,
        remedy: String,
    },

    /// An earlier write or sync failed; `Log::recover` has to succeed before the next one.
    #[error("nothing can be written until the log has recovered from: {cause}")]
    Poisoned { cause: Arc<LogError> },

    /// The entries may be in the file, and come back if the process dies before the log has
    /// recovered.
    #[error("it is not known whether this was written: {cause}")]
    Uncertain { cause: Arc<LogError> },

    #[error(
        "{} has log format {found}, this program knows formats up to {supported}; \
         start the newer version of maru that wrote it",
        file.display()
    )]
    FutureVersion {
        file: PathBuf,
        found: u32,
        supported: u32,
    },

    #[error("position {asked} is no longer in the log, which begins at {first}")]
    Trimmed { asked: Seq, first: Seq },

    /// The order comes from elsewhere and cannot be had. The sentence is for everybody.
    #[error("{why}")]
    Away { why: String },

    #[error("an entry of {size_bytes} bytes is over the limit of {limit_bytes}")]
    TooLarge {
        size_bytes: usize,
        limit_bytes: usize,
    },
}

impl LogError {
    /// Whether the cause, at whatever depth, is that the disk is full.
    pub fn is_storage_full(&self) -> bool {
        match self {
            LogError::StorageFull { .. } => true,
            LogError::Poisoned { cause } | LogError::Uncertain { cause } => cause.is_storage_full(),
            LogError::Io { .. }
            | LogError::Damaged { .. }
            | LogError::FutureVersion { .. }
            | LogError::Trimmed { .. }
            | LogError::Away { .. }
            | LogError::TooLarge { .. } => false,
        }
    }

    pub(super) fn uncertain(self) -> LogError {
        LogError::Uncertain {
            cause: Arc::new(self),
        }
    }

    pub(super) fn io(file: &Path, source: io::Error) -> LogError {
        let file = file.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                LogError::StorageFull { file }
            }
            _ => LogError::Io {
                file,
                source: Arc::new(source),
            },
        }
    }
}
