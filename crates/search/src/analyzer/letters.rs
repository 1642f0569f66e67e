//! The letters of a text, without what stands between them.

use maru_domain::emoji;

/// A letter, digit or pictograph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letter {
    pub c: char,
    /// Bytes of the text.
    pub start: usize,
    pub end: usize,
    /// Something that is no letter stands before it: a space, a comma, the start of the text.
    pub after_gap: bool,
}

/// The letters of a normalised text, in order.
pub fn letters(text: &str) -> impl Iterator<Item = Letter> {
    let mut after_gap = true;
    text.char_indices().filter_map(move |(start, c)| {
        if !is_letter(c) {
            // A skin tone and the box of a keycap belong to what stands before them.
            after_gap |= !emoji::is_modifier(c) && c != '\u{20e3}';
            return None;
        }
        let letter = Letter {
            c,
            start,
            end: start + c.len_utf8(),
            after_gap,
        };
        after_gap = false;
        Some(letter)
    })
}

pub fn is_letter(c: char) -> bool {
    // Most of what is written here, without a table.
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    matches!(c, '가'..='힣') || c.is_alphanumeric() || (is_pictograph(c) && !emoji::is_modifier(c))
}

/// Emoji: pictures, flags and keycaps.
pub fn is_pictograph(c: char) -> bool {
    emoji::is_pictographic(c) && !matches!(c, '©' | '®' | '™') || emoji::is_flag_letter(c)
}
