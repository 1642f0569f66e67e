//! What may be written: NFC, no invisible control characters, counted in graphemes.

use super::{Refusal, emoji, ink::is_blank, limits};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use unicode_segmentation::UnicodeSegmentation;

/// The text in NFC; file names and some keyboards deliver NFD.
pub fn nfc(text: String) -> String {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        text
    } else {
        text.nfc().collect()
    }
}

/// What is said beside files: as a message's text, or nothing.
pub fn caption(text: String) -> Result<String, Refusal> {
    if text.len() <= limits::MESSAGE_BYTES && text.chars().all(is_blank) {
        return Ok(String::new());
    }
    message(text)
}

/// A message's text: NFC, line ends as `\n`, other control characters dropped, within the limits.
pub fn message(text: String) -> Result<String, Refusal> {
    if text.len() > 4 * limits::MESSAGE_BYTES {
        return Err(too_long(
            "text",
            &text,
            limits::MESSAGE_GRAPHEMES,
            limits::MESSAGE_BYTES,
        ));
    }
    let text = nfc(text);
    let text = if text
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        text.replace("\r\n", "\n")
            .chars()
            .map(|c| if ends_line(c) { '\n' } else { c })
            .filter(|&c| !c.is_control() || c == '\n' || c == '\t')
            .collect()
    } else {
        text
    };
    if text.chars().all(is_blank) {
        return Err(Refusal::empty("text"));
    }
    within(
        "text",
        &text,
        limits::MESSAGE_GRAPHEMES,
        limits::MESSAGE_BYTES,
    )?;
    Ok(text)
}

/// Control characters that are white space: word processors write lines with them.
fn ends_line(c: char) -> bool {
    matches!(c, '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}')
}

fn within(field: &'static str, text: &str, graphemes: usize, bytes: usize) -> Result<(), Refusal> {
    // A grapheme has at least one byte, so short texts need no count.
    if text.len() > bytes
        || (text.len() > graphemes && text.graphemes(true).nth(graphemes).is_some())
    {
        return Err(too_long(field, text, graphemes, bytes));
    }
    Ok(())
}

/// Names the limit that was passed. Characters can be counted by eye, so they are told first.
fn too_long(field: &'static str, text: &str, graphemes: usize, bytes: usize) -> Refusal {
    if text.graphemes(true).nth(graphemes).is_some() {
        Refusal::too_long(field, graphemes, "characters")
    } else {
        Refusal::too_long(field, bytes, "bytes")
    }
}

/// A line such as a name or topic: NFC, trimmed, one line, no control or direction characters; empty
/// where nothing of it has ink.
pub fn line(
    field: &'static str,
    text: String,
    graphemes: usize,
    bytes: usize,
) -> Result<String, Refusal> {
    if text.len() > 4 * bytes {
        return Err(too_long(field, &text, graphemes, bytes));
    }
    let text = nfc(text);
    let mut text = text.trim();
    if text.chars().any(|c| c.is_control() || turns(c)) {
        return Err(Refusal::invalid(
            field,
            format!("`{field}` has control characters; leave them out."),
        ));
    }
    within(field, text, graphemes, bytes)?;
    if text.chars().all(is_blank) {
        text = "";
    }
    Ok(text.to_owned())
}

/// Line ends and marks of direction that a line of its own has no use for.
fn turns(c: char) -> bool {
    matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// For names from elsewhere, which are written as they come.
pub fn without_direction(text: &str) -> String {
    text.chars()
        .filter(|&c| !c.is_control() && !turns(c))
        .collect()
}

/// As [`emoji()`]; what is no emoji by today's rules, but was one before, can be taken back.
pub fn reaction(text: String, on: bool) -> Result<String, Refusal> {
    if on || text.len() > limits::EMOJI_BYTES {
        return emoji(text);
    }
    Ok(emoji(text.clone()).unwrap_or(nfc(text)))
}

/// One emoji in its one form, or a short word like `:maru:`, as a reaction.
pub fn emoji(text: String) -> Result<String, Refusal> {
    if text.len() > limits::EMOJI_BYTES {
        return Err(Refusal::too_long("emoji", limits::EMOJI_BYTES, "bytes"));
    }
    let text = nfc(text);
    let word = text
        .strip_prefix(':')
        .and_then(|text| text.strip_suffix(':'))
        .is_some_and(|word| {
            let named = |c: char| c.is_alphanumeric() || "_+-".contains(c);
            !word.is_empty() && word.chars().all(named)
        });
    if word {
        return Ok(text);
    }
    emoji::canonical(&text).ok_or_else(|| {
        Refusal::invalid("emoji", "A reaction is one emoji, or a name like `:maru:`.")
    })
}

/// An opaque id that a client chose: printable ASCII or other visible characters, not empty.
pub fn client_id(text: String) -> Result<String, Refusal> {
    if text.is_empty() {
        Err(Refusal::empty("client_id"))
    } else if text.len() > limits::CLIENT_ID_BYTES {
        Err(Refusal::too_long(
            "client_id",
            limits::CLIENT_ID_BYTES,
            "bytes",
        ))
    } else if text.chars().any(char::is_control) {
        Err(Refusal::invalid(
            "client_id",
            "`client_id` has control characters; leave them out.",
        ))
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    #[test]
    fn a_message_is_nfc_and_not_blank() {
        assert_eq!(
            message("\u{1112}\u{1161}\u{11ab}".into()).as_deref(),
            Ok("한")
        );
        assert_eq!(message("a\r\nb\u{0}\tc".into()).as_deref(), Ok("a\nb\tc"));
        assert_eq!(
            message("a\u{b}b\u{c}c\u{85}d".into()).as_deref(),
            Ok("a\nb\nc\nd")
        );
        for blank in [
            "",
            "  \n",
            "\u{200b}\u{3164}",
            "\u{0}\u{7}",
            "\u{2800}",
            "\u{34f}\u{61c}\u{17b4}\u{180b}",
            "\u{1bca0}\u{1d173}\u{e0020}\u{e0100}",
        ] {
            assert_eq!(
                message(blank.into()).map_err(|r| r.code),
                Err(Code::BadLength),
                "{blank:?}"
            );
        }
    }

    #[test]
    fn lengths_count_graphemes() {
        let flag = "🇰🇷";
        assert!(message("가".repeat(limits::MESSAGE_GRAPHEMES)).is_ok());
        assert!(message("가".repeat(limits::MESSAGE_GRAPHEMES + 1)).is_err());
        assert!(line("name", flag.repeat(60), 64, 512).is_ok());
        assert!(line("name", "가".repeat(65), 64, 512).is_err());
        assert!(message("a".repeat(10_000_000)).is_err());
    }

    #[test]
    fn a_refusal_names_the_limit_that_was_hit() {
        let family = "👨‍👩‍👧‍👦";
        let limit = |refused: Result<String, Refusal>| {
            let refusal = refused.expect_err("too long");
            let unit = refusal.unit.as_deref().map(str::to_owned);
            (refusal.limit, unit.unwrap_or_default())
        };
        let bytes = (Some(limits::MESSAGE_BYTES as u64), "bytes".to_owned());
        let characters = (
            Some(limits::MESSAGE_GRAPHEMES as u64),
            "characters".to_owned(),
        );
        assert_eq!(limit(message(family.repeat(2_000))), bytes);
        assert_eq!(limit(message(family.repeat(8_000))), bytes);
        assert_eq!(limit(message("a".repeat(10_001))), characters);
        assert_eq!(limit(message("a".repeat(1_000_000))), characters);
        let name = line("name", family.repeat(30), 64, 512);
        assert_eq!(limit(name), (Some(512), "bytes".to_owned()));
    }

    #[test]
    fn lines_refuse_control_characters() {
        assert_eq!(
            line("name", "  \u{1100}\u{1161} ".into(), 10, 99).as_deref(),
            Ok("가")
        );
        for bad in ["a\nb", "a\u{0}", "a\u{202e}b"] {
            assert!(line("name", bad.into(), 10, 99).is_err(), "{bad:?}");
        }
        for blank in ["", " ", "\u{2800}", "\u{3164} \u{200b}", "\u{e0020}"] {
            assert_eq!(
                line("name", blank.into(), 10, 99).as_deref(),
                Ok(""),
                "{blank:?}"
            );
        }
    }

    #[test]
    fn reactions_are_emoji() {
        for good in ["👍", "❤️", "👩‍👩‍👧‍👦", "🇰🇷", ":maru:", "✅", "1️⃣"]
        {
            assert!(emoji(good.into()).is_ok(), "{good}");
        }
        for bad in [
            "", "a", "한", "<b>", "👍👍", "::", "\u{200b}", ": :", "€", "１", "，", ":",
        ] {
            assert!(emoji(bad.into()).is_err(), "{bad}");
        }
    }
}
