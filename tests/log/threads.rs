//! Readers on other threads while the log is written, cut and trimmed.
use super::kit::{opened, options};
use bytes::Bytes;
use maru::domain::Seq;
use maru::log::{Fsync, Log, LogError, LogReader, Options, RawEntry, ReadLimit};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use tempfile::TempDir;

/// An entry says which attempt it is of, and where that attempt began.
fn payload(attempt: u64, began: Seq) -> Bytes {
    format!("{attempt} {began}").into()
}

fn attempt(entry: &RawEntry) -> (u64, u64) {
    let text = std::str::from_utf8(&entry.payload).expect("text");
    let (attempt, began) = text.split_once(' ').expect("two numbers");
    (
        attempt.parse().expect("a number"),
        began.parse().expect("a number"),
    )
}

/// What was read at once must have been there at once.
fn assert_one_moment(entries: &[RawEntry]) {
    for pair in entries.windows(2) {
        assert_eq!(pair[1].seq, pair[0].seq.next());
    }
    for (at, entry) in entries.iter().enumerate() {
        let (newer, began) = attempt(entry);
        for before in entries[..at].iter().filter(|e| e.seq.0 >= began) {
            assert!(attempt(before).0 >= newer, "{before:?} and {entry:?}");
        }
    }
}

fn read_until(reader: &LogReader, over: &AtomicBool) -> u64 {
    let mut reads = 0;
    while !over.load(Ordering::Acquire) || reads == 0 {
        let from = reader.first_seq();
        match reader.read(from, ReadLimit::entries(200)) {
            Ok(entries) => assert_one_moment(&entries),
            Err(LogError::Trimmed { .. }) => {}
            Err(error) => panic!("{error}"),
        }
        reads += 1;
    }
    reads
}

#[test]
fn a_read_is_of_one_moment() {
    let dir = TempDir::new().expect("a directory");
    let options = Options {
        fsync: Fsync::Never,
        ..options(dir.path())
    };
    let mut log = opened(options).log;
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                let reader = log.reader();
                scope.spawn(|| read_until(&{ reader }, &over))
            })
            .collect();
        for turn in 0..2000 {
            let began = log.last_seq().next();
            for size in [1, 9, 30] {
                log.append(&vec![payload(turn, began); size])
                    .expect("appended");
            }
            if turn % 2 == 0 {
                let back = log.last_seq().0 - 20 - turn % 13;
                log.truncate_after(Seq(back.max(log.first_seq().0)))
                    .expect("cut");
            }
            log.trim(Seq(log.last_seq().0.saturating_sub(150)))
                .expect("trimmed");
        }
        over.store(true, Ordering::Release);
        for reader in readers {
            assert!(reader.join().expect("a reader") > 0);
        }
    });
}
