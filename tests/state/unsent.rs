//! Folded replies, calls to everybody, drafts, messages that are sent later, pictures of people.

use super::{Bench, dump, open, post};
use maru::domain::file::{NewFile, Thumbnail};
use maru::domain::{
    Actor, Call, Code, Command, Event, EventKind, Message, MessageId, Outcome, RoomId, RoomKind,
    Scheduled, Timestamp, UserId, limits,
};
use maru::state::HistoryQuery;

fn two(b: &mut Bench) -> (UserId, UserId, RoomId) {
    let (kim, lee) = (b.user("kim"), b.user("lee"));
    let room = b.room(kim, "마루", RoomKind::Public);
    b.done(Actor::User(lee), Command::Join { room });
    (kim, lee, room)
}

fn reply(b: &mut Bench, author: UserId, room: RoomId, to: MessageId, also: bool) -> Message {
    let command = Command::Post {
        room,
        text: if also { "둘 다" } else { "답" }.into(),
        client_id: None,
        reply_to: Some(to),
        mentions: Vec::new(),
        files: Vec::new(),
        also_in_room: also,
        may_call: true,
    };
    match b.done(Actor::User(author), command).0 {
        Outcome::Message { message, .. } => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn pages_without_replies_are_full_and_know_their_ends() {
    let mut b = Bench::new();
    let (kim, lee, room) = two(&mut b);
    let root = b.post(kim, room, "1");
    for _ in 0..5 {
        reply(&mut b, lee, room, root.id, false);
    }
    let both = reply(&mut b, lee, room, root.id, true);
    assert!(both.also_in_room);
    for n in 2..5 {
        b.post(kim, room, &n.to_string());
    }
    let last = reply(&mut b, lee, room, root.id, false);
    let page = |page: HistoryQuery| {
        let found = b.read().history(room, page).expect("reads");
        let texts: Vec<String> = found.messages.into_iter().map(|m| m.text).collect();
        (texts.join(" "), found.more_before, found.more_after)
    };
    let folded = HistoryQuery {
        limit: 3,
        folded: true,
        ..HistoryQuery::default()
    };
    assert_eq!(page(folded), ("2 3 4".into(), true, false));
    let before = HistoryQuery {
        before: Some(both.id),
        ..folded
    };
    assert_eq!(page(before), ("1".into(), false, true));
    let around = HistoryQuery {
        around: Some(last.id),
        ..folded
    };
    assert_eq!(page(around).0, "2 3 4");
    let after = HistoryQuery {
        after: Some(root.id),
        ..folded
    };
    assert_eq!(page(after), ("둘 다 2 3".into(), true, true));
    let all = HistoryQuery {
        limit: 100,
        ..HistoryQuery::default()
    };
    assert_eq!(page(all).0.split(' ').count(), 12);
}

#[test]
fn whoever_calls_everybody_is_heard_by_everybody_but_not_in_a_crowd() {
    let mut b = Bench::new();
    let (kim, lee, room) = two(&mut b);
    let mentions = |b: &Bench, user| {
        let room = b.read().room(user, room).expect("reads").expect("there");
        let me = room.me.expect("a member");
        (me.unread, me.mentions)
    };
    let call = b.post(kim, room, "@room 모여요");
    assert_eq!(call.calls, Some(Call::Room));
    let both = b.post(kim, room, "@lee @모두 보세요");
    assert_eq!((mentions(&b, lee), mentions(&b, kim)), ((2, 2), (0, 0)));
    assert_eq!(b.post(kim, room, "@here 계신 분").calls, Some(Call::Here));
    assert_eq!(mentions(&b, lee), (3, 2), "who is not here is not called");
    b.done(Actor::User(kim), Command::Delete { message: both.id });
    assert_eq!(mentions(&b, lee), (2, 1));

    for n in 0..limits::CALLED_MEMBERS {
        let user = b.user(&format!("u{n}"));
        b.done(Actor::User(user), Command::Join { room });
    }
    assert_eq!(b.post(lee, room, "@room").calls, None);
    assert_eq!(
        b.post(kim, room, "@room").calls,
        Some(Call::Room),
        "owners may"
    );
}

fn draft(room: RoomId, text: &str) -> Command {
    Command::KeepDraft {
        room,
        thread: None,
        text: text.into(),
    }
}

#[test]
fn drafts_are_heard_by_their_writer_alone() {
    let mut b = Bench::new();
    let (kim, lee, room) = two(&mut b);
    let (_, told) = b.done(Actor::User(kim), draft(room, "쓰다가"));
    let told = told.expect("told");
    assert_eq!(told.body.kind(), EventKind::DraftUpdated);
    assert_eq!(told.audience, maru::domain::Audience::Users(vec![kim]));
    assert!(b.done(Actor::User(kim), draft(room, "쓰다가")).1.is_none());
    let texts = |b: &Bench, user| -> Vec<String> {
        let drafts = b.read().drafts(user).expect("reads");
        drafts.into_iter().map(|draft| draft.text).collect()
    };
    assert_eq!(texts(&b, kim), ["쓰다가"]);
    assert!(texts(&b, lee).is_empty());
    let stranger = b.user("park");
    let private = b.room(kim, "비밀", RoomKind::Private);
    let code = b.refused(Actor::User(stranger), draft(private, "엿보기"));
    assert_eq!(code, Code::NotFound);
    b.done(Actor::User(kim), draft(room, ""));
    assert!(texts(&b, kim).is_empty());
}

fn schedule(b: &mut Bench, author: UserId, room: RoomId, text: &str, in_s: i64) -> Scheduled {
    let now = b.entries.last().expect("something happened").draft.at;
    let command = Command::Schedule {
        room,
        text: text.into(),
        reply_to: None,
        mentions: Vec::new(),
        send_at: Timestamp(now.0 + in_s * 1_000),
        files: Vec::new(),
    };
    match b.done(Actor::User(author), command).0 {
        Outcome::Scheduled(scheduled) => scheduled,
        other => panic!("{other:?}"),
    }
}

fn due(b: &Bench, at: Timestamp) -> usize {
    b.read().scheduled_due(at, 10).expect("reads").len()
}

#[test]
fn a_scheduled_message_goes_out_once_when_its_time_has_come() {
    let mut b = Bench::new();
    let (kim, lee, room) = two(&mut b);
    let one = schedule(&mut b, kim, room, "내일 봐요", 3);
    assert_eq!(due(&b, Timestamp(one.send_at.0 - 1)), 0);
    let send = Command::SendScheduled { scheduled: one.id };
    assert_eq!(
        b.refused(Actor::System, send.clone()),
        Code::NotFound,
        "early"
    );
    assert_eq!(b.refused(Actor::User(lee), send.clone()), Code::NotFound);
    let give_up = Command::Unschedule { scheduled: one.id };
    assert_eq!(b.refused(Actor::User(lee), give_up), Code::NotFound);
    b.post(lee, room, "시간이 가요");
    b.post(lee, room, "시간이 가요");
    let (_, first) = b.done(Actor::System, send.clone());
    assert_eq!(
        first.map(|e: Event| e.body.kind()),
        Some(EventKind::MessageCreated)
    );
    let history = b.read().history(
        room,
        HistoryQuery {
            limit: 1,
            ..HistoryQuery::default()
        },
    );
    let last = history.expect("reads").messages.pop().expect("said");
    assert_eq!((last.text.as_str(), last.author.id), ("내일 봐요", kim));
    assert_eq!(b.refused(Actor::System, send), Code::NotFound, "once");
    assert!(b.read().scheduled(kim, None).expect("reads").is_empty());
    // What was applied is applied alike again.
    let whole = dump(&b.read());
    let entries = b.entries.clone();
    let dir = tempfile::TempDir::new().expect("a directory");
    let mut again = open(&dir);
    again.apply(&entries).expect("applies");
    assert_eq!(dump(&again.snapshot().read().expect("reads")), whole);
}

#[test]
fn what_cannot_be_sent_waits_for_its_author_with_the_reason() {
    let mut b = Bench::new();
    let (kim, lee, room) = two(&mut b);
    let one = schedule(&mut b, lee, room, "늦은 글", 2);
    b.done(Actor::User(lee), Command::Leave { room });
    b.post(kim, room, "시간이 가요");
    let send = Command::SendScheduled { scheduled: one.id };
    b.done(Actor::System, send);
    let waits = b.read().scheduled(lee, Some(room)).expect("reads");
    assert_eq!(waits[0].failed.as_deref(), Some("not_a_member"));
    assert_eq!(due(&b, Timestamp(i64::MAX)), 0);
    b.done(Actor::User(lee), Command::Join { room });
    let later = Command::ChangeScheduled {
        scheduled: one.id,
        text: Some("고친 글".into()),
        send_at: Some(Timestamp(waits[0].send_at.0 + 60_000)),
    };
    b.done(Actor::User(lee), later);
    assert_eq!(due(&b, Timestamp(i64::MAX)), 1);
    let past = Command::Schedule {
        room,
        text: "어제".into(),
        reply_to: None,
        mentions: Vec::new(),
        send_at: Timestamp(0),
        files: Vec::new(),
    };
    assert_eq!(b.refused(Actor::User(lee), past), Code::Invalid);
}

#[test]
fn a_picture_stands_for_somebody_until_another_does() {
    let mut b = Bench::new();
    let (kim, _, room) = two(&mut b);
    let picture = |content: &str| Command::SetAvatar {
        picture: Some(NewFile {
            name: "나.png".into(),
            size: 100,
            mime: "image/png".into(),
            content: content.into(),
            width: Some(9),
            height: Some(9),
            thumbnail: Some(Thumbnail {
                width: 9,
                height: 9,
            }),
            created_at: None,
        }),
    };
    b.done(Actor::User(kim), picture("aa11"));
    let said = b.post(kim, room, "안녕");
    let first = said.author.avatar.expect("has one");
    assert!(first.starts_with(&format!("/api/v1/users/{kim}/avatar?v=")));
    b.done(Actor::User(kim), picture("bb22"));
    assert_eq!(b.read().files_bytes().expect("reads"), 100);
    assert_eq!(b.read().contents().expect("reads").len(), 1);
    assert_ne!(b.post(kim, room, "안녕").author.avatar, Some(first));
    b.done(Actor::User(kim), Command::SetAvatar { picture: None });
    assert_eq!(b.read().files_bytes().expect("reads"), 0);
    assert_eq!(
        b.refused(Actor::User(kim), post(RoomId(9), "?")),
        Code::NotFound
    );
}
