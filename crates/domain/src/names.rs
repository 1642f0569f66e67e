//! Names of users and rooms: what they may be, and when two are the same.

use super::{Refusal, limits, text};

/// The form under which names are compared: NFC and lower case, so `Kim` and `kim` are one name.
pub fn key(name: &str) -> String {
    text::nfc(name.to_owned()).to_lowercase()
}

/// A user name: no spaces, none of the characters that mark mentions, paths or markup.
pub fn username(name: String) -> Result<String, Refusal> {
    let name = text::line(
        "username",
        name,
        limits::USERNAME_GRAPHEMES,
        limits::NAME_BYTES,
    )?;
    if name.chars().all(text::is_blank) {
        return Err(Refusal::empty("username"));
    }
    if let Some(bad) = name
        .chars()
        .find(|&c| text::is_blank(c) || "@#/\\:;,<>\"'`&?%".contains(c))
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
    if name.chars().all(text::is_blank) {
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
