//! Whether the engine's threads live and get on, and what is known of positions.

use super::{options, post, quiet, room, say, start, user};
use maru::domain::command::NewSession;
use maru::domain::{Actor, Code, Command, Role, Seq, Timestamp};
use maru::engine::{Followers, Options, Parts};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tempfile::TempDir;

#[tokio::test]
async fn a_thread_that_dies_is_told_once_and_nothing_is_taken_any_more() {
    let dir = TempDir::new().expect("a directory");
    let (told, hears) = mpsc::channel();
    let parts = Parts::open(Options {
        fatal: Arc::new(move |what: &str| told.send(what.to_owned()).expect("is heard")),
        ..options(dir.path())
    });
    let engine = parts
        .expect("opens")
        .start(Followers {
            effect: Box::new(|_, _| panic!("out of order")),
            ..quiet()
        })
        .expect("starts");
    engine.ready().expect("is ready");
    let command = Command::CreateUser {
        username: "kim".into(),
        display_name: None,
        role: Role::Admin,
        password_hash: None,
        invite: None,
        session: Some(NewSession {
            jti: "1".into(),
            expires_at: Timestamp::MAX,
            user_agent: String::new(),
            address: String::new(),
            verified: None,
            proof: None,
        }),
    };
    // Its effect is what the applier dies of. The command is in the log and will be applied.
    let unanswered = tokio::spawn({
        let engine = engine.clone();
        async move { engine.submit(Actor::System, command).await }
    });
    let what = tokio::task::spawn_blocking(move || hears.recv_timeout(Duration::from_secs(60)));
    let what = what.await.expect("runs").expect("is told");
    assert!(
        what.contains("applier") && what.contains("out of order"),
        "{what}"
    );
    let refused = engine.submit(Actor::System, Command::Sweep).await;
    assert_eq!(refused.expect_err("is refused").code, Code::ReadOnly);
    assert_eq!(engine.ready().expect_err("is not").code, Code::ReadOnly);
    engine.stop();
    let unknown = unanswered.await.expect("runs").expect_err("nobody knows");
    assert_eq!(unknown.code, Code::Unavailable);
    drop(engine);

    let engine = start(dir.path());
    let kim = engine.read().expect("reads").account_by_name("kim");
    assert!(kim.expect("reads").is_some(), "it was done");
    engine.stop();
}

#[tokio::test]
async fn whoever_knows_a_position_can_wait_for_it() {
    let dir = TempDir::new().expect("a directory");
    let engine = start(dir.path());
    let kim = user(&engine, "kim").await;
    let marus = room(&engine, kim, "마루").await;
    say(&engine, kim, marus, "one").await;
    let now = engine.read().expect("reads").seq();
    // What is read may be a moment ahead of what is told.
    assert!(engine.wait_applied(now, Duration::from_secs(60)).await);
    let next = Seq(now.0 + 2);
    assert!(!engine.wait_applied(next, Duration::ZERO).await);
    let waits = tokio::spawn({
        let engine = engine.clone();
        async move {
            let reached = engine.wait_applied(next, Duration::from_secs(60)).await;
            reached && engine.read().expect("reads").seq() >= next
        }
    });
    for text in ["two", "three"] {
        say(&engine, kim, marus, text).await;
    }
    assert!(waits.await.expect("runs"));
    engine.stop();
}

/// Killed again and again, it never has to replay what it has replayed before.
#[tokio::test]
async fn a_start_that_replayed_leaves_a_checkpoint() {
    let dir = TempDir::new().expect("a directory");
    let engine = start(dir.path());
    let kim = user(&engine, "kim").await;
    let marus = room(&engine, kim, "마루").await;
    let posts: Vec<_> = (0..300)
        .map(|n| engine.submit_now(Actor::User(kim), post(marus, &n.to_string(), None)))
        .collect();
    for post in posts {
        post.await.expect("is posted");
    }
    let seq = engine.status().seq;
    let killed = TempDir::new().expect("a directory");
    crate::upgrade::copy_all(dir.path(), killed.path());
    engine.stop();

    let replays = |dir: &std::path::Path| {
        let state = maru::state::State::open(&dir.join("state.redb"), 8 << 20);
        seq.0 - state.expect("opens").seq().0
    };
    assert!(replays(killed.path()) >= 300);
    let parts = Parts::open(options(killed.path())).expect("opens");
    let again = TempDir::new().expect("a directory");
    crate::upgrade::copy_all(killed.path(), again.path());
    drop(parts);
    assert_eq!(replays(again.path()), 0);
}
