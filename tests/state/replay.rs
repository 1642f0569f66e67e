//! The same log gives the same state, byte for byte, wherever it was interrupted.

use super::{Bench, dump, open};
use maru::domain::{Actor, Command, RoomKind};
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
        .filter(|(seq, _)| *seq > state.seq())
        .cloned()
        .collect();
    state.apply(&rest).expect("replays");
    assert_eq!(dump(&state.snapshot().read().expect("reads")), whole);
    state.checkpoint().expect("is durable");
    drop(state);
    let state = open(&crashed);
    assert_eq!(state.seq(), b.state.seq());
}
