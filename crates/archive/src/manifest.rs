//! What an archive says of itself.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// What this is a backup of. Fields are only ever added, with a default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Of the archive.
    pub format: u32,
    /// The version that wrote it.
    pub maru: String,
    /// RFC 3339.
    pub created_at: String,
    /// Of the state's file.
    pub state_format: u64,
    /// Where the log stood: the state is as of this position.
    pub epoch: u64,
    pub seq: u64,
    /// Whether the keys that tokens are signed with are in it.
    pub with_keys: bool,
    pub counts: Counts,
    /// Rows of the state that were damaged already; they are in it as they are.
    #[serde(default)]
    pub damaged: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub users: u64,
    pub rooms: u64,
    pub messages: u64,
    pub files: u64,
}

/// Every member before the manifest itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub members: Vec<Member>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub path: String,
    pub size: u64,
    /// In hexadecimal.
    pub sha256: String,
}

/// Sums up what passes.
#[derive(Default)]
pub(crate) struct Summing {
    hasher: Sha256,
    pub size: u64,
}

impl Summing {
    pub fn add(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
    }

    pub fn member(self, path: &str) -> Member {
        let sum = self.hasher.finalize();
        let mut sha256 = String::with_capacity(64);
        for byte in sum {
            // Writing to memory does not fail.
            let _ = write!(sha256, "{byte:02x}");
        }
        Member {
            path: path.to_owned(),
            size: self.size,
            sha256,
        }
    }
}
