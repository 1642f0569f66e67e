//! One table of a snapshot or of a transaction, opened when it is first used.

use super::{Held, TableKey, corrupt, seal, verify};
use crate::caught::caught;
use crate::{Result, StateError};
use redb::{
    ReadOnlyTable, ReadTransaction, ReadableTable, ReadableTableMetadata, Table, TableDefinition,
    Value, WriteTransaction,
};
use std::cell::OnceCell;
use std::ops::{Bound, RangeBounds};
use std::sync::{Arc, OnceLock};

type Definition<K, T> = TableDefinition<'static, K, <T as Held>::Raw>;

/// Walks pages of a table. redb panics over some that are not as it wrote them; that and what it
/// finds by itself is an error of this walk alone.
fn walk<T, E: Into<redb::Error>>(
    table: &'static str,
    work: impl FnOnce() -> std::result::Result<T, E>,
) -> Result<T> {
    match caught(work) {
        Some(Ok(found)) => Ok(found),
        Some(Err(error)) => Err(match error.into() {
            redb::Error::Corrupted(_) => StateError::Page { table },
            error => StateError::Storage(error),
        }),
        None => Err(StateError::Page { table }),
    }
}

/// Verified rows, by key or by range of keys; the same on a snapshot and inside a write.
pub trait Readable<K: TableKey, T: Held + 'static> {
    fn name(&self) -> &'static str;

    fn table(&self) -> Result<&impl ReadableTable<K, T::Raw>>;

    fn get<'k>(&self, key: K::SelfType<'k>) -> Result<Option<T>> {
        let table = self.table()?;
        match walk(self.name(), || table.get(&key))? {
            None => Ok(None),
            Some(sealed) => unseal::<K, T>(self.name(), &key, sealed.value()).map(Some),
        }
    }

    fn has<'k>(&self, key: K::SelfType<'k>) -> Result<bool> {
        Ok(self.get(key)?.is_some())
    }

    fn range<'a>(
        &'a self,
        range: impl RangeBounds<K::SelfType<'a>> + 'a,
    ) -> Result<Rows<'a, K, T>> {
        let table = self.table()?;
        let rows = walk(self.name(), || table.range::<K::SelfType<'a>>(range))?;
        Ok(Rows::new(self.name(), rows))
    }

    fn rows(&self) -> Result<Rows<'_, K, T>> {
        let table = self.table()?;
        let rows = walk(self.name(), || table.iter())?;
        Ok(Rows::new(self.name(), rows))
    }

    fn len(&self) -> Result<u64> {
        let table = self.table()?;
        walk(self.name(), || table.len())
    }

    fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }
}

fn unseal<K: TableKey, T: Held + 'static>(
    name: &'static str,
    key: &K::SelfType<'_>,
    sealed: <T::Raw as Value>::SelfType<'_>,
) -> Result<T> {
    let sealed = <T::Raw as Value>::as_bytes(&sealed);
    verify(name, K::as_bytes(key).as_ref(), sealed.as_ref())
        .and_then(T::read)
        .ok_or_else(|| corrupt::<K>(name, key))
}

/// Rows in the order of their keys, from either end. A row that is damaged is an error; what comes
/// after it can still be read. Behind a page that cannot be read there is nothing more.
pub struct Rows<'a, K: TableKey, T: Held + 'static> {
    rows: redb::Range<'a, K, T::Raw>,
    name: &'static str,
    is_over: bool,
}

type Row<'a, K, T> = std::result::Result<
    (
        redb::AccessGuard<'a, K>,
        redb::AccessGuard<'a, <T as Held>::Raw>,
    ),
    redb::StorageError,
>;

impl<'a, K: TableKey, T: Held + 'static> Rows<'a, K, T> {
    fn new(name: &'static str, rows: redb::Range<'a, K, T::Raw>) -> Self {
        Rows {
            rows,
            name,
            is_over: false,
        }
    }

    fn step(
        &mut self,
        next: impl FnOnce(&mut redb::Range<'a, K, T::Raw>) -> Option<Row<'a, K, T>>,
    ) -> Option<Result<(K::Owned, T)>> {
        if self.is_over {
            return None;
        }
        match walk(self.name, || next(&mut self.rows).transpose()) {
            Ok(Some((key, sealed))) => {
                let value = unseal::<K, T>(self.name, &key.value(), sealed.value());
                Some(value.map(|value| (K::own(key.value()), value)))
            }
            Ok(None) => None,
            Err(error) => {
                self.is_over = true;
                Some(Err(error))
            }
        }
    }
}

impl<K: TableKey, T: Held + 'static> Iterator for Rows<'_, K, T> {
    type Item = Result<(K::Owned, T)>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step(Iterator::next)
    }
}

impl<K: TableKey, T: Held + 'static> DoubleEndedIterator for Rows<'_, K, T> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.step(DoubleEndedIterator::next_back)
    }
}

/// A table of a snapshot.
pub struct ReadColumn<K: TableKey, T: Held + 'static> {
    txn: Arc<ReadTransaction>,
    definition: Definition<K, T>,
    name: &'static str,
    opened: OnceLock<ReadOnlyTable<K, T::Raw>>,
}

impl<K: TableKey, T: Held + 'static> ReadColumn<K, T> {
    pub fn new(
        txn: &Arc<ReadTransaction>,
        definition: Definition<K, T>,
        name: &'static str,
    ) -> Self {
        ReadColumn {
            txn: Arc::clone(txn),
            definition,
            name,
            opened: OnceLock::new(),
        }
    }
}

impl<K: TableKey, T: Held + 'static> Readable<K, T> for ReadColumn<K, T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn table(&self) -> Result<&impl ReadableTable<K, T::Raw>> {
        if let Some(table) = self.opened.get() {
            return Ok(table);
        }
        let table = walk(self.name, || self.txn.open_table(self.definition))?;
        Ok(self.opened.get_or_init(|| table))
    }
}

/// A table of a write transaction.
pub struct WriteColumn<'txn, K: TableKey, T: Held + 'static> {
    txn: &'txn WriteTransaction,
    definition: Definition<K, T>,
    name: &'static str,
    opened: OnceCell<Table<'txn, K, T::Raw>>,
}

impl<'txn, K: TableKey, T: Held + 'static> WriteColumn<'txn, K, T> {
    pub fn new(
        txn: &'txn WriteTransaction,
        definition: Definition<K, T>,
        name: &'static str,
    ) -> Self {
        WriteColumn {
            txn,
            definition,
            name,
            opened: OnceCell::new(),
        }
    }

    fn open(&self) -> Result<&Table<'txn, K, T::Raw>> {
        if let Some(table) = self.opened.get() {
            return Ok(table);
        }
        let table = walk(self.name, || self.txn.open_table(self.definition))?;
        Ok(self.opened.get_or_init(|| table))
    }

    /// Makes the table if it is not there yet.
    pub fn make(&mut self) -> Result<()> {
        self.open().map(drop)
    }

    fn open_mut(&mut self) -> Result<&mut Table<'txn, K, T::Raw>> {
        self.open()?;
        self.opened.get_mut().ok_or(StateError::Reopening)
    }

    pub fn put<'k>(&mut self, key: K::SelfType<'k>, value: &T) -> Result<()> {
        let mut bytes = Vec::with_capacity(64);
        value.write(&mut bytes);
        seal(self.name, K::as_bytes(&key).as_ref(), &mut bytes);
        let raw = <T::Raw as Value>::from_bytes(&bytes);
        let (name, table) = (self.name, self.open_mut()?);
        walk(name, || table.insert(&key, &raw).map(drop))
    }

    /// Adds all rows of a snapshot's table to this one, which is empty, as they are; while `go_on`.
    /// Rows in their order fill the pages. How many there were.
    pub fn fill(&mut self, from: &ReadColumn<K, T>, go_on: impl Fn() -> bool) -> Result<u64> {
        let (name, source) = (self.name, from.table()?);
        let table = self.open_mut()?;
        walk(name, || {
            let mut end = table.upper_bound_mut(Bound::<K::SelfType<'_>>::Unbounded)?;
            let mut count = 0;
            for row in source.iter()? {
                let (key, sealed) = row?;
                end.insert_before(key.value(), sealed.value())?;
                count += 1;
                if count % 1_024 == 0 && !go_on() {
                    break;
                }
            }
            end.close()?;
            Ok::<u64, redb::Error>(count)
        })
    }

    /// A row as another file has it, with its checksum. Gives the damage back that it brings along.
    pub fn put_sealed<'k>(
        &mut self,
        key: K::SelfType<'k>,
        sealed: <T::Raw as Value>::SelfType<'_>,
    ) -> Result<Option<crate::StateError>> {
        let damage = {
            let bytes = <T::Raw as Value>::as_bytes(&sealed);
            match verify(self.name, K::as_bytes(&key).as_ref(), bytes.as_ref()) {
                Some(_) => None,
                None => Some(corrupt::<K>(self.name, &key)),
            }
        };
        self.open_mut()?.insert(&key, &sealed)?;
        Ok(damage)
    }

    /// Removes every row.
    pub fn retain_none(&mut self) -> Result<()> {
        self.open_mut()?.retain(|_, _| false)?;
        Ok(())
    }

    /// Whether it was there. What is damaged can be removed, too.
    pub fn remove<'k>(&mut self, key: K::SelfType<'k>) -> Result<bool> {
        let (name, table) = (self.name, self.open_mut()?);
        walk(name, || table.remove(&key).map(|old| old.is_some()))
    }
}

impl<K: TableKey, T: Held + 'static> Readable<K, T> for WriteColumn<'_, K, T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn table(&self) -> Result<&impl ReadableTable<K, T::Raw>> {
        self.open()
    }
}
