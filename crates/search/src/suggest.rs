//! Words to go on with: completions, related words, what is talked about.
//!
//! Every word that is suggested stands in a message that the caller may read.

use super::hangul;
use super::index::{Fields, IndexError, Opened};
use super::query::{
    Columns, Filter, PublicStatistics, QUERY_CHARS, Readable, SearchError, documents,
};
use maru_domain::fold::folded;
use std::collections::HashMap;
use std::io;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Searcher, SegmentReader, TERMINATED};

/// Of each kind.
pub const SUGGESTIONS: usize = 8;
/// Terms of a segment that are looked at for a completion.
const SCAN_TERMS: usize = 5000;
/// Completions of which is checked whether the caller may know them.
const CHECK_TERMS: usize = 40;
/// Messages with a term that are looked at for one that the caller may read.
const CHECK_DOCS: usize = 2000;
/// The latest messages of a segment in the caller's private rooms whose words are completed.
const PRIVATE_DOCS: usize = 500;
/// The latest readable messages, for what is talked about.
const RECENT_DOCS: usize = 1000;
/// Messages of a segment that are looked at for those.
const RECENT_SCAN_DOCS: usize = 20_000;
/// Messages that match, for what is related.
const RELATED_DOCS: usize = 500;
/// The words that stand in most of them are compared.
const RELATED_WORDS: usize = 40;
/// Nouns of a segment that are counted further, the most frequent ones.
const SEGMENT_NOUNS: usize = 100;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggestions {
    /// The question with its last word completed.
    pub completions: Vec<String>,
    /// Words that stand beside those of the question.
    pub related: Vec<String>,
    /// What the last messages are about.
    pub popular: Vec<String>,
}

/// Suggests from what is committed.
pub fn suggest(
    opened: &Opened,
    text: &str,
    readable: &Readable,
) -> Result<Suggestions, SearchError> {
    if text.chars().count() > QUERY_CHARS {
        return Err(SearchError::TooLong);
    }
    let look = Look {
        opened,
        searcher: opened.searcher(),
        readable,
    };
    let normal = folded(text.trim_start());
    let found = || -> tantivy::Result<Suggestions> {
        Ok(Suggestions {
            completions: look.completions(&normal)?,
            related: look.related(&normal)?,
            popular: look.popular()?,
        })
    };
    found().map_err(|e| SearchError::Unavailable(IndexError::Tantivy(e)))
}

struct Look<'a> {
    opened: &'a Opened,
    searcher: Searcher,
    readable: &'a Readable,
}

impl Look<'_> {
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
        for (word, count) in self.private_nouns(&low, &high)? {
            if is_meant(&word) {
                *found.entry(word).or_default() += count;
            }
        }
        let mut words: Vec<(u64, String)> = found.into_iter().map(|(w, n)| (n, w)).collect();
        sort_by_count(&mut words);
        Ok(words.into_iter().map(|(_, word)| word).collect())
    }

    fn count_public(
        &self,
        low: &str,
        high: &str,
        is_meant: impl Fn(&str) -> bool,
        counts: &mut HashMap<String, u64>,
    ) -> tantivy::Result<()> {
        for segment in self.searcher.segment_readers() {
            let index = segment.inverted_index(self.opened.fields.public_senses)?;
            let mut terms = index.terms().range().ge(low).lt(high).into_stream()?;
            let mut seen = 0;
            while seen < SCAN_TERMS && terms.advance() {
                seen += 1;
                let Ok(word) = std::str::from_utf8(terms.key()) else {
                    continue;
                };
                if is_meant(word) {
                    let count = u64::from(terms.value().doc_freq);
                    *counts.entry(word.to_owned()).or_default() += count;
                }
            }
        }
        Ok(())
    }

    /// Whether the word stands in a public message that is still there.
    fn is_public(&self, word: &str) -> tantivy::Result<bool> {
        let field = self.opened.fields.public_senses;
        let term = tantivy::Term::from_field_text(field, word);
        for segment in self.searcher.segment_readers() {
            let index = segment.inverted_index(field)?;
            let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)? else {
                continue;
            };
            let mut seen = 0;
            while postings.doc() != TERMINATED && seen < CHECK_DOCS {
                if !segment.is_deleted(postings.doc()) {
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
        for segment in self.searcher.segment_readers() {
            let column = segment.fast_fields().str(Fields::NOUNS)?;
            let docs = self.private_docs(segment)?;
            let (Some(column), false) = (column, docs.is_empty()) else {
                continue;
            };
            let mut ords: Vec<u64> = docs.iter().flat_map(|doc| column.term_ords(*doc)).collect();
            ords.sort_unstable();
            for ord in ords.chunk_by(|a, b| a == b) {
                let mut word = String::new();
                if column.ord_to_str(ord[0], &mut word)? && &word[..] >= low && &word[..] < high {
                    *counts.entry(word).or_default() += ord.len() as u64;
                }
            }
        }
        Ok(counts)
    }

    /// The latest messages of a segment in the caller's private rooms.
    fn private_docs(&self, segment: &SegmentReader) -> tantivy::Result<Vec<DocId>> {
        let field = self.opened.fields.audience;
        let index = segment.inverted_index(field)?;
        let mut docs = Vec::new();
        for room in &self.readable.rooms {
            let term = tantivy::Term::from_field_u64(field, room.0);
            let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)? else {
                continue;
            };
            while postings.doc() != TERMINATED {
                if !segment.is_deleted(postings.doc()) {
                    docs.push(postings.doc());
                }
                postings.advance();
            }
        }
        docs.sort_unstable();
        Ok(docs.split_off(docs.len().saturating_sub(PRIVATE_DOCS)))
    }

    fn related(&self, text: &str) -> tantivy::Result<Vec<String>> {
        let found = documents(
            self.opened,
            &self.searcher,
            text,
            self.readable,
            RELATED_DOCS,
        )?;
        let mut counts = HashMap::new();
        for (segment, docs) in self.searcher.segment_readers().iter().zip(found) {
            count_nouns(segment, docs.into_iter(), &mut counts)?;
        }
        let statistics = PublicStatistics::of(self.opened, &self.searcher)?;
        let mut often = by_count(counts);
        often.retain(|(_, word)| !text.contains(&word[..]));
        often.truncate(RELATED_WORDS);
        // Words that stand everywhere say nothing about this one.
        let mut words = Vec::new();
        for (count, word) in often {
            let frequency = statistics.word_frequency(&word)?.max(1);
            words.push((count as f64 / (frequency as f64).sqrt(), word));
        }
        words.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        Ok(words
            .into_iter()
            .take(SUGGESTIONS)
            .map(|(_, word)| word)
            .collect())
    }

    fn popular(&self) -> tantivy::Result<Vec<String>> {
        let mut segments: Vec<(u64, &SegmentReader)> = Vec::new();
        for segment in self.searcher.segment_readers() {
            segments.push((segment.fast_fields().u64(Fields::ID)?.max_value(), segment));
        }
        segments.sort_unstable_by_key(|(newest, _)| std::cmp::Reverse(*newest));
        let mut counts = HashMap::new();
        let mut left = RECENT_DOCS;
        for (_, segment) in segments.into_iter() {
            let columns = Columns::of(segment, Filter::readable(self.readable))?;
            let latest = (0..segment.max_doc()).rev().take(RECENT_SCAN_DOCS);
            let shown: Vec<DocId> = latest
                .filter(|doc| is_shown(segment, &columns, *doc))
                .take(left)
                .collect();
            left -= shown.len();
            count_nouns(segment, shown.into_iter(), &mut counts)?;
            if left == 0 {
                break;
            }
        }
        let words = by_count(counts);
        Ok(words
            .into_iter()
            .take(SUGGESTIONS)
            .map(|(_, word)| word)
            .collect())
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
    segment: &SegmentReader,
    docs: impl Iterator<Item = DocId>,
    counts: &mut HashMap<String, usize>,
) -> io::Result<()> {
    let column = segment
        .fast_fields()
        .str(Fields::NOUNS)
        .map_err(io::Error::other)?;
    let Some(column) = column else {
        return Ok(());
    };
    let mut by_number: HashMap<u64, usize> = HashMap::new();
    for number in docs.flat_map(|doc| column.term_ords(doc)) {
        *by_number.entry(number).or_default() += 1;
    }
    let mut by_number: Vec<(u64, usize)> = by_number.into_iter().collect();
    by_number.sort_unstable_by_key(|(number, count)| (std::cmp::Reverse(*count), *number));
    by_number.truncate(SEGMENT_NOUNS);
    let mut word = String::new();
    for (number, count) in by_number {
        word.clear();
        if column.ord_to_str(number, &mut word)? && !word.starts_with(|c: char| c.is_numeric()) {
            *counts.entry(word.clone()).or_default() += count;
        }
    }
    Ok(())
}
