//! A file that is new or of an older format, made ready beside the data directory's own and then put
//! in its place: whatever happens meanwhile, `state.redb` is whole, the old one or the new one.

mod messages;
mod old;
mod people;

use crate::file::{Disk, Handle, of_io, sums_of};
use crate::store::FORMAT;
use crate::table::Readable;
use crate::tables::{self, ReadTables, WriteTables};
use crate::{Result, StateError};
use redb::{Database, ReadableDatabase};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Opens a file of the present format; makes one where there is none.
pub fn prepare(path: &Path, cache_bytes: usize, disk: &Arc<dyn Disk>) -> Result<Handle> {
    let open = |path: &Path| Handle::open(path, cache_bytes, Arc::clone(disk));
    let draft = path.with_extension("redb.next");
    remove(&draft)?;
    if !path.exists() {
        let next = open(&draft)?;
        make(&next.database, |_| Ok(()))?;
        drop(next);
        take_place(&draft, path)?;
        return open(path);
    }
    let old = open(path)?;
    let found = tables::format(&old.database.begin_read()?)?;
    match found {
        Some(found) if found == FORMAT => {
            make_missing(&old.database)?;
            Ok(old)
        }
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
            let next = open(&draft)?;
            let txn = old.database.begin_read()?;
            make(&next.database, |tables| {
                people::carry(&txn, tables)?;
                messages::carry(&txn, tables)
            })?;
            let read = next.database.begin_read()?;
            let messages = ReadTables::new(read).messages.len()?;
            drop((txn, next, old));
            take_place(&draft, path)?;
            tracing::info!(messages, "the state has this version's format");
            open(path)
        }
    }
}

/// Tables that came in since the file was made; files of the same format differ in nothing else.
fn make_missing(database: &Database) -> Result<()> {
    let there: Vec<String> = database
        .begin_read()?
        .list_tables()?
        .map(|table| redb::TableHandle::name(&table).to_owned())
        .collect();
    if tables::NAMES
        .iter()
        .all(|name| there.iter().any(|table| table == name))
    {
        return Ok(());
    }
    let txn = database.begin_write()?;
    WriteTables::new(&txn).make()?;
    txn.commit()?;
    Ok(())
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

pub(crate) fn take_place(draft: &Path, path: &Path) -> Result<()> {
    std::fs::rename(draft, path).map_err(of_io)?;
    std::fs::rename(sums_of(draft), sums_of(path)).map_err(of_io)?;
    if let Some(dir) = path.parent() {
        let dir = std::fs::File::open(dir).map_err(of_io)?;
        dir.sync_all().map_err(of_io)?;
    }
    Ok(())
}

/// A file and its sums.
pub(crate) fn remove(path: &Path) -> Result<()> {
    for path in [path, &sums_of(path)] {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(of_io(error)),
            _ => {}
        }
    }
    Ok(())
}
