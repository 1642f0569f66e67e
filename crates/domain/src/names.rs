//! Names of users and rooms: what they may be, and when two are the same.
//!
//! A name is found by its [`key`], and by its [`likeness`] where no other name has that key. A new
//! name may have neither in common with one that is there.

use super::{Refusal, fold, ink, limits, text};

/// The form under which names are compared: NFC and lower case, so `Kim` and `kim` are one name.
pub fn key(name: &str) -> String {
    text::nfc(name.to_owned()).to_lowercase()
}

/// What a name looks like: compatibility forms as their plain letters, nothing that has no ink,
/// upper and lower case as one, one space for any. `ｋｉｍ` and `k\u{200b}im` look like `Kim`.
pub fn likeness(name: &str) -> String {
    let mut like = String::with_capacity(name.len());
    for word in fold::folded(name)
        .split(ink::is_blank)
        .filter(|word| !word.is_empty())
    {
        if !like.is_empty() {
            like.push(' ');
        }
        like.push_str(word);
    }
    text::nfc(like)
}

/// A user name: no spaces, none of the characters that mark mentions, paths or markup.
pub fn username(name: String) -> Result<String, Refusal> {
    let name = text::line(
        "username",
        name,
        limits::USERNAME_GRAPHEMES,
        limits::NAME_BYTES,
    )?;
    if name.chars().all(ink::is_blank) {
        return Err(Refusal::empty("username"));
    }
    if let Some(bad) = name
        .chars()
        .find(|&c| ink::is_blank(c) || "@#/\\:;,<>\"'`&?%".contains(c))
    {
        return Err(Refusal::invalid(
            "username",
            format!(
                "A user name has no spaces and none of @ # / : , < > \" ' & ? %; `{}` is not allowed.",
                bad.escape_default()
            ),
        ));
    }
    Ok(name)
}

pub fn display_name(name: String) -> Result<String, Refusal> {
    visible("display_name", name, limits::DISPLAY_NAME_GRAPHEMES)
}

pub fn room_name(name: String) -> Result<String, Refusal> {
    visible("name", name, limits::ROOM_NAME_GRAPHEMES)
}

/// A topic may be empty.
pub fn topic(topic: String) -> Result<String, Refusal> {
    text::line("topic", topic, limits::TOPIC_GRAPHEMES, limits::TOPIC_BYTES)
}

fn visible(field: &'static str, name: String, graphemes: usize) -> Result<String, Refusal> {
    let name = text::line(field, name, graphemes, limits::NAME_BYTES)?;
    if name.chars().all(ink::is_blank) {
        return Err(Refusal::empty(field));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_in_any_case_and_form() {
        assert_eq!(key("Kim"), key("KIM"));
        assert_eq!(key("\u{1100}\u{1175}\u{11b7}"), key("김"));
    }

    #[test]
    fn names_that_look_alike_share_a_likeness() {
        for (name, others) in [
            (
                "admin",
                &[
                    "ＡＤＭＩＮ",
                    "ad\u{200b}min",
                    "ad\u{34f}min\u{fe0f}",
                    "𝐚𝐝𝐦𝐢𝐧",
                    "ⓐⓓⓜⓘⓝ",
                ][..],
            ),
            (
                "김 철수",
                &[
                    "김\u{a0}철수",
                    "김\u{2800}철수",
                    " 김  철수\u{3164}",
                    "\u{1100}\u{1175}\u{11b7}\u{3000}철수",
                ],
            ),
            ("file", &["ﬁle", "FILE"]),
            ("ㅋㅋ", &["\u{ffbb}\u{ffbb}"]),
            ("straße", &["STRASSE"]),
        ] {
            for other in others {
                assert_eq!(
                    likeness(other),
                    likeness(name),
                    "{}",
                    other.escape_unicode()
                );
            }
            let like = likeness(name);
            assert_eq!(likeness(&like), like);
        }
        assert_ne!(likeness("가"), likeness("ㄱㅏ"));
        assert_ne!(likeness("a b"), likeness("ab"));
    }

    #[test]
    fn names_need_ink() {
        for blank in ["\u{2800}", "\u{34f}\u{e0020}", "\u{1d173}", "\u{b}"] {
            for shape in [username, display_name, room_name] {
                assert!(shape(blank.into()).is_err(), "{blank:?}");
            }
        }
    }

    #[test]
    fn user_names_have_no_spaces_or_marks() {
        for good in [
            "kim",
            "김철수",
            "pksj****",
            "a.b-c_d",
            "\u{1100}\u{1175}\u{11b7}",
        ] {
            assert!(username(good.into()).is_ok(), "{good}");
        }
        for bad in [
            "",
            " ",
            "a b",
            "@kim",
            "a/b",
            "a\u{0}b",
            "a\u{200b}b",
            "<script>",
        ] {
            assert!(username(bad.into()).is_err(), "{bad:?}");
        }
    }
}
