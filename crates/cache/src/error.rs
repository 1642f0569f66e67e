//! What can go wrong with a key.

/// Why the cache did not do what was asked. Nothing was changed, except where said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CacheError {
    /// The key holds another kind of value.
    #[error("Operation against a key holding the wrong kind of value")]
    WrongType,
    /// The value, or the amount to add, is not a 64-bit integer in decimal.
    #[error("value is not an integer or out of range")]
    NotAnInteger,
    /// The field of a hash is not a 64-bit integer in decimal.
    #[error("hash value is not an integer")]
    HashNotAnInteger,
    /// The field of a hash is not a finite number.
    #[error("hash value is not a float")]
    HashNotAFloat,
    /// Adding would leave the 64-bit range.
    #[error("increment or decrement would overflow")]
    Overflow,
    /// The value, or the amount to add, is not a finite number.
    #[error("value is not a valid float")]
    NotAFloat,
    /// Adding would give no finite number.
    #[error("increment would produce NaN or Infinity")]
    NotFinite,
    /// Adding to a score would give no number.
    #[error("resulting score is not a number (NaN)")]
    NotAScore,
    /// The id of a new entry of a stream is not after all others.
    #[error("The ID specified in XADD is equal or smaller than the target stream top item")]
    OldId,
    /// The id of a new entry of a stream is the smallest.
    #[error("The ID specified in XADD must be greater than 0-0")]
    ZeroId,
    /// There is no id after the last one of a stream.
    #[error("The stream has exhausted the last possible ID, unable to add more items")]
    LastId,
    /// Key or value is larger than [`super::MAX_ITEM_BYTES`].
    #[error("{size_bytes} bytes are more than one key or value may have ({max_bytes})")]
    TooLarge {
        /// Size of the offending item.
        size_bytes: usize,
        /// The limit.
        max_bytes: usize,
    },
    /// The memory limit is reached.
    #[error(
        "the cache is full: {used_bytes} of {max_bytes} bytes are in use; raise the limit or remove keys"
    )]
    Full {
        /// Bytes in use.
        used_bytes: u64,
        /// The limit.
        max_bytes: u64,
    },
    /// Done in memory, but not known to be on disk (only with [`super::Fsync::Always`]).
    #[error("the change is not known to be on disk: {0}")]
    NotDurable(String),
    /// A cache in another process did not answer.
    #[error("the cache is not reachable: {0}")]
    Unavailable(String),
}

/// What is wrong with a cache's files. Each message names what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Reading or writing failed.
    #[error(
        "cannot {action} {path}: {source}; check that the disk is healthy and the directory writable"
    )]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file or directory.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Bytes that were once safely on disk are no longer what was written.
    #[error(
        "{path} is damaged at byte {offset} ({what}); restore the file from a backup, or let the next start set it \
         aside: it keeps the keys that can be read, and takes sessions from the chat's own state"
    )]
    Damaged {
        /// The file.
        path: std::path::PathBuf,
        /// Where the first bad byte was seen.
        offset: u64,
        /// What is wrong there.
        what: String,
    },
    /// A file of the set is gone.
    #[error(
        "{path} is missing; restore it from a backup, or let the next start go on without it: it keeps the keys that \
         can be read, and takes sessions from the chat's own state"
    )]
    Missing {
        /// The file.
        path: std::path::PathBuf,
    },
}
