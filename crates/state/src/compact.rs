//! The file copied without the holes that changes leave in it.
//!
//! Rows in the order of their keys fill the pages of a new file; in one that grew by changes a third
//! of the space is empty, and what was removed never goes back to the disk. A thread of its own
//! copies a snapshot into a file beside, the log's entries since then are applied to the copy, and it
//! takes the place of the old file. Killed at any moment, one of the two is there, whole, and the log
//! has what it lacks.

use crate::file::{Disk, Handle, of_io, quietly};
use crate::migrate::{remove, take_place};
use crate::store::FORMAT;
use crate::table::{Held, ReadColumn, Readable, TableKey, WriteColumn};
use crate::tables::{self, Carry, WriteTables};
use crate::{Result, Snapshot, State};
use maru_domain::Seq;
use redb::Durability;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// redb's page cache while it copies.
const CACHE_BYTES: usize = 8 << 20;

/// So much is written before it is forced to the disk.
const PIECE_BYTES: u64 = 2 << 20;

/// The key of `meta` under which the size of the last copy stands.
const COPIED_BYTES: &str = "compacted_bytes";

/// Copies a snapshot; for a thread of its own.
pub struct Compactor {
    snapshot: Snapshot,
    path: PathBuf,
    disk: Arc<dyn Disk>,
}

/// A copy that waits beside the file.
#[derive(Debug)]
pub struct Compacted {
    pub seq: Seq,
    pub rows: u64,
    pub messages: u64,
}

fn draft_of(path: &Path) -> PathBuf {
    path.with_extension("redb.next")
}

impl State {
    pub fn compactor(&self) -> Compactor {
        Compactor {
            snapshot: self.snapshot(),
            path: self.path.clone(),
            disk: Arc::clone(&self.disk),
        }
    }

    pub fn file_bytes(&self) -> Result<u64> {
        Ok(std::fs::metadata(&self.path).map_err(of_io)?.len())
    }

    /// How large the last copy was; 0 where there was none.
    pub fn compacted_bytes(&self) -> Result<u64> {
        let reader = self.snapshot().read()?;
        Ok(reader.tables().meta.get(COPIED_BYTES)?.unwrap_or(0))
    }

    /// The copy, for the log's entries since it was made; nobody else sees it.
    pub fn open_compacted(&self) -> Result<State> {
        let draft = draft_of(&self.path);
        let handle = Handle::open(&draft, CACHE_BYTES, Arc::clone(&self.disk))?;
        let mut state = State::over(&draft, CACHE_BYTES, Arc::clone(&self.disk), handle)?;
        state.set_epoch(self.epoch);
        Ok(state)
    }

    /// Removes a copy that is of no use.
    pub fn drop_compacted(&self) -> Result<()> {
        remove(&draft_of(&self.path))
    }

    /// Puts the copy, which has caught up, in the place of this file. Whoever reads goes on reading
    /// the old one, which is gone with the last of them.
    ///
    /// # Errors
    /// Until the copy has taken the place, everything is as before; then true comes with the error,
    /// and the file has to be opened anew.
    pub fn take_compacted(&mut self, mut copy: State) -> Result<(), (bool, crate::StateError)> {
        let before = |error| (false, error);
        copy.checkpoint().map_err(before)?;
        if let Some(failure) = copy.failure() {
            return Err(before(failure));
        }
        let position = copy.position;
        let draft = draft_of(&self.path);
        drop(copy);
        take_place(&draft, &self.path).map_err(|error| (!draft.exists(), error))?;
        let disk = Arc::clone(&self.disk);
        let handle =
            Handle::open(&self.path, self.cache_bytes, disk).map_err(|error| (true, error))?;
        self.snapshot.current.store(Arc::new(handle));
        self.position = position;
        Ok(())
    }
}

impl Compactor {
    /// Makes the copy; nothing if `stop` was set meanwhile.
    pub fn run(&self, stop: &AtomicBool) -> Result<Option<Compacted>> {
        let draft = draft_of(&self.path);
        remove(&draft)?;
        let copied = self.copy(&draft, stop);
        if !matches!(copied, Ok(Some(_))) {
            // In nobody's way if it stays: the next start removes it.
            let _ = remove(&draft);
        }
        copied
    }

    fn copy(&self, draft: &Path, stop: &AtomicBool) -> Result<Option<Compacted>> {
        let reader = self.snapshot.read()?;
        let disk = Arc::new(Paced {
            disk: Arc::clone(&self.disk),
            unsynced: AtomicU64::new(0),
        });
        let mut handle = Handle::open(draft, CACHE_BYTES, disk)?;
        let mut copy = Copy {
            rows: 0,
            messages: 0,
            stop,
        };
        quietly(draft, || {
            let mut txn = handle.database.begin_write()?;
            txn.set_durability(Durability::Immediate)?;
            txn.set_quick_repair(true);
            WriteTables::new(&txn).carry(reader.tables(), &mut copy)?;
            tables::set_format(&txn, FORMAT)?;
            if !stop.load(Ordering::Relaxed) {
                txn.commit()?;
            }
            Ok(())
        })?;
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        // A file grows by more than it needs: the rest goes back.
        quietly(draft, || Ok(handle.database.compact()?))?;
        let bytes = std::fs::metadata(draft).map_err(of_io)?.len();
        quietly(draft, || {
            let txn = handle.database.begin_write()?;
            WriteTables::new(&txn).meta.put(COPIED_BYTES, &bytes)?;
            Ok(txn.commit()?)
        })?;
        if let Some(failure) = handle.pages.failure() {
            let failure = std::io::Error::new(failure.kind(), failure.to_string());
            return Err(of_io(failure));
        }
        Ok(Some(Compacted {
            seq: reader.seq(),
            rows: copy.rows,
            messages: copy.messages,
        }))
    }
}

/// Writes down a piece at a time: whoever syncs something else meanwhile waits for no more than that.
#[derive(Debug)]
struct Paced {
    disk: Arc<dyn Disk>,
    unsynced: AtomicU64,
}

impl Disk for Paced {
    fn read(&self, file: &File, into: &mut [u8], offset: u64) -> io::Result<()> {
        self.disk.read(file, into, offset)
    }

    fn write(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.disk.write(file, bytes, offset)?;
        let written = bytes.len() as u64;
        if self.unsynced.fetch_add(written, Ordering::Relaxed) >= PIECE_BYTES {
            self.sync(file)?;
        }
        Ok(())
    }

    fn set_len(&self, file: &File, len: u64) -> io::Result<()> {
        self.disk.set_len(file, len)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        self.unsynced.store(0, Ordering::Relaxed);
        self.disk.sync(file)
    }
}

struct Copy<'a> {
    rows: u64,
    messages: u64,
    stop: &'a AtomicBool,
}

impl Carry for Copy<'_> {
    fn table<K: TableKey, T: Held + 'static>(
        &mut self,
        from: &ReadColumn<K, T>,
        to: &mut WriteColumn<'_, K, T>,
    ) -> Result<()> {
        to.make()?;
        let rows = to.fill(from, || !self.stop.load(Ordering::Relaxed))?;
        self.rows += rows;
        if from.name() == "messages" {
            self.messages = rows;
        }
        Ok(())
    }
}
