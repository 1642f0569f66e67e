//! How the file log is to behave.
use super::super::MAX_PAYLOAD_BYTES;
use maru_domain::{LogHash, Seq};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// When an appended batch is made durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fsync {
    /// Before `append` returns.
    #[default]
    Always,
    /// By a thread of its own, at most a second after it was written.
    EverySec,
    /// When the kernel likes, when a segment is full, and on `sync`.
    Never,
}

impl Fsync {
    fn name(self) -> &'static str {
        match self {
            Fsync::Always => "always",
            Fsync::EverySec => "everysec",
            Fsync::Never => "never",
        }
    }
}

impl fmt::Display for Fsync {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no policy.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not one of always, everysec, never")]
pub struct UnknownFsync(String);

impl FromStr for Fsync {
    type Err = UnknownFsync;

    fn from_str(text: &str) -> Result<Fsync, UnknownFsync> {
        [Fsync::Always, Fsync::EverySec, Fsync::Never]
            .into_iter()
            .find(|policy| policy.name() == text)
            .ok_or_else(|| UnknownFsync(text.to_owned()))
    }
}

/// What [`FileLog::open`](super::FileLog::open) needs to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// Made if it is missing. One process at a time: the caller holds the lock.
    pub dir: PathBuf,
    /// Random; used if the log is new or has to begin another epoch.
    pub new_epoch: u64,
    pub fsync: Fsync,
    /// A segment is closed before it would grow beyond this; a larger batch gets one of its own.
    pub segment_bytes: u64,
    /// Of one payload; at most [`MAX_PAYLOAD_BYTES`].
    pub max_payload_bytes: usize,
    /// What the state has: a position that was on the disk with everything before it, and the
    /// hash there. A log that is not there begins after it.
    pub after: (Seq, LogHash),
    /// The last entries are kept in memory for readers, in so many bytes.
    pub recent_bytes: usize,
    /// Tells one start of the machine from the next; asked of the kernel if `None`.
    pub boot_id: Option<String>,
}

impl Options {
    /// Synced always, segments of 16 MiB.
    pub fn new(dir: impl Into<PathBuf>, new_epoch: u64) -> Options {
        Options {
            dir: dir.into(),
            new_epoch,
            fsync: Fsync::Always,
            segment_bytes: 16 << 20,
            max_payload_bytes: MAX_PAYLOAD_BYTES,
            after: (Seq(0), LogHash::NONE),
            recent_bytes: 0,
            boot_id: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_reads_as_it_prints() {
        for policy in [Fsync::Always, Fsync::EverySec, Fsync::Never] {
            assert_eq!(policy.to_string().parse(), Ok(policy));
        }
        assert!("Always".parse::<Fsync>().is_err());
    }
}
