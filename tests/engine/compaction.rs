//! At a quiet time the state's file is copied without its holes, beside everything that goes on.

use super::{options, post, quiet, room, say, start, user};
use maru::domain::{Actor, Command, MessageId, RoomId, UserId};
use maru::engine::{CompactionOptions, Engine, Options, Parts};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn compacting(dir: &Path) -> Engine {
    let parts = Parts::open(Options {
        compaction: CompactionOptions {
            quiet: Duration::ZERO,
            quiet_entries: u64::MAX,
            least_bytes: 1 << 20,
        },
        ..options(dir)
    });
    parts.expect("opens").start(quiet()).expect("starts")
}

async fn fill(engine: &Engine, kim: UserId, room: RoomId, count: usize) -> Vec<MessageId> {
    let posts: Vec<_> = (0..count)
        .map(|n| {
            engine.submit_now(
                Actor::User(kim),
                post(room, &format!("{n}"), Some(n.to_string())),
            )
        })
        .collect();
    let mut ids = Vec::new();
    for post in posts {
        match post.await.expect("is posted") {
            maru::domain::Outcome::Message { message, .. } => ids.push(message.id),
            other => panic!("{other:?}"),
        }
    }
    ids
}

async fn compacted(engine: &Engine, times: u64) {
    let began = Instant::now();
    while engine.metrics().compactions.load(Ordering::Relaxed) < times {
        assert!(
            began.elapsed() < Duration::from_secs(120),
            "it is never compacted"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_with_holes_becomes_small_and_nothing_is_missed() {
    let dir = TempDir::new().expect("a directory");
    let file = dir.path().join("state.redb");
    let engine = start(dir.path());
    let kim = user(&engine, "kim").await;
    let (marus, other) = (
        room(&engine, kim, "마루").await,
        room(&engine, kim, "부엌").await,
    );
    fill(&engine, kim, marus, 6_000).await;
    let command = Command::DeleteRoom { room: marus };
    engine
        .submit(Actor::User(kim), command)
        .await
        .expect("is deleted");
    while matches!(
        engine.submit(Actor::System, Command::Purge).await,
        Ok(maru::domain::Outcome::Part { more: true })
    ) {}
    engine.stop();
    drop(engine);
    let before = file.metadata().expect("is there").len();
    assert!(before > 1 << 20, "{before}");

    let engine = compacting(dir.path());
    let old = engine.read().expect("reads");
    // A client id is known all the same.
    let once = post(other, "once", Some("x".into()));
    engine
        .submit(Actor::User(kim), once.clone())
        .await
        .expect("is posted");
    // What is said while it is copied is in the copy as well.
    let mut said = Vec::new();
    while engine.metrics().compactions.load(Ordering::Relaxed) == 0 {
        said.push(say(&engine, kim, other, "and on").await);
        assert!(said.len() < 100_000, "it is never compacted");
    }
    said.push(say(&engine, kim, other, "behind it").await);
    let again = engine
        .submit(Actor::User(kim), once)
        .await
        .expect("is known");
    assert!(matches!(
        again,
        maru::domain::Outcome::Message { created: false, .. }
    ));
    let after = file.metadata().expect("is there").len();
    assert!(after < before / 2, "{before} became {after}");
    let reader = engine.read().expect("reads");
    for id in &said {
        assert!(reader.message(*id).expect("reads").is_some());
    }
    // Whoever reads the old file goes on.
    assert_eq!(old.user_count().expect("reads"), 1);
    drop((old, reader));

    // Killed here, everything is there.
    let killed = TempDir::new().expect("a directory");
    crate::upgrade::copy_all(dir.path(), killed.path());
    engine.stop();
    for dir in [dir.path(), killed.path()] {
        let engine = start(dir);
        let reader = engine.read().expect("reads");
        for id in &said {
            assert!(reader.message(*id).expect("reads").is_some());
        }
        drop(reader);
        engine.stop();
    }
}

/// Killed while it copies: what is beside the file is removed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_was_not_finished_is_forgotten() {
    let dir = TempDir::new().expect("a directory");
    let engine = start(dir.path());
    let kim = user(&engine, "kim").await;
    let marus = room(&engine, kim, "마루").await;
    let said = say(&engine, kim, marus, "one").await;
    engine.stop();
    drop(engine);
    for name in ["state.redb.next", "state.redb.next.sums"] {
        std::fs::write(dir.path().join(name), b"half of it").expect("writes");
    }
    let engine = start(dir.path());
    let found = engine.read().expect("reads").message(said).expect("reads");
    assert!(found.is_some());
    assert!(!dir.path().join("state.redb.next").exists());
    engine.stop();
}

/// Killed between the two renames: the sums are of the file before, and are made anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_the_sums_are_in_their_place() {
    let dir = TempDir::new().expect("a directory");
    let engine = start(dir.path());
    let kim = user(&engine, "kim").await;
    let marus = room(&engine, kim, "마루").await;
    let said = fill(&engine, kim, marus, 4_000).await;
    engine.stop();
    drop(engine);
    let sums = std::fs::read(dir.path().join("state.redb.sums")).expect("reads");
    let engine = compacting(dir.path());
    compacted(&engine, 1).await;
    engine.stop();
    drop(engine);
    std::fs::write(dir.path().join("state.redb.sums"), sums).expect("writes");
    let engine = start(dir.path());
    let reader = engine.read().expect("reads");
    assert_eq!(reader.message_count().expect("reads"), said.len() as u64);
    drop(reader);
    engine.stop();
}
