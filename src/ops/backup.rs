//! Everything of one moment as one archive, made while people talk.
//!
//! First the moment is held fast beside the data (a copy of the state, names of the files of the
//! cache), which takes seconds; then it is written out, which takes as long as the reader likes:
//! nothing that the server works with is held meanwhile but the contents of files, which are not
//! removed until the end.

use crate::archive::{About, Counts, FORMAT, Packer};
use crate::cache::Embedded;
use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::files::{Hold, Store};
use crate::metrics::Readings;
use crate::state::copy::{self, Copied};
use crate::state::store::FORMAT as STATE_FORMAT;
use anyhow::Context;
use parking_lot::Mutex;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the moment is held fast, in the data directory.
pub const DRAFT: &str = "backup.tmp";
/// What a backup leaves free on the disk for everybody else, or a tenth of a small disk.
const RESERVE_BYTES: u64 = 256 << 20;
/// Those who talk go before who copies.
const NICE: i32 = 10;

/// What is backed up. Clones are the same.
#[derive(Clone)]
pub struct BackupSource {
    pub dir: PathBuf,
    pub engine: Engine,
    pub cache: Arc<Embedded>,
    pub files: Store,
    /// One at a time.
    busy: Arc<Mutex<()>>,
    last: Arc<Mutex<Option<Last>>>,
}

/// The last backup that was read to its end.
struct Last {
    at: Timestamp,
    size_bytes: u64,
}

/// How far it is: done, of how many.
pub type Passed<'a> = &'a mut dyn FnMut(u64, u64) -> io::Result<()>;

/// One moment, ready to be written out. Takes its drafts away when dropped.
pub struct Cut {
    about: About,
    members: Vec<(String, PathBuf, u64)>,
    contents: Vec<String>,
    /// Of all members together.
    pub size_bytes: u64,
    created_at: Timestamp,
    last: Arc<Mutex<Option<Last>>>,
    held_files: Hold,
    _drafts: Drafts,
}

struct Drafts {
    dir: PathBuf,
    _busy: parking_lot::ArcMutexGuard<parking_lot::RawMutex, ()>,
}

impl Drop for Drafts {
    fn drop(&mut self) {
        remove(&self.dir);
    }
}

/// Takes away what a backup left that was killed.
pub fn remove(draft: &Path) {
    if let Err(error) = fs::remove_dir_all(draft)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "the drafts of a backup cannot be removed");
    }
}

impl BackupSource {
    pub fn new(dir: &Path, engine: Engine, cache: Arc<Embedded>, files: Store) -> BackupSource {
        BackupSource {
            dir: dir.to_owned(),
            engine,
            cache,
            files,
            busy: Arc::default(),
            last: Arc::default(),
        }
    }

    /// How old the last backup is.
    pub fn figures(&self, to: &mut Readings) {
        let last = self.last.lock();
        let (at, size) = last.as_ref().map_or((0.0, 0.0), |last| {
            (last.at.0 as f64 / 1000.0, last.size_bytes as f64)
        });
        to.gauge(
            "maru_backup_last_success_timestamp_seconds",
            "When the last backup was taken that was read to its end, since the start; 0: none",
            at,
        );
        to.gauge(
            "maru_backup_last_size_bytes",
            "Bytes of the files in it",
            size,
        );
    }

    /// Holds the present moment fast. Blocks; `passed` hears of the rows of the state.
    pub fn cut(
        &self,
        with_keys: bool,
        with_files: bool,
        passed: Passed<'_>,
    ) -> anyhow::Result<Cut> {
        let busy = self
            .busy
            .try_lock_arc()
            .context("another backup is being made; wait until it is done")?;
        nice();
        let draft = self.dir.join(DRAFT);
        remove(&draft);
        fs::create_dir(&draft).context("the draft of the backup cannot be made")?;
        let drafts = Drafts {
            dir: draft.clone(),
            _busy: busy,
        };
        let files = self.files.hold();
        let state = draft.join("state.redb");
        let created_at = self.engine.now();
        let mut checked = |done, all| {
            enough_room(&self.dir)?;
            passed(done, all)
        };
        checked(0, 0)?;
        let copied = copy::copy(self.engine.snapshot(), &state, &mut checked)
            .context("the state cannot be copied")?;
        let cache = draft.join("cache");
        if let Some(copied) = self.cache.copy_files(&cache) {
            copied.context("the files of the cache cannot be copied")?;
        }
        let mut cut = Cut {
            about: about(&copied, self.engine.epoch(), created_at, with_keys),
            members: Vec::new(),
            contents: copied.contents.clone(),
            size_bytes: 0,
            created_at,
            last: Arc::clone(&self.last),
            held_files: files,
            _drafts: drafts,
        };
        cut.take("state.redb".to_owned(), state)?;
        for content in copied.contents.iter().filter(|_| with_files) {
            let path = self.files.path(content);
            let name = path.strip_prefix(&self.dir);
            let name = name.context("files lie outside of the data directory")?;
            let member = name.to_string_lossy().into_owned();
            if !cut.take(member, path)? {
                let text = format!("files: the content {content} is missing");
                cut.about.damaged.push(text);
            }
        }
        cut.take_folder("cache", &cache)?;
        if with_keys {
            cut.take_folder("keys", &self.dir.join("keys"))?;
        }
        cut.take("maru.toml".to_owned(), self.dir.join("maru.toml"))?;
        Ok(cut)
    }
}

fn about(copied: &Copied, epoch: u64, created_at: Timestamp, with_keys: bool) -> About {
    let rows = |table| copied.tables.get(table).copied().unwrap_or(0);
    About {
        format: FORMAT,
        maru: env!("CARGO_PKG_VERSION").to_owned(),
        created_at: created_at.to_string(),
        state_format: STATE_FORMAT,
        epoch,
        seq: copied.seq.0,
        with_keys,
        counts: Counts {
            users: rows("users"),
            rooms: rows("rooms"),
            messages: rows("messages"),
            files: rows("files"),
        },
        damaged: copied.damaged.clone(),
    }
}

impl Cut {
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The contents of files that the state names.
    pub fn contents(&self) -> &[String] {
        &self.contents
    }

    /// False: there is no such file.
    fn take(&mut self, member: String, path: PathBuf) -> io::Result<bool> {
        let size = match fs::metadata(&path) {
            Ok(found) => found.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        self.size_bytes += size;
        self.members.push((member, path, size));
        Ok(true)
    }

    fn take_folder(&mut self, name: &str, folder: &Path) -> anyhow::Result<()> {
        let listed = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            listed => listed?,
        };
        let mut paths = listed
            .map(|entry| Ok(entry?.path()))
            .collect::<io::Result<Vec<_>>>()?;
        paths.sort();
        for path in paths {
            let file = path.file_name().and_then(|file| file.to_str());
            let file = file.with_context(|| format!("{} has a strange name", path.display()))?;
            let member = format!("{name}/{file}");
            if path.is_dir() {
                self.take_folder(&member, &path)?;
            } else if path.is_file() {
                self.take(member, path)?;
            }
        }
        Ok(())
    }

    /// Writes the tar; who gets it packs it. `passed` hears of bytes.
    pub fn write(self, out: impl Write, passed: Passed<'_>) -> io::Result<()> {
        self.write_held(out, passed).map(drop)
    }

    /// As [`Cut::write`]; contents of files stay until what is given back is dropped.
    pub fn write_held(self, out: impl Write, passed: Passed<'_>) -> io::Result<Hold> {
        let mut packer = Packer::new(out, &self.about)?;
        let mut done = 0;
        for (member, path, size) in &self.members {
            let file = File::open(path)?;
            let mut read = Counted {
                file,
                done: &mut done,
                all: self.size_bytes,
                passed: &mut *passed,
            };
            packer.add(member, *size, &mut read)?;
        }
        packer.finish()?.flush()?;
        *self.last.lock() = Some(Last {
            at: self.created_at,
            size_bytes: self.size_bytes,
        });
        Ok(self.held_files)
    }
}

struct Counted<'a> {
    file: File,
    done: &'a mut u64,
    all: u64,
    passed: &'a mut dyn FnMut(u64, u64) -> io::Result<()>,
}

impl io::Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(into)?;
        *self.done += read as u64;
        (self.passed)(*self.done, self.all)?;
        Ok(read)
    }
}

/// The disk is not filled: the server would have to refuse writes.
fn enough_room(dir: &Path) -> io::Result<()> {
    let Ok(stat) = rustix::fs::statvfs(dir) else {
        return Ok(());
    };
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let total = stat.f_blocks.saturating_mul(stat.f_frsize);
    if free < RESERVE_BYTES.min(total / 10) {
        let text = format!(
            "the disk of {} has no room for the copy that a backup is made from; free some space",
            dir.display()
        );
        return Err(io::Error::new(io::ErrorKind::StorageFull, text));
    }
    Ok(())
}

/// Linux keeps a nice value for each thread. Without it the work is done all the same.
pub(super) fn nice() {
    let thread = Some(rustix::thread::gettid());
    if let Err(error) = rustix::process::setpriority_process(thread, NICE) {
        tracing::debug!(%error, "a backup runs without its nice value");
    }
}
