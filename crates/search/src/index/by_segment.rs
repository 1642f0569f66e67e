//! What was read of a segment once. A segment never changes, but for what is deleted in it.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use tantivy::SegmentReader;
use tantivy::index::SegmentId;

/// Shared by all who ask.
pub struct BySegment<T: ?Sized>(Arc<Mutex<HashMap<SegmentId, Arc<T>>>>);

impl<T: ?Sized> Clone for BySegment<T> {
    fn clone(&self) -> Self {
        BySegment(self.0.clone())
    }
}

impl<T: ?Sized> Default for BySegment<T> {
    fn default() -> Self {
        BySegment(Arc::default())
    }
}

impl<T: ?Sized> BySegment<T> {
    /// What is known of the segment, or what `read` finds. Two who ask at once may both read.
    pub fn of<E>(
        &self,
        segment: SegmentId,
        read: impl FnOnce() -> Result<Arc<T>, E>,
    ) -> Result<Arc<T>, E> {
        let known = self.0.lock().get(&segment).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let read = read()?;
        self.0.lock().insert(segment, read.clone());
        Ok(read)
    }

    /// Forgets the segments that are gone.
    pub fn retain(&self, segments: &[SegmentReader]) {
        let mut all = self.0.lock();
        all.retain(|id, _| segments.iter().any(|segment| segment.segment_id() == *id));
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.0.lock().is_empty()
    }
}
