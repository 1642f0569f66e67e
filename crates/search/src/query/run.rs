//! Asks the index.

use super::collect::{Filter, Key, TopPage, score_of};
use super::compile::{Compiler, compile, letters_score};
use super::cursor::{Attempt, Cursor, Pins};
use super::initials::{has_initials, initials_in, words_of_initials};
use super::matching::Making;
use super::membership::Membership;
use super::memory::Memory;
use super::plan::{Effort, Plan, plan};
use super::spelling;
use super::statistics::{PinnedStatistics, PublicStatistics};
use super::{Hit, PAGE_HITS, QUERY_CHARS, Query, Readable, ResultPage, SearchError, Sort};
use crate::hangul;
use crate::index::{Fields, IndexError, Opened, Recent, View};
use maru_domain::MessageId;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use tantivy::query::{AllQuery, EnableScoring, Query as TantivyQuery};
use tantivy::{Searcher, Term};

/// First consonants in one question that are looked up as words.
const INITIALS_MAX: usize = 4;
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
) -> Result<ResultPage, SearchError> {
    if query.text.chars().count() > QUERY_CHARS {
        return Err(SearchError::TooLong);
    }
    let cursor = match &query.cursor {
        Some(text) => Some(Cursor::decode(text, query)?),
        None => None,
    };
    let View { searcher, recent } = opened.view();
    let ask = Ask {
        opened,
        searcher,
        recent,
        initials: RefCell::default(),
        query,
        readable,
        now_ms,
    };
    match cursor {
        Some(cursor) => {
            let (attempt, meant) = (cursor.pins.attempt, cursor.pins.interpreted_as.clone());
            let plan = ask.plan(attempt, meant.as_deref());
            ask.page(attempt, meant, plan, Some(cursor))
        }
        None => ask.best_page(),
    }
}

pub(super) struct Ask<'a> {
    pub(super) opened: &'a Opened,
    pub(super) searcher: Searcher,
    recent: Arc<Recent>,
    /// Words that first consonants stand for, as far as they were asked for.
    initials: RefCell<HashMap<String, Vec<String>>>,
    pub(super) query: &'a Query,
    pub(super) readable: &'a Readable,
    now_ms: i64,
}

impl Ask<'_> {
    /// What was typed is taken as it is; if that finds little, with less effort asked of the
    /// messages; and if that finds nothing, as typed on the other layout of the keyboard.
    fn best_page(&self) -> Result<ResultPage, SearchError> {
        let plan = self.plan(Attempt::Strict, None);
        let least = if plan.strong > 2 { FEW } else { 1 };
        let asks_words = plan.node.is_some();
        let compound = plan.compound.is_some();
        let mut best = self.page(Attempt::Strict, None, plan, None)?;
        if compound && best.total > 0 {
            let page = self.page(
                Attempt::Compound,
                None,
                self.plan(Attempt::Compound, None),
                None,
            )?;
            // Said together often enough, they are one notion.
            if page.total >= FEW && page.total * COMPOUND_ONE_IN >= best.total {
                return Ok(page);
            }
        }
        let is_one_word = self.query.text.split_whitespace().nth(1).is_none();
        // Pieces of a word that nobody knows are likelier in a wrong place than another spelling.
        let attempts = if is_one_word {
            [
                Attempt::OtherLayout,
                Attempt::Corrected,
                Attempt::Loose,
                Attempt::OtherLayoutFewer,
                Attempt::Fewer,
            ]
        } else {
            [
                Attempt::Loose,
                Attempt::OtherLayout,
                Attempt::Corrected,
                Attempt::OtherLayoutFewer,
                Attempt::Fewer,
            ]
        };
        for attempt in attempts {
            if best.total >= least || !asks_words {
                break;
            }
            let meant = match attempt {
                Attempt::OtherLayout | Attempt::OtherLayoutFewer => {
                    hangul::swap_layout(&self.query.text)
                }
                Attempt::Corrected => self.corrected().map_err(unavailable)?,
                _ => None,
            };
            let rereads = !matches!(attempt, Attempt::Loose | Attempt::Fewer);
            if rereads && (best.total > 0 || meant.is_none()) {
                continue;
            }
            let plan = self.plan(attempt, meant.as_deref());
            let page = self.page(attempt, meant, plan, None)?;
            if page.total > best.total {
                best = page;
            }
        }
        if (1..FEW).contains(&best.total) && best.interpreted_as.is_none() && asks_words {
            best.did_you_mean = self.did_you_mean(best.total)?;
        }
        Ok(best)
    }

    /// The nearest words, if they find more than that.
    fn did_you_mean(&self, total: u64) -> Result<Option<String>, SearchError> {
        let Some(meant) = self.corrected().map_err(unavailable)? else {
            return Ok(None);
        };
        let plan = self.plan(Attempt::Corrected, Some(&meant));
        let page = self.page(Attempt::Corrected, None, plan, None)?;
        Ok((page.total > total).then_some(meant))
    }

    /// `meant` stands for what was typed.
    fn plan(&self, attempt: Attempt, meant: Option<&str>) -> Plan {
        let text = meant.unwrap_or(&self.query.text);
        let plan = |effort| plan(&self.opened.analyzer, text, effort);
        match attempt {
            Attempt::Strict | Attempt::OtherLayout | Attempt::Corrected => plan(Effort::Strict),
            Attempt::Compound => {
                let plan = plan(Effort::Strict);
                Plan {
                    node: plan.compound.clone(),
                    ..plan
                }
            }
            Attempt::Loose => plan(Effort::Loose),
            Attempt::Fewer | Attempt::OtherLayoutFewer => plan(Effort::Fewer),
        }
    }

    fn corrected(&self) -> tantivy::Result<Option<String>> {
        spelling::corrected(self.opened, &self.searcher, &self.query.text)
    }

    /// Words of public messages with these first consonants, the most frequent ones, and of the
    /// caller's rooms whatever the public has a word for.
    fn words_of_initials(&self, initials: &str) -> Vec<String> {
        let mut known = self.initials.borrow_mut();
        if let Some(words) = known.get(initials) {
            return words.clone();
        }
        // Each costs a look at many terms.
        if known.len() >= INITIALS_MAX {
            return Vec::new();
        }
        let found = words_of_initials(self.opened, &self.searcher, initials);
        let mut words = found.unwrap_or_default();
        for doc in self.recent.docs().filter(|doc| doc.public) {
            for word in &doc.senses {
                if has_initials(word, initials) && !words.contains(word) {
                    words.push(word.clone());
                }
            }
        }
        known.insert(initials.to_owned(), words.clone());
        words
    }

    fn page(
        &self,
        attempt: Attempt,
        interpreted_as: Option<String>,
        plan: Plan,
        cursor: Option<Cursor>,
    ) -> Result<ResultPage, SearchError> {
        let empty = |plan: Plan| ResultPage {
            total: 0,
            hits: Vec::new(),
            cursor: None,
            partial: false,
            interpreted_as: None,
            did_you_mean: None,
            marker: plan.marker,
        };
        let docs = match &cursor {
            Some(cursor) => cursor.pins.docs,
            None => self.public_docs().map_err(unavailable)?,
        };
        let letters = letters_score(docs);
        let words_of = |initials: &str| self.words_of_initials(initials);
        let membership = Membership::of(self.opened, self.readable);
        let query: Box<dyn TantivyQuery> = match &plan.node {
            Some(node) => {
                let compiler = Compiler {
                    fields: &self.opened.fields,
                    letters,
                    words_of: &words_of,
                    within: membership.as_ref(),
                };
                compile(node, &compiler)
            }
            None if self.has_filter() => Box::new(AllQuery),
            None => return Ok(empty(plan)),
        };
        if self.searcher.num_docs() == 0 && self.recent.len() == 0 {
            return Ok(empty(plan));
        }
        let mut marker = plan.marker.clone();
        if let Some(node) = &plan.node {
            initials_in(node, &mut |i| {
                marker.words.extend(self.words_of_initials(i))
            });
        }
        let mut terms = terms(&*query);
        terms.retain(|term| self.opened.fields.is_counted(term.field()));
        let (pins, after) = match cursor {
            Some(Cursor { pins, after, .. }) => (pins, Some(after)),
            None => {
                let mut pins = self.pins(&terms, attempt).map_err(unavailable)?;
                pins.interpreted_as.clone_from(&interpreted_as);
                (pins, None)
            }
        };
        let mut pins = pins;
        if pins.frequencies.len() != terms.len() {
            // First consonants stand for more words now.
            let now = self.pins(&terms, attempt).map_err(unavailable)?;
            (pins.docs, pins.frequencies) = (now.docs, now.frequencies);
        }
        let query = self.narrowed(query, membership).map_err(unavailable)?;
        let limit = self.query.limit.clamp(1, PAGE_HITS);
        let collector = TopPage {
            opened: self.opened,
            filter: Filter::new(self.query, self.readable, pins.upto_id).after(&self.recent),
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
        let memory = Memory {
            analyzer: &self.opened.analyzer,
            recent: &self.recent,
            filter: &collector.filter,
            query: self.query,
            node: plan.node.as_ref(),
            as_of_ms: pins.as_of_ms,
            after,
        };
        let making = Making {
            fields: &self.opened.fields,
            statistics: &statistics,
            letters,
            words_of: &words_of,
        };
        let added = memory.add_to(&mut top, collector.limit, &making);
        added.map_err(unavailable)?;
        let more = top.keys.len() > limit;
        top.keys.truncate(limit);
        let last = top.keys.last().copied().filter(|_| more);
        Ok(ResultPage {
            total: top.total,
            hits: top.keys.into_iter().map(|key| self.hit(key)).collect(),
            cursor: last.map(|key| Cursor::new(self.query, pins.clone(), key).encode()),
            partial: false,
            interpreted_as,
            did_you_mean: None,
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
                || query.mentions.is_some()
                || query.among.is_some()
                || query.after_ms.is_some()
                || query.before_ms.is_some()
                || query.has.0 != 0)
    }

    fn public_docs(&self) -> tantivy::Result<u64> {
        Ok(PublicStatistics::of(self.opened, &self.searcher)?.docs())
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
                .unwrap_or(0)
                .max(self.recent.newest_id()),
            as_of_ms: self.now_ms,
            attempt,
            interpreted_as: None,
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
