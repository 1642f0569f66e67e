//! Text in the form that is analysed, with the way back to the text that was written.

use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use unicode_segmentation::UnicodeSegmentation;

/// NFC, lower case, full-width Latin as ASCII. Remembers where each piece stood in the original.
pub struct Normal<'a> {
    original: &'a str,
    pub text: Cow<'a, str>,
    /// By byte of `text`: the bytes of the original that it came from. `None`: the same places.
    places: Option<Vec<Place>>,
}

#[derive(Clone, Copy)]
struct Place {
    start: u32,
    end: u32,
}

impl<'a> Normal<'a> {
    pub fn of(original: &'a str) -> Normal<'a> {
        if original.chars().all(is_settled) {
            return Normal {
                original,
                text: Cow::Borrowed(original),
                places: None,
            };
        }
        let mut text = String::with_capacity(original.len());
        let mut places = Vec::with_capacity(original.len());
        let mut same_places = true;
        let mut add = |piece: &str, start: usize, folded: &mut dyn Iterator<Item = char>| {
            let before = text.len();
            for c in folded.map(narrow).flat_map(char::to_lowercase) {
                text.push(c);
            }
            let place = Place {
                start: start as u32,
                end: (start + piece.len()) as u32,
            };
            same_places &= text.len() - before == piece.len() && piece.chars().nth(1).is_none();
            places.resize(text.len(), place);
        };
        if is_nfc_quick(original.chars()) == IsNormalized::Yes {
            for (start, c) in original.char_indices() {
                add(
                    &original[start..start + c.len_utf8()],
                    start,
                    &mut std::iter::once(c),
                );
            }
        } else {
            for (start, grapheme) in original.grapheme_indices(true) {
                add(grapheme, start, &mut grapheme.nfc());
            }
        }
        Normal {
            original,
            text: Cow::Owned(text),
            places: (!same_places).then_some(places),
        }
    }

    /// The bytes of the original behind a range of `text`, which must lie on characters.
    pub fn place(&self, start: usize, end: usize) -> (u32, u32) {
        match &self.places {
            None => (start as u32, end as u32),
            Some(places) => {
                let first = places
                    .get(start)
                    .map_or(self.original.len() as u32, |p| p.start);
                let last = end.checked_sub(1).and_then(|at| places.get(at));
                (first, last.map_or(first, |p| p.end))
            }
        }
    }

    /// Whether the character at this byte of `text` was written as a capital letter.
    pub fn was_capital(&self, at: usize) -> bool {
        let (start, _) = self.place(at, at + 1);
        let written = self.original.get(start as usize..);
        written
            .and_then(|t| t.chars().next())
            .is_some_and(char::is_uppercase)
    }
}

/// Nothing to do: neither composed nor folded any further.
fn is_settled(c: char) -> bool {
    match c {
        '\0'..='\x7f' => !c.is_ascii_uppercase(),
        // Syllables and compatibility letters are NFC as they stand, but only among themselves:
        // what follows them may still combine, and is not in these ranges.
        '가'..='힣' | 'ㄱ'..='ㅣ' | '一'..='鿿' | '…' | '’' | '“' | '”' => true,
        _ => false,
    }
}

/// `ＡＢＣ１２３` as `ABC123`.
fn narrow(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

/// Counts UTF-16 units up to growing byte positions of one text.
pub struct Utf16Counter<'a> {
    text: &'a str,
    byte: usize,
    units: usize,
}

impl<'a> Utf16Counter<'a> {
    pub fn new(text: &'a str) -> Utf16Counter<'a> {
        Utf16Counter {
            text,
            byte: 0,
            units: 0,
        }
    }

    /// UTF-16 units before this byte, which must not lie before the last one asked for.
    pub fn at(&mut self, byte: usize) -> u32 {
        if let Some(passed) = self.text.get(self.byte..byte) {
            self.units += passed.encode_utf16().count();
            self.byte = byte;
        }
        self.units as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_and_finds_the_way_back() {
        // 한글 in NFD, a full-width word, an emoji and a letter that grows when lowered.
        let original = "\u{1112}\u{1161}\u{11ab}글 ＡＢ🎉İ";
        let normal = Normal::of(original);
        assert_eq!(normal.text, "한글 ab🎉i\u{307}");
        assert_eq!(normal.place(0, 3), (0, 9));
        assert_eq!(normal.place(0, 6), (0, 12));
        let ab = normal.text.find("ab").expect("there");
        let (start, end) = normal.place(ab, ab + 2);
        assert_eq!(&original[start as usize..end as usize], "ＡＢ");
        assert!(normal.was_capital(ab));
        let whole = normal.place(0, normal.text.len());
        assert_eq!(whole, (0, original.len() as u32));
    }

    #[test]
    fn borrows_what_is_settled() {
        assert!(matches!(Normal::of("마루 ok ㅋㅋ").text, Cow::Borrowed(_)));
    }

    #[test]
    fn counts_utf16_units() {
        let text = "a🎉한b";
        let mut counter = Utf16Counter::new(text);
        assert_eq!(
            [0, 1, 5, 8, 9].map(|byte| counter.at(byte)),
            [0, 1, 3, 4, 5]
        );
    }
}
