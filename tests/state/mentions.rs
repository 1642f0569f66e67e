//! Selection a text names, whatever stands behind the name, and what stays of it when names change.

use super::Bench;
use maru::domain::{Actor, Command, Message, MessageId, Outcome, Role, RoomId, RoomKind, UserId};

fn person(b: &mut Bench, username: &str, display_name: &str) -> UserId {
    let command = Command::CreateUser {
        username: username.into(),
        display_name: Some(display_name.into()),
        role: Role::Member,
        password_hash: None,
        invite: None,
        session: None,
    };
    match b.done(Actor::System, command).0 {
        Outcome::User(user) => user.id,
        other => panic!("{other:?}"),
    }
}

fn rename(b: &mut Bench, user: UserId, name: &str) {
    let display_name = name.to_owned();
    let command = Command::SetDisplayName { user, display_name };
    b.done(Actor::User(user), command);
}

/// Everybody in one room.
fn room(b: &mut Bench, people: &[UserId]) -> RoomId {
    let room = b.room(people[0], "마루", RoomKind::Public);
    for user in &people[1..] {
        b.done(Actor::User(*user), Command::Join { room });
    }
    room
}

fn choosing(b: &mut Bench, room: RoomId, author: UserId, text: &str, who: UserId) -> Message {
    let command = Command::Post {
        room,
        text: text.into(),
        client_id: None,
        reply_to: None,
        mentions: vec![who],
        files: Vec::new(),
        also_in_room: false,
        may_call: true,
    };
    match b.done(Actor::User(author), command).0 {
        Outcome::Message { message, .. } => message,
        other => panic!("{other:?}"),
    }
}

fn edit(b: &mut Bench, author: UserId, message: MessageId, text: &str) -> Message {
    let command = Command::Edit {
        message,
        text: text.into(),
        mentions: Vec::new(),
        keeps_old: false,
    };
    match b.done(Actor::User(author), command).0 {
        Outcome::Message { message, .. } => message,
        other => panic!("{other:?}"),
    }
}

/// The parts of the text that name somebody.
fn named(message: &Message) -> Vec<(String, UserId)> {
    let units: Vec<u16> = message.text.encode_utf16().collect();
    let text = |start: u32, end: u32| {
        String::from_utf16(&units[start as usize..end as usize]).expect("whole characters")
    };
    let ranges = message.mention_ranges.iter();
    ranges
        .map(|range| (text(range.start, range.end), range.user_id))
        .collect()
}

#[test]
fn the_longest_name_of_a_member_counts_with_whatever_follows_it() {
    let mut b = Bench::new();
    let kim = person(&mut b, "kim", "김철수");
    let short = person(&mut b, "soo", "철수");
    let long = person(&mut b, "chulsoo", "철수님");
    let alex = person(&mut b, "alex", "Alex Kim");
    let stranger = person(&mut b, "stranger", "철수님께");
    let room = room(&mut b, &[kim, short, long, alex]);
    for (text, expected) in [
        ("@철수가 왔다", vec![("@철수", short)]),
        ("@철수님이 왔다", vec![("@철수님", long)]),
        ("@철수님께는 비밀", vec![("@철수님", long)]),
        ("@김철수", vec![("@김철수", kim)]),
        ("@KIM님 @Soo", vec![("@KIM", kim), ("@Soo", short)]),
        ("@alex kim에게", vec![("@alex kim", alex)]),
        ("@alexander @alex", vec![("@alex", alex)]),
        ("a🎉b@alex 고마워@철수야", vec![("@철수", short)]),
        ("🎉@철수", vec![("@철수", short)]),
        ("mail@kim.kr @nobody @", vec![]),
        ("@@철수", vec![("@철수", short)]),
    ] {
        let message = b.post(kim, room, text);
        let expected: Vec<_> = expected.into_iter().map(|(t, u)| (t.into(), u)).collect();
        assert_eq!(named(&message), expected, "{text}");
        assert!(!message.mentions.contains(&stranger));
    }
    // Decomposed, as macOS writes it.
    let message = b.post(kim, room, "@\u{110e}\u{1165}\u{11af}\u{1109}\u{116e}야");
    assert_eq!(message.mentions, [short]);
    assert_eq!(b.post(kim, room, "@철수 @철수야").mentions, [short]);
}

#[test]
fn of_namesakes_the_chosen_one_is_meant_else_all() {
    let mut b = Bench::new();
    let kim = b.user("kim");
    let (one, other) = (
        person(&mut b, "minsu1", "김민수"),
        person(&mut b, "minsu2", "김민수"),
    );
    // A display name that is somebody's user name.
    let mask = person(&mut b, "mask", "Minsu1");
    let room = room(&mut b, &[kim, one, other, mask]);
    assert_eq!(b.post(kim, room, "@김민수님").mentions, [one, other]);
    assert_eq!(
        choosing(&mut b, room, kim, "@김민수님", other).mentions,
        [other]
    );
    assert_eq!(b.post(kim, room, "@minsu1").mentions, [one]);
    assert_eq!(
        choosing(&mut b, room, kim, "@minsu1", mask).mentions,
        [mask]
    );
    // Who is chosen and not in the text is not named.
    assert_eq!(choosing(&mut b, room, kim, "안녕", one).mentions, []);
}

#[test]
fn a_mention_stays_when_its_person_is_renamed() {
    let mut b = Bench::new();
    let kim = b.user("kim");
    let lee = person(&mut b, "lee", "이영희");
    let room = room(&mut b, &[kim, lee]);
    let said = b.post(kim, room, "@이영희님 봐 주세요");
    rename(&mut b, lee, "이순희");
    let other = person(&mut b, "new", "이영희");
    b.done(Actor::User(other), Command::Join { room });
    let reader = b.read();
    let again = reader.message(said.id).expect("reads").expect("there");
    assert_eq!(named(&again), [("@이영희".to_owned(), lee)]);
    let unread = |who| {
        let room = b.read().room(who, room).expect("reads").expect("there");
        room.me.expect("a member").mentions
    };
    assert_eq!((unread(lee), unread(other)), (1, 0));

    // An edit keeps selection the text meant, and finds selection it names now.
    let edited = edit(&mut b, kim, said.id, "@이영희님, @이순희님, @new님");
    let expected = [("@이영희", lee), ("@이순희", lee), ("@new", other)];
    assert_eq!(named(&edited), expected.map(|(t, u)| (t.to_owned(), u)));
    let without = edit(&mut b, kim, said.id, "아무도");
    assert_eq!((named(&without), without.mentions), (vec![], vec![]));
    assert_eq!(b.post(kim, room, "@이영희").mentions, [other]);
}

#[test]
fn however_much_is_written_it_is_bounded() {
    let mut b = Bench::new();
    let kim = b.user("kim");
    let others: Vec<UserId> = (1..30).map(|n| b.user(&"a".repeat(n))).collect();
    let room = room(&mut b, &[kim, others[0]]);
    let message = b.post(kim, room, &"@kim @".repeat(1_500));
    assert_eq!(message.mention_ranges.len(), 100);
    // Names of strangers that are all prefixes of what was typed.
    let message = b.post(kim, room, &format!("@{}가", "a".repeat(40)));
    assert_eq!(message.mentions, []);
    let message = b.post(kim, room, "@a가");
    assert_eq!(message.mentions, [others[0]]);
}
