//! What was just said is found before anything is committed, in the same way.

use super::source::{House, PUBLIC, ask, everybody, found, query, settle, start};
use maru::domain::{MessageId, RoomId};
use maru::search::{Change, Query, Search, Sort};

const QUESTIONS: &[&str] = &[
    "영화",
    "재미",
    "좋다",
    "연기",
    "배우",
    "감동",
    "보다",
    "ㅋㅋ",
    "정말",
    "최고의 영화",
    "다시 보다",
    "\"재미있\"",
    "\"영화\"",
    "말",
    "이",
    "눈물",
    "1점",
    "재밋다",
    "ㅇㅎ",
    "dudghk",
    "!",
    "???",
    "없는말입니다",
    "연기 좋다",
    "감독 -영화",
    "스토리 지루하다",
];

/// Totals and hits of every question, in both orders.
fn answers(search: &Search) -> Vec<(String, u64, Vec<MessageId>)> {
    let mut answers = Vec::new();
    for text in QUESTIONS {
        for sort in [Sort::Relevance, Sort::Newest] {
            let (text, without) = text.split_once(" -").unwrap_or((text, ""));
            let asked = Query {
                sort,
                without: Some(without.to_owned())
                    .into_iter()
                    .filter(|w| !w.is_empty())
                    .collect(),
                ..query(text)
            };
            let page = search.query(&asked, &everybody()).expect("answers");
            assert!(!page.partial);
            let mut ids: Vec<MessageId> = page.hits.iter().map(|hit| hit.id).collect();
            if sort == Sort::Relevance {
                // How often words are said is counted at commits.
                ids.sort_unstable();
            }
            if page.total <= 100 {
                answers.push((format!("{text} {sort:?}"), page.total, ids));
            }
        }
    }
    answers
}

#[test]
fn memory_and_index_answer_alike() {
    let texts: Vec<&str> = include_str!("fixtures/talk-ko.txt").lines().collect();
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    let ids: Vec<_> = texts[..150].iter().map(|text| house.say(text)).collect();
    let search = start(dir.path(), &house);
    for text in &texts[150..] {
        house.say(text);
    }
    // Edited and deleted after the commit.
    for (at, id) in ids.iter().enumerate().take(40) {
        if at % 2 == 0 {
            house.tell(Change::Delete(*id));
        } else {
            let mut edited = super::source::doc(house.next(), PUBLIC, true, texts[200 + at]);
            edited.id = *id;
            house.tell(Change::Put(edited));
        }
    }
    let before = answers(&search);
    drop(search);
    let search = start(dir.path(), &house);
    for (before, after) in before.iter().zip(answers(&search)) {
        assert_eq!(*before, after);
    }
    assert_eq!(house.builds(), 1);
}

#[test]
fn each_change_is_seen_by_the_very_next_question() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    let search = start(dir.path(), &house);
    let other = RoomId(5);
    for round in 0..30 {
        let id = house.say("배포 시작합니다");
        house.say_in(other, true, "배포 이야기");
        assert_eq!(found(&search, "배포").len(), 2, "{round}");
        let mut edited = super::source::doc(house.next(), PUBLIC, true, "롤백 시작합니다");
        edited.id = id;
        house.tell(Change::Put(edited));
        assert_eq!(found(&search, "롤백"), [id]);
        assert_eq!(found(&search, "배포").len(), 1);
        house.tell(Change::Delete(id));
        house.tell(Change::DeleteRoom(other));
        assert_eq!(ask(&search, "시작").expect("answers").total, 0);
        assert_eq!(ask(&search, "배포").expect("answers").total, 0);
    }
    settle(&search, &house);
}
