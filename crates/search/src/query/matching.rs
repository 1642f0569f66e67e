//! A condition as it is checked on a message in memory: the same answers and scores as the index.

use super::compile::LETTER_SCORE;
use super::plan::Node;
use crate::index::grams::{SETTLED, settled};
use crate::index::{Fields, RecentDoc};
use std::collections::HashMap;
use tantivy::Term;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::query::{Bm25StatisticsProvider, Bm25Weight};
use tantivy::schema::Field;

/// Made once for a question.
pub enum Matching {
    Sense(String, Bm25Weight),
    Words(Vec<(u32, String)>, Bm25Weight),
    Near(String, String, u32, Bm25Weight),
    Pair(String, f32),
    /// Each with and without its mark.
    Grams(Vec<[String; 2]>, f32),
    Letter(char),
    /// Words with what each counts.
    Initials(Vec<(String, f32)>),
    All(Vec<Matching>),
    Most(Vec<Matching>, usize),
    Any(Vec<Matching>),
    Better(Box<Matching>, Vec<Matching>),
    Weighted(Box<Matching>, f32),
}

/// What conditions are made with.
pub struct Making<'a> {
    pub fields: &'a Fields,
    pub statistics: &'a dyn Bm25StatisticsProvider,
    /// What two letters count.
    pub letters: f32,
    pub words_of: &'a dyn Fn(&str) -> Vec<String>,
}

impl Making<'_> {
    pub fn make(&self, node: &Node) -> tantivy::Result<Matching> {
        let fields = self.fields;
        let all = |nodes: &[Node]| -> tantivy::Result<Vec<Matching>> {
            nodes.iter().map(|node| self.make(node)).collect()
        };
        Ok(match node {
            Node::Sense(text) => Matching::Sense(text.clone(), self.weight(fields.senses, [text])?),
            Node::Pair(text) => Matching::Pair(text.clone(), self.letters),
            Node::Words(words) => {
                let weight = self.weight(fields.words, words.iter().map(|(_, word)| word))?;
                Matching::Words(words.clone(), weight)
            }
            Node::Near(a, b, others) => {
                let weight = self.weight(fields.words, [a, b])?;
                Matching::Near(a.clone(), b.clone(), *others, weight)
            }
            Node::Grams(grams) => {
                let both = grams.iter().map(|gram| [gram.clone(), settled(gram)]);
                Matching::Grams(both.collect(), self.letters * grams.len() as f32)
            }
            Node::Letter(c) => Matching::Letter(*c),
            Node::Initials(initials) => {
                let words = (self.words_of)(initials);
                Matching::Initials(super::initials::weighted(words).collect())
            }
            Node::All(nodes) => Matching::All(all(nodes)?),
            Node::Most(nodes, least) => Matching::Most(all(nodes)?, *least),
            Node::Any(nodes) => Matching::Any(all(nodes)?),
            Node::Better(node, others) => {
                Matching::Better(Box::new(self.make(node)?), all(others)?)
            }
            Node::Weighted(node, weight) => Matching::Weighted(Box::new(self.make(node)?), *weight),
        })
    }

    fn weight<'t>(
        &self,
        field: Field,
        texts: impl IntoIterator<Item = &'t String>,
    ) -> tantivy::Result<Bm25Weight> {
        let terms = texts
            .into_iter()
            .map(|text| Term::from_field_text(field, text));
        let terms: Vec<Term> = terms.collect();
        Bm25Weight::for_terms(self.statistics, &terms)
    }
}

impl Matching {
    /// The score of a message that fits.
    pub fn score(&self, doc: &RecentDoc) -> Option<f32> {
        let sum = |all: &[Matching]| all.iter().filter_map(|m| m.score(doc)).sum::<f32>();
        match self {
            Matching::Sense(text, weight) => {
                let there = doc.senses.contains(text);
                there.then(|| score(weight, doc.senses.len() as u32, 1))
            }
            Matching::Pair(text, score) => doc.grams.contains(text).then_some(*score),
            Matching::Words(words, weight) => {
                phrase(&doc.words, words).map(|count| score(weight, doc.word_count, count))
            }
            Matching::Grams(grams, score) => {
                let is_there = |forms: &[String; 2]| forms.iter().any(|g| doc.grams.contains(g));
                let all = grams.iter().all(is_there);
                all.then_some(*score)
            }
            Matching::Near(a, b, others, weight) => {
                let (a, b) = (doc.words.get(a)?, doc.words.get(b)?);
                let near = |a: &u32| b.iter().any(|b| *b > *a && b - a - 1 <= *others);
                let count = a.iter().filter(|a| near(a)).count() as u32;
                (count > 0).then(|| score(weight, doc.word_count, count))
            }
            Matching::Letter(c) => doc
                .grams
                .iter()
                .any(|gram| gram.trim_start_matches(SETTLED).starts_with(*c))
                .then_some(LETTER_SCORE),
            Matching::Initials(words) => {
                let there = words.iter().filter(|(word, _)| doc.senses.contains(word));
                there.map(|(_, weight)| *weight).reduce(f32::max)
            }
            Matching::All(all) => all
                .iter()
                .map(|m| m.score(doc))
                .try_fold(0.0, |sum, one| Some(sum + one?)),
            Matching::Most(all, least) => {
                let there = all.iter().filter(|m| m.score(doc).is_some()).count();
                (there >= *least).then(|| sum(all))
            }
            Matching::Any(all) => all.iter().filter_map(|m| m.score(doc)).reduce(f32::max),
            Matching::Better(must, others) => must.score(doc).map(|score| score + sum(others)),
            Matching::Weighted(one, weight) => one.score(doc).map(|score| score * weight),
        }
    }
}

fn score(weight: &Bm25Weight, tokens: u32, count: u32) -> f32 {
    weight.score(FieldNormReader::fieldnorm_to_id(tokens), count)
}

/// How often these terms stand at these distances; `None`: never.
fn phrase(positions: &HashMap<String, Vec<u32>>, terms: &[(u32, String)]) -> Option<u32> {
    let (first, rest) = terms.split_first()?;
    let of = |term: &str| positions.get(term).map_or(&[][..], |at| at);
    let stands = |at: &&u32| {
        rest.iter()
            .all(|(offset, term)| of(term).contains(&(*at + offset - first.0)))
    };
    let count = of(&first.1).iter().filter(stands).count() as u32;
    (count > 0).then_some(count)
}
