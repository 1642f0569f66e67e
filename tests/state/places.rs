//! Threads, pins, mentions, saved messages, read positions, settings, status.

use super::{Bench, post};
use maru::domain::event::Body;
use maru::domain::{
    Actor, Audience, Code, Command, Effect, EventKind, Message, MessageId, NotificationLevel,
    Outcome, RoomId, RoomKind, Status, Timestamp, UserId, limits,
};
use maru::state::ThreadSpan;

fn people(b: &mut Bench) -> (UserId, UserId, UserId, RoomId) {
    let (kim, lee, park) = (b.user("kim"), b.user("lee"), b.user("park"));
    let room = b.room(kim, "마루", RoomKind::Private);
    for user in [lee, park] {
        let add = Command::AddMember {
            room,
            user,
            role: None,
        };
        b.done(Actor::User(kim), add);
    }
    (kim, lee, park, room)
}

fn reply(b: &mut Bench, author: UserId, room: RoomId, to: MessageId, text: &str) -> Message {
    let command = Command::Post {
        room,
        text: text.into(),
        client_id: None,
        reply_to: Some(to),
        mentions: Vec::new(),
        files: Vec::new(),
        also_in_room: false,
        may_call: true,
    };
    match b.done(Actor::User(author), command).0 {
        Outcome::Message { message, .. } => message,
        other => panic!("{other:?}"),
    }
}

fn unread(b: &Bench, user: UserId) -> Vec<(MessageId, u32)> {
    let threads = b.read().followed_threads(user, true, None, 10);
    let threads = threads.expect("reads").into_iter();
    threads
        .map(|thread| (thread.root.id, thread.me.unread))
        .collect()
}

#[test]
fn who_takes_part_follows_and_counts_what_others_reply() {
    let mut b = Bench::new();
    let (kim, lee, park, room) = people(&mut b);
    let root = b.post(kim, room, "root");
    let first = reply(&mut b, lee, room, root.id, "하나");
    assert_eq!(unread(&b, kim), [(root.id, 1)], "whose message it is");
    assert_eq!(unread(&b, lee), [], "one's own reply is no news");
    assert_eq!(unread(&b, park), []);
    reply(&mut b, kim, room, root.id, "둘 @park");
    assert_eq!(unread(&b, park), [(root.id, 1)], "who is named");
    assert_eq!(unread(&b, lee), [(root.id, 1)]);
    assert_eq!(unread(&b, kim), [], "who replies has read");
    let third = reply(&mut b, park, room, first.id, "셋");
    assert_eq!(unread(&b, lee), [(root.id, 2)]);
    b.done(Actor::User(park), Command::Delete { message: third.id });
    assert_eq!(unread(&b, lee), [(root.id, 1)]);
    let (outcome, event) = b.done(Actor::User(lee), Command::ReadThread { message: third.id });
    assert!(matches!(outcome, Outcome::Follow(state) if state.following && state.unread == 0));
    assert_eq!(event.expect("told").audience, Audience::Users(vec![lee]));
    assert_eq!(unread(&b, lee), []);
    let follow = |on| Command::Follow {
        message: root.id,
        on,
    };
    b.done(Actor::User(lee), follow(false));
    reply(&mut b, kim, room, root.id, "넷 @lee");
    assert_eq!(unread(&b, lee), [], "who does not want to follow does not");
    assert!(
        b.read()
            .followed_threads(lee, false, None, 10)
            .expect("reads")
            .is_empty()
    );
    b.done(Actor::User(lee), follow(true));
    reply(&mut b, kim, room, root.id, "다섯");
    assert_eq!(unread(&b, lee), [(root.id, 2)]);
}

#[test]
fn a_reply_is_two_events_in_their_order_and_a_thread_has_pages() {
    let mut b = Bench::new();
    let (kim, lee, _, room) = people(&mut b);
    let root = b.post(kim, room, "root");
    let command = Command::Post {
        room,
        text: "first".into(),
        client_id: None,
        reply_to: Some(root.id),
        mentions: Vec::new(),
        files: Vec::new(),
        also_in_room: false,
        may_call: true,
    };
    let events = b.apply(Actor::User(lee), command).events;
    let kinds: Vec<_> = events
        .iter()
        .map(|event| (event.n, event.body.kind()))
        .collect();
    assert_eq!(
        kinds,
        [
            (0, EventKind::MessageCreated),
            (1, EventKind::ThreadUpdated)
        ]
    );
    let ids: Vec<MessageId> = (0..6)
        .map(|n| reply(&mut b, lee, room, root.id, &n.to_string()).id)
        .collect();
    let page = |before: Option<usize>, after: Option<usize>| {
        let at = |n: Option<usize>| n.map(|n| ids[n]);
        let span = ThreadSpan {
            before: at(before),
            after: at(after),
            limit: 2,
            ..ThreadSpan::default()
        };
        let page = b.read().thread(kim, root.id, span);
        let page = page.expect("reads").expect("there");
        let texts: Vec<String> = page
            .replies
            .iter()
            .map(|reply| reply.text.clone())
            .collect();
        (texts.join(" "), page.more_before, page.more_after)
    };
    assert_eq!(page(None, None), ("4 5".into(), true, false));
    assert_eq!(page(Some(1), None), ("first 0".into(), false, true));
    assert_eq!(page(None, Some(3)), ("4 5".into(), true, false));
    assert_eq!(page(None, Some(0)), ("1 2".into(), true, true));
}

#[test]
fn reading_is_told_to_the_reader_and_goes_back_on_demand() {
    let mut b = Bench::new();
    let (kim, lee, _, room) = people(&mut b);
    let ids: Vec<MessageId> = (0..4)
        .map(|n| b.post(kim, room, &format!("{n} @lee")).id)
        .collect();
    let mine = |b: &Bench| {
        let room = b.read().room(lee, room).expect("reads").expect("there");
        let me = room.me.expect("a member");
        (me.last_read_id, me.unread, me.mentions)
    };
    assert_eq!(mine(&b).1, 4);
    let read = |message| Command::Read { room, message };
    let applied = b.apply(Actor::User(lee), read(ids[2]));
    assert_eq!(applied.events.len(), 1);
    assert_eq!(applied.events[0].audience, Audience::Users(vec![lee]));
    assert!(matches!(applied.effects[..], [Effect::Seen { message, .. }] if message == ids[2]));
    assert_eq!(mine(&b), (ids[2], 1, 1));
    b.done(Actor::User(lee), read(ids[0]));
    assert_eq!(
        mine(&b),
        (ids[2], 1, 1),
        "reading never goes back by itself"
    );
    let unread = |message| Command::MarkUnread { room, message };
    b.done(Actor::User(lee), unread(ids[1]));
    assert_eq!(mine(&b), (ids[0], 3, 3));
    b.done(Actor::User(lee), unread(ids[0]));
    assert_eq!(mine(&b).1, 4);
    b.done(Actor::User(lee), unread(ids[3]));
    assert_eq!(mine(&b).1, 4, "and marking unread never reads");
    let park = b.user("stranger");
    assert_eq!(b.refused(Actor::User(park), unread(ids[0])), Code::NotFound);
}

#[test]
fn a_crowd_does_not_see_who_read_what() {
    let mut b = Bench::new();
    let kim = b.user("kim");
    let room = b.room(kim, "광장", RoomKind::Public);
    for n in 0..limits::SEEN_MEMBERS {
        let user = b.user(&format!("u{n}"));
        b.done(Actor::User(user), Command::Join { room });
    }
    let lee = b.user("lee");
    b.done(Actor::User(lee), Command::Join { room });
    let message = b.post(kim, room, "하나").id;
    let applied = b.apply(Actor::User(lee), Command::Read { room, message });
    assert!(applied.effects.is_empty());
    assert_eq!(applied.events.len(), 1);
}

#[test]
fn mentions_and_saves_are_listed_while_they_may_be_read() {
    let mut b = Bench::new();
    let (kim, lee, park, room) = people(&mut b);
    let named = b.post(kim, room, "@lee 하나");
    let other = b.post(kim, room, "@lee 둘");
    let list = |b: &Bench| -> Vec<MessageId> {
        let messages = b.read().mentions(lee, None, 10).expect("reads");
        messages.iter().map(|message| message.id).collect()
    };
    assert_eq!(list(&b), [other.id, named.id]);
    let before = b.read().mentions(lee, Some(other.id), 10).expect("reads");
    assert_eq!(before[0].id, named.id);
    let edit = Command::Edit {
        message: other.id,
        text: "@park 둘".into(),
        mentions: Vec::new(),
        keeps_old: false,
    };
    b.done(Actor::User(kim), edit);
    assert_eq!(list(&b), [named.id]);
    assert_eq!(b.read().mentions(park, None, 10).expect("reads").len(), 1);
    let save = |message, on| Command::Save { message, on };
    b.done(Actor::User(lee), save(named.id, true));
    b.done(Actor::User(lee), save(other.id, true));
    let saved = |b: &Bench| -> Vec<MessageId> {
        let saved = b.read().saved(lee).expect("reads");
        saved.iter().map(|(message, _)| message.id).collect()
    };
    assert_eq!(saved(&b), [other.id, named.id]);
    b.done(Actor::User(lee), save(other.id, false));
    assert_eq!(saved(&b), [named.id]);
    let stranger = b.user("stranger");
    assert_eq!(
        b.refused(Actor::User(stranger), save(named.id, true)),
        Code::NotFound
    );
    b.done(Actor::User(lee), Command::Leave { room });
    assert_eq!((list(&b).len(), saved(&b).len()), (0, 0));
}

#[test]
fn pins_are_listed_and_go_with_what_they_pin() {
    let mut b = Bench::new();
    let (kim, lee, _, room) = people(&mut b);
    let (one, two) = (b.post(kim, room, "하나"), b.post(kim, room, "둘"));
    for message in [two.id, one.id] {
        b.done(Actor::User(lee), Command::Pin { message, on: true });
    }
    let pins = |b: &Bench| -> Vec<(MessageId, UserId)> {
        let pins = b.read().pins(room).expect("reads");
        pins.iter()
            .map(|(message, by, _)| (message.id, *by))
            .collect()
    };
    assert_eq!(
        pins(&b),
        [(one.id, lee), (two.id, lee)],
        "the newest pin first"
    );
    b.done(Actor::User(kim), Command::Delete { message: one.id });
    assert_eq!(pins(&b), [(two.id, lee)]);
    let unpin = Command::Pin {
        message: two.id,
        on: false,
    };
    b.done(Actor::User(kim), unpin);
    assert_eq!(pins(&b), []);
}

#[test]
fn the_last_message_is_found_behind_any_number_of_deleted_ones() {
    let mut b = Bench::new();
    let (kim, _, _, room) = people(&mut b);
    let first = b.post(kim, room, "first").id;
    let ids: Vec<MessageId> = (0..80)
        .map(|n| b.post(kim, room, &n.to_string()).id)
        .collect();
    for message in ids {
        b.done(Actor::User(kim), Command::Delete { message });
    }
    let last = |b: &Bench| {
        let room = b.read().room(kim, room).expect("reads").expect("there");
        room.last_message.map(|message| message.id)
    };
    assert_eq!(last(&b), Some(first));
    b.done(Actor::User(kim), Command::Delete { message: first });
    assert_eq!(last(&b), None);
    b.done(Actor::User(kim), post(room, "again"));
    assert!(last(&b).is_some());
}

#[test]
fn the_directory_holds_public_rooms_by_name() {
    let mut b = Bench::new();
    let kim = b.user("kim");
    let lee = b.user("lee");
    for name in ["다", "가나", "나", "Gana"] {
        b.room(kim, name, RoomKind::Public);
    }
    let secret = b.room(kim, "가 비밀", RoomKind::Private);
    let names = |q: &str, after: Option<&str>, limit| {
        let is_wanted = |name: &str| name.contains(q);
        let page = b
            .read()
            .directory(lee, is_wanted, after, (limit, false))
            .expect("reads");
        let names: Vec<String> = page.rooms.into_iter().map(|room| room.name).collect();
        (names, page.next)
    };
    let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        names("", None, 10),
        (owned(&["Gana", "가나", "나", "다"]), None)
    );
    assert_eq!(names("나", None, 10), (owned(&["가나", "나"]), None));
    assert_eq!(names("ga", None, 10), (owned(&["Gana"]), None));
    let (first, next) = names("", None, 3);
    assert_eq!(first.len(), 3);
    assert_eq!(names("", next.as_deref(), 3), (owned(&["다"]), None));
    assert!(
        b.read().rooms(lee, None).expect("reads").is_empty(),
        "one's own rooms only"
    );
    let rename = Command::UpdateRoom {
        room: secret,
        name: Some("아직 비밀".into()),
        topic: None,
    };
    b.done(Actor::User(kim), rename);
    assert_eq!(
        b.read()
            .directory(lee, |name| name.contains("비밀"), None, (9, false))
            .expect("reads")
            .rooms
            .len(),
        0
    );
}

#[test]
fn settings_merge_and_a_status_ends() {
    let mut b = Bench::new();
    let kim = b.user("kim");
    let change = |patch: &str| Command::ChangeSettings {
        patch: patch.into(),
    };
    let (outcome, event) = b.done(Actor::User(kim), change(r#"{"a":{"b":1,"c":2},"d":3}"#));
    assert!(matches!(outcome, Outcome::Settings(_)));
    assert_eq!(event.expect("told").audience, Audience::Users(vec![kim]));
    b.done(Actor::User(kim), change(r#"{"a":{"b":null},"d":"x"}"#));
    assert_eq!(
        b.read().settings(kim).expect("reads"),
        r#"{"a":{"c":2},"d":"x"}"#
    );
    let large = format!(r#"{{"x":"{}"}}"#, "y".repeat(limits::SETTINGS_BYTES - 20));
    let full = change(&large);
    assert_eq!(b.refused(Actor::User(kim), full), Code::BadLength);
    assert_eq!(b.refused(Actor::User(kim), change("[]")), Code::Invalid);

    let now = b.entries.last().expect("some").draft.at.0;
    let status = Status {
        emoji: Some("🍚".into()),
        text: Some("점심".into()),
        until: Some(Timestamp(now + 5_000)),
    };
    let set = Command::SetStatus {
        status: Some(status.clone()),
    };
    b.done(Actor::User(kim), set);
    let shown = |b: &Bench| b.read().user(kim).expect("reads").expect("there").status;
    assert_eq!(shown(&b), Some(status));
    b.done(Actor::System, Command::Sweep);
    assert!(shown(&b).is_some());
    for n in 0..5 {
        b.user(&format!("later{n}"));
    }
    b.done(Actor::System, Command::Sweep);
    assert_eq!(shown(&b), None);
}

#[test]
fn a_level_is_told_to_its_owner_alone() {
    let mut b = Bench::new();
    let (_, lee, _, room) = people(&mut b);
    let level = NotificationLevel::Mentions;
    let (outcome, event) = b.done(Actor::User(lee), Command::SetNotifications { room, level });
    let Outcome::Room { room: shown, .. } = outcome else {
        panic!("a room")
    };
    assert_eq!(shown.me.expect("a member").notifications, level);
    assert_eq!(event.expect("told").audience, Audience::Users(vec![lee]));
    let again = b.apply(Actor::User(lee), Command::SetNotifications { room, level });
    assert!(again.events.is_empty());
}

/// What the room shows counts there; replies count in their thread, and what they say to somebody by
/// name in both.
#[test]
fn a_reply_is_unread_in_its_thread_and_not_in_the_room() {
    let mut b = Bench::new();
    let (kim, lee) = (b.user("kim"), b.user("lee"));
    let room = b.room(kim, "마루", RoomKind::Public);
    b.done(Actor::User(lee), Command::Join { room });
    let mine = |b: &Bench, user| {
        let room = b.read().room(user, room).expect("reads").expect("is there");
        let last = room.last_message.map(|message| message.id);
        let me = room.me.expect("is a member");
        (me.unread, me.mentions, last)
    };
    let reply = |b: &mut Bench, by, to: &Message, text: &str| {
        let command = Command::Post {
            room,
            text: text.into(),
            client_id: None,
            reply_to: Some(to.id),
            mentions: Vec::new(),
            files: Vec::new(),
            also_in_room: false,
            may_call: false,
        };
        match b.done(Actor::User(by), command).0 {
            Outcome::Message { message, .. } => message,
            other => panic!("{other:?}"),
        }
    };
    let root = b.post(kim, room, "one");
    assert_eq!(mine(&b, lee), (1, 0, Some(root.id)));
    reply(&mut b, kim, &root, "a reply");
    assert_eq!(mine(&b, lee), (1, 0, Some(root.id)));
    let named = reply(&mut b, kim, &root, "@lee, and");
    let again = reply(&mut b, kim, &root, "@lee, once more");
    assert_eq!(mine(&b, lee), (1, 2, Some(root.id)));
    let second = b.post(kim, room, "two");
    assert_eq!(mine(&b, lee), (2, 2, Some(second.id)));

    // Reading the thread reads what it says to somebody; the room stays unread.
    let message = named.id;
    let told = b.apply(Actor::User(lee), Command::ReadThread { message });
    let moved = told.events.iter().find_map(|event| match event.body {
        Body::ReadMoved {
            unread, mentions, ..
        } => Some((unread, mentions)),
        _ => None,
    });
    assert_eq!(moved, Some((2, 1)));
    let read = |b: &mut Bench, message| {
        b.done(Actor::User(lee), Command::Read { room, message });
    };
    read(&mut b, second.id);
    assert_eq!(mine(&b, lee), (0, 0, Some(second.id)));

    // A reply behind what was read names lee: unread until the thread is read.
    let last = reply(&mut b, kim, &root, "@lee?");
    assert_eq!(mine(&b, lee), (0, 1, Some(second.id)));
    let message = last.id;
    b.done(Actor::User(lee), Command::ReadThread { message });
    assert_eq!(mine(&b, lee), (0, 0, Some(second.id)));

    // Deleting replies takes nothing from the room's count, deleting a post does.
    let third = b.post(kim, room, "three");
    b.done(Actor::User(kim), Command::Delete { message: again.id });
    assert_eq!(mine(&b, lee), (1, 0, Some(third.id)));
    b.done(Actor::User(kim), Command::Delete { message: third.id });
    assert_eq!(mine(&b, lee), (0, 0, Some(second.id)));
    let message = second.id;
    b.done(Actor::User(lee), Command::MarkUnread { room, message });
    assert_eq!(mine(&b, lee), (1, 0, Some(second.id)));
}
