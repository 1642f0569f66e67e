//! How keys survive a restart: a snapshot, and a log of effects since.
//!
//! Files are numbered by generation. `base-G.snap` holds everything up to the moment `tail-G.log`
//! was begun (exactly: each shard says up to which log entry, as shards are copied one by one while
//! writes go on); a start reads the newest base and all tails from its number on. Each start and
//! each rewrite begins a new tail; a finished rewrite removes what it replaces.
//!
//! A tail notes how far it had been synced. Damage before that point means that the disk lost what
//! it had promised; after it, a power cut may leave anything, so from the first bad frame on the
//! tail is cut, and reported. Where files are damaged or missing, what can be read is salvaged, a
//! new base is written, and the damaged files are kept under names that say so.
mod copy;
mod damage;
mod doomed;
mod end;
mod files;
mod fileset;
mod frame;
mod load;
mod log;
mod replay;
mod salvage;
mod snapshot;
mod survey;
mod tail;
mod writer;

pub(super) use damage::tell;
pub use damage::{Damage, Gone};
pub(super) use load::{load, read_back};
pub(super) use log::Log;
pub use survey::{Survey, Surveyed, survey};
pub(super) use writer::{Found, Writer};

use std::path::PathBuf;
use std::time::{Duration, Instant};

/// When writes are forced to the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fsync {
    /// Before they are answered.
    Always,
    /// Once a second: a power cut loses at most that; a killed process a few milliseconds.
    #[default]
    EverySec,
    /// When the system likes.
    No,
}

/// Part of a log that a crash left unreadable and that was cut away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The file.
    pub path: PathBuf,
    /// Where it was cut.
    pub offset: u64,
    /// How many bytes are gone; the original is not kept.
    pub lost_bytes: u64,
}

/// How the files are doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiskStatus {
    /// Bytes of the newest snapshot.
    pub base_bytes: u64,
    /// Bytes of the log since.
    pub tail_bytes: u64,
    /// Snapshots written since the start.
    pub rewrites: u64,
    /// Snapshots that could not be written.
    pub failed_rewrites: u64,
    /// How many of those since the last one that could.
    pub failed_in_a_row: u64,
    /// Whether that happened to the last one.
    pub last_rewrite_failed: bool,
    /// A snapshot is being written.
    pub rewriting_since: Option<Instant>,
    /// How long the last one took.
    pub last_rewrite: Option<Duration>,
    /// The last entry of the log that the newest snapshot contains.
    pub saved_seq: u64,
    /// Why nothing is being written at the moment; it is tried again every few seconds.
    pub error: Option<String>,
}
