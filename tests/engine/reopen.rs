//! The state's disk fails while people talk: nothing goes back in time, nothing is done twice, and
//! everything comes back in the same process.

use super::{options, post, quiet, room, user};
use maru::domain::{Actor, Code, Command, MessageId, Outcome, RoomId, RoomKind, Seq, UserId};
use maru::engine::{Engine, Options, Parts};
use maru::state::file::{Disk, RealDisk};
use maru::state::{HistoryQuery, State};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

/// Fails as told.
#[derive(Debug, Default)]
struct Sick {
    changes: AtomicBool,
    reads: AtomicBool,
}

impl Sick {
    fn check(&self, what: &AtomicBool) -> io::Result<()> {
        if what.load(Ordering::SeqCst) {
            return Err(io::Error::other("the disk is sick"));
        }
        Ok(())
    }
}

impl Disk for Sick {
    fn read(&self, file: &File, into: &mut [u8], offset: u64) -> io::Result<()> {
        self.check(&self.reads)?;
        RealDisk.read(file, into, offset)
    }

    fn write(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.check(&self.changes)?;
        RealDisk.write(file, bytes, offset)
    }

    fn set_len(&self, file: &File, len: u64) -> io::Result<()> {
        self.check(&self.changes)?;
        RealDisk.set_len(file, len)
    }

    fn sync(&self, _: &File) -> io::Result<()> {
        self.check(&self.changes)
    }
}

/// With a cache so small that pages go to the file all the time.
fn start(dir: &Path, disk: &Arc<Sick>) -> Engine {
    let options = Options {
        state_cache_bytes: 64 << 10,
        at_least: Seq(0),
        state_disk: disk.clone(),
        ..options(dir)
    };
    let parts = Parts::open(options).expect("opens");
    parts.start(quiet()).expect("starts")
}

struct Talk {
    engine: Engine,
    kim: UserId,
    room: RoomId,
    /// What was acknowledged.
    said: BTreeMap<MessageId, String>,
    count: usize,
}

impl Talk {
    async fn begin(engine: Engine) -> Talk {
        let kim = user(&engine, "kim").await;
        let room = room(&engine, kim, "마루").await;
        Talk {
            engine,
            kim,
            room,
            said: BTreeMap::new(),
            count: 0,
        }
    }

    /// Posts until one is refused, or so many.
    async fn say(&mut self, most: usize) -> Option<Code> {
        for _ in 0..most {
            self.count += 1;
            let text = format!("{} {}", self.count, "글".repeat(300));
            let command = post(self.room, &text, None);
            match self.engine.submit(Actor::User(self.kim), command).await {
                Ok(Outcome::Message { message, .. }) => {
                    self.said.insert(message.id, text);
                }
                Ok(other) => panic!("{other:?}"),
                Err(refusal) => return Some(refusal.code),
            }
            // Whatever the disk does, who was answered reads it.
            self.newest_is_read();
        }
        None
    }

    fn newest_is_read(&self) {
        let newest = self.said.last_key_value().expect("somebody talked");
        let found = self.engine.read().expect("reads").message(*newest.0);
        assert_eq!(&found.expect("reads").expect("is there").text, newest.1);
    }

    fn all_is_there_once(&self, engine: &Engine) {
        let mut found = BTreeMap::new();
        let mut page = HistoryQuery {
            after: Some(MessageId(0)),
            limit: 100,
            ..HistoryQuery::default()
        };
        loop {
            let history = engine.read().expect("reads").history(self.room, page);
            let history = history.expect("reads");
            page.after = history.messages.last().map(|message| message.id);
            found.extend(history.messages.into_iter().map(|m| (m.id, m.text)));
            if !history.more_after {
                break;
            }
        }
        assert_eq!(found, self.said);
    }

    async fn ready(&self) {
        while self.engine.ready().is_err() {
            self.newest_is_read();
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writing_fails_and_reads_stay_where_they_are() {
    let (dir, disk) = (TempDir::new().expect("a directory"), Arc::<Sick>::default());
    let mut talk = Talk::begin(start(dir.path(), &disk)).await;
    let lee = user(&talk.engine, "lee").await;
    let private = Command::CreateRoom {
        name: "비밀".into(),
        topic: String::new(),
        kind: RoomKind::Private,
    };
    let made = talk.engine.submit(Actor::User(talk.kim), private).await;
    let Ok(Outcome::Room { room: secret, .. }) = made else {
        panic!("{made:?}")
    };
    for command in [
        Command::AddMember {
            room: secret.id,
            user: lee,
            role: None,
        },
        Command::RemoveMember {
            room: secret.id,
            user: lee,
        },
    ] {
        let done = talk.engine.submit(Actor::User(talk.kim), command).await;
        done.expect("is done");
    }
    assert_eq!(talk.say(50).await, None);
    disk.changes.store(true, Ordering::SeqCst);
    // Sooner or later a page has to go to the file.
    let refused = talk.say(100_000).await.expect("is refused");
    assert_eq!(
        refused,
        Code::ReadOnly,
        "a definite answer: nothing is unknown"
    );
    let seq = talk.engine.read().expect("reads").seq();
    for _ in 0..200 {
        let reader = talk.engine.read().expect("reads stay up");
        assert!(reader.seq() >= seq, "nothing goes back");
        assert!(!reader.is_member(secret.id, lee).expect("reads"));
        tokio::task::yield_now().await;
    }
    disk.changes.store(false, Ordering::SeqCst);
    talk.ready().await;
    assert_eq!(talk.say(50).await, None);
    talk.all_is_there_once(&talk.engine);
    talk.engine.stop();

    let again = start(dir.path(), &Arc::default());
    talk.all_is_there_once(&again);
    again.stop();
}

/// A handle that cannot even read is of no more use. What is in the log is done all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_fails_and_nothing_in_the_log_is_lost_or_done_twice() {
    let (dir, disk) = (TempDir::new().expect("a directory"), Arc::<Sick>::default());
    let mut talk = Talk::begin(start(dir.path(), &disk)).await;
    assert_eq!(talk.say(200).await, None);
    disk.reads.store(true, Ordering::SeqCst);
    disk.changes.store(true, Ordering::SeqCst);
    let mut unknown = Vec::new();
    loop {
        let nonce = format!("n{}", talk.count);
        talk.count += 1;
        let text = format!("{} {}", talk.count, "글".repeat(300));
        let command = post(talk.room, &text, Some(nonce.clone()));
        match talk.engine.submit(Actor::User(talk.kim), command).await {
            Ok(Outcome::Message { message, .. }) => drop(talk.said.insert(message.id, text)),
            Ok(other) => panic!("{other:?}"),
            Err(refusal) if refusal.code == Code::ReadOnly => break,
            Err(refusal) => {
                // It was in the log already: nobody knows, and it is sent again.
                assert_eq!(refusal.code, Code::Unavailable);
                unknown.push((nonce, text));
            }
        }
    }
    disk.reads.store(false, Ordering::SeqCst);
    disk.changes.store(false, Ordering::SeqCst);
    while talk.engine.ready().is_err() {
        tokio::task::yield_now().await;
    }
    for (nonce, text) in unknown {
        let command = post(talk.room, &text, Some(nonce));
        let again = talk.engine.submit(Actor::User(talk.kim), command).await;
        let Ok(Outcome::Message { message, created }) = again else {
            panic!("{again:?}")
        };
        assert!(!created, "what was in the log was done");
        talk.said.insert(message.id, text);
    }
    assert_eq!(talk.say(50).await, None);
    talk.all_is_there_once(&talk.engine);
    talk.engine.stop();
}

/// Killed while it is held in memory: the next start takes everything from the log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_the_disk_fails() {
    let (dir, disk) = (TempDir::new().expect("a directory"), Arc::<Sick>::default());
    let mut talk = Talk::begin(start(dir.path(), &disk)).await;
    assert_eq!(talk.say(50).await, None);
    disk.changes.store(true, Ordering::SeqCst);
    talk.say(100_000).await.expect("is refused");
    let killed = TempDir::new().expect("a directory");
    crate::upgrade::copy_all(dir.path(), killed.path());
    let state = State::open(&killed.path().join("state.redb"), 8 << 20).expect("opens");
    assert!(state.seq() < Seq(talk.said.len() as u64));
    drop(state);
    let again = start(killed.path(), &Arc::default());
    talk.all_is_there_once(&again);
    again.stop();
    talk.engine.stop();
}
