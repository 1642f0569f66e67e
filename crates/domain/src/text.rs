//! What may be written: NFC, no invisible control characters, counted in graphemes.

use super::{Refusal, limits};
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

/// Characters that take no ink: alone they make no message and no name.
pub fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{00ad}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}')
}

/// A message's text: NFC, line ends as `\n`, other control characters dropped, within the limits.
pub fn message(text: String) -> Result<String, Refusal> {
    if text.len() > 4 * limits::MESSAGE_BYTES {
        return Err(too_long());
    }
    let text = nfc(text);
    let text = if text
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        text.replace("\r\n", "\n")
            .chars()
            .map(|c| if c == '\r' { '\n' } else { c })
            .filter(|&c| !c.is_control() || c == '\n' || c == '\t')
            .collect()
    } else {
        text
    };
    if text.chars().all(is_blank) {
        return Err(Refusal::empty("text"));
    }
    // A grapheme has at least one byte, so short texts need no count.
    if text.len() > limits::MESSAGE_BYTES
        || (text.len() > limits::MESSAGE_GRAPHEMES
            && text
                .graphemes(true)
                .nth(limits::MESSAGE_GRAPHEMES)
                .is_some())
    {
        return Err(too_long());
    }
    Ok(text)
}

fn too_long() -> Refusal {
    Refusal::too_long("text", limits::MESSAGE_GRAPHEMES, "characters")
}

/// A line such as a name or topic: NFC, trimmed, one line, no control or direction characters.
pub fn line(
    field: &'static str,
    text: String,
    graphemes: usize,
    bytes: usize,
) -> Result<String, Refusal> {
    if text.len() > 4 * bytes {
        return Err(Refusal::too_long(field, graphemes, "characters"));
    }
    let text = nfc(text);
    let text = text.trim();
    if text.chars().any(|c| {
        c.is_control()
            || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    }) {
        return Err(Refusal::invalid(
            field,
            format!("`{field}` has control characters; leave them out."),
        ));
    }
    if text.len() > bytes || text.graphemes(true).nth(graphemes).is_some() {
        return Err(Refusal::too_long(field, graphemes, "characters"));
    }
    Ok(text.to_owned())
}

/// One emoji or a short word like `:maru:`, as a reaction.
pub fn emoji(text: String) -> Result<String, Refusal> {
    let text = nfc(text);
    let word = text.len() > 2
        && text.starts_with(':')
        && text.ends_with(':')
        && text[1..text.len() - 1]
            .chars()
            .all(|c| c.is_alphanumeric() || "_+-".contains(c));
    let one = text.graphemes(true).count() == 1
        && text.chars().any(|c| !c.is_ascii() && !c.is_alphabetic())
        && !text.chars().all(is_blank);
    if text.len() <= limits::EMOJI_BYTES && (word || one) {
        Ok(text)
    } else {
        Err(Refusal::invalid(
            "emoji",
            "A reaction is one emoji, or a name like `:maru:`.",
        ))
    }
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
        for blank in ["", "  \n", "\u{200b}\u{3164}", "\u{0}\u{7}"] {
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
    fn lines_refuse_control_characters() {
        assert_eq!(
            line("name", "  \u{1100}\u{1161} ".into(), 10, 99).as_deref(),
            Ok("가")
        );
        for bad in ["a\nb", "a\u{0}", "a\u{202e}b"] {
            assert!(line("name", bad.into(), 10, 99).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn reactions_are_emoji() {
        for good in ["👍", "❤️", "👩‍👩‍👧‍👦", "🇰🇷", ":maru:", "✅", "1️⃣"]
        {
            assert!(emoji(good.into()).is_ok(), "{good}");
        }
        for bad in ["", "a", "한", "<b>", "👍👍", "::", "\u{200b}", ": :"] {
            assert!(emoji(bad.into()).is_err(), "{bad}");
        }
    }
}
