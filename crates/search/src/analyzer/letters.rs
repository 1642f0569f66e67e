//! The letters of a text, without what stands between them.

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
            // Joiners and variation selectors belong to the letter before them.
            after_gap |= !matches!(c, '\u{200d}' | '\u{fe0e}' | '\u{fe0f}');
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

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || is_pictograph(c)
}

/// Emoji and their older relatives.
pub fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{2b50}' | '\u{2b55}')
}
