//! Keys of a command that somebody waits for: which of them it fills.

use super::index::Row;
use super::table::WRITE;
use super::world::World;
use maru_cache::{DATABASES, Embedded, Txn, ValueType};
use smallvec::SmallVec;

/// A key, and what it holds.
type Held<'k> = (u8, &'k [u8], Option<ValueType>);

/// What keys hold before the command is run.
pub struct Awaited<'k>(SmallVec<[Held<'k>; 2]>);

impl<'k> Awaited<'k> {
    /// Finds them before a command is run; within a transaction, where there is one.
    pub fn find(
        world: &World,
        cache: &Embedded,
        mut within: Option<&mut Txn<'_>>,
        db: u8,
        row: &Row,
        args: &[&'k [u8]],
    ) -> Awaited<'k> {
        let mut awaited = SmallVec::new();
        if world.waits.is_empty() || !row.command.has(WRITE) {
            return Awaited(awaited);
        }
        for &at in &row.command.keys.positions(args) {
            let (key, name) = (args[at], row.command.name);
            let dbs = match name {
                // The key turns up in another database.
                "move" | "copy" => 0..DATABASES,
                _ => db..db + 1,
            };
            for key_db in dbs.filter(|key_db| world.waits.is_awaited(*key_db, key)) {
                // A copy leaves what it is made from as it is.
                if name == "copy" && at == 1 && key_db == db {
                    continue;
                }
                let held = kind(cache, within.as_deref_mut(), key_db, key);
                awaited.push((key_db, key, held));
            }
        }
        Awaited(awaited)
    }

    /// Whoever waits for what the command has filled is looked at when it and its transaction have
    /// ended.
    pub fn tell(
        self,
        world: &mut World,
        cache: &Embedded,
        mut within: Option<&mut Txn<'_>>,
        row: &Row,
        args: &[&[u8]],
    ) {
        // A new name that is the old one.
        if row.command.name == "rename" && args[1] == args[2] {
            return;
        }
        for (db, key, before) in self.0 {
            let after = kind(cache, within.as_deref_mut(), db, key);
            if is_filled(row, before, after) {
                world.waits.filled(db, key, [before, after]);
            }
        }
    }
}

/// What a key holds.
fn kind(cache: &Embedded, within: Option<&mut Txn<'_>>, db: u8, key: &[u8]) -> Option<ValueType> {
    match within {
        None => cache.db(db).on(key, |txn| txn.kind(key)).unwrap_or(None),
        Some(txn) => {
            let selected = txn.db();
            txn.select(db);
            let kind = txn.kind(key);
            txn.select(selected);
            kind
        }
    }
}

/// Whether there is something where nothing was, or more of a stream, or a stream is no more. What
/// takes another's place in one step fills nothing, as in Redis.
fn is_filled(row: &Row, before: Option<ValueType>, after: Option<ValueType>) -> bool {
    let replaces = matches!(row.command.name, "rename" | "restore" | "copy" | "move");
    match (before, after) {
        (None, Some(_)) => true,
        (Some(ValueType::Stream), Some(ValueType::Stream)) => {
            replaces || row.command.name == "xadd" || row.full_name == "xgroup|destroy"
        }
        (Some(ValueType::Stream), _) => true,
        (_, after) => replaces && after.is_some(),
    }
}
