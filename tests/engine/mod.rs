//! From a command to its outcome, durable and told.
mod compaction;
mod ends;
mod flips;
mod life;
mod reopen;
mod resume;

use maru::domain::{Actor, Code, Command, MessageId, Outcome, Role, RoomId, RoomKind, UserId};
use maru::engine::{Engine, Followers, Options, Parts, Retain};
use maru::log::Fsync;
use std::path::Path;
use tempfile::TempDir;

pub fn options(dir: &Path) -> Options {
    Options {
        dir: dir.to_owned(),
        fsync: Fsync::Always,
        retain_events: Retain {
            bytes: 64 << 20,
            age: None,
        },
        state_cache_bytes: 8 << 20,
        at_least: maru::domain::Seq(0),
        state_disk: std::sync::Arc::new(maru::state::file::RealDisk),
        compaction: Default::default(),
        new_epoch: 7,
        run: 7,
        member: maru::engine::Member::alone(),
        anew: false,
        fatal: std::sync::Arc::new(|what| panic!("{what}")),
        timers: maru::metrics::Metrics::new().0,
    }
}

pub fn quiet() -> Followers {
    Followers {
        effect: Box::new(|_, _| ()),
        applied: Box::new(|_| ()),
    }
}

pub fn start(dir: &Path) -> Engine {
    Parts::open(options(dir))
        .expect("opens")
        .start(quiet())
        .expect("starts")
}

pub async fn user(engine: &Engine, name: &str) -> UserId {
    let command = Command::CreateUser {
        username: name.into(),
        display_name: None,
        role: Role::Admin,
        password_hash: None,
        invite: None,
        session: None,
    };
    match engine.submit(Actor::System, command).await {
        Ok(Outcome::User(user)) => user.id,
        other => panic!("{other:?}"),
    }
}

pub async fn room(engine: &Engine, owner: UserId, name: &str) -> RoomId {
    let command = Command::CreateRoom {
        name: name.into(),
        topic: String::new(),
        kind: RoomKind::Public,
    };
    match engine.submit(Actor::User(owner), command).await {
        Ok(Outcome::Room { room, .. }) => room.id,
        other => panic!("{other:?}"),
    }
}

pub fn post(room: RoomId, text: &str, client_id: Option<String>) -> Command {
    Command::Post {
        room,
        text: text.into(),
        client_id,
        reply_to: None,
        mentions: Vec::new(),
        files: Vec::new(),
        also_in_room: false,
        may_call: true,
    }
}

pub async fn say(engine: &Engine, author: UserId, room: RoomId, text: &str) -> MessageId {
    match engine
        .submit(Actor::User(author), post(room, text, None))
        .await
    {
        Ok(Outcome::Message { message, .. }) => message.id,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_was_answered_is_read_at_once_and_after_a_restart() {
    let dir = TempDir::new().expect("a directory");
    let engine = start(dir.path());
    let kim = user(&engine, "kim").await;
    let marus = room(&engine, kim, "마루").await;
    let said = say(&engine, kim, marus, "안녕하세요").await;
    let text = |engine: &Engine| {
        engine
            .read()
            .expect("reads")
            .message(said)
            .expect("reads")
            .expect("there")
            .text
    };
    assert_eq!(text(&engine), "안녕하세요");
    let (seq, epoch) = (engine.status().seq, engine.epoch());
    engine.stop();
    let refused = engine
        .submit(Actor::User(kim), post(marus, "late", None))
        .await;
    assert_eq!(refused.expect_err("stopped").code, Code::Unavailable);
    drop(engine);
    let engine = start(dir.path());
    assert_eq!((engine.status().seq, engine.epoch()), (seq, epoch));
    assert_eq!(text(&engine), "안녕하세요");
    engine.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_are_each_done_once_in_one_order() {
    let dir = TempDir::new().expect("a directory");
    let engine = start(dir.path());
    let kim = user(&engine, "kim").await;
    let marus = room(&engine, kim, "마루").await;
    // One socket: in order, although nobody waits in between. Each is sent twice.
    let mut waiting = Vec::new();
    for n in 0..300 {
        for _ in 0..2 {
            let command = post(marus, &format!("{n}"), Some(format!("c{n}")));
            waiting.push(tokio::spawn(engine.submit_now(Actor::User(kim), command)));
        }
    }
    let mut created = 0;
    for task in waiting {
        match task.await.expect("runs").expect("is done") {
            Outcome::Message { created: true, .. } => created += 1,
            Outcome::Message { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(created, 300);
    let mut texts = Vec::new();
    let mut page = maru::state::HistoryQuery {
        after: Some(MessageId(0)),
        limit: 100,
        ..Default::default()
    };
    loop {
        let history = engine
            .read()
            .expect("reads")
            .history(marus, page)
            .expect("reads");
        texts.extend(history.messages.iter().map(|m| m.text.clone()));
        match history.messages.last() {
            Some(last) if history.more_after => page.after = Some(last.id),
            _ => break,
        }
    }
    assert_eq!(texts, (0..300).map(|n| n.to_string()).collect::<Vec<_>>());
    engine.stop();
}

#[tokio::test]
async fn a_refusal_is_an_answer_and_changes_nothing() {
    let dir = TempDir::new().expect("a directory");
    let engine = start(dir.path());
    let kim = user(&engine, "kim").await;
    let refused = engine
        .submit(Actor::User(kim), post(RoomId(1), "hi", None))
        .await;
    assert_eq!(refused.expect_err("no such room").code, Code::NotFound);
    let before = engine.status().seq;
    let refused = engine
        .submit(Actor::User(kim), post(RoomId(1), " \n", None))
        .await;
    assert_eq!(refused.expect_err("blank").code, Code::BadLength);
    assert_eq!(
        engine.status().seq,
        before,
        "what has no shape never reaches the log"
    );
    engine.stop();
}

/// That is what a restored backup is.
#[tokio::test]
async fn a_state_without_its_log_goes_on_in_another_epoch() {
    let dir = TempDir::new().expect("a directory");
    let engine = start(dir.path());
    let kim = user(&engine, "kim").await;
    let (seq, epoch) = (engine.status().seq, engine.epoch());
    engine.stop();
    drop(engine);
    std::fs::remove_dir_all(dir.path().join("log")).expect("removes");
    let again = Options {
        new_epoch: epoch + 1,
        ..options(dir.path())
    };
    let parts = Parts::open(again).expect("opens");
    let log = parts.log();
    let engine = parts.start(quiet()).expect("starts");
    assert_eq!((engine.status().seq, engine.epoch()), (seq, epoch + 1));
    let marus = room(&engine, kim, "마루").await;
    assert_eq!(log.first_seq(), seq.next());
    engine.stop();
    drop(engine);
    let engine = start(dir.path());
    assert_eq!(engine.epoch(), epoch + 1);
    say(&engine, kim, marus, "still here").await;
    engine.stop();
}

#[tokio::test]
async fn a_damaged_journal_is_made_anew() {
    let dir = TempDir::new().expect("a directory");
    let engine = start(dir.path());
    let kim = user(&engine, "kim").await;
    engine.stop();
    drop(engine);
    for file in std::fs::read_dir(dir.path().join("events")).expect("lists") {
        std::fs::write(file.expect("entry").path(), b"garbage").expect("writes");
    }
    let engine = start(dir.path());
    let marus = room(&engine, kim, "마루").await;
    say(&engine, kim, marus, "still here").await;
    engine.stop();
}
