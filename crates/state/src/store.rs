//! The file: opening, applying batches, checkpoints, snapshots for readers.

use super::apply::{self, Applied};
use super::migrate;
use super::read::Reader;
use super::records::LogPosition;
use super::rules::Rules;
use super::table::Readable;
use super::tables::{ReadTables, WriteTables};
use super::{Result, StateError};
use crate::file::{Disk, Handle, RealDisk, of_io, quietly};
use arc_swap::ArcSwap;
use maru_domain::{Entry, Seq, Timestamp};
use redb::{Durability, ReadableDatabase};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Version of the tables and records.
pub const FORMAT: u64 = 3;

/// So many commands of a batch may meet damage before each is applied by itself.
const BROKEN_TOGETHER: usize = 4;

/// How long readers may go on with a handle that is replaced.
const GRACE: Duration = Duration::from_secs(2);

/// The writing side; one thread owns it.
pub struct State {
    pub(crate) path: PathBuf,
    pub(crate) cache_bytes: usize,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) snapshot: Snapshot,
    pub(crate) position: LogPosition,
    /// Of the log whose entries are applied.
    pub(crate) epoch: u64,
}

/// The reading side: cheap to clone, each [`Reader`] sees one position.
#[derive(Clone)]
pub struct Snapshot {
    pub(crate) current: Arc<ArcSwap<Handle>>,
}

impl Snapshot {
    pub fn read(&self) -> Result<Reader> {
        let handle = self.current.load_full();
        let txn = handle.database.begin_read()?;
        Reader::new(ReadTables::new(txn), handle)
    }
}

impl State {
    /// Opens or makes the file. `cache_bytes` bounds redb's page cache.
    pub fn open(path: &Path, cache_bytes: usize) -> Result<State> {
        State::open_on(path, cache_bytes, Arc::new(RealDisk))
    }

    /// As [`State::open`], on a disk that may fail.
    pub fn open_on(path: &Path, cache_bytes: usize, disk: Arc<dyn Disk>) -> Result<State> {
        let handle = migrate::prepare(path, cache_bytes, &disk)?;
        State::over(path, cache_bytes, disk, handle)
    }

    pub(crate) fn over(
        path: &Path,
        cache_bytes: usize,
        disk: Arc<dyn Disk>,
        handle: Handle,
    ) -> Result<State> {
        let mut state = State {
            path: path.to_owned(),
            cache_bytes,
            disk,
            snapshot: Snapshot {
                current: Arc::new(ArcSwap::from_pointee(handle)),
            },
            position: LogPosition::default(),
            epoch: 0,
        };
        state.position = state.snapshot.read()?.position()?;
        state.epoch = state.position.epoch;
        Ok(state)
    }

    /// What is applied from now on comes from a log of this epoch.
    pub fn set_epoch(&mut self, epoch: u64) {
        self.epoch = epoch;
    }

    /// Why what is applied stays in memory, once a write to the file has failed. Reading and
    /// applying go on.
    pub fn failure(&self) -> Option<StateError> {
        let failure = self.snapshot.current.load().pages.failure()?;
        Some(of_io(io::Error::new(failure.kind(), failure.to_string())))
    }

    /// Whether the disk takes something again.
    pub fn probe(&self) -> Result<()> {
        self.snapshot.current.load().pages.probe().map_err(of_io)
    }

    /// The file as the disk has it, at its last checkpoint, and seen by nobody. The log has to be
    /// applied again from its [`State::seq`]; then [`State::take_over`].
    pub fn reopened(&self) -> Result<State> {
        let disk = Arc::clone(&self.disk);
        let handle = Handle::held(&self.path, self.cache_bytes, Arc::clone(&disk))?;
        let mut state = State::over(&self.path, self.cache_bytes, disk, handle)?;
        state.epoch = self.epoch;
        Ok(state)
    }

    /// Goes on with what was [reopened](State::reopened) and has caught up. Whoever still reads from
    /// the old handle may finish within [`GRACE`].
    pub fn take_over(&mut self, fresh: State) {
        let old = self
            .snapshot
            .current
            .swap(fresh.snapshot.current.load_full());
        self.position = fresh.position;
        let pause = GRACE / 1_000;
        for _ in 0..1_000 {
            if Arc::strong_count(&old) == 1 {
                break;
            }
            std::thread::sleep(pause);
        }
        old.pages.close();
    }

    /// Brings what is held in memory to the disk, with a checkpoint that proves it.
    pub fn settle(&mut self) -> Result<()> {
        self.snapshot.current.load().pages.settle().map_err(of_io)?;
        self.checkpoint()?;
        match self.failure() {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }

    pub fn snapshot(&self) -> Snapshot {
        self.snapshot.clone()
    }

    /// The last entry applied.
    pub fn seq(&self) -> Seq {
        self.position.seq
    }

    /// As [`State::seq`], with what a log is compared with.
    pub fn position(&self) -> LogPosition {
        self.position
    }

    /// Applies entries that follow [`State::seq`] without a gap, all or none.
    ///
    /// # Errors
    /// [`StateError::Rules`] where one is to be decided by rules of a newer version: then nothing
    /// was applied.
    pub fn apply(&mut self, entries: &[Entry]) -> Result<Vec<Applied>> {
        self.write(entries, false)
    }

    /// Makes all that was applied durable; the log up to here may go.
    pub fn checkpoint(&mut self) -> Result<()> {
        self.write(&[], true).map(drop)
    }

    /// A command that meets a damaged record or page is refused, and the others are done: then the
    /// transaction is begun anew without that command. Where many do, each entry gets its own.
    fn write(&mut self, entries: &[Entry], durable: bool) -> Result<Vec<Applied>> {
        let mut broken = BTreeSet::new();
        let position = entries.last().map(|last| LogPosition {
            seq: last.seq,
            epoch: self.epoch,
            nonce: last.stamp.nonce,
            hash: last.hash,
        });
        loop {
            match self.try_write(entries, position, durable, &broken) {
                Ok(applied) => {
                    self.position = position.unwrap_or(self.position);
                    return Ok(applied);
                }
                Err((Some(_), error)) if error.is_local() && broken.len() == BROKEN_TOGETHER => {
                    return self.write_apart(entries, durable);
                }
                Err((Some(seq), error)) if error.is_local() => {
                    tracing::error!(%error, %seq, "a command met a damaged record and is refused");
                    broken.insert(seq);
                }
                Err((_, error)) => return Err(error),
            }
        }
    }

    fn write_apart(&mut self, entries: &[Entry], durable: bool) -> Result<Vec<Applied>> {
        let mut applied = Vec::with_capacity(entries.len());
        for entry in entries {
            applied.append(&mut self.write(std::slice::from_ref(entry), durable)?);
        }
        Ok(applied)
    }

    fn try_write(
        &self,
        entries: &[Entry],
        position: Option<LogPosition>,
        durable: bool,
        broken: &BTreeSet<Seq>,
    ) -> Result<Vec<Applied>, (Option<Seq>, StateError)> {
        let handle = self.snapshot.current.load_full();
        let begun = quietly(&self.path, || Ok(handle.database.begin_write()?));
        let mut txn = begun.map_err(storage)?;
        txn.set_durability(if durable {
            Durability::Immediate
        } else {
            Durability::None
        })
        .map_err(storage)?;
        // Restart after a crash then takes milliseconds, not seconds for each gigabyte.
        txn.set_quick_repair(durable);
        let mut applied = Vec::with_capacity(entries.len());
        {
            let mut tables = WriteTables::new(&txn);
            let mut clock = tables.meta.get("at").map_err(storage)?.unwrap_or(0);
            for entry in entries {
                let seq = entry.seq;
                let rules = Rules::of(seq, entry.stamp.rules).map_err(storage)?;
                if broken.contains(&seq) {
                    applied.push(Applied::unreadable(seq));
                    continue;
                }
                // Time never goes back, whatever the clocks of machines do.
                clock = clock.max(u64::try_from(entry.draft.at.0).unwrap_or(0));
                let at = Timestamp(i64::try_from(clock).unwrap_or(i64::MAX));
                let done = apply::apply(&mut tables, rules, at, entry);
                applied.push(done.map_err(|error| (Some(seq), error))?);
            }
            if let Some(position) = position {
                tables.meta.put("seq", &position.seq.0).map_err(storage)?;
                tables.meta.put("at", &clock).map_err(storage)?;
                tables.position.put("last", &position).map_err(storage)?;
            }
        }
        quietly(&self.path, || Ok(txn.commit()?)).map_err(storage)?;
        Ok(applied)
    }
}

fn storage(error: impl Into<StateError>) -> (Option<Seq>, StateError) {
    (None, error.into())
}
