//! A condition as Tantivy's query.

use super::plan::Node;
use crate::index::Fields;
use std::ops::Bound;
use tantivy::Term;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, Occur, PhraseQuery,
    Query as TantivyQuery, RangeQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

/// `words_of` gives the words with these first consonants, the likeliest first.
pub fn compile(
    node: &Node,
    fields: &Fields,
    words_of: &dyn Fn(&str) -> Vec<String>,
) -> Box<dyn TantivyQuery> {
    let one = |node: &Node| compile(node, fields, words_of);
    let compiled =
        |nodes: &[Node]| -> Vec<Box<dyn TantivyQuery>> { nodes.iter().map(one).collect() };
    match node {
        Node::Sense(text) => term(fields.senses, text, IndexRecordOption::Basic),
        Node::Pair(text) => term(fields.pairs, text, IndexRecordOption::Basic),
        Node::Words(words) => match &words[..] {
            [(_, word)] => term(fields.words, word, IndexRecordOption::WithFreqs),
            _ => {
                let terms = words.iter();
                let terms =
                    terms.map(|(at, w)| (*at as usize, Term::from_field_text(fields.words, w)));
                Box::new(PhraseQuery::new_with_offset(terms.collect()))
            }
        },
        Node::Grams(grams) => match &grams[..] {
            [gram] => term(fields.grams, gram, IndexRecordOption::WithFreqs),
            _ => {
                let terms = grams.iter().map(|g| Term::from_field_text(fields.grams, g));
                Box::new(PhraseQuery::new(terms.collect()))
            }
        },
        Node::Letter(c) => {
            let from = Term::from_field_text(fields.grams, &c.to_string());
            let upto = Term::from_field_text(fields.grams, &format!("{c}\u{10ffff}"));
            let any = RangeQuery::new(Bound::Included(from), Bound::Included(upto));
            Box::new(ConstScoreQuery::new(Box::new(any), 1.0))
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
