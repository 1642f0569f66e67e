//! One bit is another: wrong bytes are never served.
use super::kit::{assert_holds, copy, fill, open, opened, options, payload, segments, try_open};
use maru::domain::Seq;
use maru::log::{Log, LogError, NewEpoch};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const BATCHES: [u64; 9] = [5, 3, 8, 5, 5, 1, 2, 6, 3];
const LAST: u64 = 38;
const LAST_BATCH: u64 = 3;

fn killed() -> TempDir {
    let home = TempDir::new().expect("a directory");
    let mut log = open(home.path());
    fill(&mut log, &BATCHES);
    copy(home.path())
}

fn flip(file: &Path, at: usize) -> Vec<u8> {
    let good = fs::read(file).expect("read");
    let mut bad = good.clone();
    bad[at] ^= 1 << (at * 5 % 8);
    fs::write(file, bad).expect("written");
    good
}

#[test]
fn before_the_start() {
    let dir = killed();
    let files = segments(dir.path());
    assert!(files.len() > 3);
    for (n, file) in files.iter().enumerate() {
        for at in 0..fs::read(file).expect("read").len() {
            let good = flip(file, at);
            // Opening changes what it accepts, and only the last segment may be accepted.
            let copied = (n + 1 == files.len()).then(|| copy(dir.path()));
            let home = copied.as_ref().map_or(dir.path(), TempDir::path);
            match try_open(options(home)) {
                Err(LogError::Damaged {
                    file: named,
                    offset,
                    ..
                }) => {
                    assert_eq!(named.file_name(), file.file_name());
                    assert!(offset <= at as u64 + 40);
                }
                Err(error) => panic!("{error}"),
                Ok(opened) => {
                    assert_eq!(n + 1, files.len(), "byte {at} of {}", file.display());
                    let last = opened.log.last_seq().0;
                    assert!(
                        (LAST - LAST_BATCH..LAST).contains(&last),
                        "byte {at}: {last}"
                    );
                    assert_holds(&opened.log.reader(), 1, last);
                    assert!(opened.torn.is_some());
                }
            }
            fs::write(file, good).expect("written");
        }
    }
}

#[test]
fn while_it_is_open() {
    let dir = killed();
    let log = open(dir.path());
    let reader = log.reader();
    for file in segments(dir.path()) {
        let name = file.file_stem().and_then(|name| name.to_str());
        let first: u64 = name.and_then(|n| n.parse().ok()).expect("a position");
        for at in 0..fs::read(&file).expect("read").len() {
            let good = flip(&file, at);
            let mut next = first;
            for entry in reader.entries(Seq(first)) {
                match entry {
                    Ok(entry) => {
                        assert_eq!((entry.seq, entry.payload), (Seq(next), payload(next)));
                        next += 1;
                    }
                    Err(LogError::Damaged { file: named, .. }) => assert_eq!(named, file),
                    Err(error) => panic!("{error}"),
                }
            }
            // The header is not needed any more; of the frames every bit is.
            assert_eq!(next == LAST + 1, at < 64, "byte {at}");
            fs::write(&file, good).expect("written");
        }
    }
}

#[test]
fn in_the_note_of_the_last_run() {
    let dir = killed();
    let note = dir.path().join("last-run");
    for at in 0..fs::read(&note).expect("read").len() {
        let good = flip(&note, at);
        let copy = copy(dir.path());
        let opened = opened(options(copy.path()));
        assert_eq!(opened.new_epoch, Some(NewEpoch::UnknownPast));
        assert_holds(&opened.log.reader(), 1, LAST);
        fs::write(&note, good).expect("written");
    }
}
