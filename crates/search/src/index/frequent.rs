//! The frequent public words of each segment, in their order: what a completion chooses from.
//!
//! The terms of a segment are ordered by their letters only, so the most frequent ones between two
//! prefixes are found by reading all between them. A segment never changes: that is done once.

use super::Fields;
use super::by_segment::BySegment;
use std::sync::Arc;
use tantivy::{Searcher, SegmentReader};

/// Words of a segment that are kept, the most frequent ones: about 400 kB of a large one.
const WORDS: usize = 20_000;

/// By segment.
#[derive(Clone, Default)]
pub struct FrequentWords(BySegment<Frequent>);

impl FrequentWords {
    pub fn of(&self, segment: &SegmentReader, fields: &Fields) -> tantivy::Result<Arc<Frequent>> {
        let read = || Frequent::read(segment, fields, WORDS).map(Arc::new);
        self.0.of(segment.segment_id(), read)
    }

    /// Reads what is new, so that nobody who types waits for it, and forgets what is gone.
    pub fn follow(&self, searcher: &Searcher, fields: &Fields) -> tantivy::Result<()> {
        for segment in searcher.segment_readers() {
            self.of(segment, fields)?;
        }
        self.0.retain(searcher.segment_readers());
        Ok(())
    }
}

/// Words with the number of messages that have them, by their letters.
#[derive(Default)]
pub struct Frequent {
    text: String,
    /// The end of each in `text`, and its messages.
    words: Vec<(u32, u32)>,
    /// No word was left out.
    pub whole: bool,
}

impl Frequent {
    /// At most so many words.
    fn read(segment: &SegmentReader, fields: &Fields, most: usize) -> tantivy::Result<Frequent> {
        let index = segment.inverted_index(fields.public_senses)?;
        let mut counts = Vec::new();
        let mut terms = index.terms().stream()?;
        while terms.advance() {
            if word(terms.key()).is_some() {
                counts.push(terms.value().doc_freq);
            }
        }
        let whole = counts.len() <= most;
        // More than the first that is left out: of equals none, for they would come by letters.
        let least = if whole {
            0
        } else {
            1 + *counts.select_nth_unstable_by(most, |a, b| b.cmp(a)).1
        };
        let mut frequent = Frequent {
            whole,
            ..Frequent::default()
        };
        let mut terms = index.terms().stream()?;
        while terms.advance() {
            let count = terms.value().doc_freq;
            if count >= least
                && let Some(word) = word(terms.key())
            {
                frequent.text.push_str(word);
                frequent.words.push((frequent.text.len() as u32, count));
            }
        }
        frequent.text.shrink_to_fit();
        frequent.words.shrink_to_fit();
        Ok(frequent)
    }

    fn word(&self, n: usize) -> &str {
        let start = n.checked_sub(1).map_or(0, |before| self.words[before].0);
        &self.text[start as usize..self.words[n].0 as usize]
    }

    /// The words from `low` on and before `high`, with their messages.
    pub fn between(&self, low: &str, high: &str) -> impl Iterator<Item = (&str, u32)> {
        let start = self.first_from(low);
        let end = self.first_from(high).max(start);
        (start..end).map(|n| (self.word(n), self.words[n].1))
    }

    pub fn has(&self, word: &str) -> bool {
        let at = self.first_from(word);
        at < self.words.len() && self.word(at) == word
    }

    fn first_from(&self, bound: &str) -> usize {
        let (mut low, mut high) = (0, self.words.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.word(middle) < bound {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// A term that is a word of two letters or more. Other senses begin with a sign.
fn word(term: &[u8]) -> Option<&str> {
    let word = std::str::from_utf8(term).ok()?;
    let mut letters = word.chars();
    let first = letters.next()?;
    (first.is_alphanumeric() && letters.next().is_some()).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::terms::{self, Terms, in_order};
    use tantivy::tokenizer::TextAnalyzer;
    use tantivy::{Index, TantivyDocument};

    fn frequent(texts: &[&[&str]], most: usize) -> Frequent {
        let fields = Fields::new();
        let index = Index::create_in_ram(fields.schema.clone());
        let analyzer = TextAnalyzer::from(Terms::default());
        index.tokenizers().register(terms::NAME, analyzer);
        let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
        for words in texts {
            let mut entry = TantivyDocument::default();
            entry.add_text(fields.public_senses, in_order(*words));
            writer.add_document(entry).unwrap();
        }
        writer.commit().unwrap();
        let searcher = index.reader().unwrap().searcher();
        Frequent::read(searcher.segment_reader(0), &fields, most).unwrap()
    }

    const TEXTS: &[&[&str]] = &[
        &["배포", "배우", "<배우", "밥"],
        &["배포", "배추", "회의"],
        &["배포", "배추", "나무"],
    ];

    #[test]
    fn words_come_by_their_letters_with_their_messages() {
        let all = frequent(TEXTS, 10);
        assert!(all.whole);
        let found: Vec<_> = all.between("배", "백").collect();
        assert_eq!(found, [("배우", 1), ("배추", 2), ("배포", 3)]);
        let found: Vec<_> = all
            .between("", "\u{10ffff}")
            .map(|(word, _)| word)
            .collect();
        // Neither what is one letter nor a sense that is no word.
        assert_eq!(found, ["나무", "배우", "배추", "배포", "회의"]);
        assert!(all.has("배추") && !all.has("배") && !all.has("흙투성이"));
        assert_eq!(all.between("백", "배").count(), 0);
    }

    #[test]
    fn the_most_frequent_are_kept_and_none_of_equals() {
        let some = frequent(TEXTS, 2);
        assert!(!some.whole);
        let found: Vec<_> = some.between("", "\u{10ffff}").collect();
        assert_eq!(found, [("배추", 2), ("배포", 3)]);
        // Three words are in one message each; there is room for one of them.
        let found = frequent(TEXTS, 3);
        assert_eq!(found.between("", "\u{10ffff}").count(), 2);
    }
}
