//! A state's file looked at without changing it, and what can be read of it carried into a new one.

use crate::file::{Disk, Handle, RealDisk, of_io, quietly, sums_of};
use crate::migrate::{remove, take_place};
use crate::read::Reader;
use crate::records::Tail;
use crate::store::FORMAT;
use crate::table::{Held, ReadColumn, Readable, TableKey, WriteColumn};
use crate::tables::{self, Carry, ReadTables, Visit, WriteTables};
use crate::{Result, StateError};
use maru_domain::{MessageId, Seq};
use redb::{ReadableDatabase, ReadableTable};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What was found.
#[derive(Debug, Default)]
pub struct Examination {
    /// Where the file stands; nothing of an older format.
    pub seq: Option<Seq>,
    pub rows: u64,
    /// What is wrong, in sentences that name file, place or table and key.
    pub findings: Vec<String>,
    /// What was seen that is not wrong.
    pub notes: Vec<String>,
}

/// Looks at every block, at redb's own checksums and at every row. Nothing on the disk changes.
///
/// # Errors
/// The file cannot be opened at all.
pub fn examine(path: &Path, cache_bytes: usize) -> Result<Examination> {
    let mut found = Examination::default();
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    let Handle {
        mut database,
        pages,
    } = Handle::held(path, cache_bytes, disk)?;
    pages.read_all().map_err(of_io)?;
    let file = path.display();
    let verified = quietly(path, || Ok(database.check_integrity()?));
    match verified {
        Ok(true) => {}
        Ok(false) => found
            .findings
            .push(format!("{file}: its pages do not fit together")),
        Err(error) => found.findings.push(format!("{file}: {error}")),
    }
    let faults = pages.faults();
    if faults.sums > 0 {
        let count = faults.sums;
        let text =
            format!("{file}.sums: {count} checksums are damaged, as a power cut may leave them");
        found.notes.push(text);
    }
    if faults.sums_of_another {
        let text = format!(
            "{file}.sums: not of this state.redb, whose first block was changed by something else; \
             redb's own checksums were verified, and the next start makes it anew"
        );
        found.notes.push(text);
    }
    for at in faults.corrected {
        let text = format!(
            "{file}: one bit in the block at byte {at} is wrong; it is put right when it is read"
        );
        found.findings.push(text);
    }
    if !faults.damaged.is_empty() && !found.findings.is_empty() {
        for at in faults.damaged {
            let text = format!("{file}: the block at byte {at} is damaged");
            found.findings.push(text);
        }
    }
    let handle = Arc::new(Handle { database, pages });
    let txn = handle.database.begin_read()?;
    if tables::format(&txn)? != Some(FORMAT) {
        let text = format!("{file}: of an older format, which the next start brings up to date");
        found.notes.push(text);
        return Ok(found);
    }
    let reader = Reader::new(ReadTables::new(txn), Arc::clone(&handle))?;
    found.seq = Some(reader.seq());
    reader.visit(&mut found)?;
    Ok(found)
}

/// Every row of every table of a state that is open.
///
/// # Errors
/// A table cannot be read at all.
pub fn rows(reader: &Reader) -> Result<Examination> {
    let mut found = Examination {
        seq: Some(reader.seq()),
        ..Examination::default()
    };
    reader.visit(&mut found)?;
    Ok(found)
}

impl Visit for Examination {
    fn table<K: TableKey, T: Held + 'static>(
        &mut self,
        column: &impl Readable<K, T>,
    ) -> Result<()> {
        let name = column.name();
        let walked = quietly(Path::new(name), || {
            for row in column.rows()? {
                match row {
                    Ok(_) => self.rows += 1,
                    Err(error @ StateError::Corrupt { .. }) => {
                        self.findings.push(error.to_string());
                    }
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        });
        if let Err(error) = walked {
            let text = format!("state.redb: the table {name} cannot be read to its end: {error}");
            self.findings.push(text);
        }
        Ok(())
    }
}

/// Makes a file of all rows that can be read, and puts it in the place of this one, which stays as
/// `state.redb.damaged`. Returns what is not in it, in sentences.
pub fn repair(path: &Path, cache_bytes: usize) -> Result<Vec<String>> {
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    let old = Handle::held(path, cache_bytes, Arc::clone(&disk))?;
    let read = old.database.begin_read()?;
    if tables::format(&read)? != Some(FORMAT) {
        return Ok(Vec::new());
    }
    let draft = path.with_extension("redb.next");
    remove(&draft)?;
    let next = Handle::open(&draft, cache_bytes, disk)?;
    let mut salvage = Salvage::default();
    let txn = next.database.begin_write()?;
    {
        let mut tables = WriteTables::new(&txn);
        tables.make()?;
        tables.carry(&ReadTables::new(read), &mut salvage)?;
        mend_tails(&mut tables)?;
    }
    tables::set_format(&txn, FORMAT)?;
    txn.commit()?;
    drop((old, next));
    let aside = path.with_extension("redb.damaged");
    remove(&aside)?;
    std::fs::rename(path, &aside).map_err(of_io)?;
    let sums: [PathBuf; 2] = [sums_of(path), sums_of(&aside)];
    if sums[0].exists() {
        std::fs::rename(&sums[0], &sums[1]).map_err(of_io)?;
    }
    take_place(&draft, path)?;
    Ok(salvage.lost)
}

/// A room whose newest message is lost ends with the newest that is there.
fn mend_tails(tables: &mut WriteTables<'_>) -> Result<()> {
    let tails: Vec<(u64, Tail)> = tables.tails.rows()?.collect::<Result<_>>()?;
    for (room, mut tail) in tails {
        let key = (room, tail.at, tail.message.0);
        if tail.message.0 == 0 || tables.messages.has(key)? {
            continue;
        }
        (tail.at, tail.message) = (0, MessageId(0));
        let all = (room, i64::MIN, 0)..=(room, i64::MAX, u64::MAX);
        for row in tables.messages.range(all)?.rev() {
            let ((_, at, id), record) = row?;
            if !record.deleted && !record.is_folded() {
                (tail.at, tail.message) = (at, MessageId(id));
                break;
            }
        }
        tables.tails.put(room, &tail)?;
    }
    Ok(())
}

#[derive(Default)]
struct Salvage {
    lost: Vec<String>,
}

impl Carry for Salvage {
    fn table<K: TableKey, T: Held + 'static>(
        &mut self,
        from: &ReadColumn<K, T>,
        to: &mut WriteColumn<'_, K, T>,
    ) -> Result<()> {
        let name = from.name();
        let carried = quietly(Path::new(name), || {
            for row in from.table()?.iter()? {
                let (key, _) = row?;
                match from.get(key.value()) {
                    Ok(Some(value)) => to.put(key.value(), &value)?,
                    Ok(None) => {}
                    Err(error @ StateError::Corrupt { .. }) => self.lost.push(error.to_string()),
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        });
        if let Err(error) = carried {
            let text = format!("state.redb: the rest of the table {name} is lost: {error}");
            self.lost.push(text);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::MessageRecord;

    #[test]
    fn a_room_whose_newest_message_is_lost_ends_with_the_one_before() {
        let dir = tempfile::tempdir().expect("a directory");
        let disk: Arc<dyn Disk> = Arc::new(RealDisk);
        let file = Handle::open(&dir.path().join("state.redb"), 1 << 20, disk).expect("made");
        let txn = file.database.begin_write().expect("begins");
        let mut tables = WriteTables::new(&txn);
        tables.make().expect("made");
        let tail = |at, message| Tail {
            ordinal: 9,
            at,
            message: MessageId(message),
        };
        let message = |deleted, reply_to: Option<u64>| MessageRecord {
            deleted,
            reply_to: reply_to.map(MessageId),
            ..MessageRecord::default()
        };
        for (at, record) in [
            (3, message(false, None)),
            (4, message(false, Some(30))),
            (5, message(true, None)),
        ] {
            let key = (1, at, at as u64 * 10);
            tables.messages.put(key, &record).expect("put");
        }
        let cases = [
            // Its newest is gone: neither a reply nor a deleted one stands for it.
            (1, tail(6, 60), tail(3, 30)),
            // All of it is gone.
            (2, tail(7, 70), tail(0, 0)),
            (3, tail(0, 0), tail(0, 0)),
        ];
        for (room, before, _) in &cases {
            tables.tails.put(*room, before).expect("put");
        }
        mend_tails(&mut tables).expect("mended");
        for (room, _, after) in &cases {
            let found = tables.tails.get(*room).expect("read");
            assert_eq!(found.as_ref(), Some(after), "room {room}");
        }
    }
}
