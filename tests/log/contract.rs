//! One suite for every implementation of the log.
use super::kit::{EPOCH, append, assert_holds, fill, options, payload};
use bytes::Bytes;
use maru::domain::{LogHash, Seq};
use maru::log::{FileLog, Fsync, Log, LogError, MAX_PAYLOAD_BYTES, MemoryLog, ReadLimit};
use std::time::Duration;
use tempfile::TempDir;

type Make<'a> = &'a mut dyn FnMut() -> Box<dyn Log>;

#[test]
fn memory() {
    suite(&mut || Box::new(MemoryLog::new(EPOCH)));
}

#[test]
fn file_always() {
    file(Fsync::Always);
}

#[test]
fn file_everysec() {
    file(Fsync::EverySec);
}

#[test]
fn file_never() {
    file(Fsync::Never);
}

fn file(fsync: Fsync) {
    let mut dirs = Vec::new();
    suite(&mut || {
        let dir = TempDir::new().expect("a directory");
        let options = maru::log::Options {
            fsync,
            ..options(dir.path())
        };
        dirs.push(dir);
        Box::new(FileLog::open(options).expect("opens").log)
    });
}

fn suite(make: Make<'_>) {
    new_log(&mut *make());
    order(&mut *make());
    limits(&mut *make());
    sizes(&mut *make());
    trim(&mut *make());
    trim_all(&mut *make());
    truncate(&mut *make());
    reset(&mut *make());
    epochs(&mut *make());
    healthy_recover(&mut *make());
    waiting(&mut *make());
    hashes(&mut *make(), &mut *make());
}

fn new_log(log: &mut dyn Log) {
    assert_eq!(
        (log.first_seq(), log.last_seq(), log.epoch()),
        (Seq(1), Seq(0), EPOCH)
    );
    assert_holds(&log.reader(), 1, 0);
    assert_eq!(log.append(&[]).expect("nothing to do"), Seq(1));
    assert_eq!(log.last_seq(), Seq(0));
}

fn order(log: &mut dyn Log) {
    let reader = log.reader();
    let mut next = 1;
    for count in [1, 64, 3, 0, 7, 200, 1] {
        assert_eq!(append(log, count).expect("appended"), Seq(next));
        next += count;
        assert_holds(&reader, 1, next - 1);
    }
    for from in [1, 2, 65, 66, 150, 275, 276] {
        let read = reader.read(Seq(from), ReadLimit::entries(3)).expect("read");
        let wanted: Vec<u64> = (from..=276).take(3).collect();
        assert_eq!(read.iter().map(|e| e.seq.0).collect::<Vec<_>>(), wanted);
    }
    assert!(
        reader
            .read(Seq(277), ReadLimit::CHUNK)
            .expect("read")
            .is_empty()
    );
    assert!(matches!(
        reader.read(Seq(0), ReadLimit::CHUNK),
        Err(LogError::Trimmed {
            asked: Seq(0),
            first: Seq(1)
        })
    ));
}

fn limits(log: &mut dyn Log) {
    log.append(&[
        vec![1; 100].into(),
        vec![2; 100].into(),
        vec![3; 100].into(),
    ])
    .expect("appended");
    let count = |entries, size_bytes| {
        let limit = ReadLimit {
            entries,
            size_bytes,
        };
        log.reader().read(Seq(1), limit).expect("read").len()
    };
    assert_eq!(count(10, 200), 2);
    assert_eq!(count(10, 199), 1);
    assert_eq!(count(10, 0), 1, "one comes whatever its size");
    assert_eq!(count(2, 1000), 2);
}

fn sizes(log: &mut dyn Log) {
    let huge = Bytes::from(vec![7; MAX_PAYLOAD_BYTES + 1]);
    let refused = log.append(&[payload(1), huge.clone()]);
    assert!(matches!(refused, Err(LogError::TooLarge { .. })));
    assert_eq!(log.last_seq(), Seq(0), "nothing of the batch");
    let largest = huge.slice(1..);
    log.append(&[Bytes::new(), largest.clone(), Bytes::new()])
        .expect("appended");
    let read: Vec<Bytes> = log
        .reader()
        .entries(Seq(1))
        .map(|e| e.expect("read").payload)
        .collect();
    assert_eq!(read, [Bytes::new(), largest, Bytes::new()]);
    assert!(log.size_bytes() >= MAX_PAYLOAD_BYTES as u64);
}

fn trim(log: &mut dyn Log) {
    fill(log, &[10; 10]);
    let before = log.size_bytes();
    log.trim(Seq(60)).expect("trimmed");
    let first = log.first_seq();
    assert!(first > Seq(1) && first <= Seq(60));
    assert!(log.size_bytes() < before);
    assert_holds(&log.reader(), first.0, 100);
    assert!(matches!(
        log.reader().read(Seq(first.0 - 1), ReadLimit::CHUNK),
        Err(LogError::Trimmed { .. })
    ));
    log.trim(Seq(1)).expect("nothing to do");
    assert_eq!(log.first_seq(), first);
    assert!(matches!(
        log.truncate_after(Seq(first.0 - 2)),
        Err(LogError::Trimmed { .. })
    ));
    fill(log, &[5]);
    assert_holds(&log.reader(), first.0, 105);
}

fn trim_all(log: &mut dyn Log) {
    fill(log, &[10; 3]);
    log.trim(Seq(1000)).expect("trimmed");
    let first = log.first_seq();
    assert!(first > Seq(1) && first <= Seq(31));
    assert_eq!(log.last_seq(), Seq(30));
    fill(log, &[10]);
    assert_holds(&log.reader(), first.0, 40);
}

fn truncate(log: &mut dyn Log) {
    let reader = log.reader();
    fill(log, &[10; 10]);
    for keep in [100, 99, 57, 41, 40, 39, 3] {
        log.truncate_after(Seq(keep)).expect("cut");
        assert_holds(&reader, 1, keep);
    }
    fill(log, &[4, 4]);
    assert_holds(&reader, 1, 11);
    log.truncate_after(Seq(500)).expect("nothing to do");
    log.truncate_after(Seq(0)).expect("cut");
    assert_holds(&reader, 1, 0);
    fill(log, &[20, 20]);
    assert_holds(&reader, 1, 40);
    assert_eq!(log.epoch(), EPOCH);
}

fn reset(log: &mut dyn Log) {
    let reader = log.reader();
    fill(log, &[10; 5]);
    log.reset(Seq(1000), LogHash([1000u64 as u8; 16]))
        .expect("reset");
    assert_holds(&reader, 1000, 999);
    fill(log, &[10; 5]);
    assert_holds(&reader, 1000, 1049);
    log.reset(Seq(7), LogHash([7u64 as u8; 16])).expect("reset");
    fill(log, &[3]);
    assert_holds(&reader, 7, 9);
    log.reset(Seq(7), LogHash([7u64 as u8; 16])).expect("reset");
    assert_holds(&reader, 7, 6);
    assert_eq!(log.epoch(), EPOCH);
}

fn epochs(log: &mut dyn Log) {
    log.begin_epoch(EPOCH + 1).expect("begun");
    fill(log, &[3]);
    log.begin_epoch(EPOCH + 2).expect("begun");
    log.begin_epoch(EPOCH + 3).expect("begun");
    assert_eq!(log.epoch(), EPOCH + 3);
    fill(log, &[3]);
    assert_holds(&log.reader(), 1, 6);
}

fn healthy_recover(log: &mut dyn Log) {
    fill(log, &[3]);
    log.recover().expect("nothing to do");
    log.sync().expect("synced");
    fill(log, &[3]);
    assert_holds(&log.reader(), 1, 6);
}

fn waiting(log: &mut dyn Log) {
    let reader = log.reader();
    assert_eq!(reader.wait(Seq(0), Duration::ZERO), Seq(0), "time is up");
    let waits = |after| {
        let reader = reader.clone();
        std::thread::spawn(move || {
            let mut last = Seq(0);
            // It may return early.
            while last <= after {
                last = reader.wait(after, Duration::from_secs(60));
            }
            last
        })
    };
    let (first, third) = (waits(Seq(0)), waits(Seq(2)));
    fill(log, &[1]);
    assert_eq!(first.join().expect("wakes"), Seq(1));
    fill(log, &[2]);
    assert_eq!(third.join().expect("wakes"), Seq(3));
    let waits = std::thread::spawn({
        let reader = reader.clone();
        move || reader.wait(Seq(3), Duration::MAX)
    });
    while !waits.is_finished() {
        reader.interrupt();
    }
    assert_eq!(waits.join().expect("wakes"), Seq(3));
}

/// The same content has the same hash, whatever was there in between.
fn hashes(one: &mut dyn Log, other: &mut dyn Log) {
    assert_eq!(one.last_hash(), LogHash::NONE);
    fill(one, &[2, 3, 5]);
    fill(other, &[7, 9]);
    other.truncate_after(Seq(4)).expect("cut");
    fill(other, &[6]);
    assert_eq!(one.last_hash(), other.last_hash());
    let of = |log: &dyn Log| -> Vec<LogHash> {
        let entries = log.reader().entries(Seq(1));
        entries.map(|entry| entry.expect("read").hash).collect()
    };
    assert_eq!(of(one), of(other));
    assert_eq!(of(one).last(), Some(&one.last_hash()));
    one.append(&[payload(1)]).expect("appended");
    other.append(&[payload(2)]).expect("appended");
    assert_ne!(one.last_hash(), other.last_hash());
    fill(one, &[1]);
    fill(other, &[1]);
    assert_ne!(one.last_hash(), other.last_hash(), "for ever");
}
