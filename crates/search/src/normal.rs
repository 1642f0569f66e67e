//! Text in the form that is analysed, with the way back to the text that was written.

use maru_domain::fold::Folded;
use std::ops::Deref;

/// NFKC, lower case, nothing without ink. Remembers where each piece stood in the original.
pub struct Normal<'a> {
    original: &'a str,
    folded: Folded<'a>,
}

impl<'a> Deref for Normal<'a> {
    type Target = Folded<'a>;

    fn deref(&self) -> &Folded<'a> {
        &self.folded
    }
}

impl<'a> Normal<'a> {
    pub fn of(original: &'a str) -> Normal<'a> {
        Normal {
            original,
            folded: Folded::of(original),
        }
    }

    /// Whether the character at this byte of the text was written as a capital letter.
    pub fn was_capital(&self, at: usize) -> bool {
        let (start, _) = self.place(at, at + 1);
        let written = self.original.get(start as usize..);
        written
            .and_then(|t| t.chars().next())
            .is_some_and(char::is_uppercase)
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
    fn counts_utf16_units() {
        let text = "a🎉한b";
        let mut counter = Utf16Counter::new(text);
        assert_eq!(
            [0, 1, 5, 8, 9].map(|byte| counter.at(byte)),
            [0, 1, 3, 4, 5]
        );
    }
}
