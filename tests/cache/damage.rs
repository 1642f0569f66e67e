//! Torn ends are cut and reported; damage is put right or costs what it hit, and is never served.

use super::{DAY_MS, NOW_MS, clock, content, crash_image, only_file, open, rewrite_and_wait};
use bytes::Bytes;
use maru::cache::{Embedded, End, SetOptions};
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

/// A list in another database.
fn push(cache: &Embedded) {
    let pushed = cache
        .db(1)
        .on(b"list", |txn| txn.push(b"list", End::Back, &[b"one"]));
    pushed.expect("done").expect("pushed");
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

/// Where a damaged file is kept.
fn aside(dir: &Path) -> Vec<std::path::PathBuf> {
    let files = fs::read_dir(dir).expect("files");
    let paths = files.map(|file| file.expect("an entry").path());
    let is_aside = |path: &std::path::PathBuf| path.to_string_lossy().contains(".damaged-");
    paths.filter(is_aside).collect()
}

/// Flips one bit of every byte (every `step`th) of a file of a closed cache.
fn flip_everywhere(ending: &str, step: usize, prepare: impl Fn(&Embedded)) {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, _) = clock();
    let original = dir.path().join("original");
    let cache = open(&original, &clock);
    prepare(&cache);
    drop(cache);
    let bytes = fs::read(only_file(&original, ending)).expect("read");
    let path = dir.path().join("flipped");
    for at in (0..bytes.len()).step_by(step) {
        crash_image(&original, &path);
        let file = only_file(&path, ending);
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        fs::write(&file, &flipped).expect("write");
        let cache = open(&path, &clock);
        assert_eq!(content(&cache, 0), expected(20), "a flip at {at}");
        let [damage] = &cache.load_report().damages[..] else {
            panic!("a flip at {at} went unnoticed");
        };
        assert!(damage.is_mended && damage.path == file, "{damage:?}");
        assert_eq!(cache.load_report().gone.keys, 0);
        let kept = aside(&path);
        assert_eq!(fs::read(&kept[0]).expect("kept"), flipped, "{kept:?}");
        drop(cache);
        let cache = open(&path, &clock);
        assert_eq!(
            content(&cache, 0),
            expected(20),
            "again, after a flip at {at}"
        );
        assert_eq!(cache.load_report().damages, []);
        drop(cache);
        fs::remove_dir_all(&path).expect("remove");
    }
}

#[test]
fn a_flipped_bit_in_the_log_is_put_right_and_told() {
    flip_everywhere(".log", 5, |cache| fill(cache, 0..20));
}

#[test]
fn a_flipped_bit_in_the_snapshot_is_put_right_and_told() {
    flip_everywhere(".snap", 37, |cache| {
        fill(cache, 0..20);
        rewrite_and_wait(cache);
    });
}

/// What is there is right, what is not there is counted.
fn is_what_could_be_read(cache: &Embedded, count: u32, what: &str) {
    let (found, expected) = (content(cache, 0), expected(count));
    for (key, value) in &found {
        assert_eq!(expected.get(key), Some(value), "{what}");
    }
    let gone = &cache.load_report().gone;
    let missing = (expected.len() - found.len()) as u64;
    assert!(
        gone.keys == missing || (gone.is_uncounted && gone.keys <= missing),
        "{what}: {missing} are missing, {gone:?}"
    );
    assert!(!cache.load_report().damages.is_empty() || !cache.load_report().cuts.is_empty());
}

#[test]
fn what_is_damaged_further_costs_its_own_keys_and_names_them() {
    for ending in [".log", ".snap"] {
        let dir = tempfile::tempdir().expect("a directory");
        let (clock, _) = clock();
        let original = dir.path().join("original");
        let cache = open(&original, &clock);
        fill(&cache, 0..200);
        if ending == ".snap" {
            rewrite_and_wait(&cache);
        }
        drop(cache);
        let bytes = fs::read(only_file(&original, ending)).expect("read");
        for from in (32..bytes.len() - 40).step_by(bytes.len() / 7) {
            let path = dir.path().join("spoilt");
            crash_image(&original, &path);
            let file = only_file(&path, ending);
            let mut spoilt = bytes.clone();
            spoilt[from..from + 9]
                .iter_mut()
                .for_each(|byte| *byte ^= 0xa5);
            fs::write(&file, spoilt).expect("write");
            let cache = open(&path, &clock);
            let what = format!("{ending} from {from}");
            is_what_could_be_read(&cache, 200, &what);
            let found = content(&cache, 0).len();
            assert!(found >= 195, "{what}: {found} are left");
            let damages = &cache.load_report().damages;
            assert_eq!(damages[0].path, file, "{what}");
            assert!(!damages[0].is_mended, "{what}");
            fill(&cache, 0..200);
            drop(cache);
            let cache = open(&path, &clock);
            assert_eq!(content(&cache, 0), expected(200), "{what}");
            assert_eq!(cache.load_report().damages, [], "{what}");
            drop(cache);
            fs::remove_dir_all(&path).expect("remove");
        }
    }
}

#[test]
fn a_key_that_is_gone_is_named_and_no_older_value_of_it_is_served() {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, _) = clock();
    let cache = open(dir.path(), &clock);
    let set = |key: &[u8], value: &'static str| {
        let stored = cache.set(key, value, SetOptions::default());
        stored.expect("stored");
    };
    set(b"lock", "of the one before");
    set(b"other", "value");
    set(b"lock", "of the one who has it");
    push(&cache);
    drop(cache);
    let file = only_file(dir.path(), ".log");
    let mut bytes = fs::read(&file).expect("read");
    let needle = b"of the one who";
    let at = bytes
        .windows(needle.len())
        .position(|w| w == needle)
        .expect("there");
    bytes[at..at + 4].copy_from_slice(b"????");
    fs::write(&file, bytes).expect("written");
    let cache = open(dir.path(), &clock);
    assert_eq!(cache.db(0).get(b"lock").expect("read"), None);
    assert_eq!(
        cache.db(0).get(b"other").expect("read").as_deref(),
        Some(&b"value"[..])
    );
    let len = cache
        .db(1)
        .on(b"list", |txn| txn.llen(b"list"))
        .expect("done");
    assert_eq!(len.expect("read"), 1);
    let gone = &cache.load_report().gone;
    assert_eq!((gone.keys, &gone.names[..]), (1, &["lock".to_owned()][..]));
}

#[test]
fn a_snapshot_cut_short_is_read_as_far_as_it_goes() {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, _) = clock();
    let original = dir.path().join("original");
    let cache = open(&original, &clock);
    fill(&cache, 0..20);
    rewrite_and_wait(&cache);
    drop(cache);
    let bytes = fs::read(only_file(&original, ".snap")).expect("read");
    for cut in (0..bytes.len()).rev().step_by(67) {
        let path = dir.path().join("cut");
        crash_image(&original, &path);
        let file = only_file(&path, ".snap");
        fs::write(&file, &bytes[..cut]).expect("write");
        let cache = open(&path, &clock);
        is_what_could_be_read(&cache, 20, &format!("cut at {cut}"));
        assert_eq!(cache.load_report().damages[0].path, file);
        drop(cache);
        fs::remove_dir_all(&path).expect("remove");
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
    push(&cache);
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
        let cache = open(&path, &clock);
        let newest = name.to_string_lossy() == "tail-0000000003.log";
        if newest {
            // That it ever was is written nowhere here, and it was empty.
            assert_eq!(cache.load_report().damages, []);
        } else {
            let missing = &cache.load_report().damages[0];
            assert_eq!(
                (missing.path.file_name(), missing.offset),
                (Some(&*name), None)
            );
            assert!(cache.load_report().gone.is_uncounted);
        }
        for (key, value) in &content(&cache, 0) {
            assert_eq!(expected(20).get(key), Some(value), "{name:?}");
        }
        drop(cache);
        let again = open(&path, &clock);
        assert_eq!(again.load_report().damages, [], "{name:?}");
        drop(again);
        fs::remove_dir_all(&path).expect("remove");
    }
}

/// A process is killed, another one begins a new file, and then the power goes: what the first had
/// written and the disk had not is torn in a file that is not the last one.
#[test]
fn a_torn_end_of_a_file_that_is_not_the_last_one_costs_that_end() {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, _) = clock();
    let live = dir.path().join("live");
    let cache = open(&live, &clock);
    fill(&cache, 0..20);
    let killed = dir.path().join("killed");
    crash_image(&live, &killed);
    drop(cache);
    let first = only_file(&killed, ".log");
    let bytes = fs::read(&first).expect("read");
    let cache = open(&killed, &clock);
    fill(&cache, 20..30);
    let image = dir.path().join("image");
    for lost in [1, 7, bytes.len() / 3] {
        crash_image(&killed, &image);
        let torn = image.join(first.file_name().expect("a name"));
        fs::write(&torn, &bytes[..bytes.len() - lost]).expect("written");
        let cache = open(&image, &clock);
        is_what_could_be_read(&cache, 30, &format!("{lost} bytes lost"));
        let found = content(&cache, 0);
        assert!((20..30).all(|n| found.contains_key(format!("key{n}").as_bytes())));
        drop(cache);
        assert_eq!(open(&image, &clock).load_report().damages, []);
        fs::remove_dir_all(&image).expect("remove");
    }
    drop(cache);
}

#[test]
fn something_else_in_the_place_of_the_folder_is_put_aside() {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, _) = clock();
    let path = dir.path().join("cache");
    fs::write(&path, "a file").expect("written");
    let cache = open(&path, &clock);
    fill(&cache, 0..3);
    assert_eq!(cache.load_report().damages[0].path, path);
    drop(cache);
    let kept = aside(dir.path());
    assert_eq!(fs::read(&kept[0]).expect("kept"), b"a file");
    assert_eq!(content(&open(&path, &clock), 0), expected(3));
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
