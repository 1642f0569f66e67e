//! Filters that are terms of the index, put around a question.

use super::compile::{Compiler, compile};
use super::membership::Membership;
use super::plan::{Effort, plan};
use super::run::Ask;
use tantivy::Term;
use tantivy::query::{BooleanQuery, ConstScoreQuery, Occur, Query as TantivyQuery, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};

impl Ask<'_> {
    /// Only what a filter with a term of its own leaves. It scores nothing.
    pub(super) fn narrowed(
        &self,
        query: Box<dyn TantivyQuery>,
        membership: Option<Membership>,
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
            && let Some(membership) = membership
        {
            clauses.push((Occur::Must, Box::new(membership)));
        }
        for text in &self.query.without {
            if let Some(node) = plan(&self.opened.analyzer, text, Effort::Strict).node {
                let compiler = Compiler {
                    fields,
                    letters: 1.0,
                    words_of: &|_| Vec::new(),
                    within: None,
                };
                clauses.push((Occur::MustNot, compile(&node, &compiler)));
            }
        }
        Ok(match clauses.len() {
            1 => clauses.remove(0).1,
            _ => Box::new(BooleanQuery::new(clauses)),
        })
    }
}

fn number(field: Field, number: u64) -> Term {
    Term::from_field_u64(field, number)
}
