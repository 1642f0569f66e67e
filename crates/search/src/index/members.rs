//! What the members of some rooms may read, as bits for each segment: whoever asks, asks several
//! times, and the lists of the rooms are read once for it.

use super::Fields;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use tantivy::index::SegmentId;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, SegmentReader, TERMINATED, Term};

/// 8 MiB; beyond it all are forgotten.
const KEPT_WORDS: usize = 1 << 20;

#[derive(Hash, PartialEq, Eq)]
struct Key {
    segment: SegmentId,
    public: bool,
    rooms: Arc<[u64]>,
}

#[derive(Default)]
struct Kept {
    bits: HashMap<Key, Arc<[u64]>>,
    words: usize,
}

/// The first document is the lowest bit of the first word. Deleted ones stay in it. Which room a
/// message stands in, and whether everybody may read it, never changes within a segment.
#[derive(Clone, Default)]
pub struct MemberDocs(Arc<Mutex<Kept>>);

impl MemberDocs {
    /// The messages of these rooms, which are sorted, and with `public` all that everybody may read.
    pub fn of(
        &self,
        segment: &SegmentReader,
        fields: &Fields,
        public: bool,
        rooms: &Arc<[u64]>,
    ) -> tantivy::Result<Arc<[u64]>> {
        let key = |rooms: Arc<[u64]>| Key {
            segment: segment.segment_id(),
            public,
            rooms,
        };
        let known = self.0.lock().bits.get(&key(rooms.clone())).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let mut bits = if public && !rooms.is_empty() {
            self.of(segment, fields, public, &Arc::default())?.to_vec()
        } else {
            vec![0; segment.max_doc().div_ceil(u64::BITS) as usize]
        };
        let everybodys =
            (public && rooms.is_empty()).then(|| Term::from_field_u64(fields.public, 1));
        let rooms_terms = rooms
            .iter()
            .map(|room| Term::from_field_u64(fields.room, *room));
        for term in everybodys.into_iter().chain(rooms_terms) {
            let index = segment.inverted_index(term.field())?;
            let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)? else {
                continue;
            };
            while postings.doc() != TERMINATED {
                let doc = postings.doc();
                bits[(doc / u64::BITS) as usize] |= 1 << (doc % u64::BITS);
                postings.advance();
            }
        }
        let bits: Arc<[u64]> = bits.into();
        let mut kept = self.0.lock();
        if kept.words + bits.len() > KEPT_WORDS {
            *kept = Kept::default();
        }
        kept.words += bits.len();
        kept.bits.insert(key(rooms.clone()), bits.clone());
        Ok(bits)
    }

    /// Forgets the segments that are gone.
    pub fn retain(&self, segments: &[SegmentReader]) {
        let mut kept = self.0.lock();
        let is_there = |key: &Key| segments.iter().any(|s| s.segment_id() == key.segment);
        kept.bits.retain(|key, _| is_there(key));
        kept.words = kept.bits.values().map(|bits| bits.len()).sum();
    }
}
