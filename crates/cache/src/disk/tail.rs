//! The end of the log: the file that entries go to.

use super::super::effect::Effect;
use super::files::{Dir, FileRole, HEADER_BYTES, Header};
use super::frame;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

/// The file that entries go to.
pub(in super::super) struct Tail {
    file: Arc<File>,
    salt: u32,
    pub(super) written_bytes: u64,
    /// The last entry in it.
    pub(super) written_seq: u64,
    pub(super) synced_bytes: u64,
    /// What the file itself says about how far it has been synced.
    marked_bytes: u64,
}

/// How much of a file a sync is going to cover.
pub(super) struct Unsynced {
    pub file: Arc<File>,
    pub bytes: u64,
    pub seq: u64,
}

impl Tail {
    /// Makes a new tail, durably.
    pub(super) fn create(
        dir: &Dir,
        generation: u64,
        salt: u32,
        number: u64,
        after_failure: bool,
    ) -> io::Result<Tail> {
        let path = dir.tail(generation);
        let header = Header {
            kind: FileRole::Tail,
            after_failure,
            salt,
            number,
        };
        let mut file = File::create(&path)?;
        file.write_all(&header.encode())?;
        file.sync_all()?;
        dir.sync()?;
        Ok(Tail {
            file: Arc::new(file),
            salt,
            written_bytes: HEADER_BYTES as u64,
            written_seq: number - 1,
            synced_bytes: HEADER_BYTES as u64,
            marked_bytes: HEADER_BYTES as u64,
        })
    }

    /// One that keeps nothing, until there is a file.
    pub(super) fn nowhere(path: &Path, salt: u32, number: u64) -> io::Result<Tail> {
        let file = File::options().write(true).open(path)?;
        Ok(Tail {
            file: Arc::new(file),
            salt,
            written_bytes: 0,
            written_seq: number - 1,
            synced_bytes: 0,
            marked_bytes: 0,
        })
    }

    /// Entries up to `seq`, as frames.
    pub(super) fn write(&mut self, frames: &[u8], seq: u64) -> io::Result<()> {
        if !frames.is_empty() {
            self.mark()?;
            (&*self.file).write_all(frames)?;
            self.written_bytes += frames.len() as u64;
            self.written_seq = seq;
        }
        Ok(())
    }

    /// Notes in the file how far it has been synced.
    pub(super) fn mark(&mut self) -> io::Result<()> {
        if self.synced_bytes == self.marked_bytes {
            return Ok(());
        }
        let (mut effect, mut mark) = (Vec::new(), Vec::new());
        let file_bytes = self.synced_bytes;
        Effect::Synced { file_bytes }.encode(&mut effect);
        frame::append(&mut mark, self.salt, &effect);
        (&*self.file).write_all(&mark)?;
        self.written_bytes += mark.len() as u64;
        self.marked_bytes = self.synced_bytes;
        Ok(())
    }

    pub(super) fn unsynced_bytes(&self) -> u64 {
        self.written_bytes - self.synced_bytes
    }

    /// What a sync that begins now covers.
    pub(super) fn unsynced(&self) -> Option<Unsynced> {
        (self.unsynced_bytes() > 0).then(|| Unsynced {
            file: self.file.clone(),
            bytes: self.written_bytes,
            seq: self.written_seq,
        })
    }

    pub(super) fn sync(&mut self) -> io::Result<()> {
        if self.unsynced_bytes() > 0 {
            self.file.sync_data()?;
            self.synced_bytes = self.written_bytes;
        }
        Ok(())
    }
}

/// Whether a mark after the damage says that the damaged place had been synced.
pub(super) fn was_synced(bytes: &[u8], at: usize, salt: u32) -> bool {
    frame::after_damage(bytes, at, salt).any(|payload| {
        let mut rest = payload;
        matches!(Effect::decode(&mut rest), Ok(Effect::Synced { file_bytes }) if file_bytes > at as u64)
    })
}
