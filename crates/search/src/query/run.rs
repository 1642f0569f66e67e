//! Asks the index.

use super::collect::{Columns, Filter, Key, TopPage, score_of};
use super::cursor::{Attempt, Cursor, Pins};
use super::initials::{initials_in, words_of_initials};
use super::plan::{Effort, Node, Plan, plan};
use super::statistics::{PinnedStatistics, PublicStatistics};
use super::{Hit, PAGE_HITS, Page, QUERY_CHARS, Query, Readable, SearchError, Sort};
use crate::hangul;
use crate::index::{Fields, IndexError, Opened};
use maru_domain::MessageId;
use std::ops::Bound;
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, EnableScoring, Occur,
    PhraseQuery, Query as TantivyQuery, RangeQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, Searcher, TERMINATED, Term};

/// Two nouns are a compound if they stand side by side in one of so many messages with both.
const COMPOUND_ONE_IN: u64 = 5;
/// A question of several words that finds fewer messages is asked again with less effort.
const FEW: u64 = 3;

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
        Some(cursor) => {
            let attempt = cursor.pins.attempt;
            ask.page(attempt, ask.plan(attempt), Some(cursor))
        }
        None => ask.best_page(),
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
    let Some(node) = plan(text, Effort::Strict).node else {
        return Ok(Vec::new());
    };
    let weight = compile(&node, &opened.fields, &|_| Vec::new())
        .weight(EnableScoring::disabled_from_searcher(searcher))?;
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
    /// What was typed is taken as it is; if that finds little, with less effort asked of the
    /// messages; and if that finds nothing, as typed on the other layout of the keyboard.
    fn best_page(&self) -> Result<Page, SearchError> {
        let plan = self.plan(Attempt::Strict);
        let least = if plan.strong > 2 { FEW } else { 1 };
        let asks_words = plan.node.is_some();
        let compound = plan.compound.is_some();
        let mut best = self.page(Attempt::Strict, plan, None)?;
        if compound && best.total > 0 {
            let page = self.page(Attempt::Compound, self.plan(Attempt::Compound), None)?;
            // Said together often enough, they are one notion.
            if page.total >= FEW && page.total * COMPOUND_ONE_IN >= best.total {
                return Ok(page);
            }
        }
        for attempt in [Attempt::Loose, Attempt::OtherLayout, Attempt::Fewer] {
            if best.total >= least || !asks_words {
                break;
            }
            if attempt == Attempt::OtherLayout
                && (best.total > 0 || hangul::swap_layout(&self.query.text).is_none())
            {
                continue;
            }
            let page = self.page(attempt, self.plan(attempt), None)?;
            if page.total > best.total {
                best = page;
            }
        }
        Ok(best)
    }

    fn plan(&self, attempt: Attempt) -> Plan {
        let text = &self.query.text;
        match attempt {
            Attempt::Strict => plan(text, Effort::Strict),
            Attempt::Compound => {
                let plan = plan(text, Effort::Strict);
                Plan {
                    node: plan.compound.clone(),
                    ..plan
                }
            }
            Attempt::Loose => plan(text, Effort::Loose),
            Attempt::Fewer => plan(text, Effort::Fewer),
            Attempt::OtherLayout => {
                let swapped = hangul::swap_layout(text).unwrap_or_default();
                plan(&swapped, Effort::Strict)
            }
        }
    }

    /// Words of public messages with these first consonants, the most frequent ones, and of the
    /// caller's rooms whatever the public has a word for.
    fn words_of_initials(&self, initials: &str) -> Vec<String> {
        let found = words_of_initials(self.opened, &self.searcher, initials);
        found.unwrap_or_default()
    }

    fn page(
        &self,
        attempt: Attempt,
        plan: Plan,
        cursor: Option<Cursor>,
    ) -> Result<Page, SearchError> {
        let interpreted_as = (attempt == Attempt::OtherLayout)
            .then(|| hangul::swap_layout(&self.query.text))
            .flatten();
        let empty = |plan: Plan| Page {
            total: 0,
            hits: Vec::new(),
            cursor: None,
            partial: false,
            interpreted_as: None,
            marker: plan.marker,
        };
        let query: Box<dyn TantivyQuery> = match &plan.node {
            Some(node) => compile(node, &self.opened.fields, &|i| self.words_of_initials(i)),
            None if self.has_filter() => Box::new(AllQuery),
            None => return Ok(empty(plan)),
        };
        if self.searcher.num_docs() == 0 {
            return Ok(empty(plan));
        }
        let mut marker = plan.marker.clone();
        if let Some(node) = &plan.node {
            initials_in(node, &mut |i| {
                marker.words.extend(self.words_of_initials(i))
            });
        }
        let terms = terms(&*query);
        let (pins, after) = match cursor {
            Some(Cursor { pins, after, .. }) => (pins, Some(after)),
            None => (self.pins(&terms, attempt).map_err(unavailable)?, None),
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
            interpreted_as,
            marker,
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

    fn pins(&self, terms: &[Term], attempt: Attempt) -> tantivy::Result<Pins> {
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
            attempt,
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

fn compile(
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
            // The more frequent word is the likelier one, not the rarer.
            let weights = std::iter::successors(Some(4.0), |weight| Some(weight * 0.9));
            let words = words_of(initials).into_iter().zip(weights);
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
