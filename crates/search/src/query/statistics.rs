//! How often words are said, for scores: counted over what everybody may read, and nothing else.
//!
//! A score, an order, a cursor or a suggestion that depended on private rooms would tell how
//! often a word is said there.

use super::cursor::Pins;
use crate::analyzer::{COUNTED, JOINED, MODIFIER};
use crate::index::{Fields, Opened};
use std::collections::HashMap;
use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::Field;
use tantivy::{Searcher, Term};

/// Words of a message, for the scores. Fixed, because the true mean is one of private rooms too.
const MEAN_WORDS: u64 = 6;
/// Senses of a message.
const MEAN_SENSES: u64 = 24;

const MARKS: [char; 3] = [COUNTED, JOINED, MODIFIER];

/// Counts of the public messages of an index.
pub struct PublicStatistics<'a> {
    fields: &'a Fields,
    searcher: &'a Searcher,
    docs: u64,
}

impl<'a> PublicStatistics<'a> {
    pub fn of(opened: &'a Opened, searcher: &'a Searcher) -> tantivy::Result<Self> {
        let fields = &opened.fields;
        Ok(PublicStatistics {
            fields,
            searcher,
            docs: searcher
                .doc_freq(&Term::from_field_u64(fields.public, 1))?
                .max(1),
        })
    }

    pub fn docs(&self) -> u64 {
        self.docs
    }

    /// Public messages with this word.
    pub fn word_frequency(&self, word: &str) -> tantivy::Result<u64> {
        let term = Term::from_field_text(self.fields.public_senses, word);
        Ok(self.searcher.doc_freq(&term)?.min(self.docs))
    }

    /// Public messages with this word or sense. However it is marked, it is the same word.
    pub fn frequency(&self, term: &Term) -> tantivy::Result<u64> {
        match term.value().as_str() {
            Some(word) => self.word_frequency(word.trim_start_matches(MARKS)),
            None => Ok(0),
        }
    }
}

/// The counts of a search's first page, for all of its pages.
pub struct PinnedStatistics {
    docs: u64,
    words: Field,
    frequencies: HashMap<Term, u64>,
}

impl PinnedStatistics {
    pub fn new(pins: &Pins, terms: &[Term], fields: &Fields) -> PinnedStatistics {
        let counted = terms.iter().cloned().zip(pins.frequencies.iter().copied());
        PinnedStatistics {
            docs: pins.docs,
            words: fields.words,
            frequencies: counted.collect(),
        }
    }
}

impl Bm25StatisticsProvider for PinnedStatistics {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        let mean = if field == self.words {
            MEAN_WORDS
        } else {
            MEAN_SENSES
        };
        Ok(self.docs * mean)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.docs)
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        Ok(self.frequencies.get(term).copied().unwrap_or(0))
    }
}
