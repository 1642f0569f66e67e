//! Coming back: no gap, no double, nothing that is not one's own.

use super::{options, post, quiet, room, say, start, user};
use maru::domain::{Actor, Command, RoomId, RoomKind, Seq, SessionId, UserId};
use maru::engine::{Engine, Options, Parts, Retain};
use maru::live::{Attached, Close, Packet, Resync, Subscriber};
use parking_lot::Mutex;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::sync::Notify;

/// Writes down what it hears.
#[derive(Default)]
pub struct Notebook {
    heard: Mutex<Vec<(Seq, String)>>,
    closed: Mutex<Option<Close>>,
    news: Notify,
}

impl Subscriber for Notebook {
    fn hear(&self, packet: &Arc<Packet>) {
        if let Some(seq) = packet.seq {
            self.heard
                .lock()
                .push((seq.entry(), packet.name.to_owned()));
            self.news.notify_one();
        }
    }

    fn close(&self, why: Close) {
        *self.closed.lock() = Some(why);
    }
}

impl Notebook {
    async fn until(&self, seq: Seq) {
        while self.heard.lock().last().is_none_or(|last| last.0 < seq) {
            self.news.notified().await;
        }
    }
}

fn attach(
    engine: &Engine,
    user: UserId,
    since: Option<(u64, Seq)>,
) -> (Result<Attached, Resync>, Arc<Notebook>) {
    let subscriber = Arc::new(Notebook::default());
    let since = since.map(|(epoch, seq)| (epoch, seq.end()));
    let attached = engine
        .live()
        .attach(user, SessionId(1), since, subscriber.clone())
        .expect("reads");
    (attached, subscriber)
}

fn drain(attached: &mut Attached) -> Vec<Seq> {
    let mut seqs = Vec::new();
    while let Some(batch) = attached.missed.next_batch().expect("reads") {
        seqs.extend(batch.iter().filter_map(|packet| Some(packet.seq?.entry())));
    }
    seqs
}

async fn join(engine: &Engine, user: UserId, room: RoomId) {
    engine
        .submit(Actor::User(user), Command::Join { room })
        .await
        .expect("joins");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missed_and_live_meet_without_a_seam_while_others_talk() {
    let dir = TempDir::new().expect("a directory");
    let engine = start(dir.path());
    let kim = user(&engine, "kim").await;
    let marus = room(&engine, kim, "마루").await;
    let begin = engine.status().seq;
    let mut talk = Vec::new();
    for n in 0..2_000 {
        let command = post(marus, &format!("글 {n} {}", "가".repeat(600)), None);
        talk.push(tokio::spawn(engine.submit_now(Actor::User(kim), command)));
    }
    // The first posts are out, for a client may have heard of them.
    while engine.live().published().entry() < Seq(begin.0 + 2) {
        tokio::task::yield_now().await;
    }
    // Fifty clients come back at whatever moment it is, from the beginning or from the middle.
    let mut clients = Vec::new();
    for n in 0..50 {
        let since = Seq(begin.0 + n % 3);
        let (attached, subscriber) = attach(&engine, kim, Some((engine.epoch(), since)));
        clients.push((since, attached.expect("is in the journal"), subscriber));
        tokio::task::yield_now().await;
    }
    for task in talk {
        task.await.expect("runs").expect("is posted");
    }
    let last = engine.status().seq;
    for (since, mut attached, subscriber) in clients {
        let mut seqs = drain(&mut attached);
        if attached.seq < last.end() {
            subscriber.until(last).await;
        }
        seqs.extend(subscriber.heard.lock().iter().map(|(seq, _)| *seq));
        let all: Vec<Seq> = (since.0 + 1..=last.0).map(Seq).collect();
        assert_eq!(seqs, all, "each once and in order");
    }
    engine.stop();
}

#[tokio::test]
async fn strangers_hear_nothing_and_late_members_nothing_from_before() {
    let dir = TempDir::new().expect("a directory");
    let engine = start(dir.path());
    let (kim, lee, park) = (
        user(&engine, "kim").await,
        user(&engine, "lee").await,
        user(&engine, "park").await,
    );
    let marus = room(&engine, kim, "마루").await;
    let begin = engine.status().seq;
    let (attached, stranger) = attach(&engine, park, None);
    let parks = attached.expect("attaches");
    say(&engine, kim, marus, "before lee").await;
    join(&engine, lee, marus).await;
    let joined = engine.status().seq;
    let (lees, lee_ear) = attach(&engine, lee, None);
    let lees = lees.expect("attaches");
    say(&engine, kim, marus, "for kim and lee").await;
    let heard = engine.status().seq;
    engine
        .submit(Actor::User(lee), Command::Leave { room: marus })
        .await
        .expect("leaves");
    let left = engine.status().seq;
    say(&engine, kim, marus, "lee is gone").await;
    let private = Command::CreateRoom {
        name: "비밀".into(),
        topic: String::new(),
        kind: RoomKind::Private,
    };
    engine
        .submit(Actor::User(kim), private)
        .await
        .expect("made");
    let end = room(&engine, park, "parks").await;
    lee_ear.until(engine.status().seq).await;
    stranger.until(engine.status().seq).await;
    // An answer may be quicker than the hub: what was done a moment before attaching is news then.
    let seqs = |subscriber: &Notebook, attached: &Attached, wanted: &[Seq]| {
        let heard: Vec<Seq> = subscriber
            .heard
            .lock()
            .iter()
            .map(|(seq, _)| *seq)
            .collect();
        let wanted: Vec<Seq> = wanted
            .iter()
            .copied()
            .filter(|seq| *seq > attached.seq.entry())
            .collect();
        assert_eq!(heard, wanted);
    };
    let made = engine.status().seq;
    seqs(&lee_ear, &lees, &[joined, heard, left, made]);
    seqs(&stranger, &parks, &[begin, made]);
    assert!(end.0 > 0);
    // What the hub did not have yet when the client attached comes live.
    let back = async |user, wanted: &[Seq]| {
        let (attached, subscriber) = attach(&engine, user, Some((engine.epoch(), begin)));
        let mut attached = attached.expect("is in the journal");
        let mut heard = drain(&mut attached);
        let last = wanted.last().copied().expect("something is wanted");
        if attached.seq < last.end() {
            subscriber.until(last).await;
        }
        heard.extend(subscriber.heard.lock().iter().map(|(seq, _)| *seq));
        assert_eq!(heard, wanted);
    };
    back(park, &[made]).await;
    // Rooms that one left are not one's own any more.
    back(lee, &[left, made]).await;
    join(&engine, lee, marus).await;
    let rejoined = engine.status().seq;
    // From the second joining on.
    back(lee, &[left, made, rejoined]).await;
    assert!(joined < heard);
    engine.stop();
}

#[tokio::test]
async fn positions_survive_a_restart_and_old_ones_start_over() {
    let dir = TempDir::new().expect("a directory");
    let engine = start(dir.path());
    let kim = user(&engine, "kim").await;
    let marus = room(&engine, kim, "마루").await;
    let since = engine.status().seq;
    for n in 0..20 {
        say(&engine, kim, marus, &n.to_string()).await;
    }
    let epoch = engine.epoch();
    engine.stop();
    drop(engine);
    let engine = Parts::open(Options {
        new_epoch: 8,
        ..options(dir.path())
    })
    .expect("opens")
    .start(quiet())
    .expect("starts");
    assert_eq!(engine.epoch(), epoch);
    let (attached, _) = attach(&engine, kim, Some((epoch, since)));
    assert_eq!(drain(&mut attached.expect("still there")).len(), 20);
    let (other, _) = attach(&engine, kim, Some((epoch + 1, since)));
    assert_eq!(other.err(), Some(Resync::OtherEpoch));
    let (ahead, _) = attach(&engine, kim, Some((epoch, Seq(9_999))));
    assert_eq!(ahead.err(), Some(Resync::Ahead));
    engine.stop();
    drop(engine);
    // Only what fits is kept.
    let small = || {
        Parts::open(Options {
            retain_events: Retain {
                bytes: 1 << 20,
                age: None,
            },
            ..options(dir.path())
        })
    };
    let engine = small().expect("opens").start(quiet()).expect("starts");
    for n in 0..3 {
        for _ in 0..200 {
            say(&engine, kim, marus, &format!("{n} {}", "가".repeat(3_000))).await;
        }
    }
    engine.stop();
    drop(engine);
    let engine = small().expect("opens").start(quiet()).expect("starts");
    let (old, _) = attach(&engine, kim, Some((epoch, since)));
    assert_eq!(old.err(), Some(Resync::TooOld));
    engine.stop();
}

#[tokio::test]
async fn events_are_kept_no_longer_than_their_age() {
    let dir = TempDir::new().expect("a directory");
    let engine = start(dir.path());
    let kim = user(&engine, "kim").await;
    let marus = room(&engine, kim, "마루").await;
    let since = engine.read().expect("reads").seq();
    say(&engine, kim, marus, "once").await;
    let epoch = engine.epoch();
    engine.stop();
    drop(engine);
    let short = || {
        Parts::open(Options {
            retain_events: Retain {
                bytes: 64 << 20,
                age: Some(std::time::Duration::from_millis(1)),
            },
            ..options(dir.path())
        })
    };
    // Each run closes a file; the clock of the file system may be coarser than the age.
    for run in 0.. {
        let engine = short().expect("opens").start(quiet()).expect("starts");
        let (attached, _) = attach(&engine, kim, Some((epoch, since)));
        let refused = attached.err();
        say(&engine, kim, marus, "again").await;
        engine.stop();
        if refused == Some(Resync::TooOld) {
            break;
        }
        assert_eq!(refused, None, "run {run}");
        assert!(run < 1_000, "old events stay");
    }
}

#[tokio::test]
async fn an_ended_session_hears_nothing_more() {
    let dir = TempDir::new().expect("a directory");
    let engine = start(dir.path());
    let kim = user(&engine, "kim").await;
    let marus = room(&engine, kim, "마루").await;
    let (attached, subscriber) = attach(&engine, kim, None);
    let attached = attached.expect("attaches");
    engine.live().close_session(kim, SessionId(1));
    assert_eq!(*subscriber.closed.lock(), Some(Close::SessionEnded));
    // It may have heard of the room, but hears nothing more.
    let heard = subscriber.heard.lock().len();
    say(&engine, kim, marus, "unheard").await;
    engine.stop();
    assert_eq!(subscriber.heard.lock().len(), heard);
    assert_eq!(engine.live().count(), (0, 0));
    drop(attached);
}
