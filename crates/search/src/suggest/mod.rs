//! Words to go on with: completions, related words, where it is talked about, popular searches.
//!
//! Every word that is suggested stands in a message that the caller may read, except searches,
//! which several people made and which find something for the caller.

mod talk;

use super::hangul;
use super::index::{Fields, IndexError, Opened, View};
use super::popular::Searched;
use super::query::{Columns, Filter, QUERY_CHARS, Readable, SearchError};
use maru_domain::{RoomId, fold::folded};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED};

/// Of each kind.
pub const SUGGESTIONS: usize = 8;
/// Rare terms of a segment that are looked at where the frequent ones complete little.
const SCAN_TERMS: usize = 1000;
/// Frequent words of a segment that are counted further.
const SEGMENT_WORDS: usize = 200;
/// Completions of which is checked whether the caller may know them.
const CHECK_TERMS: usize = 40;
/// Messages with a term that are looked at for one that the caller may read.
const CHECK_DOCS: usize = 2000;
/// The latest messages of a segment in the caller's private rooms whose words are completed.
const PRIVATE_DOCS: usize = 500;
/// Popular searches of which is checked whether they find something.
const CHECK_SEARCHES: usize = 24;
/// Nouns of a segment that are counted further, the most frequent ones.
const SEGMENT_NOUNS: usize = 100;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggestions {
    /// The question with its last word completed.
    pub completions: Vec<String>,
    /// Words that stand beside those of the question.
    pub related: Vec<String>,
    /// What the last public messages are about.
    pub popular: Vec<String>,
    /// What several people searched for lately.
    pub searches: Vec<String>,
    /// Where what was typed is talked about, most first.
    pub rooms: Vec<Talk>,
}

/// A room with how many of the messages that were looked at stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Talk {
    pub room: RoomId,
    pub messages: usize,
}

/// Suggests from what is said so far.
pub fn suggest(
    opened: &Opened,
    searched: &Searched,
    text: &str,
    readable: &Readable,
    now_ms: i64,
) -> Result<Suggestions, SearchError> {
    if text.chars().count() > QUERY_CHARS {
        return Err(SearchError::TooLong);
    }
    let normal = folded(text.trim_start());
    let found = || -> tantivy::Result<Suggestions> {
        let look = Look::new(opened, readable)?;
        let found = look.matching(&normal)?;
        Ok(Suggestions {
            completions: look.completions(&normal)?,
            related: look.related(&normal, &found)?,
            popular: look.popular()?,
            searches: look.searches(&normal, searched, now_ms)?,
            rooms: look.rooms(&found)?,
        })
    };
    found().map_err(|e| SearchError::Unavailable(IndexError::Tantivy(e)))
}

struct Look<'a> {
    opened: &'a Opened,
    view: View,
    readable: &'a Readable,
    /// The caller's, sorted.
    rooms: Arc<[u64]>,
    /// By segment: what everybody may read.
    public: Vec<Columns>,
}

impl<'a> Look<'a> {
    fn new(opened: &'a Opened, readable: &'a Readable) -> tantivy::Result<Look<'a>> {
        let view = opened.view();
        let filter = Filter::public().after(&view.recent);
        let segments = view.searcher.segment_readers().iter();
        let mut rooms: Vec<u64> = readable.rooms.iter().map(|room| room.0).collect();
        rooms.sort_unstable();
        let public = segments.map(|segment| Columns::of(opened, segment, filter.clone()));
        Ok(Look {
            public: public.collect::<tantivy::Result<_>>()?,
            opened,
            view,
            readable,
            rooms: rooms.into(),
        })
    }

    /// Popular searches that begin with what is typed, or hold it, and find something for the caller.
    fn searches(
        &self,
        text: &str,
        searched: &Searched,
        now_ms: i64,
    ) -> tantivy::Result<Vec<String>> {
        let typed = text.trim();
        let mut told = Vec::new();
        let popular = searched.popular(now_ms).into_iter();
        let meant = popular.filter(|search| {
            search != typed && (typed.is_empty() || hangul::find(search, typed).is_some())
        });
        for search in meant.take(CHECK_SEARCHES) {
            if told.len() == SUGGESTIONS {
                break;
            }
            if self.has_answer(&search)? {
                told.push(search);
            }
        }
        Ok(told)
    }

    fn completions(&self, text: &str) -> tantivy::Result<Vec<String>> {
        let mut spaces = text.char_indices().filter(|(_, c)| c.is_whitespace());
        let start = spaces
            .next_back()
            .map_or(0, |(at, space)| at + space.len_utf8());
        let (before, typed) = text.split_at(start);
        if typed.is_empty() {
            return Ok(Vec::new());
        }
        let mut words = self.words_from(typed)?;
        words.retain(|word| word != typed);
        if words.len() < SUGGESTIONS
            && let Some(swapped) = hangul::swap_layout(typed)
        {
            words.extend(self.words_from(&swapped)?);
        }
        words.truncate(SUGGESTIONS);
        Ok(words
            .into_iter()
            .map(|word| format!("{before}{word}"))
            .collect())
    }

    /// Words that the typed letters may be on their way to, those of most messages first: of all
    /// public messages, and of the latest in the caller's private rooms.
    fn words_from(&self, typed: &str) -> tantivy::Result<Vec<String>> {
        let (low, high) = hangul::bounds(typed);
        let is_meant = |word: &str| word.chars().nth(1).is_some() && hangul::begins(word, typed);
        let mut counts: HashMap<String, u64> = HashMap::new();
        if self.readable.public {
            self.count_public(&low, &high, is_meant, &mut counts)?;
        }
        let lies_between = |word: &str| word >= &low[..] && word < &high[..];
        // What is not committed yet is few, and known to be there.
        let mut recent: HashMap<String, u64> = HashMap::new();
        for doc in self.view.recent.latest() {
            if doc.public && self.readable.public {
                let words = doc.senses.iter();
                for word in words.filter(|word| lies_between(word) && is_meant(word)) {
                    *recent.entry(word.clone()).or_default() += 1;
                }
            } else if !doc.public && self.readable.rooms.iter().any(|room| room.0 == doc.room) {
                let words = doc.nouns.iter();
                for word in words.filter(|word| lies_between(word) && is_meant(word)) {
                    *recent.entry(word.clone()).or_default() += 1;
                }
            }
        }
        let mut words: Vec<(u64, String)> = counts.into_iter().map(|(w, n)| (n, w)).collect();
        sort_by_count(&mut words);
        words.truncate(CHECK_TERMS);
        // Words of deleted messages are counted until their segment is merged.
        let mut found: HashMap<String, u64> = HashMap::new();
        for (count, word) in words {
            if found.len() == SUGGESTIONS * 2 {
                break;
            }
            if self.is_public(&word)? {
                found.insert(word, count);
            }
        }
        let private = self.private_nouns(&low, &high)?.into_iter();
        for (word, count) in private.chain(recent) {
            if is_meant(&word) {
                *found.entry(word).or_default() += count;
            }
        }
        let mut words: Vec<(u64, String)> = found.into_iter().map(|(w, n)| (n, w)).collect();
        sort_by_count(&mut words);
        Ok(words.into_iter().map(|(_, word)| word).collect())
    }

    /// Of the frequent words; and where they are few, of those that begin the list of all.
    fn count_public(
        &self,
        low: &str,
        high: &str,
        is_meant: impl Fn(&str) -> bool,
        counts: &mut HashMap<String, u64>,
    ) -> tantivy::Result<()> {
        let Opened {
            frequent, fields, ..
        } = self.opened;
        let mut count = |word: &str, messages: u32| {
            *counts.entry(word.to_owned()).or_default() += u64::from(messages);
            counts.len()
        };
        let mut found = 0;
        let mut rest = Vec::new();
        for segment in self.view.searcher.segment_readers() {
            let frequent = frequent.of(segment, fields)?;
            let between = frequent.between(low, high);
            let mut words: Vec<(&str, u32)> = between.filter(|(word, _)| is_meant(word)).collect();
            if words.len() > SEGMENT_WORDS {
                words.select_nth_unstable_by_key(SEGMENT_WORDS, |(_, count)| Reverse(*count));
                words.truncate(SEGMENT_WORDS);
            }
            for (word, messages) in words {
                found = count(word, messages);
            }
            if !frequent.whole {
                rest.push((segment, frequent));
            }
        }
        for (segment, frequent) in rest {
            if found >= SUGGESTIONS {
                break;
            }
            let index = segment.inverted_index(fields.public_senses)?;
            let mut terms = index.terms().range().ge(low).lt(high).into_stream()?;
            for _ in 0..SCAN_TERMS {
                if !terms.advance() {
                    break;
                }
                if let Ok(word) = std::str::from_utf8(terms.key())
                    && is_meant(word)
                    && !frequent.has(word)
                {
                    found = count(word, terms.value().doc_freq);
                }
            }
        }
        Ok(())
    }

    /// Whether the word stands in a public message that is still there.
    fn is_public(&self, word: &str) -> tantivy::Result<bool> {
        let field = self.opened.fields.public_senses;
        let term = tantivy::Term::from_field_text(field, word);
        let segments = self.view.searcher.segment_readers().iter();
        for (segment, columns) in segments.zip(&self.public) {
            let index = segment.inverted_index(field)?;
            let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)? else {
                continue;
            };
            let mut seen = 0;
            while postings.doc() != TERMINATED && seen < CHECK_DOCS {
                if is_shown(segment, columns, postings.doc()) {
                    return Ok(true);
                }
                seen += 1;
                postings.advance();
            }
        }
        Ok(false)
    }

    /// Nouns between `low` and `high` of the latest messages in the caller's private rooms.
    fn private_nouns(&self, low: &str, high: &str) -> tantivy::Result<HashMap<String, u64>> {
        let mut counts = HashMap::new();
        for segment in self.view.searcher.segment_readers() {
            let Some(nouns) = self.opened.nouns.of(segment)? else {
                continue;
            };
            let between = nouns.between(low, high)?;
            if between.is_empty() {
                continue;
            }
            let mut numbers: Vec<u64> = self
                .private_docs(segment)?
                .into_iter()
                .flat_map(|doc| nouns.numbers(doc))
                .filter(|number| between.contains(number))
                .collect();
            numbers.sort_unstable();
            let times: Vec<&[u64]> = numbers.chunk_by(|a, b| a == b).collect();
            let each: Vec<u64> = times.iter().map(|same| same[0]).collect();
            for (word, same) in nouns.words(&each)?.iter().zip(times) {
                *counts.entry(word.to_string()).or_default() += same.len() as u64;
            }
        }
        Ok(counts)
    }

    /// The latest messages of a segment in the caller's private rooms, the last one first.
    fn private_docs(&self, segment: &SegmentReader) -> tantivy::Result<Vec<DocId>> {
        let Opened {
            members, fields, ..
        } = self.opened;
        let bits = members.of(segment, fields, false, &self.rooms)?;
        let columns = self.opened.columns.of(segment)?;
        let last_first = bits.iter().enumerate().rev().flat_map(|(at, word)| {
            let there = (0..u64::BITS).rev().filter(move |n| word >> n & 1 != 0);
            there.map(move |n| at as DocId * u64::BITS + n)
        });
        let is_private = |doc: &DocId| {
            !segment.is_deleted(*doc) && columns.has.get_val(*doc) & Fields::PUBLIC == 0
        };
        Ok(last_first.filter(is_private).take(PRIVATE_DOCS).collect())
    }
}

/// Words that were counted more than once, the most frequent first.
fn by_count(counts: HashMap<String, usize>) -> Vec<(usize, String)> {
    let mut words: Vec<(usize, String)> = counts.into_iter().map(|(w, n)| (n, w)).collect();
    words.retain(|(count, _)| *count > 1);
    sort_by_count(&mut words);
    words
}

fn sort_by_count<N: Ord>(words: &mut [(N, String)]) {
    words.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
}

fn is_shown(segment: &SegmentReader, columns: &Columns, doc: DocId) -> bool {
    !segment.is_deleted(doc) && columns.admit(doc)
}

/// Adds up what these messages are about. Numbers are about nothing.
fn count_nouns(
    opened: &Opened,
    segment: &SegmentReader,
    docs: impl Iterator<Item = DocId>,
    counts: &mut HashMap<String, usize>,
) -> tantivy::Result<()> {
    let Some(nouns) = opened.nouns.of(segment)? else {
        return Ok(());
    };
    let mut by_number: HashMap<u64, usize> = HashMap::new();
    for number in docs.flat_map(|doc| nouns.numbers(doc)) {
        *by_number.entry(number).or_default() += 1;
    }
    let mut by_number: Vec<(u64, usize)> = by_number.into_iter().collect();
    by_number.sort_unstable_by_key(|(number, count)| (Reverse(*count), *number));
    by_number.truncate(SEGMENT_NOUNS);
    by_number.sort_unstable();
    let numbers: Vec<u64> = by_number.iter().map(|(number, _)| *number).collect();
    for (word, (_, count)) in nouns.words(&numbers)?.iter().zip(by_number) {
        if !word.starts_with(char::is_numeric) {
            *counts.entry(word.to_string()).or_default() += count;
        }
    }
    Ok(())
}
