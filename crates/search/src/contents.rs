//! What is in the index, read once over: for whoever verifies it.

use super::index::{Fields, IndexError, Opened};
use super::{Search, SearchError};
use maru_domain::{MessageId, RoomId};

/// A message that can be found, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Indexed {
    pub room: RoomId,
    pub message: MessageId,
}

impl Search {
    /// Every message that queries can find, sorted; one that is there twice comes twice. Nothing
    /// while the index is opened for the first time.
    pub fn contents(&self) -> Result<Vec<Indexed>, SearchError> {
        match self.indexer.opened() {
            Some(opened) => self.guarded(|| {
                let found = contents(&opened);
                found.map_err(|error| SearchError::Unavailable(IndexError::Tantivy(error)))
            }),
            None => Ok(Vec::new()),
        }
    }
}

fn contents(opened: &Opened) -> tantivy::Result<Vec<Indexed>> {
    let view = opened.view();
    let one = |message, room| Indexed {
        room: RoomId(room),
        message: MessageId(message),
    };
    let mut found: Vec<Indexed> = view
        .recent
        .docs()
        .map(|doc| one(doc.id, doc.room))
        .collect();
    for segment in view.searcher.segment_readers() {
        let columns = segment.fast_fields();
        let ids = columns.column_first_or_default::<u64>(Fields::ID)?;
        let rooms = columns.column_first_or_default::<u64>(Fields::ROOM)?;
        for doc in segment.doc_ids_alive() {
            let (id, room) = (ids.get_val(doc), rooms.get_val(doc));
            if view.recent.leaves(id, room) {
                found.push(one(id, room));
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}
