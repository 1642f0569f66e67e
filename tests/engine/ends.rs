//! The log's end against what the state and the journal know of it.

use super::{options, quiet, room, say, start, user};
use maru::engine::{OpenError, Options, Parts};
use maru::log::LogError;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// A stopped directory in which something was said.
async fn stopped(texts: &[&str]) -> TempDir {
    let dir = TempDir::new().expect("a directory");
    let engine = start(dir.path());
    let kim = user(&engine, "kim").await;
    let marus = room(&engine, kim, "마루").await;
    for text in texts {
        say(&engine, kim, marus, text).await;
    }
    engine.stop();
    dir
}

fn refused(dir: &Path) -> OpenError {
    match Parts::open(options(dir)) {
        Err(error) => error,
        Ok(_) => panic!("it opened"),
    }
}

fn segment(dir: &Path) -> PathBuf {
    let files = std::fs::read_dir(dir.join("log")).expect("lists");
    let mut logs: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    logs.retain(|path| path.extension().is_some_and(|end| end == "log"));
    logs.sort();
    logs.pop().expect("a segment")
}

/// Where each entry of the newest segment begins, and where the last one ends.
fn borders(path: &Path) -> Vec<u64> {
    let bytes = std::fs::read(path).expect("reads");
    let mut at = 64;
    let mut borders = vec![at as u64];
    while at < bytes.len() {
        let payload: [u8; 4] = bytes[at + 4..at + 8].try_into().expect("four bytes");
        at += 40 + u32::from_le_bytes(payload) as usize;
        borders.push(at as u64);
    }
    borders
}

fn cut(dir: &Path, entries: usize) {
    let path = segment(dir);
    let borders = borders(&path);
    let file = std::fs::File::options().write(true).open(&path);
    let len = borders[borders.len() - 1 - entries];
    file.expect("opens").set_len(len).expect("cuts");
}

#[tokio::test]
async fn a_log_of_another_history_is_refused_by_name() {
    let (one, other) = (stopped(&["this"]).await, stopped(&["that"]).await);
    std::fs::remove_dir_all(one.path().join("log")).expect("removes");
    crate::upgrade::copy_all(&other.path().join("log"), &one.path().join("log"));
    let error = refused(one.path());
    assert!(matches!(error, OpenError::Unlike { .. }), "{error}");
    assert!(error.to_string().contains("`log`"), "{error}");
    // The remedy that it names.
    std::fs::remove_dir_all(one.path().join("log")).expect("moves");
    start(one.path()).stop();
}

#[tokio::test]
async fn an_end_that_the_state_knows_of_is_missed_and_its_remedy_works() {
    let dir = stopped(&["one", "two", "three"]).await;
    cut(dir.path(), 2);
    let error = refused(dir.path());
    let OpenError::Log(LogError::Damaged { what, remedy, .. }) = &error else {
        panic!("{error}");
    };
    assert!(what.contains("missing at its end"), "{what}");
    assert!(remedy.contains("move the folder"), "{remedy}");
    std::fs::rename(dir.path().join("log"), dir.path().join("log.old")).expect("moves");
    let engine = start(dir.path());
    let reader = engine.read().expect("reads");
    assert_eq!(reader.message_count().expect("reads"), 3);
    drop(reader);
    engine.stop();
}

/// Killed before a checkpoint: only the journal knows how far it had come.
#[tokio::test]
async fn an_end_that_was_told_is_missed_and_its_remedy_works() {
    let dir = TempDir::new().expect("a directory");
    let engine = start(dir.path());
    let kim = user(&engine, "kim").await;
    let marus = room(&engine, kim, "마루").await;
    for text in ["one", "two", "three"] {
        say(&engine, kim, marus, text).await;
    }
    let (epoch, seq) = (engine.epoch(), engine.read().expect("reads").seq());
    // Told, and kept for those who come back.
    assert!(engine.wait_applied(seq, Duration::from_secs(60)).await);
    let killed = TempDir::new().expect("a directory");
    crate::upgrade::copy_all(dir.path(), killed.path());
    engine.stop();
    cut(killed.path(), 1);
    let error = refused(killed.path());
    assert!(matches!(error, OpenError::LostEnd { .. }), "{error}");
    std::fs::remove_dir_all(killed.path().join("events")).expect("removes");
    let parts = Parts::open(Options {
        new_epoch: epoch + 1,
        ..options(killed.path())
    });
    let engine = parts.expect("opens").start(quiet()).expect("starts");
    // Or a client would take a later entry for one that it has.
    assert_eq!(engine.epoch(), epoch + 1);
    let reader = engine.read().expect("reads");
    assert_eq!(reader.message_count().expect("reads"), 2);
    drop(reader);
    engine.stop();
}

#[tokio::test]
async fn the_state_keeps_where_in_which_log_it_stands() {
    let dir = stopped(&["one"]).await;
    let parts = Parts::open(options(dir.path())).expect("opens");
    let position = parts.state().position();
    assert_eq!(position.epoch, parts.epoch());
    let log = parts.log();
    let last = log.read(position.seq, maru::log::ReadLimit::entries(1));
    let last = last.expect("reads").remove(0);
    assert_eq!((position.seq, position.hash), (log.last_seq(), last.hash));
    let (stamp, _) = maru::log::codec::decode(&last.payload).expect("decodes");
    assert_eq!(position.nonce, stamp.nonce);
}
