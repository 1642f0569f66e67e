//! Random commands, with reopening in between, against a model that is simple enough to trust.

use super::{Bench, dump, open};
use maru::domain::{Actor, Code, Command, MessageId, Outcome, Role, RoomId, RoomKind, UserId};
use maru::state::HistoryQuery;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
enum Step {
    Room {
        by: usize,
        private: bool,
    },
    Join {
        by: usize,
        room: usize,
    },
    Leave {
        by: usize,
        room: usize,
    },
    Add {
        by: usize,
        room: usize,
        user: usize,
    },
    Post {
        by: usize,
        room: usize,
        nonce: Option<u8>,
    },
    Edit {
        by: usize,
        message: usize,
    },
    Delete {
        by: usize,
        message: usize,
    },
    React {
        by: usize,
        message: usize,
        on: bool,
    },
    Read {
        by: usize,
        message: usize,
    },
    Checkpoint,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let (u, r, m) = (0..4_usize, 0..5_usize, 0..12_usize);
    prop_oneof![
        1 => (u.clone(), any::<bool>()).prop_map(|(by, private)| Step::Room { by, private }),
        2 => (u.clone(), r.clone()).prop_map(|(by, room)| Step::Join { by, room }),
        1 => (u.clone(), r.clone()).prop_map(|(by, room)| Step::Leave { by, room }),
        1 => (u.clone(), r.clone(), u.clone()).prop_map(|(by, room, user)| Step::Add { by, room, user }),
        6 => (u.clone(), r, proptest::option::of(0..6_u8))
            .prop_map(|(by, room, nonce)| Step::Post { by, room, nonce }),
        2 => (u.clone(), m.clone()).prop_map(|(by, message)| Step::Edit { by, message }),
        1 => (u.clone(), m.clone()).prop_map(|(by, message)| Step::Delete { by, message }),
        2 => (u.clone(), m.clone(), any::<bool>()).prop_map(|(by, message, on)| Step::React { by, message, on }),
        1 => (u, m).prop_map(|(by, message)| Step::Read { by, message }),
        1 => Just(Step::Checkpoint),
        1 => Just(Step::Reopen),
    ]
}

/// A message: where, by selection, what (`None`: deleted), and who reacted.
type Said = (MessageId, RoomId, UserId, Option<String>, BTreeSet<UserId>);

#[derive(Default)]
struct Model {
    rooms: Vec<(RoomId, bool, BTreeMap<UserId, bool>)>,
    messages: Vec<Said>,
    nonces: BTreeMap<(UserId, u8), MessageId>,
}

impl Model {
    fn member(&self, room: RoomId, user: UserId) -> bool {
        self.rooms
            .iter()
            .any(|(id, _, members)| *id == room && members.contains_key(&user))
    }

    fn owner(&self, room: RoomId, user: UserId) -> bool {
        self.rooms
            .iter()
            .any(|(id, _, members)| *id == room && members.get(&user) == Some(&true))
    }
}

fn run(steps: Vec<Step>) {
    let mut b = Bench::new();
    b.user_as("admin", Role::Admin);
    let users: Vec<UserId> = ["kim", "lee", "park", "choi"]
        .map(|name| b.user(name))
        .into();
    let mut model = Model::default();
    b.state.checkpoint().expect("is durable");
    for (n, step) in steps.into_iter().enumerate() {
        take(&mut b, &mut model, &users, n, step);
    }
    compare(&b, &model, &users);
}

fn take(b: &mut Bench, model: &mut Model, users: &[UserId], n: usize, step: Step) {
    match step {
        Step::Room { by, private } => {
            let kind = if private {
                RoomKind::Private
            } else {
                RoomKind::Public
            };
            let id = b.room(users[by], &format!("room {n}"), kind);
            model
                .rooms
                .push((id, private, BTreeMap::from([(users[by], true)])));
        }
        Step::Join { by, room } => {
            let Some((id, private, members)) = model.rooms.get_mut(room) else {
                return;
            };
            let applied = b.apply(Actor::User(users[by]), Command::Join { room: *id });
            let may = !*private || members.contains_key(&users[by]);
            assert_eq!(applied.outcome.is_ok(), may);
            if may {
                members.entry(users[by]).or_insert(false);
            }
        }
        Step::Leave { by, room } => {
            let Some((id, private, members)) = model.rooms.get_mut(room) else {
                return;
            };
            let applied = b.apply(Actor::User(users[by]), Command::Leave { room: *id });
            let stuck = *private
                && (!members.contains_key(&users[by])
                    || (members[&users[by]]
                        && members.len() > 1
                        && members.values().filter(|owner| **owner).count() == 1));
            assert_eq!(applied.outcome.is_err(), stuck);
            if !stuck {
                members.remove(&users[by]);
            }
        }
        Step::Add { by, room, user } => {
            let Some((id, _, members)) = model.rooms.get_mut(room) else {
                return;
            };
            let command = Command::AddMember {
                room: *id,
                user: users[user],
                role: None,
            };
            let applied = b.apply(Actor::User(users[by]), command);
            assert_eq!(applied.outcome.is_ok(), members.contains_key(&users[by]));
            if applied.outcome.is_ok() {
                members.entry(users[user]).or_insert(false);
            }
        }
        Step::Post { by, room, nonce } => {
            let Some((room, ..)) = model.rooms.get(room) else {
                return;
            };
            let (room, by) = (*room, users[by]);
            let text = format!("글 {n}");
            let command = Command::Post {
                room,
                text: text.clone(),
                client_id: nonce.map(|nonce| nonce.to_string()),
                reply_to: None,
                mentions: Vec::new(),
                files: Vec::new(),
                also_in_room: false,
                may_call: true,
            };
            let applied = b.apply(Actor::User(by), command);
            let first = nonce.and_then(|nonce| model.nonces.get(&(by, nonce)).copied());
            match (first, applied.outcome) {
                (
                    Some(first),
                    Ok(Outcome::Message {
                        message,
                        created: false,
                    }),
                ) => {
                    assert_eq!(message.id, first);
                }
                // The first one lies in a private room that they left.
                (Some(_), Err(refusal)) => assert_eq!(refusal.code, Code::NotFound),
                (
                    None,
                    Ok(Outcome::Message {
                        message,
                        created: true,
                    }),
                ) => {
                    assert!(model.member(room, by));
                    model
                        .messages
                        .push((message.id, room, by, Some(text), BTreeSet::new()));
                    if let Some(nonce) = nonce {
                        model.nonces.insert((by, nonce), message.id);
                    }
                }
                (None, Err(_)) => assert!(!model.member(room, by)),
                other => panic!("{other:?}"),
            }
        }
        Step::Edit { by, message } => {
            let Some(&(id, room, author, ref said, _)) = model.messages.get(message) else {
                return;
            };
            let may = author == users[by] && said.is_some() && model.member(room, author);
            let text = format!("고침 {n}");
            let command = Command::Edit {
                message: id,
                text: text.clone(),
                mentions: Vec::new(),
                keeps_old: false,
            };
            assert_eq!(
                b.apply(Actor::User(users[by]), command).outcome.is_ok(),
                may
            );
            if may {
                model.messages[message].3 = Some(text);
            }
        }
        Step::Delete { by, message } => {
            let Some(&(id, room, author, ..)) = model.messages.get(message) else {
                return;
            };
            let public = model
                .rooms
                .iter()
                .any(|(r, private, _)| *r == room && !private);
            let may = model.owner(room, users[by])
                || (author == users[by] && (public || model.member(room, author)));
            let applied = b.apply(Actor::User(users[by]), Command::Delete { message: id });
            assert_eq!(applied.outcome.is_ok(), may);
            if may {
                model.messages[message].3 = None;
                model.messages[message].4.clear();
            }
        }
        Step::React { by, message, on } => {
            let Some(&(id, room, _, ref said, _)) = model.messages.get(message) else {
                return;
            };
            let may = said.is_some() && model.member(room, users[by]);
            let command = Command::React {
                message: id,
                emoji: "👍".into(),
                on,
            };
            assert_eq!(
                b.apply(Actor::User(users[by]), command).outcome.is_ok(),
                may
            );
            if may && on {
                model.messages[message].4.insert(users[by]);
            } else if may {
                model.messages[message].4.remove(&users[by]);
            }
        }
        Step::Read { by, message } => {
            let Some(&(id, room, ..)) = model.messages.get(message) else {
                return;
            };
            let applied = b.apply(Actor::User(users[by]), Command::Read { room, message: id });
            assert_eq!(applied.outcome.is_ok(), model.member(room, users[by]));
        }
        Step::Checkpoint => b.state.checkpoint().expect("is durable"),
        Step::Reopen => {
            let whole = dump(&b.read());
            // Dropping without a checkpoint is what a crash leaves, but for the file's own close.
            let old = std::mem::replace(&mut b.state, super::Bench::new().state);
            drop(old);
            b.state = open(&b.dir);
            let rest: Vec<_> = b
                .entries
                .iter()
                .filter(|entry| entry.seq > b.state.seq())
                .cloned()
                .collect();
            b.state.apply(&rest).expect("replays");
            assert_eq!(dump(&b.read()), whole);
        }
    }
}

fn compare(b: &Bench, model: &Model, users: &[UserId]) {
    let reader = b.read();
    for (room, private, members) in &model.rooms {
        assert_eq!(
            reader.member_ids(*room).expect("reads"),
            members.keys().copied().collect::<Vec<_>>()
        );
        let history = reader
            .history(
                *room,
                HistoryQuery {
                    limit: 1_000,
                    ..HistoryQuery::default()
                },
            )
            .expect("reads");
        let stored: Vec<_> = history
            .messages
            .into_iter()
            .map(|m| {
                let reacted = m.reactions.into_iter().flat_map(|r| r.user_ids).collect();
                (
                    m.id,
                    m.room_id,
                    m.author.id,
                    (!m.deleted).then_some(m.text),
                    reacted,
                )
            })
            .collect();
        let wanted: Vec<_> = model
            .messages
            .iter()
            .filter(|m| m.1 == *room)
            .cloned()
            .collect();
        assert_eq!(stored, wanted);
        for user in users {
            let sees = reader.room(*user, *room).expect("reads").is_some();
            assert_eq!(sees, !private || members.contains_key(user));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_commands_agree_with_the_model(steps in proptest::collection::vec(step(), 1..80)) {
        run(steps);
    }
}
