//! The file: opening, applying batches, checkpoints, snapshots for readers.

use super::apply::{self, Applied};
use super::nonces::Nonces;
use super::read::Reader;
use super::records::{UserRecord, decode};
use super::tables::{self, ReadTables, WriteTables};
use super::{Result, StateError};
use arc_swap::ArcSwapOption;
use maru_domain::{Draft, Seq};
use redb::{Database, Durability, ReadableDatabase, ReadableTable};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Version of the tables and records.
pub const FORMAT: u64 = 2;

/// The writing side; one thread owns it.
pub struct State {
    path: PathBuf,
    cache_bytes: usize,
    snapshot: Snapshot,
    nonces: Nonces,
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
        let tables = ReadTables::open(&txn)?;
        Reader::new(tables)
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
            nonces: Nonces::default(),
            seq: Seq(0),
        };
        state.load()?;
        Ok(state)
    }

    fn load(&mut self) -> Result<()> {
        let reader = self.snapshot.read()?;
        self.seq = reader.seq();
        self.nonces = Nonces::load(reader.tables())?;
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

    fn write(&mut self, entries: &[(Seq, Draft)], durable: bool) -> Result<Vec<Applied>> {
        let database = self.snapshot.database.load();
        let database = database.as_ref().ok_or(StateError::Reopening)?;
        let mut txn = database.begin_write()?;
        txn.set_durability(if durable {
            Durability::Immediate
        } else {
            Durability::None
        })?;
        // Restart after a crash then takes milliseconds, not seconds for each gigabyte.
        txn.set_quick_repair(durable);
        let mut applied = Vec::with_capacity(entries.len());
        {
            let mut tables = WriteTables::open(&txn)?;
            for (seq, draft) in entries {
                applied.push(apply::apply(&mut tables, &mut self.nonces, *seq, draft)?);
            }
            if let Some((last, _)) = entries.last() {
                tables.meta.insert("seq", last.0)?;
            }
            self.nonces.save(&mut tables)?;
            if durable {
                self.nonces.sweep(&mut tables)?;
            }
        }
        txn.commit()?;
        if let Some((last, _)) = entries.last() {
            self.seq = *last;
        }
        Ok(applied)
    }

    pub fn nonces(&self) -> &Nonces {
        &self.nonces
    }
}

fn open_database(path: &Path, cache_bytes: usize) -> Result<Database> {
    let database = Database::builder()
        .set_cache_size(cache_bytes)
        .create(path)?;
    create_tables(&database)?;
    Ok(database)
}

/// Makes the tables of a new file, and brings those of an older one up to date.
fn create_tables(database: &Database) -> Result<()> {
    let known = tables::format(&database.begin_read()?)?;
    if known == Some(FORMAT) {
        return Ok(());
    }
    if let Some(found) = known.filter(|found| *found > FORMAT) {
        return Err(StateError::Future {
            found,
            known: FORMAT,
        });
    }
    let txn = database.begin_write()?;
    {
        let mut tables = WriteTables::open(&txn)?;
        if known.is_some() {
            name_people(&mut tables)?;
        }
        tables.meta.insert("format", FORMAT)?;
    }
    txn.commit()?;
    Ok(())
}

/// Format 1 had no table of display names.
fn name_people(tables: &mut WriteTables<'_>) -> Result<()> {
    let mut names = Vec::new();
    for row in tables.users.iter()? {
        let (id, bytes) = row?;
        let user: UserRecord = decode(bytes.value())?;
        names.extend(user.other_name().map(|name| (name, id.value())));
    }
    for (name, id) in names {
        tables.display_names.insert((name.as_str(), id), ())?;
    }
    Ok(())
}
