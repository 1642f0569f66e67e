//! Reading while the log is written, cut and trimmed.
use super::cursor::{Cursor, Step};
use super::segment::Segment;
use super::shared::Shared;
use crate::{LogError, RawEntry, ReadLimit};
use maru_domain::Seq;
use std::sync::Arc;

/// Where a read goes on, as of one moment.
struct View {
    segment: Arc<Segment>,
    end: u64,
    generation: u64,
}

impl Shared {
    pub(crate) fn read(&self, from: Seq, limit: ReadLimit) -> Result<Vec<RawEntry>, LogError> {
        loop {
            let generation = {
                let state = self.state();
                if let Some(entries) = state.recent.read(from, limit) {
                    return Ok(entries);
                }
                state.generation
            };
            let outcome = self.read_once(from, limit, generation);
            if outcome.is_err() {
                // Perhaps entries are just being dropped or moved: let that end.
                drop(self.syncing.lock());
            }
            // What was read meanwhile may be of two times, or not be there.
            if self.state().generation == generation {
                return outcome;
            }
        }
    }

    /// Ends early if the generation is another one. Takes no lock for longer than a look.
    pub(super) fn read_once(
        &self,
        from: Seq,
        limit: ReadLimit,
        generation: u64,
    ) -> Result<Vec<RawEntry>, LogError> {
        let mut entries = Vec::new();
        let mut size_bytes = 0;
        let mut next = from;
        while let Some(view) = self.view(next)? {
            if view.generation != generation {
                break;
            }
            let segment = &view.segment;
            let mut cursor = Cursor::new(segment, segment.nearest(next), view.end);
            loop {
                let at = cursor.at;
                match cursor.step().map_err(|e| segment.io(e))? {
                    Step::Frame { .. } if at.seq < next => {}
                    Step::Frame { header, payload } => {
                        size_bytes += payload.len();
                        let full = entries.len() >= limit.entries || size_bytes > limit.size_bytes;
                        if full && !entries.is_empty() {
                            return Ok(entries);
                        }
                        entries.push(RawEntry {
                            seq: at.seq,
                            hash: header.hash,
                            payload,
                        });
                        next = at.seq.next();
                    }
                    Step::End => break,
                    Step::Bad | Step::Misplaced(_) => {
                        let what = format!("entry {} is not what was written", at.seq);
                        return Err(segment.damaged(at.offset, what));
                    }
                }
            }
        }
        Ok(entries)
    }

    /// The segment that has entry `next`; `None` if the entry is not there yet.
    fn view(&self, next: Seq) -> Result<Option<View>, LogError> {
        let state = self.state();
        let first = state.first();
        if next < first {
            return Err(LogError::Trimmed { asked: next, first });
        }
        if next > state.visible {
            return Ok(None);
        }
        let segment = state.segments[state.position(next)].clone();
        Ok(Some(View {
            end: segment.end(),
            segment,
            generation: state.generation,
        }))
    }
}
