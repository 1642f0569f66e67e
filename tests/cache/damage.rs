//! Torn ends are cut and reported; damage is refused, never served.

use super::{
    DAY_MS, NOW_MS, clock, content, crash_image, only_file, open, options, rewrite_and_wait,
};
use bytes::Bytes;
use maru::cache::{Clock, Embedded, OpenError, SetOptions};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn fill(cache: &Embedded, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let value = Bytes::from(format!("value {number}"));
        let options = SetOptions::until(NOW_MS + DAY_MS);
        cache
            .set(format!("key{number}").as_bytes(), value, options)
            .expect("set");
    }
}

fn expected(count: u32) -> BTreeMap<Bytes, Bytes> {
    (0..count)
        .map(|n| {
            (
                Bytes::from(format!("key{n}")),
                Bytes::from(format!("value {n}")),
            )
        })
        .collect()
}

fn try_open(path: &Path, clock: &Clock) -> Result<Embedded, OpenError> {
    Embedded::open(options(path, clock))
}

#[test]
fn a_log_cut_at_every_byte_loads_what_was_whole() {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, _) = clock();
    let cache = open(&dir.path().join("live"), &clock);
    let mut lengths = Vec::new();
    for number in 0..4 {
        fill(&cache, number..number + 1);
        let tail = only_file(&dir.path().join("live"), ".log");
        lengths.push(fs::metadata(tail).expect("metadata").len());
    }
    let image = dir.path().join("image");
    crash_image(&dir.path().join("live"), &image);
    drop(cache);
    let bytes = fs::read(only_file(&image, ".log")).expect("read");
    assert_eq!(bytes.len() as u64, lengths[3]);

    for cut in 0..=bytes.len() {
        let path = dir.path().join(format!("cut{cut}"));
        crash_image(&image, &path);
        let tail = only_file(&path, ".log");
        fs::write(&tail, &bytes[..cut]).expect("write");
        let cache = open(&path, &clock);
        let whole = lengths
            .iter()
            .filter(|&&length| length <= cut as u64)
            .count() as u32;
        assert_eq!(content(&cache, 0), expected(whole), "cut at {cut}");
        let cuts = &cache.load_report().cuts;
        for reported in cuts {
            assert_eq!(reported.path, tail);
            assert_eq!(reported.offset + reported.lost_bytes, cut as u64);
        }
        if lengths.contains(&(cut as u64)) {
            assert!(cuts.is_empty(), "nothing is torn at {cut}");
        }
        fill(&cache, 0..5);
        drop(cache);
        let again = open(&path, &clock);
        assert_eq!(
            (content(&again, 0), again.load_report().cuts.len()),
            (expected(5), 0),
            "after {cut}"
        );
        fs::remove_dir_all(&path).expect("remove");
    }
}

#[test]
fn garbage_and_zeros_after_the_end_are_cut() {
    for garbage in [
        vec![0u8; 1],
        vec![0; 5000],
        vec![0xff; 5000],
        (0..=255).cycle().take(5000).collect(),
    ] {
        let dir = tempfile::tempdir().expect("a directory");
        let (clock, _) = clock();
        let cache = open(&dir.path().join("live"), &clock);
        fill(&cache, 0..20);
        let image = dir.path().join("image");
        crash_image(&dir.path().join("live"), &image);
        let tail = only_file(&image, ".log");
        let mut bytes = fs::read(&tail).expect("read");
        let whole = bytes.len() as u64;
        bytes.extend(&garbage);
        fs::write(&tail, bytes).expect("write");
        let cache = open(&image, &clock);
        assert_eq!(content(&cache, 0), expected(20));
        let cuts = &cache.load_report().cuts;
        assert_eq!(
            (cuts[0].offset, cuts[0].lost_bytes),
            (whole, garbage.len() as u64)
        );
    }
}

/// Flips one bit of every byte (every `step`th) of a file of a closed cache, from the last to the first.
fn flip_everywhere(ending: &str, step: usize, prepare: impl Fn(&Embedded)) {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, _) = clock();
    let original = dir.path().join("original");
    let cache = open(&original, &clock);
    prepare(&cache);
    drop(cache);
    let bytes = fs::read(only_file(&original, ending)).expect("read");
    let path = dir.path().join("flipped");
    crash_image(&original, &path);
    let file = only_file(&path, ending);
    let mut refused = 0;
    for at in (0..bytes.len()).rev().step_by(step) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        fs::write(&file, flipped).expect("write");
        match try_open(&path, &clock) {
            Ok(cache) => {
                assert_eq!(
                    content(&cache, 0),
                    expected(20),
                    "a flip at {at} changed what is served"
                );
                assert_eq!(
                    cache.load_report().cuts.len(),
                    1,
                    "a flip at {at} went unnoticed"
                );
                assert_eq!(
                    refused, 0,
                    "only the closing mark of a log, which holds no keys, may be lost"
                );
                drop(cache);
                fs::remove_dir_all(&path).expect("remove");
                crash_image(&original, &path);
            }
            Err(error @ OpenError::Damaged { .. }) => {
                refused += 1;
                let text = error.to_string();
                assert!(
                    text.contains(&*file.to_string_lossy()) && text.contains("backup"),
                    "{text}"
                );
            }
            Err(other) => panic!("a flip at {at}: {other}"),
        }
    }
    assert!(
        refused > bytes.len() / step * 9 / 10,
        "{refused} of {}",
        bytes.len()
    );
}

#[test]
fn a_flipped_bit_in_the_log_is_refused() {
    flip_everywhere(".log", 1, |cache| fill(cache, 0..20));
}

#[test]
fn a_flipped_bit_in_the_snapshot_is_refused() {
    flip_everywhere(".snap", 7, |cache| {
        fill(cache, 0..20);
        rewrite_and_wait(cache);
    });
}

#[test]
fn a_snapshot_cut_short_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, _) = clock();
    let original = dir.path().join("original");
    let cache = open(&original, &clock);
    fill(&cache, 0..20);
    rewrite_and_wait(&cache);
    drop(cache);
    let bytes = fs::read(only_file(&original, ".snap")).expect("read");
    let path = dir.path().join("cut");
    crash_image(&original, &path);
    let file = only_file(&path, ".snap");
    for cut in (0..bytes.len()).rev().step_by(7) {
        fs::write(&file, &bytes[..cut]).expect("write");
        assert!(
            matches!(try_open(&path, &clock), Err(OpenError::Damaged { .. })),
            "cut at {cut}"
        );
    }
}

#[test]
fn a_missing_file_is_named() {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, _) = clock();
    let original = dir.path().join("original");
    let cache = open(&original, &clock);
    fill(&cache, 0..10);
    rewrite_and_wait(&cache);
    fill(&cache, 10..20);
    drop(cache);
    drop(open(&original, &clock));
    let names: Vec<_> = fs::read_dir(&original)
        .expect("files")
        .map(|e| e.expect("entry").file_name())
        .collect();
    assert_eq!(names.len(), 3, "a snapshot and two logs: {names:?}");
    for name in names {
        let path = dir.path().join("lacking");
        crash_image(&original, &path);
        fs::remove_file(path.join(&name)).expect("remove");
        match try_open(&path, &clock) {
            Err(error @ OpenError::Missing { .. }) => {
                assert!(
                    error.to_string().contains(name.to_str().expect("utf-8")),
                    "{error}"
                );
            }
            // The newest log: that it ever was is written nowhere, and it was empty.
            Ok(cache) => assert_eq!(content(&cache, 0), expected(20)),
            Err(other) => panic!("{other}"),
        }
        fs::remove_dir_all(&path).expect("remove");
    }
}

#[test]
fn what_a_crash_leaves_of_a_rewrite_is_cleared() {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, _) = clock();
    let cache = open(dir.path(), &clock);
    fill(&cache, 0..20);
    drop(cache);
    fs::write(dir.path().join("base-0000000002.tmp"), b"half").expect("write");
    let cache = open(dir.path(), &clock);
    assert_eq!(content(&cache, 0), expected(20));
    assert!(!dir.path().join("base-0000000002.tmp").exists());
}
