//! Who may do what, and who hears of it.

use super::{Bench, new_user, post};
use maru::domain::command::NewSession;
use maru::domain::{
    Actor, Audience, Code, Command, Effect, EventKind, MessageId, Outcome, Role, RoomKind,
    Timestamp, UserId,
};
use maru::state::{HistoryQuery, ThreadSpan};

fn as_user(id: UserId) -> Actor {
    Actor::User(id)
}

#[test]
fn names_are_one_in_any_case_and_normal_form() {
    let mut b = Bench::new();
    b.user("Kim");
    b.user("김철수");
    assert_eq!(
        b.refused(Actor::System, new_user("kIM", Role::Member)),
        Code::NameTaken
    );
    let nfd = "\u{1100}\u{1175}\u{11b7}\u{110e}\u{1165}\u{11af}\u{1109}\u{116e}";
    assert_eq!(
        b.refused(Actor::System, new_user(nfd, Role::Member)),
        Code::NameTaken
    );
}

#[test]
fn a_private_room_does_not_exist_for_strangers() {
    let mut b = Bench::new();
    let (owner, stranger) = (b.user("owner"), b.user("stranger"));
    let admin = b.user_as("admin", Role::Admin);
    let room = b.room(owner, "비밀", RoomKind::Private);
    let said = b.post(owner, room, "우리끼리");
    for actor in [stranger, admin].map(as_user) {
        for command in [
            post(room, "hi"),
            Command::Join { room },
            Command::UpdateRoom {
                room,
                name: None,
                topic: Some("x".into()),
            },
            Command::DeleteRoom { room },
            Command::AddMember {
                room,
                user: stranger,
                role: None,
            },
            Command::RemoveMember { room, user: owner },
            Command::Read {
                room,
                message: said.id,
            },
            Command::Edit {
                message: said.id,
                text: "x".into(),
                mentions: Vec::new(),
                keeps_old: false,
            },
            Command::Delete { message: said.id },
            Command::React {
                message: said.id,
                emoji: "👍".into(),
                on: true,
            },
            Command::Pin {
                message: said.id,
                on: true,
            },
        ] {
            assert_eq!(
                b.refused(actor, command.clone()),
                Code::NotFound,
                "{command:?}"
            );
        }
    }
    let reader = b.read();
    assert!(reader.room(stranger, room).expect("reads").is_none());
    assert!(reader.message_for(admin, said.id).expect("reads").is_none());
    assert!(reader.rooms(stranger, None).expect("reads").is_empty());
}

#[test]
fn public_rooms_are_read_by_all_and_written_by_members() {
    let mut b = Bench::new();
    let (owner, guest) = (b.user("owner"), b.user("guest"));
    let room = b.room(owner, "마루", RoomKind::Public);
    let said = b.post(owner, room, "어서 오세요");
    assert_eq!(
        b.refused(as_user(guest), post(room, "hi")),
        Code::NotAMember
    );
    assert!(
        b.read()
            .message_for(guest, said.id)
            .expect("reads")
            .is_some()
    );
    let (_, event) = b.done(as_user(guest), Command::Join { room });
    let event = event.expect("others hear of it");
    assert_eq!(
        (event.audience, event.body.kind()),
        (Audience::Room(room), EventKind::MemberJoined)
    );
    b.post(guest, room, "안녕하세요");
    assert_eq!(
        b.refused(
            as_user(guest),
            Command::Edit {
                message: said.id,
                text: "x".into(),
                mentions: Vec::new(),
                keeps_old: false,
            }
        ),
        Code::Forbidden
    );
    assert_eq!(
        b.refused(as_user(guest), Command::Delete { message: said.id }),
        Code::Forbidden
    );
    assert_eq!(
        b.refused(as_user(guest), Command::DeleteRoom { room }),
        Code::Forbidden
    );
    let (_, event) = b.done(as_user(guest), Command::Leave { room });
    assert_eq!(
        event.expect("told").audience,
        Audience::RoomAnd(room, guest)
    );
    assert_eq!(
        b.read()
            .room(guest, room)
            .expect("reads")
            .expect("public")
            .member_count,
        1
    );
}

#[test]
fn unread_counts_what_others_said_since() {
    let mut b = Bench::new();
    let (kim, lee) = (b.user("kim"), b.user("lee"));
    let room = b.room(kim, "마루", RoomKind::Public);
    b.post(kim, room, "before");
    b.done(as_user(lee), Command::Join { room });
    let mine = |b: &Bench| {
        let room = b.read().room(lee, room).expect("reads").expect("there");
        let me = room.me.expect("a member");
        (me.unread, me.mentions)
    };
    assert_eq!(mine(&b), (0, 0));
    let first = b.post(kim, room, "하나");
    b.post(lee, room, "my own");
    let second = b.post(kim, room, "둘 @lee님 mail@lee.kr");
    b.post(kim, room, "셋");
    assert_eq!(second.mentions, [lee]);
    assert_eq!(mine(&b), (3, 1));
    b.done(as_user(kim), Command::Delete { message: second.id });
    assert_eq!(mine(&b), (2, 0));
    b.done(
        as_user(lee),
        Command::Read {
            room,
            message: first.id,
        },
    );
    assert_eq!(mine(&b), (1, 0));
    let back = b.done(
        as_user(lee),
        Command::Read {
            room,
            message: MessageId(first.id.0),
        },
    );
    assert_eq!(back, (Outcome::Read(first.id), None));
}

#[test]
fn a_repeat_gets_the_first_outcome() {
    let mut b = Bench::new();
    let (kim, lee) = (b.user("kim"), b.user("lee"));
    let room = b.room(kim, "마루", RoomKind::Public);
    b.done(as_user(lee), Command::Join { room });
    let send = |text: &str| Command::Post {
        room,
        text: text.into(),
        client_id: Some("c-1".into()),
        reply_to: None,
        mentions: Vec::new(),
        files: Vec::new(),
        also_in_room: false,
        may_call: true,
    };
    let (first, event) = b.done(as_user(kim), send("첫 번째"));
    assert!(event.is_some());
    let (again, event) = b.done(as_user(kim), send("other text"));
    assert!(event.is_none());
    let (
        Outcome::Message {
            message: a,
            created: true,
        },
        Outcome::Message {
            message: b2,
            created: false,
        },
    ) = (first, again)
    else {
        panic!("both are messages")
    };
    assert_eq!(a, b2);
    let (others, _) = b.done(as_user(lee), send("mine"));
    assert!(
        matches!(others, Outcome::Message { created: true, .. }),
        "client ids are per author"
    );
}

#[test]
fn threads_reactions_pins_and_deletion() {
    let mut b = Bench::new();
    let kim = b.user("kim");
    let room = b.room(kim, "마루", RoomKind::Public);
    let other = b.room(kim, "다른", RoomKind::Public);
    let root = b.post(kim, room, "root");
    let reply = |to, room| Command::Post {
        room,
        text: "re".into(),
        client_id: None,
        reply_to: Some(to),
        mentions: Vec::new(),
        files: Vec::new(),
        also_in_room: false,
        may_call: true,
    };
    let Outcome::Message { message: first, .. } = b.done(as_user(kim), reply(root.id, room)).0
    else {
        panic!("a message")
    };
    let Outcome::Message {
        message: nested, ..
    } = b.done(as_user(kim), reply(first.id, room)).0
    else {
        panic!("a message")
    };
    assert_eq!(nested.reply_to, Some(root.id));
    assert_eq!(
        b.refused(as_user(kim), reply(root.id, other)),
        Code::NotFound
    );
    let count = |b: &Bench| {
        let root = b.read().message(root.id).expect("reads").expect("there");
        root.thread.map(|thread| thread.count)
    };
    assert_eq!(count(&b), Some(2));
    let react = |on| Command::React {
        message: root.id,
        emoji: "👍".into(),
        on,
    };
    assert!(b.done(as_user(kim), react(true)).1.is_some());
    assert!(
        b.done(as_user(kim), react(true)).1.is_none(),
        "twice is once"
    );
    assert!(b.done(as_user(kim), react(false)).1.is_some());
    b.done(
        as_user(kim),
        Command::Pin {
            message: root.id,
            on: true,
        },
    );
    b.done(as_user(kim), Command::Delete { message: first.id });
    assert_eq!(count(&b), Some(1));
    let (_, event) = b.done(as_user(kim), Command::Delete { message: root.id });
    assert_eq!(event.expect("told").body.kind(), EventKind::MessageDeleted);
    let gone = b
        .read()
        .message(root.id)
        .expect("reads")
        .expect("keeps its place");
    assert!(gone.deleted && gone.text.is_empty() && !gone.pinned && gone.reactions.is_empty());
    assert_eq!(b.refused(as_user(kim), react(true)), Code::NotFound);
    let span = ThreadSpan {
        limit: 10,
        ..ThreadSpan::default()
    };
    let thread = b.read().thread(kim, nested.id, span);
    let thread = thread.expect("reads").expect("is there");
    assert_eq!((thread.root.id, thread.replies.len()), (root.id, 2));
}

#[test]
fn a_reaction_in_an_older_form_can_be_taken_back() {
    let mut b = Bench::new();
    let (kim, lee) = (b.user("kim"), b.user("lee"));
    let room = b.room(kim, "room", RoomKind::Public);
    b.done(as_user(lee), Command::Join { room });
    let said = b.post(kim, room, "text");
    let react = |emoji: &str, on| Command::React {
        message: said.id,
        emoji: emoji.into(),
        on,
    };
    for kept in ["👍\u{fe0f}", "€", "１", "❤"] {
        for user in [kim, lee] {
            b.apply_as_it_was_logged(as_user(user), react(kept, true));
        }
        // As the client sends it back, and as the emoji is written today.
        for (user, sent) in [(kim, kept), (lee, kept.trim_end_matches('\u{fe0f}'))] {
            let (outcome, event) = b.done(as_user(user), react(sent, false));
            let event = event.unwrap_or_else(|| panic!("{kept:?} is taken back"));
            assert!(
                format!("{:?}", event.body).contains(&format!("{kept:?}")),
                "{event:?}"
            );
            assert!(matches!(outcome, Outcome::Reacted { changed: true, .. }));
        }
        let message = b.read().message(said.id).expect("reads").expect("there");
        assert!(
            message.reactions.is_empty(),
            "{kept:?}: {:?}",
            message.reactions
        );
    }
    let refused = react("€", true).checked();
    assert!(refused.is_err(), "as ever");
}

#[test]
fn sessions_end_with_disabling_and_new_passwords() {
    let mut b = Bench::new();
    let admin = b.user_as("admin", Role::Admin);
    let kim = b.user("kim");
    let session = |n: u32| NewSession {
        jti: format!("jti-{n}"),
        expires_at: Timestamp(i64::from(n) * 1_000_000_000),
        user_agent: String::new(),
        address: String::new(),
        verified: None,
        proof: None,
    };
    for n in 1..=3 {
        let applied = b.apply(
            Actor::System,
            Command::StartSession {
                user: kim,
                session: session(n),
            },
        );
        assert!(matches!(
            &applied.effects[..],
            [Effect::SessionStarted { .. }]
        ));
    }
    let keep = b.read().sessions(kim, None).expect("reads")[0].id;
    let applied = b.apply(
        as_user(kim),
        Command::SetPassword {
            user: kim,
            password_hash: "h".into(),
            keep: Some(keep),
        },
    );
    let whole = Effect::SessionsEnded {
        user: kim,
        keep: Some(keep),
    };
    assert_eq!(
        (applied.effects.len(), applied.effects.last()),
        (3, Some(&whole))
    );
    assert_eq!(
        b.refused(
            as_user(kim),
            Command::SetDisabled {
                user: admin,
                disabled: true
            }
        ),
        Code::Forbidden
    );
    assert_eq!(
        b.refused(
            as_user(admin),
            Command::SetDisabled {
                user: admin,
                disabled: true
            }
        ),
        Code::LastOne
    );
    assert_eq!(
        b.refused(
            as_user(admin),
            Command::SetRole {
                user: admin,
                role: Role::Member
            }
        ),
        Code::LastOne
    );
    let applied = b.apply(
        as_user(admin),
        Command::SetDisabled {
            user: kim,
            disabled: true,
        },
    );
    let [
        Effect::SessionEnded { jti, .. },
        Effect::SessionsEnded { keep: None, .. },
    ] = &applied.effects[..]
    else {
        panic!("{:?}", applied.effects)
    };
    assert_eq!(jti, "jti-1");
    let late = Command::CreateRoom {
        name: "x".into(),
        topic: String::new(),
        kind: RoomKind::Public,
    };
    assert_eq!(b.refused(as_user(kim), late), Code::Unauthenticated);
    let start = Command::StartSession {
        user: kim,
        session: session(9),
    };
    assert_eq!(b.refused(Actor::System, start), Code::BadCredentials);
}

#[test]
fn an_invitation_gives_its_role_and_runs_out() {
    let mut b = Bench::new();
    let admin = b.user_as("admin", Role::Admin);
    let invite = |digest: &str, at: i64| Command::CreateInvite {
        digest: digest.into(),
        role: Role::Admin,
        expires_at: Timestamp(at),
        uses: 1,
        is_setup: false,
    };
    b.done(as_user(admin), invite("good", i64::from(u32::MAX)));
    b.done(as_user(admin), invite("over", 5));
    let sign_up = |name: &str, digest: &str| Command::CreateUser {
        username: name.into(),
        display_name: None,
        role: Role::Member,
        password_hash: Some("h".into()),
        invite: Some(digest.into()),
        session: None,
    };
    assert_eq!(
        b.refused(Actor::System, sign_up("a", "none")),
        Code::BadInvite
    );
    assert_eq!(
        b.refused(Actor::System, sign_up("a", "over")),
        Code::BadInvite
    );
    let Outcome::User(user) = b.done(Actor::System, sign_up("a", "good")).0 else {
        panic!("a user")
    };
    assert_eq!(user.role, Role::Admin);
    assert_eq!(
        b.refused(Actor::System, sign_up("b", "good")),
        Code::BadInvite
    );
    b.done(Actor::System, Command::Sweep);
    assert!(b.read().invites().expect("reads").is_empty());
}

#[test]
fn direct_rooms_are_one_for_the_same_people_and_stay() {
    let mut b = Bench::new();
    let (kim, lee, park) = (b.user("kim"), b.user("lee"), b.user("park"));
    let open = |users: &[UserId]| Command::OpenDirect {
        users: users.to_vec(),
    };
    let Outcome::Room {
        room,
        created: true,
    } = b.done(as_user(kim), open(&[lee])).0
    else {
        panic!("made")
    };
    let Outcome::Room {
        room: again,
        created: false,
    } = b.done(as_user(lee), open(&[kim, lee])).0
    else {
        panic!("found")
    };
    assert_eq!((room.id, room.members.len()), (again.id, 2));
    for command in [
        Command::Leave { room: room.id },
        Command::AddMember {
            room: room.id,
            user: park,
            role: None,
        },
        Command::RemoveMember {
            room: room.id,
            user: lee,
        },
        Command::DeleteRoom { room: room.id },
        Command::UpdateRoom {
            room: room.id,
            name: Some("x".into()),
            topic: None,
        },
    ] {
        assert_eq!(b.refused(as_user(kim), command), Code::Forbidden);
    }
    assert_eq!(
        b.refused(as_user(park), post(room.id, "hi")),
        Code::NotFound
    );
}

#[test]
fn pages_say_what_lies_around_them() {
    let mut b = Bench::new();
    let kim = b.user("kim");
    let room = b.room(kim, "마루", RoomKind::Public);
    let ids: Vec<MessageId> = (0..9)
        .map(|n| b.post(kim, room, &n.to_string()).id)
        .collect();
    let reader = b.read();
    let page = |page: HistoryQuery| {
        let history = reader.history(room, page).expect("reads");
        let texts: String = history.messages.iter().map(|m| m.text.as_str()).collect();
        (texts, history.more_before, history.more_after)
    };
    let base = HistoryQuery {
        limit: 3,
        ..HistoryQuery::default()
    };
    assert_eq!(page(base), ("678".into(), true, false));
    assert_eq!(
        page(HistoryQuery {
            before: Some(ids[3]),
            ..base
        }),
        ("012".into(), false, true)
    );
    assert_eq!(
        page(HistoryQuery {
            before: Some(ids[0]),
            ..base
        }),
        (String::new(), false, true)
    );
    assert_eq!(
        page(HistoryQuery {
            after: Some(ids[4]),
            ..base
        }),
        ("567".into(), true, true)
    );
    assert_eq!(
        page(HistoryQuery {
            after: Some(ids[8]),
            ..base
        }),
        (String::new(), true, false)
    );
    assert_eq!(
        page(HistoryQuery {
            after: Some(MessageId(0)),
            ..base
        }),
        ("012".into(), false, true)
    );
    assert_eq!(
        page(HistoryQuery {
            around: Some(ids[4]),
            ..base
        }),
        ("345".into(), true, true)
    );
    assert_eq!(
        page(HistoryQuery {
            around: Some(ids[0]),
            ..base
        }),
        ("01".into(), false, true)
    );
    let between = HistoryQuery {
        after: Some(ids[2]),
        before: Some(ids[5]),
        ..base
    };
    assert_eq!(page(between), ("34".into(), true, true));
    assert_eq!(
        page(HistoryQuery {
            before: Some(MessageId(0)),
            ..base
        }),
        (String::new(), false, true)
    );
}
