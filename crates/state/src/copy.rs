//! A snapshot carried into a file of its own, table by table: what is sent elsewhere is read from
//! there, so that no transaction is open for as long as a transfer takes. The copy is compact.

use crate::file::{Disk, Handle};
use crate::migrate::remove;
use crate::read::Reader;
use crate::store::{FORMAT, Snapshot};
use crate::table::{Held, ReadColumn, Readable, TableKey, WriteColumn};
use crate::tables::{self, Carry, ReadTables, WriteTables};
use crate::{Result, StateError};
use maru_domain::Seq;
use redb::{ReadableDatabase, ReadableTable, ReadableTableMetadata};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// So much of a copy is written before it is forced to the disk: whoever syncs something else
/// meanwhile waits for no more than that.
const PIECE_BYTES: u64 = 2 << 20;
/// The copy's own page cache.
const CACHE_BYTES: usize = 32 << 20;
/// After so many rows others may want a turn.
const ROWS: u64 = 4_096;

/// What a copy holds.
#[derive(Clone, Debug, Default)]
pub struct Copied {
    /// Everything up to here.
    pub seq: Seq,
    pub rows: u64,
    /// Of each table.
    pub tables: BTreeMap<&'static str, u64>,
    /// The contents of files that it names.
    pub contents: Vec<String>,
    /// Rows that were damaged already: they are there as they are. In sentences.
    pub damaged: Vec<String>,
}

/// Carries everything of one position into a new file. `passed` hears how many rows are done, of
/// how many.
///
/// # Errors
/// The disk is full, or `passed` says stop.
pub fn copy(
    snapshot: &Snapshot,
    path: &Path,
    mut passed: impl FnMut(u64, u64) -> io::Result<()>,
) -> Result<Copied> {
    remove(path)?;
    let reader = snapshot.read()?;
    let mut count = Count(0);
    reader.visit(&mut count)?;
    let next = Handle::open(path, CACHE_BYTES, Arc::new(Paced::default()))?;
    let txn = next.database.begin_write()?;
    let mut work = Copying {
        done: Copied {
            seq: reader.seq(),
            ..Copied::default()
        },
        all: count.0,
        passed: &mut passed,
    };
    {
        let mut tables = WriteTables::new(&txn);
        tables.make()?;
        tables.carry(reader.tables(), &mut work)?;
    }
    let mut done = work.done;
    // The snapshot is let go of before the last pages are written.
    drop(reader);
    tables::set_format(&txn, FORMAT)?;
    txn.commit()?;
    done.contents = contents(&ReadTables::new(next.database.begin_read()?))?;
    Ok(done)
}

fn contents(tables: &ReadTables) -> Result<Vec<String>> {
    let rows = tables.contents.rows()?;
    // One that is damaged is told with the other rows.
    let names = rows.filter_map(|row| match row {
        Ok((name, _)) => Some(Ok(name)),
        Err(StateError::Corrupt { .. }) => None,
        Err(error) => Some(Err(error)),
    });
    names.collect()
}

struct Count(u64);

impl tables::Visit for Count {
    fn table<K: TableKey, T: Held + 'static>(
        &mut self,
        column: &impl Readable<K, T>,
    ) -> Result<()> {
        self.0 += column.table()?.len()?;
        Ok(())
    }
}

struct Copying<'a> {
    done: Copied,
    all: u64,
    passed: &'a mut dyn FnMut(u64, u64) -> io::Result<()>,
}

impl Carry for Copying<'_> {
    fn table<K: TableKey, T: Held + 'static>(
        &mut self,
        from: &ReadColumn<K, T>,
        to: &mut WriteColumn<'_, K, T>,
    ) -> Result<()> {
        for row in from.table()?.iter()? {
            let (key, sealed) = row?;
            if let Some(damage) = to.put_sealed(key.value(), sealed.value())? {
                self.done.damaged.push(damage.to_string());
            }
            self.done.rows += 1;
            *self.done.tables.entry(from.name()).or_default() += 1;
            if self.done.rows.is_multiple_of(ROWS) {
                (self.passed)(self.done.rows, self.all)
                    .map_err(|error| StateError::Storage(redb::Error::Io(error)))?;
            }
        }
        Ok(())
    }
}

/// A disk for a file that nobody needs after a power cut: nothing waits for it, and it is written
/// down piece by piece.
#[derive(Debug, Default)]
struct Paced {
    unsynced: AtomicU64,
}

impl Disk for Paced {
    fn write(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        file.write_all_at(bytes, offset)?;
        let before = self
            .unsynced
            .fetch_add(bytes.len() as u64, Ordering::Relaxed);
        if before >= PIECE_BYTES {
            self.unsynced.store(0, Ordering::Relaxed);
            file.sync_data()?;
        }
        Ok(())
    }

    fn sync(&self, _: &File) -> io::Result<()> {
        Ok(())
    }
}

/// Writes the file anew, without what its free pages still hold. Nobody has it open. Whatever
/// happens meanwhile, the file is whole, the old one or the new one.
pub fn compact(path: &Path) -> Result<()> {
    let draft = path.with_extension("redb.next");
    let old = crate::State::open(path, CACHE_BYTES)?;
    let copied = copy(&old.snapshot(), &draft, |_, _| Ok(()))?;
    drop(old);
    for file in [&draft, &crate::file::sums_of(&draft)] {
        let synced = File::open(file).and_then(|file| file.sync_all());
        synced.map_err(crate::file::of_io)?;
    }
    crate::migrate::take_place(&draft, path)?;
    let rows = copied.rows;
    tracing::info!(rows, "the state was written anew, without what was removed");
    Ok(())
}

/// What a file holds that comes from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Arrived {
    pub seq: Seq,
    /// The contents of files that it names.
    pub contents: Vec<String>,
}

/// Makes a file that comes from elsewhere ready to be opened: its sums are made, and sessions end
/// unless they are kept. It may be of an older format, whose sessions end by its keys alone.
pub fn settle(path: &Path, keep_sessions: bool) -> Result<Arrived> {
    let handle = Handle::open(path, CACHE_BYTES, Arc::new(Paced::default()))?;
    let found = tables::format(&handle.database.begin_read()?)?;
    match found {
        Some(found) if found > FORMAT => {
            return Err(StateError::Future {
                found,
                known: FORMAT,
            });
        }
        Some(FORMAT) => {}
        _ => return Ok(Arrived::default()),
    }
    let txn = handle.database.begin_write()?;
    {
        let mut tables = WriteTables::new(&txn);
        // A table that a later version added is made.
        tables.make()?;
        if !keep_sessions {
            clear(&mut tables.sessions)?;
            clear(&mut tables.user_sessions)?;
            clear(&mut tables.session_ends)?;
        }
    }
    txn.commit()?;
    let handle = Arc::new(handle);
    let read = ReadTables::new(handle.database.begin_read()?);
    let contents = contents(&read)?;
    let seq = Reader::new(read, Arc::clone(&handle))?.seq();
    Ok(Arrived { seq, contents })
}

fn clear<K: TableKey, T: Held + 'static>(column: &mut WriteColumn<'_, K, T>) -> Result<()> {
    column.retain_none()
}
