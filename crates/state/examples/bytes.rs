//! What a message costs in the state: `cargo run --release -p maru-state --example bytes [MESSAGES]`.
//!
//! Posts of 60 people in 50 rooms, each with a client id, one in ten a reply, one in ten naming
//! somebody; by table, and the file before and after it is compacted.

use maru_domain::{
    Actor, Command, Draft, Entry, MessageId, Outcome, Role, RoomId, RoomKind, Timestamp, UserId,
};
use maru_state::table::{Held, Readable, TableKey};
use maru_state::tables::Visit;
use maru_state::{Result, State};
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

const ROOMS: usize = 50;
const PEOPLE: usize = 60;
const TEXTS: [&str; 4] = [
    "네 확인했습니다, 감사합니다!",
    "오늘 회의 자료는 공유 폴더에 올려 두었으니 시간 되실 때 한 번씩 봐 주세요.",
    "ok",
    "The deploy is through; error rates look normal so far, I keep an eye on the dashboard for an hour.",
];

#[derive(Default)]
struct Sizes(BTreeMap<&'static str, (u64, u64)>);

impl Visit for Sizes {
    fn table<K: TableKey, T: Held + 'static>(
        &mut self,
        column: &impl Readable<K, T>,
    ) -> Result<()> {
        use redb::ReadableTableMetadata;
        let stats = column.table()?.stats()?;
        let used = stats.stored_bytes() + stats.metadata_bytes() + stats.fragmented_bytes();
        self.0.insert(column.name(), (column.len()?, used));
        Ok(())
    }
}

fn apply(state: &mut State, commands: Vec<(Actor, Command)>) -> Vec<Outcome> {
    let first = state.seq().0 + 1;
    let entries: Vec<Entry> = (first..)
        .zip(commands)
        .map(|(seq, (actor, command))| {
            let at = Timestamp(1_700_000_000_000 + seq as i64 * 700);
            let command = command.checked().expect("has its shape");
            Entry::bare(maru_domain::Seq(seq), Draft { actor, at, command })
        })
        .collect();
    let applied = state.apply(&entries).expect("applies");
    let done = |outcome: Result<Outcome, _>| outcome.expect("is done");
    applied
        .into_iter()
        .map(|applied| done(applied.outcome))
        .collect()
}

fn report(state: &State, messages: u64) {
    let mut sizes = Sizes::default();
    let reader = state.snapshot().read().expect("reads");
    reader.visit(&mut sizes).expect("reads");
    let mut all: Vec<_> = sizes.0.into_iter().collect();
    all.sort_by_key(|(_, (_, bytes))| std::cmp::Reverse(*bytes));
    for (name, (rows, bytes)) in all.into_iter().take(10) {
        println!(
            "  {name:16} {rows:>9} rows {:>7.1} bytes a message",
            bytes as f64 / messages as f64
        );
    }
    let file = state.file_bytes().expect("is there");
    println!(
        "  file {file} bytes, {:.1} a message",
        file as f64 / messages as f64
    );
}

fn main() {
    let messages: usize = std::env::args()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .unwrap_or(1_000_000);
    let dir = tempfile::tempdir().expect("a directory");
    let mut state = State::open(&dir.path().join("state.redb"), 24 << 20).expect("opens");
    let people: Vec<UserId> = (0..PEOPLE)
        .map(|n| {
            let command = Command::CreateUser {
                username: format!("person{n}"),
                display_name: None,
                role: Role::Member,
                password_hash: None,
                invite: None,
                session: None,
            };
            match apply(&mut state, vec![(Actor::System, command)]).remove(0) {
                Outcome::User(user) => user.id,
                other => panic!("{other:?}"),
            }
        })
        .collect();
    let rooms: Vec<RoomId> = (0..ROOMS)
        .map(|n| {
            let command = Command::CreateRoom {
                name: format!("room {n}"),
                topic: String::new(),
                kind: RoomKind::Public,
            };
            let Outcome::Room { room, .. } =
                apply(&mut state, vec![(Actor::User(people[0]), command)]).remove(0)
            else {
                panic!("no room");
            };
            let joins = people[1..]
                .iter()
                .map(|user| (Actor::User(*user), Command::Join { room: room.id }));
            apply(&mut state, joins.collect());
            room.id
        })
        .collect();
    let mut roots: Vec<Option<MessageId>> = vec![None; ROOMS];
    let (mut done, mut dice) = (0, 42_u64);
    while done < messages {
        let mut chance = |below: usize| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (dice >> 33) as usize % below
        };
        let mut batch = Vec::new();
        for _ in 0..256.min(messages - done) {
            let (room, author) = (chance(ROOMS), people[chance(PEOPLE)]);
            let mut text = TEXTS[chance(TEXTS.len())].to_owned();
            if chance(10) == 0 {
                text.push_str(&format!(" @person{}", chance(PEOPLE)));
            }
            let reply_to = roots[room].filter(|_| chance(10) == 0);
            let (a, b) = (chance(1 << 30) as u64, chance(1 << 30) as u64);
            let client_id = format!(
                "{a:08x}-{:04x}-7000-8000-{:08x}{:04x}",
                b & 0xffff,
                a ^ b,
                a & 0xffff
            );
            let command = Command::Post {
                room: rooms[room],
                text,
                client_id: Some(client_id),
                reply_to,
                mentions: Vec::new(),
                files: Vec::new(),
                also_in_room: false,
                may_call: false,
            };
            batch.push((Actor::User(author), command));
        }
        done += batch.len();
        for outcome in apply(&mut state, batch) {
            if let Outcome::Message { message, .. } = outcome
                && message.reply_to.is_none()
            {
                let room = rooms
                    .iter()
                    .position(|room| *room == message.room_id)
                    .expect("known");
                roots[room] = Some(message.id);
            }
        }
        if done % (256 * 100) == 0 {
            state.checkpoint().expect("is durable");
        }
    }
    state.checkpoint().expect("is durable");
    println!("{messages} messages, as they grew:");
    report(&state, messages as u64);
    let began = std::time::Instant::now();
    let copied = state
        .compactor()
        .run(&AtomicBool::new(false))
        .expect("copies");
    let rows = copied.expect("is not stopped").rows;
    println!(
        "copied {rows} rows in {:.1} s",
        began.elapsed().as_secs_f64()
    );
    let copy = state.open_compacted().expect("opens");
    state
        .take_compacted(copy)
        .map_err(|(_, error)| error)
        .expect("takes its place");
    println!("compacted:");
    report(&state, messages as u64);
}
