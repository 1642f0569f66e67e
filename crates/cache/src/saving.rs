//! What doors may know and want of the files: when writes reach the disk, and snapshots.

use super::disk::{Writer, read_back};
use super::{CacheError, DiskStatus, Embedded, Fsync, OpenError, Txn, remains};
use std::time::Duration;

/// While everything is read back, nobody may write; longer than this the log is not waited for.
const PATIENCE: Duration = Duration::from_secs(1);

impl Embedded {
    /// When writes are forced to the disk; `None` without files.
    pub fn fsync(&self) -> Option<Fsync> {
        self.space.log.as_ref().map(|log| log.fsync())
    }

    /// Sets when writes are forced to the disk, from the next one on.
    pub fn set_fsync(&self, fsync: Fsync) {
        if let Some(log) = &self.space.log {
            log.set_fsync(fsync);
        }
    }

    /// For a thread that answers many at once: from now on its writes do not wait for the disk, and
    /// this waits for all of them since the last time, where that was asked for; else it hands them
    /// to the system, so that they outlive the process. Nothing may be answered before.
    pub fn settle_deferred(&self) -> Result<(), CacheError> {
        match &self.space.log {
            Some(log) => log.settle_deferred(),
            None => Ok(()),
        }
    }

    /// When the log is rewritten by itself: once it is by so many per cent larger than the snapshot
    /// (0: never), and larger than so many bytes.
    pub fn rewrite_rule(&self) -> (u64, u64) {
        self.space
            .log
            .as_ref()
            .map_or((0, 0), |log| log.rewrite_rule())
    }

    /// Changes that.
    pub fn set_rewrite_rule(&self, percent: u64, min_bytes: u64) {
        if let Some(log) = &self.space.log {
            log.set_rewrite_rule(percent, min_bytes);
        }
    }

    /// How the files are doing; `None` without files.
    pub fn disk_status(&self) -> Option<DiskStatus> {
        self.writer().map(Writer::status)
    }

    /// Whether a snapshot is being written, or about to be.
    pub fn is_rewriting(&self) -> bool {
        let is_asked = |log: &std::sync::Arc<super::disk::Log>| log.is_asked_to_rewrite();
        self.space.log.as_ref().is_some_and(is_asked)
            || self
                .disk_status()
                .is_some_and(|status| status.rewriting_since.is_some())
    }

    /// Entries of the log since the last snapshot.
    pub fn changes_since_snapshot(&self) -> u64 {
        match (&self.space.log, self.disk_status()) {
            (Some(log), Some(status)) => log.last_seq().saturating_sub(status.saved_seq),
            _ => 0,
        }
    }

    /// Starts writing a new snapshot, to replace the log; does not wait for it.
    pub fn rewrite(&self) {
        if let Some(log) = &self.space.log {
            log.ask_to_rewrite();
        }
    }

    /// Forgets everything in memory and reads it back from the files, as a start would; volatile
    /// keys are gone. The transaction is one on everything that has changed nothing yet. `false`:
    /// not now, the log is being written.
    pub fn reload(&self, txn: &mut Txn<'_>) -> Result<bool, OpenError> {
        let (Some(path), Some(log)) = (self.path(), &self.space.log) else {
            return Ok(true);
        };
        // A snapshot that has begun waits for locks that are held here, and the log with it.
        if self.is_rewriting() || !log.flush_within(PATIENCE) {
            return Ok(false);
        }
        let shards = read_back(path, self.clock(), &self.packing())?;
        for (shard, loaded) in txn.guards().zip(shards) {
            remains::free_elsewhere(shard.take_over(loaded));
        }
        Ok(true)
    }
}
