//! What is suggested, and to selection.

use super::source::{House, everybody, start};
use maru::domain::RoomId;
use maru::search::Readable;

#[test]
fn words_are_completed_while_they_are_typed() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    for text in [
        "서버 배포 끝",
        "서버 점검 있어요",
        "서버 배포 다시",
        "김치찌개 먹자",
        "김치찌개 좋아",
        "서버에 김밥 놓지 마",
    ] {
        house.say(text);
    }
    let search = start(dir.path(), &house);
    let completions = |text: &str| {
        search
            .suggest(text, &everybody())
            .expect("suggests")
            .completions
    };
    for typed in ["ㅅㅂ", "서", "섭", "tjqj", "SERVER"] {
        let expected: &[&str] = if typed == "SERVER" { &[] } else { &["서버"] };
        assert_eq!(completions(typed), expected, "{typed}");
    }
    assert_eq!(completions("기"), ["김치찌개", "김밥"]);
    assert_eq!(completions("서버 ㅂㅍ"), ["서버 배포"]);
    assert_eq!(completions(""), [""; 0]);
    let suggested = search.suggest("서버", &everybody()).expect("suggests");
    assert_eq!(suggested.related, ["배포"]);
    assert_eq!(suggested.popular[0], "서버");
}

#[test]
fn no_word_of_a_closed_room_is_told() {
    let secret = RoomId(2);
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    house.say("합창 연습");
    house.say("합창 공연");
    for _ in 0..3 {
        house.say_in(secret, false, "합병 계획 비밀 연습");
    }
    let search = start(dir.path(), &house);
    let stranger = everybody();
    let member = Readable {
        public: true,
        rooms: vec![secret],
    };
    let told = |text: &str, who: &Readable| {
        let suggested = search.suggest(text, who).expect("suggests");
        [suggested.completions, suggested.related, suggested.popular].concat()
    };
    for text in ["합", "ㅎㅂ", "합병", "연습", "비밀", "gkqq", ""] {
        for word in told(text, &stranger) {
            assert!(
                !["합병", "계획", "비밀"].contains(&&word[..]),
                "{text}: {word}"
            );
        }
        assert_eq!(told(text, &Readable::default()), [""; 0], "{text}");
    }
    assert!(told("합", &member).contains(&"합병".to_owned()));
    assert!(told("합병", &member).contains(&"비밀".to_owned()));
}
