//! The index as queries see it.

use super::Fields;
use tantivy::{Executor, IndexReader, Searcher};

/// A reader that shows the last commit.
#[derive(Clone)]
pub struct Opened {
    pub fields: Fields,
    pub(super) reader: IndexReader,
}

impl Opened {
    /// The index as of the last commit, unchanged while it is held.
    pub fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    /// Queries run on the thread that asks.
    pub fn executor(&self) -> &Executor {
        &Executor::SingleThread
    }
}
