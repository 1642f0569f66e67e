//! The index as queries see it.

use super::{Fields, FrequentWords, IdBlocks, MemberDocs, NounNames, OpenColumns, Recent};
use crate::analyzer::Analyzer;
use parking_lot::RwLock;
use std::sync::Arc;
use tantivy::{Executor, IndexReader, Searcher};

/// A reader that shows the last commit, and what came since.
#[derive(Clone)]
pub struct Opened {
    pub fields: Fields,
    /// Texts were cut with it, and so are questions.
    pub analyzer: Arc<Analyzer>,
    /// For queries by id.
    pub ids: IdBlocks,
    /// For what is asked of each match.
    pub columns: OpenColumns,
    /// For membership.
    pub members: MemberDocs,
    /// For completions.
    pub frequent: FrequentWords,
    /// For what messages are about.
    pub nouns: NounNames,
    pub(super) reader: IndexReader,
    pub(super) recent: Arc<RwLock<Arc<Recent>>>,
}

/// Both at one moment, unchanged while it is held.
pub struct View {
    pub searcher: Searcher,
    pub recent: Arc<Recent>,
}

impl Opened {
    pub fn view(&self) -> View {
        // A commit holds the lock while its messages go from one to the other.
        let recent = self.recent.read();
        View {
            searcher: self.reader.searcher(),
            recent: recent.clone(),
        }
    }

    /// The index as of the last commit, unchanged while it is held.
    pub fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    /// Queries run on the thread that asks.
    pub fn executor(&self) -> &Executor {
        &Executor::SingleThread
    }
}
