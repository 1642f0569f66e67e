//! A file that is new or of an older format, made ready beside the data directory's own and then put
//! in its place: whatever happens meanwhile, `state.redb` is whole, the old one or the new one.

mod messages;
mod old;
mod people;

use crate::store::FORMAT;
use crate::table::Readable;
use crate::tables::{self, ReadTables, WriteTables};
use crate::{Result, StateError};
use redb::{Database, ReadableDatabase};
use std::io;
use std::path::Path;

/// Makes sure that a file of the present format is there.
pub fn prepare(path: &Path, cache_bytes: usize) -> Result<()> {
    let draft = path.with_extension("redb.next");
    if draft.exists() {
        std::fs::remove_file(&draft).map_err(of_io)?;
    }
    if !path.exists() {
        let next = Database::builder()
            .set_cache_size(cache_bytes)
            .create(&draft)?;
        make(&next, |_| Ok(()))?;
        drop(next);
        return take_place(&draft, path);
    }
    let database = Database::builder()
        .set_cache_size(cache_bytes)
        .create(path)?;
    let found = tables::format(&database.begin_read()?)?;
    match found {
        Some(found) if found == FORMAT => Ok(()),
        Some(found) if found > FORMAT => Err(StateError::Future {
            found,
            known: FORMAT,
        }),
        _ => {
            tracing::info!(
                from = found.unwrap_or(0),
                to = FORMAT,
                "the state is brought to this version's format; the old file stays until that is done"
            );
            let next = Database::builder()
                .set_cache_size(cache_bytes)
                .create(&draft)?;
            let old = database.begin_read()?;
            make(&next, |tables| {
                people::carry(&old, tables)?;
                messages::carry(&old, tables)
            })?;
            let messages = ReadTables::new(next.begin_read()?).messages.len()?;
            drop((old, next, database));
            take_place(&draft, path)?;
            tracing::info!(messages, "the state has this version's format");
            Ok(())
        }
    }
}

fn make(next: &Database, fill: impl FnOnce(&mut WriteTables<'_>) -> Result<()>) -> Result<()> {
    let txn = next.begin_write()?;
    {
        let mut tables = WriteTables::new(&txn);
        tables.make()?;
        fill(&mut tables)?;
    }
    tables::set_format(&txn, FORMAT)?;
    txn.commit()?;
    Ok(())
}

fn take_place(draft: &Path, path: &Path) -> Result<()> {
    std::fs::rename(draft, path).map_err(of_io)?;
    if let Some(dir) = path.parent() {
        let dir = std::fs::File::open(dir).map_err(of_io)?;
        dir.sync_all().map_err(of_io)?;
    }
    Ok(())
}

fn of_io(error: io::Error) -> StateError {
    StateError::Storage(redb::Error::Io(error))
}
