//! The files as they are at one moment, in another directory, while writes go on.

use super::super::{Embedded, OpenError};
use super::Cut;
use super::files::{Dir, io_error};
use super::survey::{self, Survey};
use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;
use std::time::Duration;

/// A rewrite takes files away: then it is begun anew.
const TRIES: usize = 20;
/// A log that is being written is not waited for longer.
const PATIENCE: Duration = Duration::from_secs(1);

impl Embedded {
    /// Puts the files into `to`, which is on the same file system and not there yet, as of a moment
    /// during this call: what was answered before it is in them. `None` without files. Reads all of
    /// them to verify them.
    pub fn copy_files(&self, to: &Path) -> Option<Result<Survey, OpenError>> {
        let from = self.path()?;
        let mut tries = 1;
        loop {
            let copied = self.try_copy(from, to);
            let is_moved = match &copied {
                Err(OpenError::Missing { .. }) => true,
                Err(OpenError::Io { source, .. }) => source.kind() == io::ErrorKind::NotFound,
                Ok(_) | Err(OpenError::Damaged { .. }) => false,
            };
            if !is_moved || tries == TRIES {
                return Some(copied);
            }
            tries += 1;
        }
    }

    fn try_copy(&self, from: &Path, to: &Path) -> Result<Survey, OpenError> {
        match fs::remove_dir_all(to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(io_error("remove", to)(error));
            }
            _ => {}
        }
        fs::create_dir_all(to).map_err(io_error("create", to))?;
        if let Some(log) = &self.space.log {
            log.flush_within(PATIENCE);
        }
        let (source, target) = (Dir(from.to_path_buf()), Dir(to.to_path_buf()));
        let listing = source.list()?;
        let base = listing.bases.last().copied();
        if let Some(base) = base {
            link(&source.base(base), &target.base(base))?;
        }
        let mut tails = listing.tails;
        tails.retain(|&tail| base.is_none_or(|base| tail >= base));
        for tail in &tails {
            copy(&source.tail(*tail), &target.tail(*tail))?;
        }
        let found = survey::survey(to, self.clock())?;
        match &found.torn {
            None => Ok(found),
            // The end was half written when it was copied.
            Some(Cut { path, offset, .. }) => {
                let file = OpenOptions::new().write(true).open(path);
                let cut = file.and_then(|file| file.set_len(*offset));
                cut.map_err(io_error("cut", path))?;
                survey::survey(to, self.clock())
            }
        }
    }
}

/// A snapshot never changes: another name for it is enough.
fn link(from: &Path, to: &Path) -> Result<(), OpenError> {
    match fs::hard_link(from, to) {
        Ok(()) => Ok(()),
        Err(_) => copy(from, to),
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), OpenError> {
    let copied = fs::copy(from, to).map(drop);
    copied.map_err(io_error("copy", from))
}
