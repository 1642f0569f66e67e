//! Naming people in a text: `@` and a name, which may end anywhere a Korean particle can follow.

use super::UserId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a text names somebody, from the `@` to the name's end. It stays true when they are renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MentionRange {
    /// In UTF-16 units of the text.
    pub start: u32,
    pub end: u32,
    pub user_id: UserId,
}

/// Everybody at once is meant: all of the room, or those who are here now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    Here,
    Room,
}

/// Whether a text calls everybody: `@room`, `@all`, `@channel`, `@here`, their Korean names. The
/// wider call counts.
pub fn call(text: &str) -> Option<Call> {
    const NAMES: [(&str, Call); 7] = [
        ("room", Call::Room),
        ("all", Call::Room),
        ("channel", Call::Room),
        ("모두", Call::Room),
        ("전체", Call::Room),
        ("here", Call::Here),
        ("여기", Call::Here),
    ];
    let mut found = None;
    for at in marks(text) {
        let rest = &text[at + 1..];
        let named = NAMES.iter().find(|(name, _)| {
            rest.get(..name.len())
                .is_some_and(|begins| begins.eq_ignore_ascii_case(name))
                && ends(rest, name.len())
        });
        match named {
            Some((_, Call::Room)) => return Some(Call::Room),
            Some((_, Call::Here)) => found = Some(Call::Here),
            None => {}
        }
    }
    found
}

/// The byte positions of the `@`s that may name somebody. One inside a Latin word or a link, as in
/// an address, does not; one behind Korean does, for people leave the space out.
pub fn marks(text: &str) -> impl Iterator<Item = usize> {
    let mut in_link = false;
    let mut before = None;
    text.char_indices().filter_map(move |(at, c)| {
        in_link = !c.is_whitespace() && (in_link || text[at..].starts_with("://"));
        let free = !before.replace(c).is_some_and(joins);
        (c == '@' && free && !in_link).then_some(at)
    })
}

/// Whether a name may end at byte `end` of the text: particles follow it without a space, but a
/// Latin name does not end within a longer Latin word.
pub fn ends(text: &str, end: usize) -> bool {
    let inside = |c: Option<char>| c.is_some_and(joins);
    !(inside(text[..end].chars().next_back()) && inside(text[end..].chars().next()))
}

/// Letters and digits of scripts that put spaces between words and write endings as one word.
fn joins(c: char) -> bool {
    c == '_' || c.is_alphanumeric() && !is_east_asian(c)
}

/// Hangul, kana and ideographs.
fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3040}'..='\u{31ff}' | '\u{3400}'..='\u{9fff}'
        | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ffdc}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_nobody_and_korean_needs_no_space() {
        let at = |text: &'static str| marks(text).collect::<Vec<_>>();
        assert_eq!(at("@a (@b) x@c.kr"), [0, 4]);
        assert_eq!(at("고마워@철수"), [9]);
        assert_eq!(at("a_@b 3@c"), [0usize; 0]);
        assert_eq!(at("https://x.kr/@a @b"), [16]);
    }

    #[test]
    fn everybody_is_called_by_name() {
        for (text, expected) in [
            ("@room 보세요", Some(Call::Room)),
            ("@Room", Some(Call::Room)),
            ("@여기 계신 분", Some(Call::Here)),
            ("@모두에게", Some(Call::Room)),
            ("@here @all", Some(Call::Room)),
            ("@roommate", None),
            ("kim@room.kr", None),
            ("room", None),
        ] {
            assert_eq!(call(text), expected, "{text}");
        }
    }

    #[test]
    fn particles_follow_a_name_and_letters_do_not() {
        for (text, name, expected) in [
            ("kim님", "kim", true),
            ("kim, 안녕", "kim", true),
            ("kim", "kim", true),
            ("kimchi", "kim", false),
            ("kim2", "kim", false),
            ("철수가", "철수", true),
            ("철수2", "철수", true),
        ] {
            assert_eq!(ends(text, name.len()), expected, "{name} in {text}");
        }
    }
}
