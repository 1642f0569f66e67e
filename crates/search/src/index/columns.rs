//! The columns of each segment, opened once: opening reads the description of all their blocks.

use super::Fields;
use super::by_segment::BySegment;
use std::sync::Arc;
use tantivy::SegmentReader;
use tantivy::columnar::ColumnValues;

/// One value for each document. What they say stands at the [`Fields`].
pub struct SegmentColumns {
    pub id: Arc<dyn ColumnValues<u64>>,
    pub room: Arc<dyn ColumnValues<u64>>,
    pub author: Arc<dyn ColumnValues<u64>>,
    pub sent_at_ms: Arc<dyn ColumnValues<i64>>,
    pub has: Arc<dyn ColumnValues<u64>>,
}

/// By segment.
#[derive(Clone, Default)]
pub struct OpenColumns(BySegment<SegmentColumns>);

impl OpenColumns {
    pub fn of(&self, segment: &SegmentReader) -> tantivy::Result<Arc<SegmentColumns>> {
        self.0.of(segment.segment_id(), || {
            let columns = segment.fast_fields();
            Ok(Arc::new(SegmentColumns {
                id: columns.column_first_or_default(Fields::ID)?,
                room: columns.column_first_or_default(Fields::ROOM)?,
                author: columns.column_first_or_default(Fields::AUTHOR)?,
                sent_at_ms: columns.column_first_or_default(Fields::SENT_AT)?,
                has: columns.column_first_or_default(Fields::HAS)?,
            }))
        })
    }

    /// Forgets the segments that are gone.
    pub fn retain(&self, segments: &[SegmentReader]) {
        self.0.retain(segments);
    }
}
