//! The nouns of messages, of the column's numbers. Those that are asked for often are kept as text:
//! each costs the reading of a block of the column's dictionary.

use super::Fields;
use super::by_segment::BySegment;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::io;
use std::ops::{Bound, Range};
use std::sync::Arc;
use tantivy::columnar::StrColumn;
use tantivy::{DocId, SegmentReader};

/// Words of a segment that are kept, about 200 kB; beyond it all are forgotten.
const KEPT_WORDS: usize = 4_096;

#[derive(Clone, Default)]
pub struct NounNames(BySegment<Mutex<HashMap<u64, Arc<str>>>>);

/// Of one segment.
pub struct Nouns {
    column: StrColumn,
    known: Arc<Mutex<HashMap<u64, Arc<str>>>>,
}

impl NounNames {
    /// None: no message of the segment has one.
    pub fn of(&self, segment: &SegmentReader) -> tantivy::Result<Option<Nouns>> {
        let Some(column) = segment.fast_fields().str(Fields::NOUNS)? else {
            return Ok(None);
        };
        let empty = || Ok::<_, tantivy::TantivyError>(Arc::default());
        let known = self.0.of(segment.segment_id(), empty)?;
        Ok(Some(Nouns { column, known }))
    }

    /// Forgets the segments that are gone.
    pub fn retain(&self, segments: &[SegmentReader]) {
        self.0.retain(segments);
    }
}

impl Nouns {
    pub fn numbers(&self, doc: DocId) -> impl Iterator<Item = u64> {
        self.column.term_ords(doc)
    }

    /// The numbers of the words from `low` on and before `high`, by letters.
    pub fn between(&self, low: &str, high: &str) -> io::Result<Range<u64>> {
        let words = (Bound::Included(low), Bound::Excluded(high));
        let (start, end) = self
            .column
            .dictionary()
            .term_bounds_to_ord(words.0, words.1)?;
        let number = |bound| match bound {
            Bound::Included(number) | Bound::Excluded(number) => number,
            Bound::Unbounded => u64::MAX,
        };
        Ok(number(start)..number(end))
    }

    /// The words of these numbers, which are sorted, each once.
    pub fn words(&self, numbers: &[u64]) -> io::Result<Vec<Arc<str>>> {
        let mut known = self.known.lock();
        if known.len() + numbers.len() > KEPT_WORDS {
            known.clear();
        }
        let is_missing = |number: &&u64| !known.contains_key(number);
        let missing: Vec<u64> = numbers.iter().filter(is_missing).copied().collect();
        let dictionary = self.column.dictionary();
        let mut next = missing.iter();
        dictionary.sorted_ords_to_term_cb(&missing, |word| {
            if let Some(number) = next.next() {
                let word = String::from_utf8_lossy(word);
                known.insert(*number, word.into());
            }
        })?;
        let word = |number| known.get(number).cloned().unwrap_or_default();
        Ok(numbers.iter().map(word).collect())
    }
}
