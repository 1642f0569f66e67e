use super::*;

fn analyze(text: &str) -> Analysis {
    Analyzer::plain().analyze(text)
}

/// `words` as `term` or `term@position`, in order; compounds before their parts.
fn check(text: &str, expected: &str) {
    let words: Vec<String> = analyze(text).words.into_iter().map(|w| w.term).collect();
    assert_eq!(words.join(" "), expected, "{text}");
}

fn check_places(text: &str, expected: &[&str]) {
    let places: Vec<&str> = analyze(text)
        .words
        .iter()
        .map(|w| &text[w.start as usize..w.end as usize])
        .collect();
    assert_eq!(places, expected, "{text}");
}

#[test]
fn particles_and_endings_fall_away() {
    check("아버지가방에들어가신다", "아버지 방 들어가다");
    check("서버를 다시 시작했습니다.", "서버 다시 시작");
    check(
        "김치찌개가 정말 맛있었어요!",
        "김치찌개 김치 찌개 정말 맛있다",
    );
    check("아름다운 꽃이 피었다", "아름답다 꽃 피다");
}

#[test]
fn compounds_are_whole_and_in_parts() {
    check("아버지날", "아버지날 아버지 날");
}

#[test]
fn foreign_words_are_split_at_capitals() {
    check("getUserName을 호출", "getusername get user name 호출");
    check("HTTPServer v2", "httpserver http server v 2");
    check("API를", "api");
}

#[test]
fn laughter_is_one_word() {
    check("ㅋㅋㅋㅋㅋ 웃기다 ㅋ", "ㅋㅋ 웃기다 ㅋㅋ");
    check("슬퍼ㅠㅜㅠㅠ", "슬프다 ㅠㅠ");
    check("ㄱㅅ", "ㄱㅅ");
    check("축하🎉", "축하 🎉");
}

#[test]
fn places_are_those_of_the_original() {
    check_places(
        "🎉 \u{1109}\u{1165}\u{1107}\u{1165}가 ＤＯＷＮ",
        &["🎉", "\u{1109}\u{1165}\u{1107}\u{1165}", "ＤＯＷＮ"],
    );
}

#[test]
fn long_and_odd_texts_end() {
    for text in [
        "가".repeat(100_000),
        "ㅋ".repeat(100_000),
        "a".repeat(100_000),
        " ".repeat(100_000),
        "🎉\u{200d}".repeat(20_000),
        "\u{1100}".repeat(50_000),
        "\0\u{feff}\u{fffe}".repeat(1000),
    ] {
        let analysis = analyze(&text);
        assert!(analysis.words.len() <= 100_000);
    }
}

proptest::proptest! {
    #[test]
    fn any_text_has_words_inside_it(text in "\\PC{0,60}|[가-힣ㄱ-ㅣ a-zA-Z0-9.\u{1100}-\u{11ff}🎉\n]{0,60}") {
        let analysis = analyze(&text);
        for word in &analysis.words {
            proptest::prop_assert!(text.get(word.start as usize..word.end as usize).is_some());
            proptest::prop_assert!(word.start <= word.end);
        }
        for pair in &analysis.pairs {
            proptest::prop_assert!(text.get(pair.start as usize..pair.end as usize).is_some());
        }
    }
}

#[test]
fn own_words_are_cut_as_the_dictionary_cuts_its_own() {
    use maru_domain::PartOfSpeech::{Adjective, Name, Noun, Verb};
    let word = |word: &str, pos, parts: &[&str]| OwnWord {
        word: word.to_owned(),
        pos: Some(pos),
        parts: parts.iter().map(|part| (*part).to_owned()).collect(),
        synonyms: Vec::new(),
        stop: false,
    };
    let own = [
        word("갓생", Noun, &[]),
        word("마루톡", Name, &["마루", "톡"]),
        word("킹받다", Verb, &[]),
        word("쩔다", Verb, &[]),
        word("오글거리다", Verb, &[]),
        word("힙하다", Adjective, &[]),
        word("꼰대스럽다", Adjective, &[]),
        word("갈무리하다", Verb, &[]),
    ];
    let analyzer = Analyzer::new(&own);
    for (text, expected) in [
        ("갓생을 살자", "갓생"),
        ("마루톡에서", "마루톡"),
        ("마루톡에서", "톡"),
        ("진짜 킹받네", "킹받다"),
        ("킹받습니다", "킹받다"),
        ("어제 발표 쩔었어", "쩔다"),
        ("오글거려요", "오글거리다"),
        ("오글거렸다", "오글거리다"),
        ("오글거린 말", "오글거리다"),
        ("힙한 가게", "힙하다"),
        ("힙했어요", "힙하다"),
        ("꼰대스러운 말투", "꼰대스럽다"),
        ("갈무리했습니다", "갈무리하다"),
    ] {
        let senses = analyzer.analyze(text).senses;
        assert!(senses.contains(expected), "{text}: {senses:?}");
    }
    assert_ne!(analyzer.hash(), Analyzer::plain().hash());
    let mut turned = own.clone();
    turned.reverse();
    assert_eq!(analyzer.hash(), Analyzer::new(&turned).hash());
    let synonym = OwnWord {
        pos: None,
        synonyms: vec!["공유".to_owned()],
        ..word("나눔", Noun, &[])
    };
    // How a text is cut does not depend on synonyms.
    assert_eq!(Analyzer::new(&[synonym]).hash(), Analyzer::plain().hash());
}
