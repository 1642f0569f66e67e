//! Kinds of question that searches get wrong, each as a table of sentences.

use super::finding::check;
use super::source::{House, ask, start};

/// The messages from best to worst, as far as `expected` goes.
#[track_caller]
fn check_order(messages: &str, question: &str, expected: &[usize]) {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    let ids: Vec<_> = messages
        .trim()
        .lines()
        .map(|line| house.say(line.trim()))
        .collect();
    let search = start(dir.path(), &house);
    let page = ask(&search, question).expect("answers");
    let order: Vec<usize> = page
        .hits
        .iter()
        .map(|hit| 1 + ids.iter().position(|id| *id == hit.id).expect("ours"))
        .collect();
    assert_eq!(order, expected, "{question}");
}

#[test]
fn the_other_layout_and_first_consonants_are_searched() {
    check(
        "오늘 회의 자료 올렸습니다
         PDF로 저장해 주세요
         배포는 내일 오전에 합니다
         고객센터 전화번호 아시는 분
         DVD 반납했어요",
        "ghldml => 1
         ㅔㅇㄹ => 2
         ㅂㅍ => 3
         ㄱㄱㅅㅌ => 4
         ㅇㅍㅇ => 5
         qoVh => 3",
    );
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    house.say("오늘 회의 자료 올렸습니다");
    let search = start(dir.path(), &house);
    let page = ask(&search, "ghldml").expect("answers");
    assert_eq!(page.interpreted_as.as_deref(), Some("회의"));
    assert_eq!(ask(&search, "회의").expect("answers").interpreted_as, None);
}

#[test]
fn of_several_words_some_may_be_missing() {
    check(
        "서버가 오늘 계속 느리네요
         미팅룸에서 커피를 쏟았습니다
         어렸을 적 사진을 찾았어요
         점심 메뉴 추천해 주세요
         그 책 저도 빌려봤는데 재밌어요",
        "책 빌려 봤다 => 5
         서버 너무 느려 => 1
         회의실에서 커피 쏟았어 => 2
         어릴때 사진 => 3
         점심 메뉴 진짜 추천 => 4",
    );
}

#[test]
fn a_message_with_all_of_the_words_comes_first() {
    check_order(
        "배포 일정
         배포 일정 공유합니다
         다음 주에는 배포가 있으니 각자 맡은 부분의 일정을 확인하고, 늦어질 것 같으면 바로 저에게 공지해 주시면 고맙겠습니다",
        "배포 일정 공지",
        &[3, 1, 2],
    );
}

#[test]
fn a_name_of_two_words_is_found_wherever_it_stands() {
    check(
        "역시 미야자키 하야오 감독의 애니가 최고
         미야자키 하야오 역시 대단하네요
         미야자키 하야오
         미야자키 하야오와 지브리
         미야자키 하야오",
        "미야자키 하야오 => 1 2 3 4 5
         하야오 => 1 2 3 4 5",
    );
}

#[test]
fn a_syllable_inside_of_another_word_is_not_meant() {
    check(
        "떡밥만 던지고 가셨네요
         구글 문서로 공유할게요
         일이 술술 풀리네요
         이상한 꿈꿨어요
         춤추는 사람이 많네요
         밥은 먹고 다니시죠
         어제 술을 너무 마셨어요
         글이 길어서 나눠 올립니다
         불륜 드라마는 이제 지겹네요
         캠핑장에서 불을 피웠어요",
        "불 => 10
         밥 => 6
         글 => 8
         술 => 7
         꿈 => 4
         춤 => 5",
    );
}

#[test]
fn a_syllable_between_spaces_is_found_as_it_is() {
    check(
        "헐 진짜요?
         와 헐... 대박
         한 줄 요약 부탁드려요
         줄 좀 서세요
         지금 가 있어요
         꿀 팁 공유합니다
         허락을 받아야 줄게요
         주차장 有 마감 임박
         주차장 🈶 마감 임박",
        "有 => 8 9
         🈶 => 8 9
         헐 => 1 2
         줄 => 3 4
         가 => 5
         \"꿀\" => 6
         꿀 => 6",
    );
}

#[test]
fn a_noun_inside_of_a_longer_one_is_another_word() {
    check(
        "화장실 청소 당번입니다
         의사소통이 잘 안 돼요
         이동욱 팀장님 휴가예요
         보안팀에 문의하세요
         집주인이 연락을 안 받네요
         화장을 지우고 왔어요
         의사 선생님이 괜찮대요
         내일 이동 시간이 길어요",
        "화장 => 6
         의사 => 7
         이동 => 8
         보안 => 4
         주인 => 5
         동욱 => 3",
    );
}

#[test]
fn one_notion_in_two_words_stands_side_by_side() {
    let messages = "센터장님이 어제 새 고객을 만났대요
         고객센터에 전화해 보세요
         고객 센터 번호가 바뀌었어요
         고객센터 점심시간은 12시부터예요";
    for question in ["고객 센터", "고객센터"] {
        check(messages, &format!("{question} => 2 3 4"));
    }
    check_order(
        "디자인 이야기만 하다가 결국 배너는 못 정했어요
         배너 디자인 확인해 주세요",
        "배너 디자인",
        &[2, 1],
    );
}

#[test]
fn quoted_letters_may_be_spaced_otherwise() {
    check(
        "내일 일정 잡아줘
         자료 확인부탁드립니다
         일정을 다시 잡아 주세요
         최악의사극이네요
         의사 선생님",
        "\"일정 잡아 줘\" => 1
         \"확인 부탁드립니다\" => 2
         \"의사\" => 5",
    );
}

#[test]
fn irregular_stems_and_verbs_that_no_dictionary_has() {
    check(
        "어제 발표 진짜 쩔었어
         이제야 중요성을 깨닫게 됐어요
         짐을 싣고 출발합니다
         손발이 오글거려서 못 봤어요
         길을 물어봤는데 모르신대요
         노래를 들었는데 좋네요
         광고에 낚여서 속상해요
         물고기를 낚고 나서 광고에 낚여서 웃었어요",
        "낚이다 => 7 8
         낚였다 => 7 8
         낚다 => 8
         쩐다 => 1
         깨달았다 => 2
         실었다 => 3
         오글거리다 => 4
         묻다 => 5
         듣다 => 6",
    );
}

#[test]
fn an_entry_of_the_dictionary_is_that_entry() {
    check(
        "출연진 다 모였어요
         급 한 단계 올랐대요
         커피가 너무 진하네요
         급하게 나오느라 못 챙겼어요",
        "진하다 => 3
         급하다 => 4",
    );
}

#[test]
fn a_number_belongs_to_its_unit() {
    check(
        "2시에 봅시다
         10개 주문했어요
         2편이 더 재밌어요
         10시까지 와 주세요
         1990년대 노래만 들어요",
        "2편 => 3
         10시 => 4
         2시 => 1
         10개 => 2
         90년대 => 5",
    );
}

#[test]
fn pieces_of_one_run_stand_in_order() {
    check(
        "서버 장애 보고드립니다
         함께 쿠폰 써요
         파티 좀 비워 둬
         장애인 주차 구역입니다
         쿠폰함을 열어 보세요
         좀비 파티에 초대합니다",
        "장애인 => 4
         쿠폰함 => 5
         좀비파티 => 6",
    );
}

#[test]
fn misspellings_and_short_forms_are_understood() {
    check(
        "설거지 당번 누구예요
         며칠 걸려요
         스포일러는 금지예요
         정말 어이없네요
         알바 구합니다",
        "설겆이 => 1
         몇일 => 2
         스포 => 3
         어의없다 => 4
         아르바이트 => 5",
    );
}

#[test]
fn symbols_alone_and_every_emoji_are_found() {
    check(
        "이게 뭐죠???
         알람 ⏰ 맞췄어요
         좋아요 👍🏻
         네!
         ad\u{200b}min ＡＢＣ ㈜마루",
        "??? => 1
         ! => 4
         ⏰ => 2
         👍\u{fe0f} => 3
         admin => 5
         abc => 5
         (주)마루 => 5",
    );
}

#[test]
fn slips_of_the_keyboard_are_put_right() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    house.say("배포는 내일 오전에 합니다");
    house.say("배포 담당자 누구예요");
    house.say("떡볶이 먹으러 가요");
    let search = start(dir.path(), &house);
    for (typed, meant, total) in [
        ("배표", "배포", 2),
        ("떡뽀끼", "떡볶이", 1),
        ("배표 담당자", "배포 담당자", 1),
    ] {
        let page = ask(&search, typed).expect("answers");
        let told = page.interpreted_as.as_deref();
        assert_eq!((told, page.total), (Some(meant), total), "{typed}");
    }
    // Not by words that only others may read.
    house.say_in(maru::domain::RoomId(9), false, "합병 계획");
    for typed in ["합병", "합뱡"] {
        let page = ask(&search, typed).expect("answers");
        assert_eq!((page.interpreted_as, page.total), (None, 0), "{typed}");
    }
}
