//! Space that is kept free, so that log, state and index never meet a full disk halfway.

use super::gate::Trouble;
use std::path::{Path, PathBuf};

/// Writes are refused below this, or below a twentieth of a small disk.
const RESERVE_BYTES: u64 = 16 << 20;

pub struct Disk {
    dir: PathBuf,
}

impl Disk {
    pub fn new(dir: &Path) -> Disk {
        Disk {
            dir: dir.to_owned(),
        }
    }

    /// Why nothing should be written now. A file system that does not tell counts as free.
    pub fn trouble(&self) -> Option<Trouble> {
        let stat = rustix::fs::statvfs(&self.dir).ok()?;
        let free = stat.f_bavail.saturating_mul(stat.f_frsize);
        let total = stat.f_blocks.saturating_mul(stat.f_frsize);
        let reserve = RESERVE_BYTES.min(total / 20);
        (free < reserve).then(|| Trouble {
            storage_full: true,
            cause: format!(
                "the disk of {} has {free} bytes left, {reserve} are kept free; free some space",
                self.dir.display()
            ),
        })
    }
}
