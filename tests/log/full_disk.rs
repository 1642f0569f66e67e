//! A disk without a byte left still takes what was reserved on it.
use super::kit::{options, pairs, payload};
use bytes::Bytes;
use maru::domain::Seq;
use maru::log::{Disk, FileLog, Log, LogError, Options, RealDisk};
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// Knows which bytes of its files have their space.
#[derive(Default)]
struct Counting {
    full: AtomicBool,
    taken: Mutex<HashMap<u64, u64>>,
}

impl Counting {
    fn take(&self, file: &File, upto: u64) -> io::Result<()> {
        let meta = file.metadata()?;
        let mut taken = self.taken.lock().expect("lock");
        let taken = taken.entry(meta.ino()).or_insert(meta.len());
        if *taken < upto && self.full.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        *taken = upto.max(*taken);
        Ok(())
    }
}

impl Disk for Counting {
    fn write(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.take(file, offset + bytes.len() as u64)?;
        RealDisk.write(file, bytes, offset)
    }

    fn sync(&self, _: &File) -> io::Result<()> {
        Ok(())
    }

    fn truncate(&self, file: &File, len: u64) -> io::Result<()> {
        let inode = file.metadata()?.ino();
        self.taken.lock().expect("lock").insert(inode, len);
        RealDisk.truncate(file, len)
    }

    fn reserve(&self, file: &File, offset: u64, len: u64) -> io::Result<()> {
        self.take(file, offset + len)
    }
}

fn open(dir: &TempDir, disk: &Arc<Counting>) -> FileLog {
    let options = Options {
        segment_bytes: 4 << 10,
        ..options(dir.path())
    };
    FileLog::open_on(options, disk.clone()).expect("opens").log
}

#[test]
fn what_is_small_is_still_taken_when_nothing_is_left() {
    let (dir, disk) = (TempDir::new().expect("a directory"), Arc::default());
    let mut log = open(&dir, &disk);
    let mut said: Vec<Bytes> = Vec::new();
    let mut append = |log: &mut FileLog| {
        let next = payload(said.len() as u64 + 1);
        log.append(std::slice::from_ref(&next))?;
        said.push(next);
        Ok::<(), LogError>(())
    };
    append(&mut log).expect("there is space");
    disk.full.store(true, Ordering::SeqCst);
    // Far over the limit of a segment: another file would need space.
    for n in 0..2_000 {
        append(&mut log).unwrap_or_else(|error| panic!("{n}: {error}"));
    }
    let error = std::iter::repeat_with(|| append(&mut log)).find_map(Result::err);
    assert!(
        error.is_some_and(|error| error.is_storage_full()),
        "it ends"
    );
    disk.full.store(false, Ordering::SeqCst);
    log.recover().expect("there is space again");
    append(&mut log).expect("goes on");
    drop(log);
    let log = open(&dir, &disk);
    let read: Result<Vec<_>, LogError> = log.reader().entries(Seq(1)).collect();
    let wanted: Vec<(Seq, Bytes)> = (1..).map(Seq).zip(said).collect();
    assert!(pairs(&read.expect("reads")) == wanted);
}

/// What is reserved is no part of a file, and none of it stays when the log is closed.
#[test]
fn a_reserve_changes_no_length() {
    let dir = TempDir::new().expect("a directory");
    let mut log = FileLog::open(options(dir.path())).expect("opens").log;
    log.append(&[payload(1)]).expect("is written");
    let sizes = |dir: &TempDir| {
        let files = std::fs::read_dir(dir.path()).expect("lists");
        let logs = files.map(|file| file.expect("a file").path());
        let logs = logs.filter(|path| path.extension().is_some_and(|end| end == "log"));
        let all = logs.map(|path| path.metadata().expect("reads"));
        all.fold((0, 0), |sum, file| {
            (sum.0 + file.len(), sum.1 + file.blocks() * 512)
        })
    };
    assert_eq!(sizes(&dir).0, log.size_bytes());
    drop(log);
    assert!(sizes(&dir).1 < 64 << 10);
}
