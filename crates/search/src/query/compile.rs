//! A condition as Tantivy's query.

use super::membership::Membership;
use super::plan::Node;
use crate::index::Fields;
use crate::index::grams::{SETTLED, settled};
use std::ops::Bound;
use tantivy::Term;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, Occur, PhraseQuery,
    Query as TantivyQuery, RangeQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

/// One letter says next to nothing.
pub const LETTER_SCORE: f32 = 1.0;
/// Two letters are taken for as rare as a word that stands in one of so many messages.
const LETTERS_ONE_IN: f32 = 100.0;

/// What two letters count among so many public messages; as BM25 has it.
pub fn letters_score(docs: u64) -> f32 {
    let docs = docs as f32;
    let with_them = (docs / LETTERS_ONE_IN).floor();
    (1.0 + (docs - with_them + 0.5) / (with_them + 0.5)).ln()
}

/// What a condition is compiled with.
pub struct Compiler<'a> {
    pub fields: &'a Fields,
    /// What two letters count.
    pub letters: f32,
    /// The words with these first consonants, the likeliest first.
    pub words_of: &'a dyn Fn(&str) -> Vec<String>,
    /// What may be read: long lists of matches are filtered first. What else is found must be
    /// filtered by the caller.
    pub within: Option<&'a Membership>,
}

pub fn compile(node: &Node, with: &Compiler<'_>) -> Box<dyn TantivyQuery> {
    let Compiler {
        fields,
        letters,
        words_of,
        within,
    } = *with;
    let one = |node: &Node| compile(node, with);
    let compiled =
        |nodes: &[Node]| -> Vec<Box<dyn TantivyQuery>> { nodes.iter().map(one).collect() };
    let filtered = |query| match within {
        Some(membership) => membership.filter(query),
        None => query,
    };
    match node {
        Node::Sense(text) => filtered(term(fields.senses, text, IndexRecordOption::Basic)),
        Node::Pair(text) => {
            let there = term(fields.grams, text, IndexRecordOption::Basic);
            filtered(Box::new(ConstScoreQuery::new(there, letters)))
        }
        Node::Words(words) => match &words[..] {
            [(_, word)] => filtered(term(fields.words, word, IndexRecordOption::WithFreqs)),
            _ => {
                let terms = words.iter();
                let terms =
                    terms.map(|(at, w)| (*at as usize, Term::from_field_text(fields.words, w)));
                Box::new(PhraseQuery::new_with_offset(terms.collect()))
            }
        },
        Node::Grams(grams) => {
            let either = |gram: &String| -> Box<dyn TantivyQuery> {
                let forms = [gram.clone(), settled(gram)];
                let forms = forms.map(|form| Term::from_field_text(fields.grams, &form));
                Box::new(BooleanQuery::new_multiterms_query(forms.to_vec()))
            };
            let all: Vec<_> = grams.iter().map(either).collect();
            let all = Box::new(BooleanQuery::intersection(all));
            Box::new(ConstScoreQuery::new(all, letters * grams.len() as f32))
        }
        Node::Letter(c) => {
            let begins = |mark: &str| -> Box<dyn TantivyQuery> {
                let from = Term::from_field_text(fields.grams, &format!("{mark}{c}"));
                let upto = Term::from_field_text(fields.grams, &format!("{mark}{c}\u{10ffff}"));
                Box::new(RangeQuery::new(
                    Bound::Included(from),
                    Bound::Included(upto),
                ))
            };
            let any = BooleanQuery::union(vec![begins(""), begins(&SETTLED.to_string())]);
            Box::new(ConstScoreQuery::new(Box::new(any), LETTER_SCORE))
        }
        Node::Initials(initials) => {
            let words = super::initials::weighted(words_of(initials));
            let words = words.map(|(word, weight): (String, f32)| {
                let word = term(fields.senses, &word, IndexRecordOption::Basic);
                Box::new(ConstScoreQuery::new(word, weight)) as Box<dyn TantivyQuery>
            });
            Box::new(DisjunctionMaxQuery::new(words.collect()))
        }
        Node::Near(a, b, others) => {
            let terms = [a, b].map(|w| Term::from_field_text(fields.words, w));
            let terms = terms.into_iter().enumerate().collect();
            Box::new(PhraseQuery::new_with_offset_and_slop(terms, *others))
        }
        Node::All(nodes) => Box::new(BooleanQuery::intersection(compiled(nodes))),
        Node::Most(nodes, least) => Box::new(BooleanQuery::union_with_minimum_required_clauses(
            compiled(nodes),
            *least,
        )),
        Node::Any(nodes) => Box::new(DisjunctionMaxQuery::new(compiled(nodes))),
        Node::Better(node, others) => {
            let mut clauses = vec![(Occur::Must, one(node))];
            clauses.extend(compiled(others).into_iter().map(|q| (Occur::Should, q)));
            Box::new(BooleanQuery::new(clauses))
        }
        Node::Weighted(node, weight) => Box::new(BoostQuery::new(one(node), *weight)),
    }
}

fn term(field: Field, text: &str, record: IndexRecordOption) -> Box<dyn TantivyQuery> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), record))
}
