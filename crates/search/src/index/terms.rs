//! Terms on their way into the index, as one text: joined here, taken apart by a tokenizer there.
//!
//! Tantivy's own way for text that is analysed already writes every token as JSON and reads it
//! again, which took more time than all else that indexing does.

use std::str::Split;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// The name under which the index knows the tokenizer.
pub const NAME: &str = "terms";

/// Between two terms.
pub const END: char = '\u{1e}';
/// Between a term and its position.
const AT: char = '\u{1f}';

/// Each at the position behind the one before it.
pub fn in_order(terms: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut text = String::new();
    for term in terms {
        push(&mut text, term.as_ref(), None);
    }
    text
}

/// Each at its own position.
pub fn at_positions(terms: impl IntoIterator<Item = (impl AsRef<str>, u32)>) -> String {
    let mut text = String::new();
    for (term, position) in terms {
        push(&mut text, term.as_ref(), Some(position));
    }
    text
}

/// A term with one of the two signs in it is nothing that anybody looks for; it keeps its place.
fn push(text: &mut String, term: &str, position: Option<u32>) {
    if !term.contains([END, AT]) {
        text.push_str(term);
    }
    if let Some(position) = position {
        text.push(AT);
        text.push_str(itoa(position, &mut [0; 10]));
    }
    text.push(END);
}

/// Decimal, without an allocation.
fn itoa(mut number: u32, digits: &mut [u8; 10]) -> &str {
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    std::str::from_utf8(&digits[start..]).unwrap_or("0")
}

#[derive(Clone, Default)]
pub struct Terms {
    token: Token,
}

impl Tokenizer for Terms {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        self.token = Token {
            position_length: 1,
            ..Token::default()
        };
        Stream {
            rest: text.split(END),
            token: &mut self.token,
            next: 0,
        }
    }
}

pub struct Stream<'a> {
    rest: Split<'a, char>,
    token: &'a mut Token,
    next: usize,
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        for piece in self.rest.by_ref() {
            let (term, position) = match piece.split_once(AT) {
                Some((term, position)) => (term, position.parse().unwrap_or(self.next)),
                None => (piece, self.next),
            };
            self.next = position + 1;
            if !term.is_empty() {
                self.token.position = position;
                self.token.text.clear();
                self.token.text.push_str(term);
                return true;
            }
        }
        false
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apart(text: &str) -> Vec<(String, usize)> {
        let mut terms = Terms::default();
        let mut stream = terms.token_stream(text);
        let mut found = Vec::new();
        while stream.advance() {
            found.push((stream.token().text.clone(), stream.token().position));
        }
        found
    }

    #[test]
    fn terms_come_back_at_their_positions() {
        let at = |term: &str, position| (term.to_owned(), position);
        assert_eq!(apart(&in_order([""; 0])), []);
        assert_eq!(
            apart(&in_order(["바다", "빛", "_다빛"])),
            [at("바다", 0), at("빛", 1), at("_다빛", 2)]
        );
        let placed = [
            ("오늘", 0),
            ("회의", 2),
            ("회의", 2),
            ("자료", 4_294_967_295),
        ];
        assert_eq!(
            apart(&at_positions(placed)),
            placed.map(|(term, position)| at(term, position as usize))
        );
    }

    #[test]
    fn a_term_that_cannot_be_told_apart_is_left_out() {
        let found = apart(&in_order(["앞", "\u{1e}", "가\u{1f}7", "뒤"]));
        assert_eq!(found, [("앞".to_owned(), 0), ("뒤".to_owned(), 3)]);
    }
}
