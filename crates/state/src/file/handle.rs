//! An open file: redb over what keeps it whole.

use super::{Backend, Disk, Pages};
use crate::caught::caught;
use crate::{Result, StateError};
use redb::Database;
use std::io;
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::Arc;

/// A database and its file.
pub struct Handle {
    pub database: Closing,
    pub pages: Pages,
}

/// An open database. redb commits when it is closed, and panics there after some failed writes;
/// what is durable is not touched by that, so it ends as an error in the log.
pub struct Closing(Option<Database>);

const OPEN: &str = "the database is open until it is dropped";

impl Deref for Closing {
    type Target = Database;

    fn deref(&self) -> &Database {
        self.0.as_ref().expect(OPEN)
    }
}

impl DerefMut for Closing {
    fn deref_mut(&mut self) -> &mut Database {
        self.0.as_mut().expect(OPEN)
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        let database = self.0.take();
        if caught(|| drop(database)).is_none() {
            tracing::error!("a state whose writes had failed could not be closed in order");
        }
    }
}

impl Handle {
    /// Opens or makes the file. One whose checksums are missing, or of another file, is verified by
    /// redb first.
    pub fn open(path: &Path, cache_bytes: usize, disk: Arc<dyn Disk>) -> Result<Handle> {
        let opened = Backend::open(path, disk).map_err(of_io)?;
        let handle = Handle::over(path, cache_bytes, opened)?;
        if !handle.pages.is_known() {
            handle.pages.adopt().map_err(of_io)?;
        }
        Ok(handle)
    }

    /// Opens the file as it is on the disk, as after a crash, and changes nothing there before
    /// [`Pages::settle`].
    pub fn held(path: &Path, cache_bytes: usize, disk: Arc<dyn Disk>) -> Result<Handle> {
        let opened = Backend::held(path, disk).map_err(of_io)?;
        Handle::over(path, cache_bytes, opened)
    }

    fn over(path: &Path, cache_bytes: usize, (backend, pages): (Backend, Pages)) -> Result<Handle> {
        let is_known = pages.is_known();
        let opened = quietly(path, move || {
            let database = Database::builder()
                .set_cache_size(cache_bytes)
                .set_check_integrity_on_open(!is_known)
                .create_with_backend(backend)?;
            Ok(database)
        });
        Ok(Handle {
            database: Closing(Some(opened.map_err(|error| named(path, error))?)),
            pages,
        })
    }
}

/// redb does not say which file it means.
fn named(path: &Path, error: StateError) -> StateError {
    match error {
        StateError::Storage(redb::Error::Corrupted(what)) => {
            let what = format!("{}: {what}; run `maru check`", path.display());
            StateError::Storage(redb::Error::Corrupted(what))
        }
        StateError::Storage(redb::Error::Io(source)) => {
            let text = format!("{}: {source}", path.display());
            of_io(io::Error::new(source.kind(), text))
        }
        other => other,
    }
}

/// redb panics over some pages that are not as it wrote them: that is an error like others.
pub(crate) fn quietly<T>(path: &Path, work: impl FnOnce() -> Result<T>) -> Result<T> {
    caught(work).unwrap_or_else(|| {
        let what = format!("{} has a page that cannot be read", path.display());
        Err(StateError::Storage(redb::Error::Corrupted(what)))
    })
}

pub(crate) fn of_io(error: io::Error) -> StateError {
    StateError::Storage(redb::Error::Io(error))
}
