//! The one ordered log that every durable change goes through.
//!
//! - [`Log`]: the contract; [`LogReader`]: its reading half, for any thread.
//! - [`mod@file`]: segments on disk, one `fdatasync` per batch.
//! - [`memory`]: the same contract without a disk, for tests.
//! - [`Sequencer`]: who gives the order; here the log itself.
//! - [`codec`]: commands as payloads.
//!
//! Payloads are bytes here: this room does not know what a command is to the chat.
pub mod codec;
pub mod error;
pub mod file;
mod hash;
pub mod memory;
pub mod reader;
pub mod sequencer;

pub use error::LogError;
pub use file::{
    Disk, FileLog, Fsync, Inspection, NewEpoch, Opened, Options, RealDisk, TornTail, first_unlike,
    inspect,
};
pub use memory::MemoryLog;
pub use reader::{Entries, LogReader, ReadLimit};
pub use sequencer::{LocalSequencer, OrderError, Sequencer};

use bytes::Bytes;
use maru_domain::{LogHash, Seq};

/// The largest payload of one entry.
pub const MAX_PAYLOAD_BYTES: usize = 1 << 20;

/// What stands at one position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawEntry {
    pub seq: Seq,
    /// Of the hash before it and the payload.
    pub hash: LogHash,
    /// May share one buffer with its neighbours of the same read: copy what is kept for long.
    pub payload: Bytes,
}

/// An ordered, durable sequence of entries with one writer and any number of readers.
///
/// **Order.** Positions are dense: the first entry ever is 1, each next one is one more, and
/// neither a restart, [`trim`](Log::trim) nor [`begin_epoch`](Log::begin_epoch) changes the
/// position of an entry.
///
/// **Atomicity.** Readers see a batch whole or not at all while the process lives. If the process
/// or the machine dies inside [`append`](Log::append), any prefix of that batch may be there
/// after the restart, never a part without what came before it.
///
/// **Durability.** When `append` returns `Ok`, the batch is as durable as the implementation was
/// told to make it; only then do readers see it.
///
/// **Retries.** The log does not know repeats: a batch that is appended twice is there twice.
/// After [`LogError::Uncertain`] the caller cannot know whether the batch survives a crash that
/// comes before `recover` (while the process lives it is never read), so what it appends again must
/// carry its own mark of identity.
///
/// **Failure.** After a failed write or sync the log is poisoned: `append`, `sync` and the other
/// changing calls fail at once with [`LogError::Poisoned`]; reading goes on, and so does `trim`,
/// which may be what gives a full disk room.
/// [`recover`](Log::recover) ends that.
///
/// **Hash.** Each entry has the hash of the hash before it and its payload: two logs that agree on
/// one at some position agree on everything before it since they began.
///
/// **Epoch.** `(epoch, seq)` names the same entry for ever. Where positions may have been given
/// to other content, the epoch is another one.
pub trait Log: Send {
    /// The epoch that the next entry belongs to.
    fn epoch(&self) -> u64;

    /// The oldest entry still there; `last_seq().next()` if there is none.
    fn first_seq(&self) -> Seq;

    /// The newest entry; 0 in a new log, and the position before the next one after a reset.
    fn last_seq(&self) -> Seq;

    /// The hash of the newest entry, or what the next one goes on from.
    fn last_hash(&self) -> LogHash;

    /// Adds the payloads in order and returns the position of the first of them.
    ///
    /// An empty batch does nothing and returns the next position.
    ///
    /// # Errors
    /// [`LogError::TooLarge`] leaves the log as it was; everything else poisons it. After
    /// [`LogError::Uncertain`] the batch may come back if the process dies before `recover`; after
    /// any other error it does not.
    fn append(&mut self, batch: &[Bytes]) -> Result<Seq, LogError>;

    /// A cheap handle that reads what `append` has completed, from any thread.
    fn reader(&self) -> LogReader;

    /// Gives up entries before `before`. The log may keep more than asked, never less, so
    /// afterwards `first_seq()` is at most `before`, unless it was higher already.
    fn trim(&mut self, before: Seq) -> Result<(), LogError>;

    /// Drops every entry after `seq`; the next one appended is `seq.next()`. The positions are
    /// given again, under the same epoch: only for content that is derived from elsewhere.
    ///
    /// # Errors
    /// [`LogError::Trimmed`] if `seq.next()` lies before `first_seq()`.
    fn truncate_after(&mut self, seq: Seq) -> Result<(), LogError>;

    /// Drops every entry and goes on at `next` behind the hash `before`, in the same epoch. If the machine dies inside,
    /// any prefix of the old entries may be left, or a new log.
    fn reset(&mut self, next: Seq, before: LogHash) -> Result<(), LogError>;

    /// Gives the entries from here on another epoch.
    fn begin_epoch(&mut self, epoch: u64) -> Result<(), LogError>;

    /// Takes a poisoned log back into service, or fails and leaves it poisoned. Every entry that
    /// an `append` has answered with `Ok` is still there; nothing of a failed batch is.
    fn recover(&mut self) -> Result<(), LogError>;

    /// Makes durable everything appended, whatever the policy is.
    fn sync(&mut self) -> Result<(), LogError>;

    /// What the entries occupy.
    fn size_bytes(&self) -> u64;
}
