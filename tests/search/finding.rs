//! What finds what.

use super::source::{House, ask, found, start};

/// Each line is a message; `query => lines` says which of them (from 1) are found.
#[track_caller]
pub fn check(messages: &str, questions: &str) {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    let ids: Vec<_> = messages
        .trim()
        .lines()
        .map(|line| house.say(line.trim()))
        .collect();
    let search = start(dir.path(), &house);
    let mut answers = String::new();
    for question in questions.trim().lines() {
        let (text, _) = question.split_once("=>").expect("an arrow");
        let lines: Vec<String> = found(&search, text.trim())
            .iter()
            .map(|id| 1 + ids.iter().position(|i| i == id).expect("ours"))
            .map(|line| line.to_string())
            .collect();
        answers += &format!("{} => {}\n", text.trim(), lines.join(" "));
    }
    let expected: Vec<String> = questions
        .trim()
        .lines()
        .map(|l| l.trim().to_owned())
        .collect();
    assert_eq!(answers.trim(), expected.join("\n").trim());
}

#[test]
fn words_in_any_form() {
    check(
        "서버가 내려갔습니다
         서버를 다시 시작했어요
         점심에 김치찌개 먹을래?
         오늘 회의는 세시에 합니다
         아버지가방에들어가신다
         들어가도 될까요
         데이터베이스 설계 문서 링크 https://example.com/db-design
         회사과장님이 사과를 하셨다
         회사 과장님 어디 가셨나요",
        "서버 => 1 2
         서버는 => 1 2
         다시 시작하다 => 2
         먹다 => 3
         찌개 => 3
         김치찌개 => 3
         들어가다 => 5 6
         방 => 5
         데이터베이스설계 => 7
         데이터 베이스 => 7
         사과 => 8
         example => 7
         점심 회의 => 3 4",
    );
}

#[test]
fn phrases_are_exact() {
    check(
        "배포 서버가 느려요
         서버 배포가 끝났다
         배포 서버, 그리고 디비",
        "\"배포 서버\" => 1 3
         \"서버 배포\" => 2
         배포 서버 => 1 2 3
         \"포 서\" => 1 3",
    );
}

#[test]
fn letters_where_no_word_is() {
    check(
        "갓띵작 인정
         존잼이었다 ㅋㅋㅋㅋ
         욱하는 성격
         🎉🎉 축하해
         ㄱㄱ 합시다",
        "띵작 => 1
         존잼 => 2
         ㅋㅋ => 2
         욱 => 3
         🎉 => 4
         는 => 3
         합시 => 5
         없는말입니다 => \n",
    );
}

#[test]
fn marks_are_utf16_ranges_of_the_text() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    let text = "🎉 서버가 죽었어요, 서버 살려주세요";
    house.say(text);
    let search = start(dir.path(), &house);
    let page = ask(&search, "서버 죽다").expect("answers");
    assert_eq!(page.marker.ranges(text), [[3, 5], [7, 8], [13, 15]]);
}
