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
fn a_flipped_bit_names_file_and_place() {
    for ending in [".snap", ".log"] {
        let place = place();
        let path = files(&place, ending).remove(0);
        let middle = std::fs::metadata(&path).expect("there").len() as usize / 2;
        flip(&path, middle);
        let err = place.run(&["check"]).failed(1);
        assert!(err.contains(name(&path)), "{err}");
        assert!(
            err.contains("damaged at byte") && err.contains("backup"),
            "{err}"
        );
    }
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
