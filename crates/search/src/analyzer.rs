//! What a text says, as words to look up.
//!
//! Nouns, stems of verbs and adjectives (with 다, as a dictionary has them), adverbs, foreign
//! words, numbers; compounds whole and in parts. Particles, endings and punctuation only take a
//! place. The same for messages and for queries.

mod letters;
mod morphemes;
mod senses;
pub mod tables;

pub use letters::{Letter, is_pictograph, letters};
pub use senses::{COUNTED, JOINED, MODIFIER, symbol_terms};

use super::normal::Normal;
use morphemes::{Morpheme, Morphemes};
use std::collections::BTreeSet;

/// Changes when the same text gives other words: the index is then built anew.
pub const VERSION: u32 = 2;

/// Before a verb that only helps another one: 보다 of 먹어 보다 is not 보다.
pub const AUXILIARY: char = '~';

/// A word at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub term: String,
    pub kind: Kind,
    /// Bytes of the original text.
    pub start: u32,
    pub end: u32,
    /// Counts morphemes, dropped ones included.
    pub position: u32,
    /// How many positions the word covers: more than one for a compound whose parts follow.
    pub span: u32,
    /// Which run of text between spaces it stands in.
    pub run: u32,
    /// A word of two letters or more that the dictionary knows, and no name.
    pub settled: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Also foreign words, numbers, roots and what the dictionary does not know.
    Noun,
    Verb,
    Adverb,
    /// Says little beside others: `것`, `이`, `있다`.
    Weak,
    /// ㅋㅋ, ㅠㅠ, emoji.
    Mood,
}

/// Two letters that may be a word, or the start of one, which the dictionary does not see here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub term: String,
    pub start: u32,
    pub end: u32,
}

/// Everything that is looked up of one text.
#[derive(Debug, Default)]
pub struct Analysis {
    pub words: Vec<Word>,
    /// The words and what they may stand for, sorted, each once.
    pub senses: BTreeSet<String>,
    pub pairs: Vec<Pair>,
}

/// Analyses a text of any length and content.
pub fn analyze(text: &str) -> Analysis {
    let normal = Normal::of(text);
    let morphemes = Morphemes::of(&normal.text);
    Analysis {
        words: words(&normal, &morphemes),
        senses: senses::senses(&normal.text, &morphemes),
        pairs: pairs(&normal, &morphemes),
    }
}

fn words(normal: &Normal, morphemes: &Morphemes) -> Vec<Word> {
    let mut words = Vec::new();
    let mut position = 0;
    for token in &morphemes.tokens {
        let mut add = |m: &Morpheme, position: u32, span: u32| {
            let Some((term, kind)) = m.meaning() else {
                return;
            };
            let (start, end) = normal.place(m.start, m.end);
            words.push(Word {
                term,
                kind,
                start,
                end,
                position,
                span,
                run: token.run,
                settled: token.is_settled_word(),
            });
        };
        let parts = match &token.parts[..] {
            [] => token.split_latin(normal),
            parts => parts.to_vec(),
        };
        let span = parts.len().max(1) as u32;
        if parts.is_empty() || token.is_word_itself() {
            add(&token.whole, position, span);
        }
        for (part, at) in parts.iter().zip(position..) {
            add(part, at, 1);
        }
        position += span;
    }
    words
}

/// Neighbouring letters, except where the dictionary knows better: inside a word that it has as
/// it stands, and across two words that it has.
fn pairs(normal: &Normal, morphemes: &Morphemes) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut tokens = morphemes.tokens.iter().peekable();
    let mut previous: Option<(Letter, &morphemes::Token)> = None;
    for letter in letters(&normal.text) {
        while tokens.next_if(|t| t.whole.end <= letter.start).is_some() {}
        let token = tokens.peek().filter(|t| t.whole.start <= letter.start);
        if let (Some((before, its_token)), Some(token)) = (previous, token)
            && !letter.after_gap
            && !its_token.excludes(token)
            && !its_token.is_family_name_and(token, before.start)
            && (is_korean(before.c) || is_korean(letter.c))
        {
            let (start, end) = normal.place(before.start, letter.end);
            pairs.push(Pair {
                term: [before.c, letter.c].iter().collect(),
                start,
                end,
            });
        }
        previous = token.map(|t| (letter, *t));
    }
    pairs
}

fn is_korean(c: char) -> bool {
    matches!(c, '가'..='힣')
}

#[cfg(test)]
mod tests;
