//! Space that is kept free, so that log, state and index never meet a full disk halfway.

use super::gate::Trouble;
use std::path::{Path, PathBuf};

/// Writes are refused below this, or below a twentieth of a small disk. What ends sessions or
/// removes something is still taken: it needs little, and the log holds some space of its own.
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

    /// Whether so much can be written beside what is kept free.
    pub fn has_room_for(&self, bytes: u64) -> bool {
        let Ok(stat) = rustix::fs::statvfs(&self.dir) else {
            return true;
        };
        stat.f_bavail.saturating_mul(stat.f_frsize) > bytes.saturating_add(4 * RESERVE_BYTES)
    }

    /// Why nothing should be written now. A file system that does not tell counts as free.
    pub fn trouble(&self) -> Option<Trouble> {
        let stat = rustix::fs::statvfs(&self.dir).ok()?;
        let free = stat.f_bavail.saturating_mul(stat.f_frsize);
        let total = stat.f_blocks.saturating_mul(stat.f_frsize);
        let reserve = RESERVE_BYTES.min(total / 20);
        (free < reserve).then(|| Trouble {
            storage_full: true,
            takes_relief: true,
            away: false,
            // The same text for the same trouble: it is logged once.
            cause: format!(
                "the disk of {} has fewer than {reserve} bytes left; free some space",
                self.dir.display()
            ),
        })
    }
}
