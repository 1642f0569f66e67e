//! History that comes in: ordered by when it was said, read for everybody, naming nobody anew.

use super::{Bench, post};
use maru::domain::history::{HistoryLine, Imported, ImportedRoom, LineOutcome};
use maru::domain::{
    Actor, Audience, Code, Command, EventKind, MemberRole, MessageId, Outcome, Role, RoomId,
    RoomKind, Timestamp, UserId,
};
use maru::state::{Applied, HistoryQuery};

fn said(id: &str, user: &str, at: i64, text: &str) -> Imported {
    Imported {
        external_id: id.into(),
        room: "영화".into(),
        user: user.into(),
        sent_at: Timestamp(at),
        text: text.into(),
        ..Imported::default()
    }
}

fn lines(lines: Vec<Imported>) -> Command {
    let lines = lines
        .into_iter()
        .map(|line| HistoryLine::Message(Box::new(line)));
    Command::ImportLines(lines.collect())
}

fn import(b: &mut Bench, said: Vec<Imported>) -> (Vec<LineOutcome>, Applied) {
    let mut applied = b.apply(Actor::System, lines(said));
    match std::mem::replace(&mut applied.outcome, Ok(Outcome::Done)) {
        Ok(Outcome::Lines(outcomes)) => (outcomes, applied),
        other => panic!("{other:?}"),
    }
}

fn texts(b: &Bench, room: RoomId, page: HistoryQuery) -> Vec<String> {
    let history = b.read().history(room, page).expect("reads");
    history.messages.into_iter().map(|m| m.text).collect()
}

const ALL: HistoryQuery = HistoryQuery {
    before: None,
    after: None,
    around: None,
    limit: 100,
    folded: false,
};

fn movies(b: &Bench) -> RoomId {
    b.read().room_by_name("영화").expect("reads").expect("made")
}

#[test]
fn lines_are_once_and_make_what_is_missing() {
    let mut b = Bench::new();
    let (outcomes, _) = import(&mut b, vec![said("1", "홍 길동", 42, "정말 재미있다")]);
    assert_eq!(outcomes, [LineOutcome::Created]);
    let again = vec![
        said("1", "홍 길동", 42, "정말 재미있다"),
        said("1", "다른사람", 42, "정말 재미있다"),
        said("1", "홍 길동", 42, "재미없다"),
        Imported {
            room: "책".into(),
            ..said("1", "홍 길동", 42, "정말 재미있다")
        },
    ];
    let (outcomes, _) = import(&mut b, again);
    let differs = LineOutcome::Differs;
    assert_eq!(
        outcomes,
        [
            LineOutcome::Repeated,
            differs("user"),
            differs("text"),
            differs("room")
        ]
    );
    let account = b.read().account_by_name("홍_길동").expect("reads");
    assert_eq!(account.expect("made").user.display_name, "홍 길동");
    let history = b.read().history(movies(&b), ALL).expect("reads");
    assert_eq!(history.messages.len(), 1);
    assert_eq!(history.messages[0].external_id.as_deref(), Some("1"));
    assert_eq!(history.messages[0].sent_at, Timestamp(42));
    let kim = b.user("kim");
    let refused = b.refused(Actor::User(kim), lines(vec![said("2", "x", 1, "x")]));
    assert_eq!(refused, Code::Forbidden);
}

#[test]
fn a_page_is_ordered_by_time_whenever_it_came() {
    let mut b = Bench::new();
    let kim = b.user("kim");
    let room = b.room(kim, "영화", RoomKind::Public);
    let first = b.post(kim, room, "live 1");
    b.post(kim, room, "live 2");
    import(
        &mut b,
        vec![said("b", "old", 200, "둘"), said("a", "old", 100, "하나")],
    );
    import(
        &mut b,
        vec![
            said("c", "old", 150, "사이"),
            said("z", "old", i64::MAX / 2, "내일"),
        ],
    );
    b.post(kim, room, "live 3");
    let all = ["하나", "사이", "둘", "live 1", "live 2", "내일", "live 3"];
    assert_eq!(texts(&b, room, ALL), all);
    let page = HistoryQuery {
        limit: 2,
        before: Some(first.id),
        ..ALL
    };
    assert_eq!(texts(&b, room, page), ["사이", "둘"]);
    let id = |text: &str| {
        let history = b.read().history(room, ALL).expect("reads");
        history
            .messages
            .iter()
            .find(|m| m.text == text)
            .expect("there")
            .id
    };
    let page = HistoryQuery {
        limit: 3,
        after: Some(id("사이")),
        ..ALL
    };
    assert_eq!(texts(&b, room, page), ["둘", "live 1", "live 2"]);
    let page = HistoryQuery {
        limit: 3,
        around: Some(id("둘")),
        ..ALL
    };
    assert_eq!(texts(&b, room, page), ["사이", "둘", "live 1"]);
    let read = b.read().room(kim, room).expect("reads").expect("there");
    assert_eq!(read.last_message.expect("some").text, "live 3");
    // Positions that were never given lie at an end.
    let page = HistoryQuery {
        limit: 2,
        before: Some(MessageId(1 << 52)),
        ..ALL
    };
    assert_eq!(texts(&b, room, page), ["내일", "live 3"]);
}

#[test]
fn history_is_read_and_names_nobody_anew() {
    let mut b = Bench::new();
    let (kim, lee) = (b.user("kim"), b.user("lee"));
    let room = b.room(kim, "영화", RoomKind::Public);
    b.done(Actor::User(lee), Command::Join { room });
    b.post(kim, room, "하나 @lee");
    import(
        &mut b,
        vec![
            said("1", "kim", 10, "옛날 @lee"),
            said("2", "kim", i64::MAX / 2, "@lee"),
        ],
    );
    b.done(Actor::System, Command::AnnounceHistory);
    let mine = |b: &Bench, user| {
        let room = b.read().room(user, room).expect("reads").expect("there");
        let me = room.me.expect("a member");
        (me.unread, me.mentions)
    };
    assert_eq!(mine(&b, lee), (1, 1));
    assert_eq!(mine(&b, kim), (0, 0));
    let named = b.read().mentions(lee, None, 10).expect("reads");
    assert_eq!(named.len(), 1);
    assert_eq!(named[0].text, "하나 @lee");
    // Who is made by history has read all of it.
    let (_, _) = import(
        &mut b,
        vec![said("3", "old", 11, "나도"), said("4", "old", 12, "또")],
    );
    b.done(Actor::System, Command::AnnounceHistory);
    let old = b
        .read()
        .account_by_name("old")
        .expect("reads")
        .expect("made")
        .user
        .id;
    assert_eq!(mine(&b, old), (0, 0));
    b.post(lee, room, "둘");
    assert_eq!(mine(&b, old), (1, 0));
    assert_eq!(
        mine(&b, lee),
        (1, 1),
        "one's own post is no news, and reads nothing"
    );
}

#[test]
fn events_tell_who_is_in_a_room_now_and_one_a_room_that_it_changed() {
    let mut b = Bench::new();
    let kim = b.user("kim");
    let many: Vec<Imported> = (0..200)
        .map(|n| said(&n.to_string(), ["kim", "lee"][n % 2], n as i64, "글"))
        .collect();
    let (_, applied) = import(&mut b, many);
    let room = movies(&b);
    let lee = b
        .read()
        .account_by_name("lee")
        .expect("reads")
        .expect("made")
        .user
        .id;
    let joined: Vec<(RoomId, UserId)> = applied
        .events
        .iter()
        .flat_map(|event| event.joined.clone())
        .collect();
    assert_eq!(joined, [(room, kim), (room, lee)]);
    let kinds: Vec<EventKind> = applied
        .events
        .iter()
        .map(|event| event.body.kind())
        .collect();
    assert!(!kinds.contains(&EventKind::MessageCreated));
    let changed: usize = applied.events.iter().map(|event| event.changed.len()).sum();
    assert_eq!(changed, 200, "the index hears of each");
    let order: Vec<u16> = applied.events.iter().map(|event| event.n).collect();
    assert_eq!(order, (0..order.len() as u16).collect::<Vec<_>>());
    let told = b.apply(Actor::System, Command::AnnounceHistory).events;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].body.kind(), EventKind::HistoryChanged);
    assert_eq!(told[0].audience, Audience::Everyone);
    assert!(
        b.apply(Actor::System, Command::AnnounceHistory)
            .events
            .is_empty()
    );
}

#[test]
fn replies_belong_to_the_root_in_the_same_room() {
    let mut b = Bench::new();
    let reply = |id: &str, to: &str| Imported {
        reply_to: Some(to.into()),
        ..said(id, "kim", id.len() as i64 * 10, id)
    };
    let elsewhere = Imported {
        room: "책".into(),
        ..said("other", "kim", 1, "other")
    };
    let file = vec![
        said("root", "lee", 5, "root"),
        elsewhere,
        reply("a", "root"),
        reply("bb", "a"),
        reply("ccc", "other"),
    ];
    let (outcomes, _) = import(&mut b, file);
    assert!(
        outcomes
            .iter()
            .all(|outcome| *outcome == LineOutcome::Created)
    );
    let history = b.read().history(movies(&b), ALL).expect("reads");
    let by_text = |text: &str| {
        history
            .messages
            .iter()
            .find(|m| m.text == text)
            .expect("there")
    };
    let root = by_text("root");
    assert_eq!(by_text("a").reply_to, Some(root.id));
    assert_eq!(by_text("bb").reply_to, Some(root.id));
    assert_eq!(
        by_text("ccc").reply_to,
        None,
        "rooms have their own threads"
    );
    assert_eq!(root.thread.as_ref().map(|thread| thread.count), Some(2));
    let lee = root.author.id;
    let followed = b
        .read()
        .followed_threads(lee, false, None, 10)
        .expect("reads");
    assert_eq!((followed.len(), followed[0].me.unread), (1, 0));
}

#[test]
fn an_export_of_everything_comes_back_with_its_rooms() {
    let mut b = Bench::new();
    let room = ImportedRoom {
        room: "비밀".into(),
        topic: "쉿".into(),
        kind: RoomKind::Private,
        created_at: Some(Timestamp(3)),
        members: vec![
            ("kim".into(), MemberRole::Owner),
            ("lee".into(), MemberRole::Member),
        ],
        ..ImportedRoom::default()
    };
    let direct = ImportedRoom {
        room: String::new(),
        topic: String::new(),
        kind: RoomKind::Direct,
        created_at: None,
        members: vec![
            ("kim".into(), MemberRole::Member),
            ("lee".into(), MemberRole::Member),
        ],
        ..ImportedRoom::default()
    };
    let private = Imported {
        room: "비밀".into(),
        kind: Some(RoomKind::Private),
        reactions: vec![("👍".into(), vec!["lee".into()])],
        pinned: true,
        ..said("p", "gone", 7, "비밀 이야기")
    };
    let between = Imported {
        room: String::new(),
        people: vec!["lee".into(), "kim".into()],
        ..said("d", "kim", 8, "둘만")
    };
    let all = vec![
        HistoryLine::Room(room.clone()),
        HistoryLine::Room(direct),
        HistoryLine::Message(Box::new(private)),
        HistoryLine::Message(Box::new(between)),
    ];
    for repeat in [LineOutcome::Created, LineOutcome::Repeated] {
        let applied = b.apply(Actor::System, Command::ImportLines(all.clone()));
        let Ok(Outcome::Lines(outcomes)) = applied.outcome else {
            panic!("lines")
        };
        assert_eq!(outcomes[2..], [repeat.clone(), repeat]);
    }
    let reader = b.read();
    let id = |name: &str| {
        reader
            .account_by_name(name)
            .expect("reads")
            .expect("made")
            .user
            .id
    };
    let secret = reader.room_by_name("비밀").expect("reads").expect("made");
    assert_eq!(
        reader
            .room_record(secret)
            .expect("reads")
            .expect("made")
            .kind,
        RoomKind::Private
    );
    assert!(reader.can_read(id("kim"), secret).expect("reads"));
    assert!(
        !reader.can_read(id("gone"), secret).expect("reads"),
        "who left stays out"
    );
    assert_eq!(reader.rooms(id("lee"), None).expect("reads").len(), 2);
    let pins = reader.pins(secret).expect("reads");
    assert_eq!(pins[0].0.reactions[0].user_ids, [id("lee")]);
    // A line that does not know of it is no way into a private room.
    let plain = Imported {
        room: "비밀".into(),
        ..said("x", "kim", 9, "x")
    };
    let (outcomes, _) = import(&mut b, vec![plain]);
    assert!(
        matches!(&outcomes[0], LineOutcome::Refused(refusal) if refusal.code == Code::Forbidden)
    );
}

#[test]
fn a_room_that_is_deleted_goes_in_parts_and_its_ids_are_free() {
    let mut b = Bench::new();
    let admin = b.user_as("admin", Role::Admin);
    for part in 0..6 {
        let some = (0..200).map(|n| said(&format!("{part}-{n}"), "old", n, "글"));
        import(&mut b, some.collect());
    }
    let room = movies(&b);
    let applied = b.apply(Actor::User(admin), Command::DeleteRoom { room });
    assert!(applied.outcome.is_ok());
    assert!(b.read().room(admin, room).expect("reads").is_none());
    assert_eq!(
        b.refused(Actor::User(admin), post(room, "hi")),
        Code::NotFound
    );
    let (outcomes, _) = import(&mut b, vec![said("0-0", "old", 1, "다시")]);
    assert_eq!(
        outcomes,
        [LineOutcome::Created],
        "the old one is gone already"
    );
    let mut parts = 0;
    while let Outcome::Part { more: true } = b.done(Actor::System, Command::Purge).0 {
        parts += 1;
        b.state.checkpoint().expect("is durable");
        let fresh = b.state.reopened().expect("opens where it was");
        b.state.take_over(fresh);
        b.state.settle().expect("is written");
        assert!(parts < 20, "it ends");
    }
    assert!(parts >= 2, "{parts}");
    assert!(!b.read().has_purges().expect("reads"));
    assert_eq!(b.read().message_count().expect("reads"), 1);
    assert_eq!(texts(&b, movies(&b), ALL), ["다시"]);
    let (outcomes, _) = import(&mut b, vec![said("0-0", "old", 1, "다시")]);
    assert_eq!(outcomes, [LineOutcome::Repeated]);
}
