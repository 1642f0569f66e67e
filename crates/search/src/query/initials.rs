//! Words by their first consonants: ㅂㅍ for 배포.

use super::plan::Node;
use super::statistics::PublicStatistics;
use crate::hangul;
use crate::index::Opened;
use tantivy::Searcher;

/// Terms that are looked at, in all segments.
const SCAN_TERMS: usize = 50_000;
/// Words that are looked for.
const WORDS: usize = 64;

/// Whether this may be a noun with these first consonants.
pub fn has_initials(word: &str, initials: &str) -> bool {
    hangul::initials(word).as_deref() == Some(initials) && maru_dictionary::may_be_noun(word)
}

/// Words of public messages with these first consonants, the most frequent first.
pub fn words_of_initials(
    opened: &Opened,
    searcher: &Searcher,
    initials: &str,
) -> tantivy::Result<Vec<String>> {
    let (low, high) = hangul::bounds(initials);
    let mut words: Vec<String> = Vec::new();
    let mut left = SCAN_TERMS;
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(opened.fields.public_senses)?;
        let mut terms = index.terms().range().ge(&low).lt(&high).into_stream()?;
        while left > 0 && terms.advance() {
            left -= 1;
            let Ok(word) = std::str::from_utf8(terms.key()) else {
                continue;
            };
            if has_initials(word, initials) {
                words.push(word.to_owned());
            }
        }
    }
    words.sort_unstable();
    words.dedup();
    let statistics = PublicStatistics::of(opened, searcher)?;
    let mut counted = Vec::with_capacity(words.len());
    for word in words {
        counted.push((statistics.word_frequency(&word)?, word));
    }
    counted.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    counted.truncate(WORDS);
    Ok(counted.into_iter().map(|(_, word)| word).collect())
}

/// The more frequent word is the likelier one, not the rarer.
pub fn weighted(words: Vec<String>) -> impl Iterator<Item = (String, f32)> {
    let weights = std::iter::successors(Some(4.0), |weight| Some(weight * 0.9));
    words.into_iter().zip(weights)
}

/// Tells of all first consonants that a condition asks for.
pub fn initials_in(node: &Node, tell: &mut dyn FnMut(&str)) {
    match node {
        Node::Initials(initials) => tell(initials),
        Node::All(nodes) | Node::Any(nodes) | Node::Most(nodes, _) => {
            nodes.iter().for_each(|node| initials_in(node, tell));
        }
        Node::Better(node, others) => {
            initials_in(node, tell);
            others.iter().for_each(|node| initials_in(node, tell));
        }
        Node::Weighted(node, _) => initials_in(node, tell),
        Node::Sense(_)
        | Node::Words(_)
        | Node::Near(..)
        | Node::Pair(_)
        | Node::Grams(_)
        | Node::Letter(_) => {}
    }
}
