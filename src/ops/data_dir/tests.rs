//! Who has the directory, of which format it is, and what a refused start leaves.

use super::*;
use crate::ops::format;
use std::os::unix::fs::PermissionsExt;

#[test]
fn the_second_is_told_about_the_first() {
    let tmp = tempfile::tempdir().expect("a directory");
    let path = tmp.path().join("data");
    let first = DataDir::open_or_create(&path, "serve").expect("the first gets it");
    assert!(first.is_new);
    let mode = std::fs::metadata(&path)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700);
    first.announce("http://127.0.0.1:1").expect("written");

    let text = DataDir::open(&path, "check").expect_err("held").to_string();
    assert!(
        text.contains(&std::process::id().to_string()) && text.contains("serve"),
        "{text}"
    );
    let holder = holder(&path).expect("readable").expect("held");
    assert_eq!(holder.url.as_deref(), Some("http://127.0.0.1:1"));

    drop(first);
    assert_eq!(super::holder(&path).expect("readable"), None);
    assert!(!DataDir::open(&path, "check").expect("free again").is_new);
}

#[test]
fn a_start_that_is_refused_leaves_nothing_new_behind() {
    let tmp = tempfile::tempdir().expect("a directory");
    let path = tmp.path().join("data");
    let refused = DataDir::open_or_create(&path, "serve").expect("made");
    let refused = refused.provisional();
    std::fs::create_dir(path.join("log")).expect("made");
    drop(refused);
    assert!(!path.exists());

    std::fs::create_dir(&path).expect("made");
    std::fs::write(path.join("state.redb"), "a state").expect("written");
    std::fs::write(path.join("notes"), "of a person").expect("written");
    let refused = DataDir::open_or_create(&path, "serve").expect("taken");
    let refused = refused.provisional();
    std::fs::create_dir(path.join("log")).expect("made");
    std::fs::write(path.join("log/1.log"), "x").expect("written");
    drop(refused);
    let left: Vec<_> = names(&path).into_iter().collect();
    assert_eq!(left, ["lock", "notes", "state.redb"]);
}

#[test]
fn a_directory_from_the_future_is_refused_with_both_versions() {
    let tmp = tempfile::tempdir().expect("a directory");
    let text = "format = 7\nmaru = \"9.4.1\"\n";
    std::fs::write(tmp.path().join("VERSION"), text).expect("written");
    let error = DataDir::open(tmp.path(), "serve")
        .expect_err("refused")
        .to_string();
    assert!(
        error.contains("9.4.1") && error.contains(env!("CARGO_PKG_VERSION")),
        "{error}"
    );
    let kept = std::fs::read_to_string(tmp.path().join("VERSION")).expect("there");
    assert_eq!(kept, text);
}

#[test]
fn a_spoilt_version_file_is_not_taken_for_a_new_directory() {
    let tmp = tempfile::tempdir().expect("a directory");
    for spoilt in ["", "format = 'one'", "\u{0}"] {
        std::fs::write(tmp.path().join("VERSION"), spoilt).expect("written");
        let result = DataDir::open(tmp.path(), "serve");
        assert!(
            matches!(result, Err(DataDirError::Unclear(_))),
            "{spoilt:?}"
        );
    }
}

#[test]
fn a_state_without_a_version_file_is_named() {
    let tmp = tempfile::tempdir().expect("a directory");
    assert_eq!(
        format::missing(tmp.path()),
        None,
        "a new directory has none"
    );
    std::fs::write(tmp.path().join("state.redb"), "a state").expect("written");
    let text = format::missing(tmp.path()).expect("named");
    assert!(text.starts_with("VERSION is missing"), "{text}");
    drop(DataDir::open(tmp.path(), "serve").expect("opened"));
    assert_eq!(format::missing(tmp.path()), None, "it is written anew");
}

#[test]
fn what_is_not_there_is_not_made_by_reading_commands() {
    let tmp = tempfile::tempdir().expect("a directory");
    let path = tmp.path().join("nothing");
    assert!(matches!(
        DataDir::open(&path, "export"),
        Err(DataDirError::Missing(_))
    ));
    assert!(!path.exists());
}
