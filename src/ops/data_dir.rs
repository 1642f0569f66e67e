//! The data directory: made, locked by one process, and of a format this version knows.

use super::format::{FORMAT, check_format, write_format};
use rustix::fs::{FlockOperation, flock};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Where a restore unpacks, in the directory.
pub const RESTORE_DRAFT: &str = "restore.tmp";
/// What may lie in a directory that counts as empty.
const NOTHING: [&str; 4] = ["lock", "maru.toml", "lost+found", RESTORE_DRAFT];

#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    #[error(
        "there is no data directory at {}; name the right one with --data-dir, or start `maru serve` to make one",
        .0.display()
    )]
    Missing(PathBuf),

    #[error("the data directory {} is in use by process {} ({}); {}", path.display(), holder.pid, holder.command, holder.advice())]
    Held { path: PathBuf, holder: Holder },

    #[error(
        "the data directory {} was written by maru {theirs} in format {format}, which this version ({ours}, format {FORMAT}) cannot read; install maru {theirs} or newer, or restore a backup into an empty directory",
        path.display()
    )]
    FromTheFuture {
        path: PathBuf,
        theirs: String,
        ours: &'static str,
        format: u32,
    },

    #[error(
        "the file {} is damaged: it does not say which format the data directory has; run `maru check`, and if nothing else is damaged, write the one line `format = {FORMAT}` into it",
        .0.display()
    )]
    Unclear(PathBuf),

    #[error(
        "{} is not empty ({found}); a backup is restored into a directory of its own: name another one with --data-dir",
        path.display()
    )]
    NotEmpty { path: PathBuf, found: String },

    #[error(
        "a restore into {} was cut off, and nothing of it counts; run `maru restore` again, or remove {RESTORE_DRAFT} in it",
        .0.display()
    )]
    HalfRestored(PathBuf),

    #[error("cannot use {}: {source}; check that it is a directory this user may write to", path.display())]
    Io { path: PathBuf, source: io::Error },
}

/// The process that holds the directory, as its `lock` file tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub pid: u32,
    /// The subcommand, such as `serve`.
    pub command: String,
    /// Where it listens, once it does.
    pub url: Option<String>,
}

impl Holder {
    /// Three lines: process id, subcommand, address.
    fn parse(text: &str) -> Holder {
        let mut lines = text.lines();
        Holder {
            pid: lines
                .next()
                .and_then(|line| line.trim().parse().ok())
                .unwrap_or(0),
            command: lines.next().unwrap_or("unknown").to_owned(),
            url: lines.next().map(str::to_owned),
        }
    }

    fn advice(&self) -> &'static str {
        match self.command.as_str() {
            "serve" => "stop that server first, or give this one another --data-dir",
            _ => "wait until it is done and try again",
        }
    }

    pub fn is_server(&self) -> bool {
        self.command == "serve"
    }
}

/// A data directory that this process holds. The system lets go of it when the process ends,
/// however it ends.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    lock: File,
    /// Whether this process made the directory just now.
    pub is_new: bool,
    /// What was in it before.
    before: BTreeSet<OsString>,
    /// What is made goes again, unless it is [kept](DataDir::keep).
    is_provisional: bool,
}

/// What a start makes at the top of the directory.
const MADE: &[&str] = &[
    "VERSION",
    "VERSION.new",
    "MANIFEST",
    "MANIFEST.new",
    "log",
    "state.redb",
    "state.redb.sums",
    "state.redb.next",
    "state.redb.next.sums",
    "events",
    "index",
    "cache",
    "figures",
    "figures.new",
    "keys",
    "files",
    "control.sock",
];

impl DataDir {
    /// Takes a directory and makes it where there is none. `command` is what the second process
    /// is told about the first.
    pub fn open_or_create(path: &Path, command: &str) -> Result<DataDir, DataDirError> {
        let is_new = !path.exists();
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|source| DataDirError::Io {
            path: path.to_owned(),
            source,
        })?;
        DataDir::take(path, command, is_new)
    }

    /// Takes a directory that is there.
    pub fn open(path: &Path, command: &str) -> Result<DataDir, DataDirError> {
        if !path.is_dir() {
            return Err(DataDirError::Missing(path.to_owned()));
        }
        DataDir::take(path, command, false)
    }

    /// Takes a directory that holds nothing yet, and makes it where there is none. It becomes a data
    /// directory with [`DataDir::settle`].
    pub fn claim(path: &Path, command: &str) -> Result<DataDir, DataDirError> {
        let is_new = !path.exists();
        let failed = |source| DataDirError::Io {
            path: path.to_owned(),
            source,
        };
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(failed)?;
        let is_half = path.join(RESTORE_DRAFT).exists() && !path.join("VERSION").exists();
        if let Some(found) = first_of(path).map_err(failed)?.filter(|_| !is_half) {
            let path = path.to_owned();
            return Err(DataDirError::NotEmpty { path, found });
        }
        DataDir::lock(path, command, is_new)
    }

    /// Notes that what lies here is a data directory of this version's format.
    pub fn settle(&self) -> io::Result<()> {
        write_format(&self.path, env!("CARGO_PKG_VERSION"))
    }

    /// Takes a claimed directory away again, if this process made it and nothing is in it.
    pub fn give_up(self) {
        if self.is_new && matches!(first_of(&self.path), Ok(None)) {
            // It is in nobody's way if it stays.
            let _ = std::fs::remove_file(self.path.join("lock"));
            let _ = std::fs::remove_dir(&self.path);
        }
    }

    fn take(path: &Path, command: &str, is_new: bool) -> Result<DataDir, DataDirError> {
        let dir = DataDir::lock(path, command, is_new)?;
        if path.join(RESTORE_DRAFT).exists() {
            return Err(DataDirError::HalfRestored(path.to_owned()));
        }
        check_format(path)?;
        Ok(dir)
    }

    fn lock(path: &Path, command: &str, is_new: bool) -> Result<DataDir, DataDirError> {
        let failed = |source| DataDirError::Io {
            path: path.to_owned(),
            source,
        };
        let mut lock = open_lock(path).map_err(failed)?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let holder = read_holder(&mut lock).map_err(failed)?;
                return Err(DataDirError::Held {
                    path: path.to_owned(),
                    holder,
                });
            }
            Err(errno) => return Err(failed(errno.into())),
        }
        let dir = DataDir {
            path: path.to_owned(),
            lock,
            is_new,
            before: names(path),
            is_provisional: false,
        };
        dir.write_lock(&format!("{}\n{command}\n", std::process::id()))
            .map_err(failed)?;
        Ok(dir)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A start that is refused from now on leaves nothing new behind.
    pub fn provisional(mut self) -> DataDir {
        self.is_provisional = true;
        self
    }

    /// The start has succeeded: what it made stays.
    pub fn keep(&mut self) {
        self.is_provisional = false;
    }

    /// Tells where the server listens, for `healthcheck` and other commands beside it.
    pub fn announce(&self, url: &str) -> io::Result<()> {
        self.write_lock(&format!("{}\nserve\n{url}\n", std::process::id()))
    }

    fn write_lock(&self, text: &str) -> io::Result<()> {
        let mut lock = &self.lock;
        lock.rewind()?;
        lock.write_all(text.as_bytes())?;
        lock.set_len(text.len() as u64)
    }
}

/// What lies in a directory, if it is not empty.
fn first_of(path: &Path) -> io::Result<Option<String>> {
    for entry in std::fs::read_dir(path)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !NOTHING.contains(&name.as_str()) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// A start that was refused leaves nothing new behind.
impl Drop for DataDir {
    fn drop(&mut self) {
        if !self.is_provisional {
            return;
        }
        let is_new = |name: &&&str| !self.before.contains(OsStr::new(name));
        for name in MADE.iter().filter(is_new) {
            let path = self.path.join(name);
            // What cannot be removed is in the way of no other start.
            let _ = if path.is_dir() {
                std::fs::remove_dir_all(path)
            } else {
                std::fs::remove_file(path)
            };
        }
        if self.is_new {
            let _ = std::fs::remove_file(self.path.join("lock"));
            let _ = std::fs::remove_dir(&self.path);
        }
    }
}

fn names(path: &Path) -> BTreeSet<OsString> {
    let items = std::fs::read_dir(path).into_iter().flatten().flatten();
    items.map(|item| item.file_name()).collect()
}

/// Who holds a directory just now, without taking it.
pub fn holder(path: &Path) -> io::Result<Option<Holder>> {
    let mut lock = match File::open(path.join("lock")) {
        Ok(lock) => lock,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match flock(&lock, FlockOperation::NonBlockingLockShared) {
        Ok(()) => Ok(None),
        Err(rustix::io::Errno::WOULDBLOCK) => read_holder(&mut lock).map(Some),
        Err(errno) => Err(errno.into()),
    }
}

fn open_lock(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600);
    options.open(path.join("lock"))
}

fn read_holder(lock: &mut File) -> io::Result<Holder> {
    let mut text = String::new();
    lock.take(4096).read_to_string(&mut text)?;
    Ok(Holder::parse(&text))
}

#[cfg(test)]
mod tests;
