//! Many segments become one when nobody writes: each has its own list of terms, which is most of a
//! small one, and each costs every question something.

use super::{Store, WRITER_BYTES};
use crate::index::IndexError;
use std::thread;
use tantivy::index::SegmentId;

/// Segments are merged when those beside the largest have so many messages, and at least one in
/// so many of it: a large one is not written again for a few.
const BESIDE_MESSAGES: u32 = 5_000;
const BESIDE_ONE_IN: u32 = 4;

impl Store {
    /// Whether segments are being merged; begins with it where it is worth it. The index can be
    /// written and asked meanwhile.
    pub fn merges(&mut self) -> Result<bool, IndexError> {
        if let Some(merging) = self.merging.take_if(|merging| merging.is_finished()) {
            // What went wrong was told; the segments are as they were then.
            let _ = merging.join();
            return Ok(false);
        }
        if self.merging.is_some() {
            return Ok(true);
        }
        let segments = self.index.searchable_segment_metas()?;
        let sizes = segments.iter().map(|segment| segment.num_docs());
        let (all, largest) = (sizes.clone().sum::<u32>(), sizes.max().unwrap_or(0));
        if all - largest < BESIDE_MESSAGES.max(largest / BESIDE_ONE_IN) {
            return Ok(false);
        }
        let ids: Vec<SegmentId> = segments.iter().map(|segment| segment.id()).collect();
        let merge = self.open_writer(1, WRITER_BYTES)?.merge(&ids);
        let wait = move || {
            if let Err(error) = merge.wait() {
                tracing::warn!(%error, "segments of the search index cannot be merged yet");
            }
        };
        let thread = thread::Builder::new().name("search-merge".to_owned());
        self.merging = Some(thread.spawn(wait)?);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyzer::Analyzer;
    use crate::document::{Change, Doc, Has, Position};
    use maru_domain::{MessageId, RoomId, Seq, UserId};

    fn put(store: &mut Store, id: u64, text: &str) {
        let doc = Doc {
            id: MessageId(id),
            room: RoomId(1),
            author: UserId(1),
            public: true,
            sent_at_ms: id as i64,
            text: text.into(),
            has: Has::NOTHING,
            mentions: Vec::new(),
            files: Vec::new(),
        };
        store.apply(&Change::Put(doc), false).unwrap();
    }

    fn commit(store: &mut Store, id: u64) {
        let seq = Seq(id);
        store.commit(Some(Position { epoch: 1, seq })).unwrap();
    }

    #[test]
    fn many_segments_become_one_and_lose_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::replace(dir.path(), &Analyzer::plain()).unwrap();
        for part in 0..4 {
            for id in part * 2_000..(part + 1) * 2_000 {
                put(&mut store, 1 + id, "말");
            }
            commit(&mut store, (part + 1) * 2_000);
        }
        let count = |store: &Store| store.opened.searcher().num_docs();
        let segments = |store: &Store| store.opened.searcher().segment_readers().len();
        assert!(segments(&store) > 1);
        assert!(store.merges().unwrap());
        // Whatever comes meanwhile counts.
        put(&mut store, 7, "다른 말");
        commit(&mut store, 8_001);
        while store.merges().unwrap() {
            thread::yield_now();
        }
        store.rest().unwrap();
        assert_eq!((segments(&store), count(&store)), (2, 8_000));
        // The few beside it wait for more.
        assert!(!store.merges().unwrap());
    }
}
