//! A second place for everything that a server has, filled while it works.
//!
//! # What lies there, format 1
//! ```text
//! maru-replica.json                          whose it is: [`Owner`]
//! files/<hash>                               contents of files
//! gone/<ms>-<hash>                           since when the server has not had a content any more
//! <epoch>/snapshot-<seq>-<ms>.tar.zst        a backup without files, as of a position and a time
//! <epoch>/log-<first>-<last>.zst             entries of the log, see [`entries`]
//! ```
//! Numbers have leading zeros, so that names sort. A restore takes the newest snapshot that is not
//! younger than what is asked for, and the log behind it.
pub mod entries;
mod names;
mod place;
mod s3;

pub use names::{GoneName, LogName, SnapshotName};
pub use place::{ReplicaError, ReplicaTarget};
pub use s3::Credentials;

use serde::{Deserialize, Serialize};

/// The version of the form. Grows when an older version could no longer read it.
pub const FORMAT: u32 = 1;
/// Says whose it is.
pub const OWNER: &str = "maru-replica.json";

/// Whose replica it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    pub format: u32,
    /// The version that wrote it last.
    pub maru: String,
    /// Random; every data directory has its own.
    pub server: String,
}
