//! Logs in a temporary directory, entries that can be told apart, copies as a crash leaves them.
use super::sick_disk::SickDisk;
use bytes::Bytes;
use maru::domain::Seq;
use maru::log::{FileLog, Log, LogError, LogReader, Opened, Options, RawEntry};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

pub const EPOCH: u64 = 0xE0;

/// Segments so small that a few entries fill one.
pub fn options(dir: &Path) -> Options {
    Options {
        segment_bytes: 600,
        boot_id: Some("boot-1".to_owned()),
        ..Options::new(dir, EPOCH)
    }
}

pub fn open(dir: &Path) -> FileLog {
    opened(options(dir)).log
}

pub fn opened(options: Options) -> Opened {
    try_open(options).expect("the log opens")
}

pub fn try_open(options: Options) -> Result<Opened, LogError> {
    FileLog::open_on(options, Arc::<SickDisk>::default())
}

/// The error of a log that must not open.
pub fn refused(dir: &Path) -> LogError {
    match try_open(options(dir)) {
        Ok(_) => panic!("the log opened"),
        Err(error) => error,
    }
}

/// Payload of entry `n`, of a length that varies.
pub fn payload(n: u64) -> Bytes {
    format!("{n}:{}", "x".repeat((n * 7 % 50) as usize)).into()
}

/// Appends entries with the payloads of their positions.
pub fn append(log: &mut dyn Log, count: u64) -> Result<Seq, LogError> {
    let next = log.last_seq().next().0;
    let batch: Vec<Bytes> = (next..next + count).map(payload).collect();
    log.append(&batch)
}

pub fn fill(log: &mut dyn Log, batches: &[u64]) {
    for count in batches {
        append(log, *count).expect("an append works");
    }
}

/// All entries, which must be those of `first..=last`, with their payloads.
pub fn assert_holds(reader: &LogReader, first: u64, last: u64) {
    assert_eq!(
        (reader.first_seq(), reader.last_seq()),
        (Seq(first), Seq(last))
    );
    let read: Result<Vec<RawEntry>, LogError> = reader.entries(Seq(first)).collect();
    let wanted: Vec<(Seq, Bytes)> = (first..=last).map(|n| (Seq(n), payload(n))).collect();
    assert_eq!(pairs(&read.expect("everything is read")), wanted);
    let unlike = maru::log::first_unlike(reader, Seq(first)).expect("read again");
    assert_eq!(unlike, None, "each hash follows from the one before it");
}

/// What entries hold but for their hashes.
pub fn pairs(entries: &[RawEntry]) -> Vec<(Seq, Bytes)> {
    let pairs = entries
        .iter()
        .map(|entry| (entry.seq, entry.payload.clone()));
    pairs.collect()
}

/// What a crash at this moment leaves.
pub fn copy(dir: &Path) -> TempDir {
    let copy = TempDir::new().expect("a directory");
    for item in fs::read_dir(dir).expect("listed") {
        let path = item.expect("listed").path();
        let name = path.file_name().expect("a name");
        fs::copy(&path, copy.path().join(name)).expect("copied");
    }
    copy
}

/// Segment files, oldest first.
pub fn segments(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(dir)
        .expect("listed")
        .map(|item| item.expect("listed").path())
        .filter(|path| path.extension().is_some_and(|e| e == "log"))
        .collect();
    found.sort();
    found
}
