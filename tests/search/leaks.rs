//! Nobody finds, counts or is told what they may not read.

use super::source::{House, PUBLIC, query, settle, start};
use maru::domain::RoomId;
use maru::search::{Change, Query, Readable, Sort};

const SECRET: RoomId = RoomId(2);
const OTHER: RoomId = RoomId(3);

fn member_of(rooms: &[RoomId]) -> Readable {
    Readable {
        public: true,
        rooms: rooms.to_vec(),
    }
}

#[test]
fn only_members_find() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    let open = house.say("합병 소식은 공지로");
    let secret = house.say_in(SECRET, false, "합병 계획은 비밀입니다");
    house.say_in(OTHER, false, "합병 말고 점심");
    let search = start(dir.path(), &house);
    let ids = |readable: &Readable, query: Query| {
        let page = search.query(&query, readable).expect("answers");
        assert_eq!(page.total, page.hits.len() as u64);
        let mut ids: Vec<_> = page.hits.iter().map(|h| h.id).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(ids(&member_of(&[]), query("합병")), [open]);
    assert_eq!(ids(&member_of(&[SECRET]), query("합병")), [open, secret]);
    let guest = Readable::default();
    assert_eq!(ids(&guest, query("합병")), []);

    // Not by a filter, not by order, not by letters.
    let stranger = member_of(&[OTHER]);
    for text in ["비밀", "계획은 비밀", "\"비밀입니다\"", "밀", ""] {
        for sort in [Sort::Relevance, Sort::Newest] {
            let asked = Query {
                room: Some(SECRET),
                sort,
                ..query(text)
            };
            assert_eq!(ids(&stranger, asked), [], "{text}");
        }
    }
    let all_of_it = Query {
        room: Some(SECRET),
        ..query("")
    };
    assert_eq!(ids(&member_of(&[SECRET]), all_of_it), [secret]);
}

#[test]
fn what_is_gone_is_gone_at_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    let first = house.say("지울 문장");
    let second = house.say("남을 문장");
    house.say_in(OTHER, true, "사라질 방의 문장");
    let search = start(dir.path(), &house);
    let found = |text: &str| super::source::found(&search, text);
    assert_eq!(found("문장").len(), 3);
    house.tell(Change::Delete(first));
    assert_eq!(found("문장").len(), 2);
    house.tell(Change::DeleteRoom(OTHER));
    assert_eq!(found("문장"), [second]);

    // An edit replaces.
    let mut edited = super::source::doc(house.next(), PUBLIC, true, "고친 글");
    edited.id = second;
    house.tell(Change::Put(edited));
    assert_eq!(found("문장"), []);
    assert_eq!(found("글"), [second]);
    settle(&search, &house);
}

/// Everything that a stranger can be told, of two houses that differ only in what is said in a
/// private room.
#[test]
fn no_answer_depends_on_what_is_said_in_private() {
    let public = [
        "합병 소식은 공지로",
        "합격 소식 축하",
        "점심 합석 하실 분",
        "회의 소식 공지",
    ];
    let answers = |secret: &str| {
        let dir = tempfile::tempdir().expect("a directory");
        let house = House::new();
        for round in 0..40 {
            for text in public {
                house.say(&format!("{text} {round}"));
            }
            house.say_in(SECRET, false, secret);
        }
        let search = start(dir.path(), &house);
        let mut told = Vec::new();
        for text in [
            "합병",
            "합",
            "ㅎㅂ",
            "gkqqud",
            "소식 공지",
            "합병 소식",
            "\"합병\"",
            "인수",
        ] {
            for sort in [Sort::Relevance, Sort::Newest] {
                let mut asked = Query {
                    sort,
                    limit: 7,
                    ..query(text)
                };
                for _ in 0..4 {
                    let page = search.query(&asked, &member_of(&[OTHER])).expect("answers");
                    told.push(format!("{text} {} {:?}", page.total, page.hits));
                    asked.cursor = page.cursor;
                    if asked.cursor.is_none() {
                        break;
                    }
                }
            }
            let suggested = search
                .suggest(text, &member_of(&[OTHER]))
                .expect("suggests");
            told.push(format!("{text} {suggested:?}"));
        }
        told
    };
    let talk_of_lunch = answers("오늘 점심은 김치찌개 먹어요");
    for secret in [
        "합병 합병 합병 인수",
        "소식 공지 합격",
        "합병 계획은 비밀입니다 소식",
    ] {
        assert_eq!(answers(secret), talk_of_lunch, "{secret}");
    }
}
