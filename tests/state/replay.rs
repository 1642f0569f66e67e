//! The same log gives the same state, byte for byte, wherever it was interrupted.

use super::{Bench, dump, new_user, open};
use maru::domain::entry::RULES;
use maru::domain::{Actor, Code, Command, Draft, Entry, Role, RoomKind, Timestamp};
use maru::state::StateError;
use tempfile::TempDir;

#[test]
fn a_crash_goes_back_to_the_checkpoint_and_replay_brings_it_forward() {
    let mut b = Bench::new();
    let kim = b.user("kim");
    let room = b.room(kim, "마루", RoomKind::Public);
    b.post(kim, room, "before");
    b.state.checkpoint().expect("is durable");
    let send = |n: u32| Command::Post {
        room,
        text: format!("after {n}"),
        client_id: Some(format!("c{n}")),
        reply_to: None,
        mentions: Vec::new(),
        files: Vec::new(),
        also_in_room: false,
        may_call: true,
    };
    for n in 0..20 {
        b.done(Actor::User(kim), send(n));
    }
    let whole = dump(&b.read());
    // A copy of the file as a crash would leave it.
    let crashed = TempDir::new().expect("a directory");
    std::fs::copy(
        b.dir.path().join("state.redb"),
        crashed.path().join("state.redb"),
    )
    .expect("copies");
    let mut state = open(&crashed);
    assert!(
        state.seq() < b.state.seq(),
        "only the checkpoint is durable"
    );
    let rest: Vec<_> = b
        .entries
        .iter()
        .filter(|entry| entry.seq > state.seq())
        .cloned()
        .collect();
    state.apply(&rest).expect("replays");
    assert_eq!(dump(&state.snapshot().read().expect("reads")), whole);
    state.checkpoint().expect("is durable");
    drop(state);
    let state = open(&crashed);
    assert_eq!(state.seq(), b.state.seq());
}

/// What version 0.1.0 has answered is decided as it was, also where later rules refuse it.
#[test]
fn an_entry_is_decided_by_the_rules_that_it_was_written_under() {
    let create = |b: &mut Bench, rules: u16, name: &str| {
        let draft = Draft {
            actor: Actor::System,
            at: Timestamp(1),
            command: new_user(name, Role::Member),
        };
        let mut entry = Entry::bare(b.state.seq().next(), draft);
        entry.stamp.rules = rules;
        let applied = b.state.apply(std::slice::from_ref(&entry));
        applied.map(|mut applied| applied.remove(0).outcome)
    };
    let mut b = Bench::new();
    let mut done = |rules, name: &str| create(&mut b, rules, name).expect("applies");
    done(1, "kim").expect("is free");
    done(1, "ｋｉｍ").expect("0.1.0 took it");
    assert_eq!(done(1, "KIM").expect_err("taken").code, Code::NameTaken);
    assert_eq!(done(2, "ｋim").expect_err("taken").code, Code::NameTaken);

    let seq = b.state.seq();
    let newer = create(&mut b, RULES + 1, "lee").expect_err("is not known");
    assert!(matches!(newer, StateError::Rules { .. }), "{newer}");
    assert_eq!(b.state.seq(), seq);
    create(&mut b, RULES, "lee")
        .expect("applies")
        .expect("is free");
}
