//! A database over a file whose disk fails.

use super::{Backend, Disk, Pages, RealDisk};
use redb::{Database, Durability, ReadableDatabase, ReadableTable, TableDefinition};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const TABLE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("t");

/// Fails from the nth change on.
#[derive(Debug)]
struct Failing {
    left: AtomicU64,
}

impl Failing {
    fn after(changes: u64) -> Arc<Failing> {
        Arc::new(Failing {
            left: AtomicU64::new(changes),
        })
    }

    fn next(&self) -> io::Result<()> {
        let left = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        left.map(drop)
            .map_err(|_| io::ErrorKind::StorageFull.into())
    }
}

impl Disk for Failing {
    fn write(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.next().inspect_err(|_| {
            // A part of it.
            let _ = RealDisk.write(file, &bytes[..bytes.len() / 2], offset);
        })?;
        RealDisk.write(file, bytes, offset)
    }

    fn set_len(&self, file: &File, len: u64) -> io::Result<()> {
        self.next()?;
        RealDisk.set_len(file, len)
    }

    fn sync(&self, _: &File) -> io::Result<()> {
        self.next()
    }
}

fn database((backend, pages): (Backend, Pages)) -> (Database, Pages) {
    let database = Database::builder()
        .set_cache_size(64 << 10)
        .set_check_integrity_on_open(!pages.is_known())
        .create_with_backend(backend);
    let database = database.expect("opens");
    if !pages.is_known() && !pages.is_held() {
        pages.adopt().expect("is read");
    }
    (database, pages)
}

fn put(database: &Database, keys: std::ops::Range<u64>, durable: bool) {
    let mut txn = database.begin_write().expect("begins");
    let durability = if durable {
        Durability::Immediate
    } else {
        Durability::None
    };
    txn.set_durability(durability).expect("is set");
    txn.set_quick_repair(durable);
    {
        let mut table = txn.open_table(TABLE).expect("opens");
        for key in keys {
            table.insert(key, &[key as u8; 300][..]).expect("is put");
        }
    }
    txn.commit().expect("commits");
}

/// How many keys there are, which must be the first ones.
fn count(database: &Database) -> u64 {
    let txn = database.begin_read().expect("begins");
    let Ok(table) = txn.open_table(TABLE) else {
        return 0;
    };
    let mut next = 0;
    for row in table.iter().expect("reads") {
        let (key, value) = row.expect("reads");
        assert_eq!((key.value(), value.value()), (next, &[next as u8; 300][..]));
        next += 1;
    }
    next
}

/// The file and its sums in a directory of their own.
struct Copy {
    _dir: tempfile::TempDir,
    path: std::path::PathBuf,
}

impl Copy {
    fn path(&self) -> &Path {
        &self.path
    }
}

fn copy(path: &Path) -> Copy {
    let dir = tempfile::tempdir().expect("a directory");
    let copy = dir.path().join("db");
    std::fs::copy(path, &copy).expect("copied");
    std::fs::copy(super::sums_of(path), super::sums_of(&copy)).expect("copied");
    Copy {
        _dir: dir,
        path: copy,
    }
}

/// At whatever call the disk fails: the handle goes on with everything in memory, what is on the
/// disk is what a crash leaves, and another handle brings it all down.
#[test]
fn the_nth_change_fails_and_nothing_that_was_committed_is_missed() {
    let mut failed = 0;
    for nth in 0..60 {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("db");
        let (first, _) = database(Backend::open(&path, Arc::new(RealDisk)).expect("opens"));
        put(&first, 0..100, true);
        drop(first);

        let disk = Failing::after(nth * 7);
        let Ok(opened) = Backend::open(&path, disk.clone()) else {
            continue;
        };
        let (sick, pages) = database(opened);
        put(&sick, 100..150, false);
        put(&sick, 150..400, true);
        let durable = if pages.failure().is_none() { 400 } else { 100 };
        put(&sick, 400..900, false);
        assert_eq!(count(&sick), 900, "change {nth}");
        failed += u32::from(pages.is_held());

        // Meanwhile: nobody sees it, and it has to be told again what came after its commit.
        let (fresh, fresh_pages) =
            database(Backend::held(&path, Arc::new(RealDisk)).expect("opens"));
        let there = count(&fresh);
        assert!(there >= durable, "change {nth}: {there}");
        put(&fresh, there..900, false);
        assert_eq!(count(&sick), 900, "the other one is read meanwhile");
        pages.close();
        let killed = copy(&path);
        fresh_pages.settle().expect("is written");
        assert!(!fresh_pages.is_held());
        put(&fresh, 900..1000, true);
        assert_eq!(count(&fresh), 1000);
        drop(sick);

        let (after_kill, _) =
            database(Backend::open(killed.path(), Arc::new(RealDisk)).expect("opens"));
        assert!(count(&after_kill) >= durable);
        let (whole, _) =
            database(Backend::open(copy(&path).path(), Arc::new(RealDisk)).expect("opens"));
        assert_eq!(count(&whole), 1000);
        drop(fresh);
    }
    assert!(failed > 20, "{failed}");
}

/// A handle that settles in vain still has everything, and the file is as it was.
#[test]
fn settling_fails_at_every_call_and_succeeds_at_last() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("db");
    let (first, _) = database(Backend::open(&path, Arc::new(RealDisk)).expect("opens"));
    put(&first, 0..100, true);
    drop(first);
    for nth in 0.. {
        let path = copy(&path);
        let disk = Failing::after(nth);
        let (fresh, pages) = database(Backend::held(path.path(), disk.clone()).expect("opens"));
        put(&fresh, 100..300, false);
        let settled = pages.settle();
        if settled.is_ok() {
            assert!(nth > 5, "{nth}");
            break;
        }
        assert!(pages.failure().is_some() && pages.is_held());
        assert_eq!(count(&fresh), 300);
        let (after_kill, _) =
            database(Backend::open(copy(path.path()).path(), Arc::new(RealDisk)).expect("opens"));
        assert_eq!(count(&after_kill), 100, "call {nth}");
        disk.left.store(u64::MAX, Ordering::SeqCst);
        pages.settle().expect("is written");
        put(&fresh, 300..310, true);
        drop(fresh);
        let (whole, _) = database(Backend::open(path.path(), Arc::new(RealDisk)).expect("opens"));
        assert_eq!(count(&whole), 310);
    }
}

/// Whatever bit of the file flips: the first block is redb's own to protect, all others are put
/// right when they are read.
#[test]
fn a_flipped_bit_is_put_right_and_named() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("db");
    let (first, pages) = database(Backend::open(&path, Arc::new(RealDisk)).expect("opens"));
    put(&first, 0..2_000, true);
    drop(first);
    assert_eq!(pages.faults().corrected.len(), 0);
    let bytes = std::fs::read(&path).expect("read");
    let mut named = 0;
    for at in (4096..bytes.len()).step_by(4096 * 5 + 77) {
        let copy = copy(&path);
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        std::fs::write(copy.path(), &flipped).expect("written");
        let (found, pages) =
            database(Backend::open(copy.path(), Arc::new(RealDisk)).expect("opens"));
        assert_eq!(count(&found), 2_000, "byte {at}");
        let faults = pages.faults();
        assert!(faults.damaged.is_empty());
        named += faults.corrected.len();
        if faults.corrected.is_empty() {
            // Not a page that counts; looking at everything finds it.
            pages.read_all().expect("is read");
            assert_eq!(pages.faults().corrected.len(), 1, "byte {at}");
        }
    }
    assert!(named > 20, "{named}");
}

/// Another copy of the file in the place of this one is verified by redb, not by sums of its own.
#[test]
fn a_file_from_elsewhere_is_no_damage() {
    let dir = tempfile::tempdir().expect("a directory");
    let (path, other) = (dir.path().join("db"), dir.path().join("other"));
    for (path, keys) in [(&path, 100), (&other, 900)] {
        let (database, _) = database(Backend::open(path, Arc::new(RealDisk)).expect("opens"));
        put(&database, 0..keys, true);
    }
    std::fs::copy(&other, &path).expect("copied");
    let opened = Backend::open(&path, Arc::new(RealDisk)).expect("opens");
    assert!(!opened.1.is_known());
    let (found, pages) = database(opened);
    assert_eq!(count(&found), 900);
    assert!(pages.is_known());
    drop(found);
    assert!(
        Backend::open(&path, Arc::new(RealDisk))
            .expect("opens")
            .1
            .is_known()
    );
}
