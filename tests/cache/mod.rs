//! Keys with a time to live and publish/subscribe, in process and persistent.
mod collections;
mod contract;
mod damage;
mod eviction;
mod expiry;
mod limits;
mod model;
mod old_format;
mod pubsub;
mod remote;
mod rewrite;
mod saving;
mod streams;
mod watching;

use bytes::Bytes;
use maru::cache::{Clock, Embedded, Fsync, ManualClock, Options};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const NOW_MS: u64 = 1_800_000_000_000;
const DAY_MS: u64 = 86_400_000;

/// A clock that tests move.
fn clock() -> (Clock, Arc<ManualClock>) {
    Clock::manual(NOW_MS)
}

fn options(path: &Path, clock: &Clock) -> Options {
    Options {
        path: Some(path.to_path_buf()),
        fsync: Fsync::Always,
        clock: clock.clone(),
        ..Options::default()
    }
}

fn open(path: &Path, clock: &Clock) -> Embedded {
    Embedded::open(options(path, clock)).expect("open")
}

/// All living keys of a database with their values.
fn content(cache: &Embedded, db: u8) -> BTreeMap<Bytes, Bytes> {
    let mut found = BTreeMap::new();
    let mut cursor = 0;
    loop {
        let page = cache.db(db).scan(cursor, b"*", 100);
        for key in page.keys {
            if let Some(value) = cache.db(db).get(&key).expect("get") {
                assert_eq!(found.insert(key, value), None, "a key came twice");
            }
        }
        cursor = page.cursor;
        if cursor == 0 {
            return found;
        }
    }
}

/// What a crash at this moment leaves behind. With [`Fsync::Always`] nothing is under way.
fn crash_image(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).expect("files") {
        let entry = entry.expect("an entry");
        match std::fs::copy(entry.path(), to.join(entry.file_name())) {
            // An old file that a rewrite has replaced may go meanwhile.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            copied => {
                copied.expect("copy");
            }
        }
    }
}

/// The one file whose name ends like this.
fn only_file(dir: &Path, ending: &str) -> std::path::PathBuf {
    let mut found: Vec<_> = std::fs::read_dir(dir)
        .expect("files")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// Waits for something that other threads bring about.
fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let started = Instant::now();
    while !happened() {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "{what} did not happen"
        );
        std::thread::park_timeout(Duration::from_millis(1));
    }
}

fn rewrite_and_wait(cache: &Embedded) {
    let before = cache.disk_status().expect("on disk").rewrites;
    cache.rewrite();
    until("the rewrite", || {
        cache.disk_status().expect("on disk").rewrites > before
    });
}
