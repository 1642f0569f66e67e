//! Asks the index.

use super::collect::{Columns, Filter, Key, TopPage, score_of};
use super::cursor::{Cursor, Pins};
use super::plan::{self, Node, Plan};
use super::statistics::{PinnedStatistics, PublicStatistics};
use super::{Hit, PAGE_HITS, Page, QUERY_CHARS, Query, Readable, SearchError, Sort};
use crate::index::{Fields, IndexError, Opened};
use maru_domain::MessageId;
use std::ops::Bound;
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, EnableScoring, Occur,
    PhraseQuery, Query as TantivyQuery, RangeQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, Searcher, TERMINATED, Term};

/// Answers a question from what is committed. `now_ms` is the caller's clock.
pub fn run(
    opened: &Opened,
    query: &Query,
    readable: &Readable,
    now_ms: i64,
) -> Result<Page, SearchError> {
    if query.text.chars().count() > QUERY_CHARS {
        return Err(SearchError::TooLong);
    }
    let cursor = match &query.cursor {
        Some(text) => Some(Cursor::decode(text, query)?),
        None => None,
    };
    let ask = Ask {
        opened,
        searcher: opened.searcher(),
        query,
        readable,
        now_ms,
    };
    match cursor {
        Some(cursor) if cursor.pins.relaxed => {
            ask.page(plan::relaxed(&query.text), Some(cursor), true)
        }
        Some(cursor) => ask.page(plan::strict(&query.text), Some(cursor), false),
        None => {
            let page = ask.page(plan::strict(&query.text), None, false)?;
            if page.total > 0 || query.text.is_empty() {
                return Ok(page);
            }
            ask.page(plan::relaxed(&query.text), None, true)
        }
    }
}

/// Some messages that match and may be read, by segment.
pub fn documents(
    opened: &Opened,
    searcher: &Searcher,
    text: &str,
    readable: &Readable,
    max: usize,
) -> tantivy::Result<Vec<Vec<DocId>>> {
    let Some(node) = plan::strict(text).node else {
        return Ok(Vec::new());
    };
    let weight =
        compile(&node, &opened.fields).weight(EnableScoring::disabled_from_searcher(searcher))?;
    let mut left = max;
    let mut found = Vec::new();
    for segment in searcher.segment_readers() {
        let columns = Columns::of(segment, Filter::readable(readable))?;
        let mut docs = Vec::new();
        let mut scorer = weight.scorer(segment, 1.0)?;
        while scorer.doc() != TERMINATED && left > 0 {
            let doc = scorer.doc();
            if !segment.is_deleted(doc) && columns.admit(doc) {
                docs.push(doc);
                left -= 1;
            }
            scorer.advance();
        }
        found.push(docs);
    }
    Ok(found)
}

struct Ask<'a> {
    opened: &'a Opened,
    searcher: Searcher,
    query: &'a Query,
    readable: &'a Readable,
    now_ms: i64,
}

impl Ask<'_> {
    fn page(&self, plan: Plan, cursor: Option<Cursor>, relaxed: bool) -> Result<Page, SearchError> {
        let empty = |plan: Plan| Page {
            total: 0,
            hits: Vec::new(),
            cursor: None,
            partial: false,
            marker: plan.marker,
        };
        let query: Box<dyn TantivyQuery> = match &plan.node {
            Some(node) => compile(node, &self.opened.fields),
            None if self.has_filter() => Box::new(AllQuery),
            None => return Ok(empty(plan)),
        };
        if self.searcher.num_docs() == 0 {
            return Ok(empty(plan));
        }
        let terms = terms(&*query);
        let (pins, after) = match cursor {
            Some(Cursor { pins, after, .. }) => (pins, Some(after)),
            None => (self.pins(&terms, relaxed).map_err(unavailable)?, None),
        };
        if pins.frequencies.len() != terms.len() {
            return Err(SearchError::BadCursor);
        }
        let limit = self.query.limit.clamp(1, PAGE_HITS);
        let collector = TopPage {
            filter: Filter::new(self.query, self.readable, pins.upto_id),
            sort: self.query.sort,
            // One more, to know whether there is another page.
            limit: limit + 1,
            after,
            as_of_ms: pins.as_of_ms,
        };
        let statistics = PinnedStatistics::new(&pins, &terms, &self.opened.fields);
        let scoring = match self.query.sort {
            Sort::Relevance => {
                EnableScoring::enabled_from_statistics_provider(&statistics, &self.searcher)
            }
            Sort::Newest => EnableScoring::disabled_from_searcher(&self.searcher),
        };
        let executor = self.opened.executor();
        let mut top = self
            .searcher
            .search_with_executor(&*query, &collector, executor, scoring)
            .map_err(unavailable)?;
        let more = top.keys.len() > limit;
        top.keys.truncate(limit);
        let last = top.keys.last().copied().filter(|_| more);
        Ok(Page {
            total: top.total,
            hits: top.keys.into_iter().map(|key| self.hit(key)).collect(),
            cursor: last.map(|key| Cursor::new(self.query, pins.clone(), key).encode()),
            partial: false,
            marker: plan.marker,
        })
    }

    fn hit(&self, key: Key) -> Hit {
        Hit {
            id: MessageId(key.1),
            score: match self.query.sort {
                Sort::Relevance => score_of(key),
                Sort::Newest => 0.0,
            },
        }
    }

    /// Without words, a filter is question enough.
    fn has_filter(&self) -> bool {
        let query = self.query;
        query.text.trim().is_empty()
            && (query.room.is_some()
                || query.author.is_some()
                || query.after_ms.is_some()
                || query.before_ms.is_some()
                || query.has.0 != 0)
    }

    fn pins(&self, terms: &[Term], relaxed: bool) -> tantivy::Result<Pins> {
        let statistics = PublicStatistics::of(self.opened, &self.searcher)?;
        let frequencies = terms.iter().map(|term| statistics.frequency(term));
        let columns = self.searcher.segment_readers().iter();
        let newest = columns.map(|segment| Ok(segment.fast_fields().u64(Fields::ID)?.max_value()));
        Ok(Pins {
            upto_id: newest
                .collect::<tantivy::Result<Vec<u64>>>()?
                .into_iter()
                .max()
                .unwrap_or(0),
            as_of_ms: self.now_ms,
            relaxed,
            docs: statistics.docs(),
            frequencies: frequencies.collect::<tantivy::Result<_>>()?,
        })
    }
}

fn unavailable(error: tantivy::TantivyError) -> SearchError {
    SearchError::Unavailable(IndexError::Tantivy(error))
}

/// The terms of a query, each once, in an order that is always the same.
fn terms(query: &dyn TantivyQuery) -> Vec<Term> {
    let mut terms = Vec::new();
    query.query_terms(&mut |term, _| {
        if !terms.contains(term) {
            terms.push(term.clone());
        }
    });
    terms
}

fn compile(node: &Node, fields: &Fields) -> Box<dyn TantivyQuery> {
    let compiled = |nodes: &[Node]| -> Vec<Box<dyn TantivyQuery>> {
        nodes.iter().map(|n| compile(n, fields)).collect()
    };
    match node {
        Node::Word(text) => term(fields.words, text, IndexRecordOption::WithFreqs),
        Node::Pair(text) => term(fields.pairs, text, IndexRecordOption::Basic),
        Node::Words(words) => {
            let terms = words.iter();
            let terms = terms.map(|(at, w)| (*at as usize, Term::from_field_text(fields.words, w)));
            Box::new(PhraseQuery::new_with_offset(terms.collect()))
        }
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
        Node::All(nodes) => Box::new(BooleanQuery::intersection(compiled(nodes))),
        Node::Any(nodes) => Box::new(DisjunctionMaxQuery::new(compiled(nodes))),
        Node::Better(node, others) => {
            let mut clauses = vec![(Occur::Must, compile(node, fields))];
            clauses.extend(compiled(others).into_iter().map(|q| (Occur::Should, q)));
            Box::new(BooleanQuery::new(clauses))
        }
        Node::Weighted(node, weight) => Box::new(BoostQuery::new(compile(node, fields), *weight)),
    }
}

fn term(field: Field, text: &str, record: IndexRecordOption) -> Box<dyn TantivyQuery> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), record))
}
