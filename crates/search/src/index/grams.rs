//! Letters with their neighbours, as terms: `바다 빛` as `바다`, `다빛`, `빛`, for spaces are typed or
//! left out as one likes.
//!
//! Two letters may be a word, or a part of one that the dictionary does not see; where it knows
//! better, they get a mark.

use crate::analyzer::{Letter, Pair, letters};
use crate::normal::Normal;
use std::collections::{BTreeSet, HashSet};

/// Before two letters that are no [`Pair`] in this message.
pub const SETTLED: char = '_';

/// All of a text, each once: without a mark where one of them has none.
pub fn grams(text: &str, pairs: &[Pair]) -> BTreeSet<String> {
    let normal = Normal::of(text);
    let all: Vec<Letter> = letters(&normal.text).collect();
    let free: HashSet<&str> = pairs.iter().map(|pair| &pair.term[..]).collect();
    let grams = all.iter().enumerate().map(|(at, letter)| {
        let gram = gram(*letter, all.get(at + 1).copied());
        if free.contains(&gram[..]) {
            gram
        } else {
            settled(&gram)
        }
    });
    grams.collect()
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

pub fn settled(gram: &str) -> String {
    let mut text = String::with_capacity(1 + gram.len());
    text.push(SETTLED);
    text.push_str(gram);
    text
}
