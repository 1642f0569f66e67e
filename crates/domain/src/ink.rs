//! Which characters leave no mark: by Unicode's tables, never by a list of examples.

use icu_properties::{CodePointSetData, props::DefaultIgnorableCodePoint};

/// Blank in every font, but a letter of Braille by its properties.
const BRAILLE_BLANK: char = '\u{2800}';

/// Characters that displays leave out: joiners, selectors, fillers, direction marks, tags.
pub fn is_ignorable(c: char) -> bool {
    // Everything below the soft hyphen is drawn or is a control character.
    c >= '\u{ad}' && CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Characters that take no ink: alone they make no message and no name.
pub fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || c == BRAILLE_BLANK
        || is_ignorable(c)
        // Marks of annotations, which are not drawn either.
        || matches!(c, '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignorable_characters_have_no_ink() {
        for blank in [
            0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180e, 0x180f, 0x200b,
            0x200f, 0x202e, 0x2060, 0x2065, 0x206f, 0x2800, 0x3164, 0xfe0f, 0xfeff, 0xffa0, 0xfff0,
            0xfff9, 0x1bca0, 0x1d173, 0xe0001, 0xe0020, 0xe007f, 0xe0100, 0xe0fff, 0x0b, 0x85,
        ] {
            let blank = char::from_u32(blank).expect("a character");
            assert!(is_blank(blank), "{}", blank.escape_unicode());
        }
        for drawn in [
            'a', '0', '가', 'ㅋ', '漢', '☃', '👍', '\u{301}', '¤', '\u{2801}',
        ] {
            assert!(!is_blank(drawn), "{drawn}");
        }
    }
}
