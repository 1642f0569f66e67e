//! Tantivy's tokenizer for letters: each letter with its neighbour.

use crate::analyzer::{Letter, letters};
use crate::normal::Normal;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// `바다 빛` as `바다`, `다빛`, `빛`: spaces are typed or left out as one likes.
#[derive(Clone, Default)]
pub struct Grams {
    tokens: Vec<Token>,
}

impl Tokenizer for Grams {
    type TokenStream<'a> = GramStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> GramStream<'a> {
        self.tokens.clear();
        let normal = Normal::of(text);
        let all: Vec<Letter> = letters(&normal.text).collect();
        self.tokens
            .extend(all.iter().enumerate().map(|(position, letter)| Token {
                offset_from: letter.start,
                offset_to: letter.end,
                position,
                text: gram(*letter, all.get(position + 1).copied()),
                position_length: 1,
            }));
        GramStream {
            tokens: &self.tokens,
            next: 0,
        }
    }
}

/// A letter with the one after it, whatever stands between them.
pub fn gram(letter: Letter, next: Option<Letter>) -> String {
    let mut text = String::with_capacity(8);
    text.push(letter.c);
    if let Some(next) = next {
        text.push(next.c);
    }
    text
}

pub struct GramStream<'a> {
    tokens: &'a [Token],
    next: usize,
}

impl TokenStream for GramStream<'_> {
    fn advance(&mut self) -> bool {
        self.next += 1;
        self.next <= self.tokens.len()
    }

    fn token(&self) -> &Token {
        &self.tokens[self.next - 1]
    }

    fn token_mut(&mut self) -> &mut Token {
        unreachable!("no filter stands behind this tokenizer")
    }
}
