//! Messages by their ids, looked up in the column of ids: as terms, each with a list of one
//! message, the ids would take more room than the column.

use super::Fields;
use super::by_segment::BySegment;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use tantivy::columnar::ColumnValues;
use tantivy::index::SegmentId;
use tantivy::query::{ConstScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED, TantivyError};

/// Documents of which the least and the greatest id are kept together.
const BLOCK_DOCS: usize = 1_024;

/// The least and the greatest id of each block, by segment. Ids mostly grow from one document to
/// the next, so few blocks can have one.
#[derive(Clone, Default)]
pub struct IdBlocks(BySegment<[Block]>);

#[derive(Clone, Copy)]
struct Block {
    least: u64,
    greatest: u64,
}

impl IdBlocks {
    /// A query for these messages.
    pub fn query(&self, ids: impl IntoIterator<Item = u64>) -> ByIds {
        let mut ids: Vec<u64> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        ByIds {
            ids: ids.into(),
            blocks: self.clone(),
        }
    }

    /// Forgets the segments that are gone.
    pub fn retain(&self, segments: &[SegmentReader]) {
        self.0.retain(segments);
    }

    /// The documents with these ids, which are sorted.
    fn docs(&self, segment: &SegmentReader, wanted: &[u64]) -> tantivy::Result<Vec<DocId>> {
        let column = segment
            .fast_fields()
            .column_first_or_default::<u64>(Fields::ID)?;
        let count = segment.max_doc() as usize;
        let blocks = self.of(segment.segment_id(), &*column, count);
        let mut found = Vec::new();
        let mut ids = [0; BLOCK_DOCS];
        for (start, block) in (0..count).step_by(BLOCK_DOCS).zip(blocks.iter()) {
            let from = wanted.partition_point(|id| *id < block.least);
            let wanted = &wanted[from..];
            let wanted = &wanted[..wanted.partition_point(|id| *id <= block.greatest)];
            if wanted.is_empty() {
                continue;
            }
            let ids = &mut ids[..BLOCK_DOCS.min(count - start)];
            column.get_range(start as u64, ids);
            let there = ids.iter().zip(start as DocId..);
            let there = there.filter(|(id, _)| wanted.binary_search(id).is_ok());
            found.extend(there.map(|(_, doc)| doc));
        }
        Ok(found)
    }

    fn of(&self, segment: SegmentId, column: &dyn ColumnValues<u64>, count: usize) -> Arc<[Block]> {
        let read = || -> Result<Arc<[Block]>, Infallible> {
            let mut ids = [0; BLOCK_DOCS];
            let blocks = (0..count).step_by(BLOCK_DOCS).map(|start| {
                let ids = &mut ids[..BLOCK_DOCS.min(count - start)];
                column.get_range(start as u64, ids);
                let (least, greatest) = (ids.iter().min(), ids.iter().max());
                Block {
                    least: least.copied().unwrap_or(0),
                    greatest: greatest.copied().unwrap_or(0),
                }
            });
            Ok(blocks.collect())
        };
        let Ok(blocks) = self.0.of(segment, read);
        blocks
    }
}

/// Finds messages by their ids.
#[derive(Clone)]
pub struct ByIds {
    /// Sorted.
    ids: Arc<[u64]>,
    blocks: IdBlocks,
}

impl fmt::Debug for ByIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ByIds({:?})", self.ids)
    }
}

impl Query for ByIds {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for ByIds {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let docs = self.blocks.docs(segment, &self.ids)?;
        Ok(Box::new(ConstScorer::new(Docs { docs, at: 0 }, boost)))
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(segment, 1.0)?;
        if scorer.seek(doc) == doc {
            return Ok(Explanation::new("id", 1.0));
        }
        let text = format!("document {doc} is none of these");
        Err(TantivyError::InvalidArgument(text))
    }
}

/// Documents in their order.
struct Docs {
    docs: Vec<DocId>,
    at: usize,
}

impl DocSet for Docs {
    fn advance(&mut self) -> DocId {
        self.at += 1;
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.docs.get(self.at).copied().unwrap_or(TERMINATED)
    }

    fn size_hint(&self) -> u32 {
        (self.docs.len() - self.at.min(self.docs.len())) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::terms::{self, Terms};
    use tantivy::collector::DocSetCollector;
    use tantivy::tokenizer::TextAnalyzer;
    use tantivy::{Index, IndexWriter, TantivyDocument};

    /// An index of these ids in their order, in one segment for each list.
    fn index(lists: &[Vec<u64>]) -> (Index, IndexWriter) {
        let fields = Fields::new();
        let index = Index::create_in_ram(fields.schema.clone());
        let terms = TextAnalyzer::from(Terms::default());
        index.tokenizers().register(terms::NAME, terms);
        let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
        writer.set_merge_policy(Box::new(tantivy::merge_policy::NoMergePolicy));
        for list in lists {
            for id in list {
                let mut entry = TantivyDocument::default();
                entry.add_u64(fields.id, *id);
                writer.add_document(entry).unwrap();
            }
            writer.commit().unwrap();
        }
        (index, writer)
    }

    fn found(index: &Index, blocks: &IdBlocks, wanted: &[u64]) -> Vec<u64> {
        let searcher = index.reader().unwrap().searcher();
        let query = blocks.query(wanted.iter().copied());
        let docs = searcher.search(&query, &DocSetCollector).unwrap();
        let mut ids: Vec<u64> = docs
            .into_iter()
            .map(|at| {
                let segment = searcher.segment_reader(at.segment_ord);
                let ids = segment.fast_fields().u64(Fields::ID).unwrap();
                ids.first(at.doc_id).unwrap()
            })
            .collect();
        ids.sort_unstable();
        ids
    }

    #[test]
    fn messages_are_found_in_any_order_and_segment() {
        let grown: Vec<u64> = (0..5_000).map(|n| n * 3).collect();
        // As after edits: old ones at the end.
        let mixed: Vec<u64> = (20_000..22_000).chain([1, 19_999, 7]).collect();
        let (index, _writer) = index(&[grown, mixed, vec![50_000]]);
        let blocks = IdBlocks::default();
        for _ in 0..2 {
            assert_eq!(found(&index, &blocks, &[7, 1, 2, 3, 3]), [1, 3, 7]);
            let wanted = [3_069, 3_072, 14_997, 15_000, 21_999, 50_000, u64::MAX];
            let there = [3_069, 3_072, 14_997, 21_999, 50_000];
            assert_eq!(found(&index, &blocks, &wanted), there);
        }
        assert_eq!(found(&index, &blocks, &[]), [0; 0]);
    }

    #[test]
    fn messages_are_deleted_also_before_they_are_committed() {
        let (index, mut writer) = index(&[(0..3_000).collect()]);
        let fields = Fields::new();
        let blocks = IdBlocks::default();
        let put = |writer: &IndexWriter, id| {
            let mut entry = TantivyDocument::default();
            entry.add_u64(fields.id, id);
            writer.add_document(entry).unwrap();
        };
        put(&writer, 3_000);
        for id in [5, 2_999, 3_000] {
            writer.delete_query(Box::new(blocks.query([id]))).unwrap();
        }
        put(&writer, 5);
        writer.commit().unwrap();
        assert_eq!(found(&index, &blocks, &[4, 5, 2_999, 3_000]), [4, 5]);
        let searcher = index.reader().unwrap().searcher();
        assert_eq!(searcher.num_docs(), 2_999);
        blocks.retain(&[]);
        assert!(blocks.0.is_empty());
    }
}
