//! Letters with their neighbours, as terms: `바다 빛` as `바다`, `다빛`, `빛`, for spaces are typed or
//! left out as one likes.
//!
//! Two letters may be a word, or a part of one that the dictionary does not see; where it knows
//! better, they get a mark.

use crate::analyzer::{Letter, Pair, letters};
use crate::normal::Normal;

/// Before two letters that are no [`Pair`] in this message.
pub const SETTLED: char = '_';

/// A letter and its neighbour, and whether they are settled.
type Gram = (bool, char, Option<char>);

/// All of a text, each once: without a mark where one of them has none.
pub fn grams(text: &str, pairs: &[Pair]) -> impl Iterator<Item = String> {
    all(text, pairs)
        .into_iter()
        .map(|(is_settled, first, next)| {
            let mut term = String::with_capacity(9);
            write(&mut term, is_settled, first, next);
            term
        })
}

/// The same, each followed by `end`, as the index takes them: every message is cut so when an index is
/// built, so nothing is allocated for one of them.
pub fn grams_in_order(text: &str, pairs: &[Pair], end: char) -> String {
    let all = all(text, pairs);
    let mut terms = String::with_capacity(all.len() * 8);
    for (is_settled, first, next) in all {
        write(&mut terms, is_settled, first, next);
        terms.push(end);
    }
    terms
}

fn write(term: &mut String, is_settled: bool, first: char, next: Option<char>) {
    if is_settled {
        term.push(SETTLED);
    }
    term.push(first);
    term.extend(next);
}

fn all(text: &str, pairs: &[Pair]) -> Vec<Gram> {
    let normal = Normal::of(text);
    let mut free: Vec<(char, Option<char>)> = pairs
        .iter()
        .filter_map(|pair| {
            let mut letters = pair.term.chars();
            let both = (letters.next()?, letters.next());
            letters.next().is_none().then_some(both)
        })
        .collect();
    free.sort_unstable();
    let mut letters = letters(&normal.text).map(|letter| letter.c).peekable();
    let mut all = Vec::with_capacity(normal.text.len() / 3);
    while let Some(first) = letters.next() {
        let both = (first, letters.peek().copied());
        let is_settled = free.binary_search(&both).is_err();
        all.push((is_settled, both.0, both.1));
    }
    all.sort_unstable();
    all.dedup();
    all
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
