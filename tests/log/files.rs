//! Files that are missing, foreign, old, or from the future.
use super::kit::{EPOCH, assert_holds, fill, open, opened, options, refused, segments};
use maru::domain::{LogHash, Seq};
use maru::log::{FileLog, Log, LogError, NewEpoch, Options, ReadLimit};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Closed well, of several segments.
fn closed() -> (TempDir, Vec<PathBuf>) {
    let dir = TempDir::new().expect("a directory");
    fill(&mut open(dir.path()), &[5; 12]);
    let files = segments(dir.path());
    assert!(files.len() > 3);
    (dir, files)
}

fn assert_damaged(dir: &Path, file: &Path, words: &str) {
    let error = refused(dir);
    let LogError::Damaged { file: named, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(named, file);
    assert!(error.to_string().contains(words), "{error}");
    assert!(error.to_string().contains("maru restore"), "{error}");
}

#[test]
fn a_segment_in_the_middle_is_missing() {
    let (dir, files) = closed();
    fs::remove_file(&files[1]).expect("removed");
    assert_damaged(dir.path(), &files[2], "before it is missing");
}

#[test]
fn the_last_segment_is_missing() {
    let (dir, files) = closed();
    let last = files.last().expect("a file");
    fs::remove_file(last).expect("removed");
    assert_damaged(dir.path(), last, "missing");
    for file in &files[..files.len() - 1] {
        fs::remove_file(file).expect("removed");
    }
    assert_damaged(dir.path(), last, "missing");
}

#[test]
fn a_segment_in_the_middle_is_short() {
    let (dir, files) = closed();
    let bytes = fs::read(&files[1]).expect("read");
    fs::write(&files[1], &bytes[..bytes.len() - 1]).expect("written");
    assert_damaged(dir.path(), &files[1], "not what was written");
    fs::write(&files[1], []).expect("written");
    assert_damaged(dir.path(), &files[1], "header");
}

#[test]
fn a_segment_under_another_name() {
    let (dir, files) = closed();
    fs::copy(&files[2], &files[1]).expect("copied");
    assert_damaged(dir.path(), &files[1], "its name says");
}

#[test]
fn a_segment_that_overlaps() {
    let (dir, files) = closed();
    fs::write(dir.path().join("00000000000000000002.log"), b"").expect("written");
    let odd = dir.path().join("00000000000000000002.log");
    assert_damaged(dir.path(), &odd, "although");
    assert_eq!(
        segments(dir.path()).len(),
        files.len() + 1,
        "nothing was changed"
    );
}

#[test]
fn other_files_are_left_alone_and_leftovers_are_not() {
    let (dir, _) = closed();
    let foreign = [
        "notes.txt",
        "1.log",
        "00000000000000000099.log.bak",
        "x.tmp",
    ];
    let own = ["00000000000000000099.log.tmp", "last-run.tmp", "probe.tmp"];
    for name in foreign.iter().chain(&own) {
        fs::write(dir.path().join(name), b"odd").expect("written");
    }
    assert_holds(&open(dir.path()).reader(), 1, 60);
    assert!(foreign.iter().all(|name| dir.path().join(name).exists()));
    assert!(!own.iter().any(|name| dir.path().join(name).exists()));
}

#[test]
fn a_version_from_the_future_is_named() {
    let (dir, files) = closed();
    let mut bytes = fs::read(&files[1]).expect("read");
    bytes[8] = 9;
    let crc = crc32c::crc32c(&bytes[..36]);
    bytes[36..40].copy_from_slice(&crc.to_le_bytes());
    fs::write(&files[1], bytes).expect("written");
    let error = refused(dir.path());
    assert!(matches!(
        error,
        LogError::FutureVersion {
            found: 9,
            supported: 2,
            ..
        }
    ));
    assert!(error.to_string().contains("format 9"), "{error}");
}

#[test]
fn a_directory_that_cannot_be_one() {
    let home = TempDir::new().expect("a directory");
    let file = home.path().join("log");
    fs::write(&file, b"").expect("written");
    assert!(matches!(refused(&file), LogError::Io { .. }));
    let deep = home.path().join("a/b/log");
    fill(&mut open(&deep), &[3]);
    assert_holds(&open(&deep).reader(), 1, 3);
}

#[test]
fn a_new_log_says_so_and_an_unknown_one_begins_an_epoch() {
    let dir = TempDir::new().expect("a directory");
    let new = opened(options(dir.path()));
    assert_eq!(new.new_epoch, Some(NewEpoch::Created));
    drop(new);
    fs::remove_file(dir.path().join("last-run")).expect("removed");
    let again = opened(Options {
        new_epoch: EPOCH + 1,
        ..options(dir.path())
    });
    assert_eq!(again.new_epoch, Some(NewEpoch::UnknownPast));
    assert_eq!(again.log.epoch(), EPOCH + 1);
}

#[test]
fn positions_go_on_after_everything_was_trimmed_or_reset() {
    let dir = TempDir::new().expect("a directory");
    let mut log = open(dir.path());
    fill(&mut log, &[5; 12]);
    log.begin_epoch(EPOCH + 1).expect("begun");
    log.trim(Seq(61)).expect("trimmed");
    drop(log);
    let mut log = open(dir.path());
    assert_holds(&log.reader(), 61, 60);
    assert_eq!(log.epoch(), EPOCH + 1);
    log.reset(Seq(900), LogHash::NONE).expect("reset");
    drop(log);
    assert_holds(&open(dir.path()).reader(), 900, 899);
}

/// The places that were kept of entries now gone are not used for those that follow.
#[test]
fn entries_are_found_in_a_large_segment_after_a_cut() {
    let dir = TempDir::new().expect("a directory");
    let options = Options {
        segment_bytes: 1 << 20,
        ..options(dir.path())
    };
    let mut log = opened(options).log;
    for (keep, size) in [(0, 1000), (10, 3000), (25, 700), (24, 1)] {
        log.truncate_after(Seq(keep)).expect("cut");
        log.append(&vec![vec![b'k'; size].into(); 100])
            .expect("appended");
        for seq in keep + 1..=keep + 100 {
            let read = log.reader().read(Seq(seq), ReadLimit::entries(1));
            let entry = read.expect("read").pop().expect("an entry");
            assert_eq!((entry.seq, entry.payload.len()), (Seq(seq), size));
        }
    }
}

/// Bytes that version 1 wrote: they are opened for ever.
#[test]
fn format_1() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/log/fixtures/v1");
    let dir = super::kit::copy(&home);
    let options = Options {
        boot_id: None,
        ..options(dir.path())
    };
    let mut opened = FileLog::open(options.clone()).expect("opens");
    assert_eq!((opened.torn, opened.new_epoch), (None, None));
    assert_eq!(opened.log.epoch(), 0x0102_0304_0506_0708);
    assert_holds(&opened.log.reader(), 1, 12);
    // What follows is written in the newest format, in a segment of its own.
    assert_eq!(segments(dir.path()).len(), 3);
    fill(&mut opened.log, &[3]);
    let hash = opened.log.last_hash();
    assert_ne!(hash, LogHash::NONE);
    opened.log.truncate_after(Seq(14)).expect("cut");
    fill(&mut opened.log, &[1]);
    assert_eq!(
        opened.log.last_hash(),
        hash,
        "the same content has the same"
    );
    drop(opened.log);
    let log = FileLog::open(options).expect("opens again").log;
    assert_holds(&log.reader(), 1, 15);
    assert_eq!(log.last_hash(), hash);
}
