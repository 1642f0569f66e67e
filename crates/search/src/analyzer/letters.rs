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

pub fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || is_pictograph(c)
}

/// Extended_Pictographic of UTS #51, skin tones and flags; without ©, ® and ™, which are letters here.
pub fn is_pictograph(c: char) -> bool {
    matches!(c,
        '\u{203c}' | '\u{2049}' | '\u{2139}' | '\u{2194}'..='\u{2199}' | '\u{21a9}'..='\u{21aa}'
        | '\u{231a}'..='\u{231b}' | '\u{2328}' | '\u{2388}' | '\u{23cf}' | '\u{23e9}'..='\u{23f3}'
        | '\u{23f8}'..='\u{23fa}' | '\u{24c2}' | '\u{25aa}'..='\u{25ab}' | '\u{25b6}' | '\u{25c0}'
        | '\u{25fb}'..='\u{25fe}' | '\u{2600}'..='\u{27bf}' | '\u{2934}'..='\u{2935}'
        | '\u{2b05}'..='\u{2b07}' | '\u{2b1b}'..='\u{2b1c}' | '\u{2b50}' | '\u{2b55}' | '\u{3030}'
        | '\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{20e3}' | '\u{1f000}'..='\u{1faff}'
        | '\u{1fc00}'..='\u{1fffd}')
}
