//! A page of the file that cannot be read costs what is in it, and nothing else.

use super::{Bench, post};
use maru::domain::{Actor, Code, Command, RoomId, RoomKind, UserId};
use maru::state::{HistoryQuery, State, StateError};
use std::os::unix::fs::FileExt;
use std::path::Path;
use tempfile::TempDir;

const BLOCK: usize = 4096;

/// Destroys the blocks in which this stands.
fn destroy(path: &Path, what: &str) -> usize {
    let mut bytes = std::fs::read(path).expect("reads");
    let mut blocks: Vec<usize> = bytes
        .windows(what.len())
        .enumerate()
        .filter(|(_, window)| *window == what.as_bytes())
        .map(|(at, _)| at / BLOCK)
        .collect();
    blocks.dedup();
    let file = std::fs::File::options().write(true).open(path);
    let file = file.expect("opens");
    for block in &blocks {
        let begin = block * BLOCK;
        for at in [0, 100, 200, 300] {
            bytes[begin + at] ^= 0x55;
        }
        let block = &bytes[begin..begin + BLOCK];
        file.write_all_at(block, begin as u64).expect("writes");
    }
    blocks.len()
}

struct Damaged {
    _dir: TempDir,
    state: State,
    bench: Bench,
    kim: UserId,
    rooms: Vec<RoomId>,
}

/// Rooms with a hundred messages each, and the page with one of the first room's destroyed.
fn damaged() -> Damaged {
    let mut b = Bench::new();
    let kim = b.user("kim");
    let rooms: Vec<RoomId> = (0..3)
        .map(|n| b.room(kim, &format!("room {n}"), RoomKind::Public))
        .collect();
    for (n, room) in rooms.iter().enumerate() {
        for m in 0..100 {
            let text = format!("room-{n}-message-{m}-{}", "x".repeat(90));
            b.post(kim, *room, &text);
        }
    }
    b.state.checkpoint().expect("is durable");
    let dir = TempDir::new().expect("a directory");
    crate::upgrade::copy_all(b.dir.path(), dir.path());
    // Open already, with a cache that keeps nothing for long: as redb is built for tests, it walks
    // every page when it opens.
    let path = dir.path().join("state.redb");
    let state = State::open(&path, 16 << 10).expect("opens");
    assert!(destroy(&path, "room-0-message-50-") > 0);
    for room in &rooms[1..] {
        assert_eq!(texts(&state, *room).expect("reads"), 100);
    }
    Damaged {
        _dir: dir,
        state,
        bench: b,
        kim,
        rooms,
    }
}

fn texts(state: &State, room: RoomId) -> Result<usize, StateError> {
    let page = HistoryQuery {
        limit: 100,
        ..HistoryQuery::default()
    };
    let history = state.snapshot().read()?.history(room, page)?;
    Ok(history.messages.len())
}

#[test]
fn what_cannot_be_walked_is_an_error_of_that_read() {
    let d = damaged();
    let error = texts(&d.state, d.rooms[0]).expect_err("is neither shorter nor a panic");
    assert!(
        matches!(error, StateError::Page { table: "messages" }),
        "{error}"
    );
    assert_eq!(texts(&d.state, d.rooms[1]).expect("reads"), 100);
    assert_eq!(texts(&d.state, d.rooms[2]).expect("reads"), 100);
    let reader = d.state.snapshot().read().expect("reads");
    assert_eq!(reader.users().expect("reads").len(), 1);
}

#[test]
fn a_command_that_meets_it_is_refused_and_the_others_are_done() {
    let mut d = damaged();
    let broken = d.state.snapshot().read().expect("reads");
    let id = broken
        .authored(d.kim, d.rooms[0], Default::default(), 100)
        .expect("reads")[50];
    drop(broken);
    let mut entries = Vec::new();
    let mut take = |command: Command| {
        let applied = d.bench.apply(Actor::User(d.kim), command);
        applied.outcome.expect("is done where nothing is damaged");
        entries.push(d.bench.entries.last().expect("some").clone());
    };
    for n in 0..20 {
        take(Command::Edit {
            message: id,
            text: format!("edit {n}"),
            mentions: Vec::new(),
            keeps_old: false,
        });
        take(post(d.rooms[1 + n % 2], "and on"));
    }
    let applied = d.state.apply(&entries).expect("goes on");
    for (n, applied) in applied.iter().enumerate() {
        let refused = applied.outcome.as_ref().err().map(|refusal| refusal.code);
        assert_eq!(refused, (n % 2 == 0).then_some(Code::Internal), "{n}");
    }
    d.state.checkpoint().expect("is durable");
    assert!(d.state.failure().is_none());
    let count = |room| {
        d.state
            .snapshot()
            .read()
            .and_then(|reader| reader.authored(d.kim, room, Default::default(), 1_000))
    };
    assert_eq!(count(d.rooms[1]).expect("reads").len(), 110);
}
