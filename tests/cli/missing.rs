//! What is missing in a data directory is named; a start that is refused leaves nothing new behind.

use super::run::Place;
use std::path::{Path, PathBuf};

/// Every path in the data directory but what a lock says.
fn all(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for item in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = item.path();
        if path.is_dir() {
            found.extend(all(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}

fn place() -> Place {
    let place = Place::new();
    place.run(&["invite", "create"]).ok();
    place.serve().stop();
    place
}

#[test]
fn each_missing_part_is_named_at_the_start() {
    let key = |place: &Place| {
        let mut keys = all(&place.data().join("keys"));
        keys.pop().expect("a key")
    };
    for part in ["keys", "events", "index", "files", "a key", "state.redb"] {
        let place = place();
        let path = match part {
            "a key" => key(&place),
            part => place.data().join(part),
        };
        if path.is_dir() {
            std::fs::remove_dir_all(&path).expect("removed");
        } else {
            std::fs::remove_file(&path).expect("removed");
        }
        let name = path.strip_prefix(place.data()).expect("inside");
        let line = format!("{} is missing", name.display());
        let checked = place.run(&["check"]);
        assert_eq!(checked.status, 1, "{part}: {checked:?}");
        assert!(checked.out.contains(&line), "{checked:?}");
        let said = place.serve().stop().err;
        assert!(said.contains(&line), "{part}: {said}");
        let said = place.serve().stop().err;
        assert!(!said.contains("is missing"), "{part}: {said}");
    }
}

#[test]
fn a_log_that_is_missing_costs_nothing_where_the_state_has_all_of_it() {
    let place = place();
    std::fs::remove_dir_all(place.data().join("log")).expect("removed");
    let said = place.serve().stop().err;
    assert!(said.contains("log is missing"), "{said}");
    assert!(place.run(&["check"]).ok().starts_with("all is well"));
}

#[test]
fn a_start_that_is_refused_changes_nothing() {
    let place = place();
    let log = place.data().join("log");
    let segment = all(&log)
        .into_iter()
        .find(|path| path.extension().is_some_and(|e| e == "log"));
    let segment = segment.expect("a segment");
    let mut bytes = std::fs::read(&segment).expect("read");
    bytes[40..50].fill(0xa5);
    std::fs::write(&segment, bytes).expect("written");
    for part in ["cache", "keys", "events"] {
        std::fs::remove_dir_all(place.data().join(part)).expect("removed");
    }
    let before = all(&place.data());
    let failed = place.run(&["serve", "--listen", "127.0.0.1:0"]).failed(1);
    assert!(failed.contains("damaged at byte"), "{failed}");
    assert!(failed.contains("cache is missing"), "{failed}");
    assert_eq!(all(&place.data()), before);
}

#[test]
fn an_address_in_use_makes_no_data_directory() {
    let place = Place::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
    let address = taken.local_addr().expect("an address").to_string();
    place.run(&["serve", "--listen", &address]).failed(1);
    assert!(!place.data().exists());
}

#[test]
fn a_bit_of_the_version_or_the_manifest_is_never_taken_for_another() {
    let place = place();
    for file in ["VERSION", "MANIFEST"] {
        let path = place.data().join(file);
        let whole = std::fs::read(&path).expect("read");
        for at in [1, whole.len() / 2, whole.len() - 3] {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(&path, bytes).expect("written");
            let checked = place.run(&["check"]);
            assert_eq!(checked.status, 1, "{checked:?}");
            let said = format!("{}{}", checked.out, checked.err);
            assert!(said.contains(file), "{said}");
        }
        std::fs::write(&path, whole).expect("written");
        assert!(place.run(&["check"]).ok().starts_with("all is well"));
    }
}
