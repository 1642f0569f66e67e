//! `maru check` on the files of the cache: what they hold, where they are damaged, what to do.

use super::run::Place;
use maru::cache::{Embedded, Options, SetOptions};
use std::path::{Path, PathBuf};

/// A data directory whose cache has a snapshot of 500 keys and a log.
fn place() -> Place {
    let place = Place::new();
    place.run(&["invite", "create"]).ok();
    let options = Options {
        path: Some(place.data().join("cache")),
        ..Options::default()
    };
    let cache = Embedded::open(options).expect("opens");
    for n in 0..500 {
        let key = format!("key:{n}");
        let stored = cache.set(key.as_bytes(), "value", SetOptions::default());
        stored.expect("stored");
    }
    cache.rewrite();
    while cache.disk_status().expect("on disk").rewrites == 0 {
        std::thread::yield_now();
    }
    let later = cache.set(b"later", "value", SetOptions::default());
    later.expect("stored");
    drop(cache);
    place
}

fn files(place: &Place, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(place.data().join("cache")).expect("files");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut found: Vec<_> = paths
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    found.sort();
    found
}

fn flip(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).expect("readable");
    bytes[at] ^= 1;
    std::fs::write(path, bytes).expect("written");
}

fn name(path: &Path) -> &str {
    path.file_name()
        .and_then(|name| name.to_str())
        .expect("a name")
}

#[test]
fn both_files_are_counted() {
    let place = place();
    let said = place.run(&["check"]).ok();
    assert!(said.starts_with("all is well"), "{said}");
    assert!(said.contains("501 keys in the cache"), "{said}");
    let snapshot = files(&place, ".snap").remove(0);
    let bytes = std::fs::metadata(&snapshot).expect("there").len();
    let line = format!(
        "{}: 500 keys in a snapshot, {bytes} bytes, whole",
        name(&snapshot)
    );
    assert!(said.contains(&line), "{said}\n{line}");
    assert!(said.contains("entries of the append log"), "{said}");
}

#[test]
fn damage_names_file_and_place_and_changes_nothing() {
    for ending in [".snap", ".log"] {
        let place = place();
        let path = files(&place, ending).remove(0);
        let middle = std::fs::metadata(&path).expect("there").len() as usize / 2;
        flip(&path, middle);
        let before = files(&place, "");
        let done = place.run(&["check"]);
        assert_eq!(done.status, 1, "{done:?}");
        let all = format!("{}{}", done.out, done.err);
        assert!(all.contains(name(&path)), "{all}");
        assert!(
            all.contains("damaged at byte") && all.contains("backup"),
            "{all}"
        );
        assert_eq!(files(&place, ""), before);
    }
}

/// What the server said on stderr until it was stopped.
fn log_of(place: &Place) -> String {
    place.serve().stop().err
}

fn spoil(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).expect("readable");
    bytes[at..at + 9].iter_mut().for_each(|byte| *byte ^= 0xa5);
    std::fs::write(path, bytes).expect("written");
}

#[test]
fn the_chat_starts_whatever_is_wrong_with_the_cache_and_says_what_is_gone() {
    for ending in [".snap", ".log"] {
        let place = place();
        let path = files(&place, ending).remove(0);
        let middle = std::fs::metadata(&path).expect("there").len() as usize / 2;
        spoil(&path, middle);
        let spoilt = std::fs::read(&path).expect("read");
        let said = log_of(&place);
        assert!(
            said.contains(name(&path)) && said.contains("damaged at byte"),
            "{said}"
        );
        assert!(said.contains("keys of the cache are gone"), "{said}");
        let kept = std::fs::read_dir(place.data().join("cache")).expect("files");
        let kept = kept.map(|file| file.expect("an entry").path());
        let kept: Vec<_> = kept
            .filter(|path| path.to_string_lossy().contains(".damaged-"))
            .collect();
        assert_eq!(std::fs::read(&kept[0]).expect("kept"), spoilt);
        assert!(kept[0].to_string_lossy().contains(name(&path)), "{kept:?}");
        let said = place.run(&["check"]).ok();
        assert!(said.starts_with("all is well"), "{said}");
    }
}

#[test]
fn check_repair_keeps_what_can_be_read_of_the_cache() {
    let place = place();
    let path = files(&place, ".snap").remove(0);
    spoil(&path, 700);
    let said = place.run(&["check", "--repair"]).ok();
    assert!(
        said.contains(name(&path)) && said.contains(".damaged-"),
        "{said}"
    );
    assert!(said.contains("keys are kept"), "{said}");
    assert!(place.run(&["check"]).ok().starts_with("all is well"));
    let again = place.run(&["check", "--repair"]).ok();
    assert!(
        again.starts_with("nothing to repair\nall is well"),
        "{again}"
    );
}

#[test]
fn a_cache_that_is_missing_is_told_with_what_is_gone() {
    let place = place();
    place.serve().stop();
    std::fs::remove_dir_all(place.data().join("cache")).expect("removed");
    let failed = place.run(&["check"]);
    assert_eq!(failed.status, 1, "{failed:?}");
    assert!(
        failed.out.contains("cache is missing: the 501 keys"),
        "{failed:?}"
    );
    let said = log_of(&place);
    assert!(said.contains("cache is missing: the 501 keys"), "{said}");
    assert!(!log_of(&place).contains("missing"));
}

#[test]
fn the_newest_file_of_the_cache_is_missed_too() {
    let place = place();
    place.serve().stop();
    let newest = files(&place, ".log").pop().expect("a log");
    std::fs::remove_file(&newest).expect("removed");
    let said = log_of(&place);
    assert!(
        said.contains(name(&newest)) && said.contains("is missing"),
        "{said}"
    );
}

#[test]
fn a_torn_tail_is_cut_and_told() {
    let place = place();
    let path = files(&place, ".log").pop().expect("a log");
    let whole = std::fs::read(&path).expect("readable");
    let torn = [&whole[..], &[7; 11]].concat();
    std::fs::write(&path, torn).expect("written");
    let said = place.run(&["check"]).ok();
    let line = format!("{} was torn at byte {}", name(&path), whole.len());
    assert!(
        said.contains(&line) && said.contains("11 bytes"),
        "{said}\n{line}"
    );
    assert_eq!(std::fs::read(&path).expect("readable"), whole);
    assert!(!place.run(&["check"]).ok().contains("torn"));
}

#[test]
fn damage_under_a_running_server_is_found_and_mended_from_memory() {
    let place = place();
    let server = place.serve();
    let damaged = files(&place, ".snap").remove(0);
    flip(&damaged, 700);
    let failed = place.run(&["check"]);
    assert_eq!(failed.status, 1, "{failed:?}");
    let line = format!("{} is damaged at byte", name(&damaged));
    assert!(
        failed.out.contains(&line) && failed.out.contains("in memory"),
        "{failed:?}"
    );
    while files(&place, ".snap").contains(&damaged) {
        std::thread::yield_now();
    }
    let said = place.run(&["check"]).ok();
    assert!(said.contains("501 keys in the cache"), "{said}");
    server.stop();
    assert!(place.run(&["check"]).ok().contains("501 keys in the cache"));
}
