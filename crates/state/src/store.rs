//! The file: opening, applying batches, checkpoints, snapshots for readers.

use super::apply::{self, Applied};
use super::migrate;
use super::read::Reader;
use super::table::Readable;
use super::tables::{ReadTables, WriteTables};
use super::{Result, StateError};
use arc_swap::ArcSwapOption;
use maru_domain::{Draft, Seq, Timestamp};
use redb::{Database, Durability, ReadableDatabase};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Version of the tables and records.
pub const FORMAT: u64 = 3;

/// The writing side; one thread owns it.
pub struct State {
    path: PathBuf,
    cache_bytes: usize,
    snapshot: Snapshot,
    seq: Seq,
}

/// The reading side: cheap to clone, each [`Reader`] sees one position.
#[derive(Clone)]
pub struct Snapshot {
    /// None for the moment in which the file is reopened.
    database: Arc<ArcSwapOption<Database>>,
}

impl Snapshot {
    pub fn read(&self) -> Result<Reader> {
        let txn = self
            .database
            .load()
            .as_ref()
            .ok_or(StateError::Reopening)?
            .begin_read()?;
        Reader::new(ReadTables::new(txn))
    }
}

impl State {
    /// Opens or makes the file. `cache_bytes` bounds redb's page cache.
    pub fn open(path: &Path, cache_bytes: usize) -> Result<State> {
        let database = open_database(path, cache_bytes)?;
        let mut state = State {
            path: path.to_owned(),
            cache_bytes,
            snapshot: Snapshot {
                database: Arc::new(ArcSwapOption::from_pointee(database)),
            },
            seq: Seq(0),
        };
        state.load()?;
        Ok(state)
    }

    fn load(&mut self) -> Result<()> {
        let reader = self.snapshot.read()?;
        self.seq = reader.seq();
        Ok(())
    }

    /// After an I/O error redb's handle is of no more use: opens the file anew, at its last
    /// checkpoint. The log has to be applied again from [`State::seq`].
    pub fn reopen(&mut self) -> Result<()> {
        // A file has one handle at a time. Readers hold theirs for microseconds to milliseconds.
        let mut old = self.snapshot.database.swap(None);
        while let Some(handle) = old.take() {
            if let Err(held) = Arc::try_unwrap(handle) {
                std::thread::yield_now();
                old = Some(held);
            }
        }
        let database = open_database(&self.path, self.cache_bytes)?;
        self.snapshot.database.store(Some(Arc::new(database)));
        self.load()
    }

    pub fn snapshot(&self) -> Snapshot {
        self.snapshot.clone()
    }

    /// The last entry applied.
    pub fn seq(&self) -> Seq {
        self.seq
    }

    /// Applies entries that follow [`State::seq`] without a gap, all or none.
    pub fn apply(&mut self, entries: &[(Seq, Draft)]) -> Result<Vec<Applied>> {
        self.write(entries, false)
    }

    /// Makes all that was applied durable; the log up to here may go.
    pub fn checkpoint(&mut self) -> Result<()> {
        self.write(&[], true).map(drop)
    }

    /// A command that meets a damaged record is refused, and the others are done: then the
    /// transaction is begun anew without that command.
    fn write(&mut self, entries: &[(Seq, Draft)], durable: bool) -> Result<Vec<Applied>> {
        let mut broken = BTreeMap::new();
        loop {
            match self.try_write(entries, durable, &broken) {
                Ok(applied) => {
                    if let Some((last, _)) = entries.last() {
                        self.seq = *last;
                    }
                    return Ok(applied);
                }
                Err((Some(seq), error @ StateError::Corrupt { .. })) => {
                    tracing::error!(%error, %seq, "a command met a damaged record and is refused");
                    broken.insert(seq, ());
                }
                Err((_, error)) => return Err(error),
            }
        }
    }

    fn try_write(
        &self,
        entries: &[(Seq, Draft)],
        durable: bool,
        broken: &BTreeMap<Seq, ()>,
    ) -> Result<Vec<Applied>, (Option<Seq>, StateError)> {
        let database = self.snapshot.database.load();
        let database = database.as_ref().ok_or((None, StateError::Reopening))?;
        let mut txn = database.begin_write().map_err(storage)?;
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
            for (seq, draft) in entries {
                if broken.contains_key(seq) {
                    applied.push(Applied::unreadable(*seq));
                    continue;
                }
                // Time never goes back, whatever the clocks of machines do.
                clock = clock.max(u64::try_from(draft.at.0).unwrap_or(0));
                let at = Timestamp(i64::try_from(clock).unwrap_or(i64::MAX));
                let done = apply::apply(&mut tables, *seq, at, draft);
                applied.push(done.map_err(|error| (Some(*seq), error))?);
            }
            if let Some((last, _)) = entries.last() {
                tables.meta.put("seq", &last.0).map_err(storage)?;
                tables.meta.put("at", &clock).map_err(storage)?;
            }
        }
        txn.commit().map_err(storage)?;
        Ok(applied)
    }
}

fn storage(error: impl Into<StateError>) -> (Option<Seq>, StateError) {
    (None, error.into())
}

fn open_database(path: &Path, cache_bytes: usize) -> Result<Database> {
    migrate::prepare(path, cache_bytes)?;
    Ok(Database::builder()
        .set_cache_size(cache_bytes)
        .create(path)?)
}
