//! Pages fit together while people go on talking.

use super::source::{House, everybody, query, start};
use maru::domain::{RoomId, UserId};
use maru::search::{Change, Query, Readable, SearchError, Sort};

#[test]
fn pages_meet_without_gap_or_double_while_messages_come() {
    for sort in [Sort::Relevance, Sort::Newest] {
        let dir = tempfile::tempdir().expect("a directory");
        let house = House::new();
        let mut before: Vec<_> = (0..60)
            .map(|n| house.say(&format!("서버 {} {}", "이야기 ".repeat(n % 7), n)))
            .collect();
        let search = start(dir.path(), &house);
        let mut seen = Vec::new();
        let mut scores = Vec::new();
        let mut asked = Query {
            limit: 7,
            sort,
            ..query("서버")
        };
        loop {
            let page = search.query(&asked, &everybody()).expect("answers");
            assert_eq!(page.total, 60);
            seen.extend(page.hits.iter().map(|h| h.id));
            scores.extend(page.hits.iter().map(|h| h.score));
            let Some(cursor) = page.cursor else { break };
            asked.cursor = Some(cursor);
            // Changes what is rare and what is new, and makes segments.
            for n in 0..30 {
                house.say(&format!("서버 서버 새 소식 {n}"));
            }
        }
        assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
        seen.sort_unstable();
        before.sort_unstable();
        assert_eq!(seen, before, "{sort:?}");
    }
}

#[test]
fn newest_is_newest() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    let mut ids: Vec<_> = (0..5).map(|_| house.say("점심 먹자")).collect();
    let search = start(dir.path(), &house);
    let asked = Query {
        sort: Sort::Newest,
        ..query("점심")
    };
    let page = search.query(&asked, &everybody()).expect("answers");
    ids.reverse();
    assert_eq!(page.hits.iter().map(|h| h.id).collect::<Vec<_>>(), ids);
}

#[test]
fn filters_narrow() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    let first = house.say("링크 https://example.com");
    let second = house.say("링크 없음");
    let search = start(dir.path(), &house);
    let ids = |query: Query| -> Vec<_> {
        let page = search.query(&query, &everybody()).expect("answers");
        page.hits.iter().map(|h| h.id).collect()
    };
    let link = "link".parse().expect("known");
    assert_eq!(
        ids(Query {
            has: link,
            ..query("링크")
        }),
        [first]
    );
    assert_eq!(
        ids(Query {
            has: link,
            ..query("")
        }),
        [first]
    );
    let at = 1_700_000_000_000 + 2000;
    assert_eq!(
        ids(Query {
            after_ms: Some(at),
            ..query("링크")
        }),
        [second]
    );
    assert_eq!(
        ids(Query {
            before_ms: Some(at),
            ..query("링크")
        }),
        [first]
    );
    let author = Some(maru::domain::UserId(8));
    assert_eq!(
        ids(Query {
            author,
            ..query("링크")
        }),
        []
    );
    assert_eq!(ids(query("")), []);
    assert!("everything".parse::<maru::search::Has>().is_err());
}

#[test]
fn a_cursor_of_another_question_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    for _ in 0..3 {
        house.say("서버 점심");
    }
    let search = start(dir.path(), &house);
    let one = Query {
        limit: 1,
        ..query("서버")
    };
    let cursor = search.query(&one, &everybody()).expect("answers").cursor;
    assert!(cursor.is_some());
    for text in ["점심", "서버 "] {
        let asked = Query {
            cursor: cursor.clone(),
            ..query(text)
        };
        let refused = search.query(&asked, &everybody());
        assert!(matches!(refused, Err(SearchError::BadCursor)), "{text}");
    }
}

#[test]
fn words_can_be_left_out_and_people_named() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    let draft = house.say("배포 문서 초안입니다");
    let last = house.say("배포 문서 최종본입니다");
    let mut named =
        super::source::doc(house.next(), super::source::PUBLIC, true, "@철수 배포 확인");
    named.mentions = vec![UserId(3)];
    let third = named.id;
    house.tell(Change::Put(named));
    let search = start(dir.path(), &house);
    let ids = |query: Query| -> Vec<_> {
        let page = search.query(&query, &everybody()).expect("answers");
        assert_eq!(page.total as usize, page.hits.len());
        let mut ids: Vec<_> = page.hits.iter().map(|h| h.id).collect();
        ids.sort_unstable();
        ids
    };
    let without = |words: &[&str], text: &str| Query {
        without: words.iter().map(|w| (*w).to_owned()).collect(),
        ..query(text)
    };
    assert_eq!(ids(without(&["초안"], "배포")), [last, third]);
    assert_eq!(ids(without(&["초안", "\"최종본\""], "배포")), [third]);
    assert_eq!(ids(without(&["확인"], "문서")), [draft, last]);
    for (person, expected) in [(3, vec![third]), (4, vec![])] {
        for text in ["배포", ""] {
            let asked = Query {
                mentions: Some(UserId(person)),
                ..query(text)
            };
            assert_eq!(ids(asked), expected, "{person} {text}");
        }
    }
}

/// Where the caller reads few of many messages, the index is asked for those alone.
#[test]
fn few_rooms_of_many_are_found_alike() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    let mut mine = Vec::new();
    for n in 0..400 {
        let room = RoomId(10 + n % 40);
        let id = house.say_in(room, false, &format!("점심 이야기 {n}"));
        if room == RoomId(17) {
            mine.push(id);
        }
    }
    let search = start(dir.path(), &house);
    let member = Readable {
        public: true,
        rooms: vec![RoomId(17)],
    };
    for sort in [Sort::Relevance, Sort::Newest] {
        let asked = Query {
            sort,
            ..query("점심")
        };
        let page = search.query(&asked, &member).expect("answers");
        let mut ids: Vec<_> = page.hits.iter().map(|h| h.id).collect();
        ids.sort_unstable();
        assert_eq!((page.total, ids), (10, mine.clone()));
    }
}
