//! Any string may be asked for.

use super::source::{House, ask, everybody, query, start};
use maru::search::{Query, Search, SearchError};
use std::sync::OnceLock;

fn search() -> &'static Search {
    static SEARCH: OnceLock<(tempfile::TempDir, Search)> = OnceLock::new();
    let (_, search) = SEARCH.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a directory");
        let house = House::new();
        for text in [
            "서버가 느려요",
            "AND OR NOT",
            "a:b \"c\" (d)",
            "점심 뭐 먹지 ㅋㅋ",
            "getUserName()",
        ] {
            house.say(text);
        }
        let search = start(dir.path(), &house);
        (dir, search)
    });
    search
}

#[test]
fn odd_strings_find_letters_or_nothing() {
    for text in [
        "",
        " ",
        "\"",
        "\"\"",
        "\"\"\"",
        "AND",
        "NOT *",
        "a:b",
        "+-!(){}[]^~*?:\\/",
        "*",
        "서*",
        "/.*/",
        "\0",
        "\u{202e}버서",
        "🏳️‍🌈",
        "가\u{300}\u{301}",
        "\u{1112}\u{1161}",
        "<script>",
        "' OR 1=1 --",
        "ﷺ",
        "Ⅻ",
        "ﬁ",
        "İ",
        "ß",
        "ᄒ",
        "\u{10ffff}",
        "\u{feff}",
    ] {
        let page = ask(search(), text).unwrap_or_else(|e| panic!("{text:?}: {e}"));
        assert!(page.total <= 5, "{text:?}");
        page.marker.ranges("서버가 느려요 🎉 AND");
    }
    assert_eq!(ask(search(), "AND").expect("answers").total, 1);
    assert_eq!(ask(search(), "\"c\"").expect("answers").total, 1);
}

#[test]
fn the_limit_is_256_characters() {
    assert!(ask(search(), &"가".repeat(256)).is_ok());
    let refused = ask(search(), &"가".repeat(257));
    assert!(matches!(refused, Err(SearchError::TooLong)));
    // Everything at once.
    for text in [
        "가 ".repeat(128),
        "ㅋ🎉".repeat(100),
        "\"가".repeat(128),
        "서버 ".repeat(85),
    ] {
        assert!(ask(search(), &text).is_ok());
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(300))]
    #[test]
    fn no_string_breaks_it(text in "\\PC{0,40}|[가-힣ㄱ-ㅣ\" a-z0-9():*\u{1100}-\u{11ff}🎉]{0,60}", cursor in "[A-Za-z0-9_-]{0,80}", message in "\\PC{0,60}|[가-힣 🎉a-z]{0,60}") {
        let page = ask(search(), &text);
        proptest::prop_assert!(page.is_ok());
        let length = message.encode_utf16().count() as u32;
        let ranges = page.expect("checked").marker.ranges(&message);
        proptest::prop_assert!(ranges.is_sorted());
        proptest::prop_assert!(ranges.iter().all(|[start, end]| start < end && *end <= length));
        let asked = Query { cursor: Some(cursor), ..query(&text) };
        let refused = search().query(&asked, &everybody());
        proptest::prop_assert!(matches!(refused, Err(SearchError::BadCursor)));
    }
}
