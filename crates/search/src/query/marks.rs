//! Where in a message the question was answered.

use crate::analyzer::{Analyzer, Letter, Word, letters};
use crate::normal::{Normal, Utf16Counter};
use std::collections::HashSet;
use std::sync::Arc;

/// Finds what matched. Made from the question, used on the text of each hit.
#[derive(Clone, Debug)]
pub struct Marker {
    /// Of the index that answers.
    pub(super) analyzer: Arc<Analyzer>,
    pub(super) words: HashSet<String>,
    pub(super) phrases: Vec<Vec<(u32, String)>>,
    pub(super) pairs: HashSet<String>,
    pub(super) literals: Vec<Vec<char>>,
    /// Letters that are marked where nothing else is.
    pub(super) fallback: Vec<Vec<char>>,
}

impl Default for Marker {
    fn default() -> Marker {
        Marker::new(Analyzer::plain())
    }
}

impl Marker {
    pub(super) fn new(analyzer: Arc<Analyzer>) -> Marker {
        Marker {
            analyzer,
            words: HashSet::new(),
            phrases: Vec::new(),
            pairs: HashSet::new(),
            literals: Vec::new(),
            fallback: Vec::new(),
        }
    }

    /// Ranges in UTF-16 units of the text, sorted, apart from each other.
    pub fn ranges(&self, text: &str) -> Vec<[u32; 2]> {
        let mut found = self.bytes(text);
        found.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::new();
        for (start, end) in found {
            match merged.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => merged.push((start, end)),
            }
        }
        let mut units = Utf16Counter::new(text);
        merged
            .into_iter()
            .map(|(start, end)| [units.at(start as usize), units.at(end as usize)])
            .filter(|[start, end]| start < end)
            .collect()
    }

    fn bytes(&self, text: &str) -> Vec<(u32, u32)> {
        let analysis = self.analyzer.analyze(text);
        let mut found: Vec<(u32, u32)> = Vec::new();
        let of_word = analysis
            .words
            .iter()
            .filter(|w| self.words.contains(&w.term));
        found.extend(of_word.map(|w| (w.start, w.end)));
        let of_pair = analysis
            .pairs
            .iter()
            .filter(|p| self.pairs.contains(&p.term));
        found.extend(of_pair.map(|p| (p.start, p.end)));
        for phrase in &self.phrases {
            found.extend(occurrences(phrase, &analysis.words));
        }
        found.extend(places(&self.literals, text));
        if found.is_empty() {
            found.extend(places(&self.fallback, text));
        }
        found
    }
}

/// Where these letters stand, whatever stands between them.
fn places(literals: &[Vec<char>], text: &str) -> Vec<(u32, u32)> {
    if literals.is_empty() {
        return Vec::new();
    }
    let normal = Normal::of(text);
    let all: Vec<Letter> = letters(&normal.text).collect();
    let mut found = Vec::new();
    for literal in literals {
        let same = |at: &[Letter]| at.iter().map(|l| l.c).eq(literal.iter().copied());
        let hits = all.windows(literal.len().max(1)).filter(|at| same(at));
        found.extend(hits.map(|at| normal.place(at[0].start, at[at.len() - 1].end)));
    }
    found
}

/// Where the words of a phrase stand at their distances.
fn occurrences<'a>(
    phrase: &'a [(u32, String)],
    words: &'a [Word],
) -> impl Iterator<Item = (u32, u32)> + 'a {
    let at = move |position: u32, term: &str| {
        let near = words.partition_point(|w| w.position < position);
        words[near..]
            .iter()
            .take_while(move |w| w.position == position)
            .find(|w| w.term == term)
    };
    let first = phrase.first().map_or("", |(_, term)| &term[..]);
    words
        .iter()
        .filter(move |w| w.term == first)
        .filter_map(move |word| {
            let mut rest = phrase[1..]
                .iter()
                .map(|(offset, term)| at(word.position + offset, term));
            rest.try_fold((word.start, word.end), |(start, end), next| {
                next.map(|n| (start, end.max(n.end)))
            })
        })
}
