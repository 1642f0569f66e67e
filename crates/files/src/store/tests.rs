//! Content under its hash, uploads in pieces, and what goes.

use super::*;

fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(&dir.path().join("files")).expect("opens");
    (dir, store)
}

fn put(store: &Store, bytes: &[u8]) -> Stored {
    let incoming = store.begin().expect("begins");
    let mut file = incoming.open_at(0).expect("opens");
    file.write_all(bytes).expect("writes");
    store.keep(&incoming).expect("keeps")
}

#[test]
fn content_is_kept_once_under_its_hash() {
    let (_dir, store) = store();
    let first = put(&store, b"same");
    assert_eq!(put(&store, b"same"), first);
    assert_eq!(first.size_bytes, 4);
    assert_eq!(fs::read(store.path(&first.hash)).expect("reads"), b"same");
    let left = fs::read_dir(store.root.join(INCOMING)).expect("reads");
    assert_eq!(left.count(), 0, "nothing stays behind");
    assert_eq!(put(&store, b"").size_bytes, 0);
}

#[test]
fn content_that_changed_on_the_disk_is_not_what_was_uploaded() {
    let (_dir, store) = store();
    let kept = put(&store, b"what was uploaded");
    let path = store.path(&kept.hash);
    store.verify(&kept.hash).expect("whole");
    fs::write(&path, b"what was uplouded").expect("written");
    let later = SystemTime::now() + Duration::from_secs(2);
    let file = OpenOptions::new().write(true).open(&path).expect("opens");
    file.set_modified(later).expect("set");
    assert!(matches!(store.verify(&kept.hash), Err(FileError::Damaged(found)) if found == path));
    put(&store, b"what was uploaded");
    store.verify(&kept.hash).expect("whole again");
    fs::remove_file(&path).expect("removed");
    assert!(matches!(store.verify(&kept.hash), Err(FileError::Missing(found)) if found == path));
}

#[test]
fn what_lies_about_its_type_is_a_download() {
    let (_dir, store) = store();
    let lie = put(&store, b"\x89PNG\r\n\x1a\nnot really");
    assert_eq!((lie.mime, lie.size), ("application/octet-stream", None));
}

#[test]
fn an_upload_goes_on_where_it_was_left() {
    let (_dir, store) = store();
    let mut incoming = store.begin().expect("begins");
    incoming.leave();
    let name = incoming.name().to_owned();
    incoming
        .open_at(0)
        .and_then(|mut file| Ok(file.write_all(b"hello, wor")?))
        .expect("writes");
    drop(incoming);
    assert!(store.resume("../../state.redb").is_none());
    let again = store.resume(&name).expect("is there");
    assert_eq!(again.size_bytes().expect("a size"), 10);
    again
        .open_at(7)
        .and_then(|mut file| Ok(file.write_all(b"maru")?))
        .expect("writes");
    let kept = store.keep(&again).expect("keeps");
    assert_eq!(
        fs::read(store.path(&kept.hash)).expect("reads"),
        b"hello, maru"
    );
}

#[test]
fn what_nobody_wants_goes() {
    let (_dir, store) = store();
    let (wanted, other) = (put(&store, b"a"), put(&store, b"b"));
    let keep = HashSet::from([wanted.hash.clone()]);
    let long = Duration::from_secs(3600);
    assert_eq!(store.sweep(&keep, long, long).expect("sweeps"), 0);
    let hold = store.hold();
    let held = store.sweep(&keep, Duration::ZERO, long);
    assert_eq!(held.expect("waits"), 0, "somebody reads all of it");
    drop(hold);
    assert_eq!(store.sweep(&keep, Duration::ZERO, long).expect("sweeps"), 1);
    assert!(store.path(&wanted.hash).exists());
    assert!(!store.path(&other.hash).exists());
}
