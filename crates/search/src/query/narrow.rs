//! Filters that are terms of the index, put around a question.

use super::compile::compile;
use super::plan::{Effort, plan};
use super::run::Ask;
use tantivy::Term;
use tantivy::query::{
    BooleanQuery, ConstScoreQuery, Occur, Query as TantivyQuery, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

/// More rooms than this are checked match by match.
const ROOM_TERMS: usize = 1_000;

impl Ask<'_> {
    /// Only what a filter with a term of its own leaves. It scores nothing.
    pub(super) fn narrowed(
        &self,
        query: Box<dyn TantivyQuery>,
    ) -> tantivy::Result<Box<dyn TantivyQuery>> {
        let fields = &self.opened.fields;
        let mut clauses = vec![(Occur::Must, query)];
        let mut must = |query: Box<dyn TantivyQuery>| {
            let silent: Box<dyn TantivyQuery> = Box::new(ConstScoreQuery::new(query, 0.0));
            clauses.push((Occur::Must, silent));
        };
        let person = self
            .query
            .mentions
            .map(|person| number(fields.mentions, person.0));
        let author = self
            .query
            .author
            .map(|author| number(fields.author, author.0));
        let room = self.query.room.map(|room| number(fields.room, room.0));
        for term in [person, author, room.clone()].into_iter().flatten() {
            must(Box::new(TermQuery::new(term, IndexRecordOption::Basic)));
        }
        if let Some(ids) = &self.query.among {
            let ids = ids.iter().map(|id| id.0);
            must(Box::new(self.opened.ids.query(ids)));
        }
        if room.is_none()
            && let Some(readable) = self.readable_terms()
        {
            must(readable);
        }
        for text in &self.query.without {
            if let Some(node) = plan(&self.opened.analyzer, text, Effort::Strict).node {
                clauses.push((Occur::MustNot, compile(&node, fields, 1.0, &|_| Vec::new())));
            }
        }
        Ok(match clauses.len() {
            1 => clauses.remove(0).1,
            _ => Box::new(BooleanQuery::new(clauses)),
        })
    }

    /// Membership as terms: only messages of the caller's rooms are gone through.
    fn readable_terms(&self) -> Option<Box<dyn TantivyQuery>> {
        let fields = &self.opened.fields;
        let public = self.readable.public.then(|| number(fields.public, 1));
        let rooms = self.readable.rooms.iter();
        let rooms = rooms.map(|room| number(fields.room, room.0));
        let terms: Vec<Term> = public.into_iter().chain(rooms).collect();
        (terms.len() <= ROOM_TERMS)
            .then(|| Box::new(TermSetQuery::new(terms)) as Box<dyn TantivyQuery>)
    }
}

fn number(field: Field, number: u64) -> Term {
    Term::from_field_u64(field, number)
}
