//! What people said, found: analyzer, index, query, suggestions.

pub mod analyzer;
mod contents;
pub use maru_dictionary as dictionary;
pub mod document;
pub mod hangul;
mod index;
mod indexer;
pub mod language;
pub mod normal;
pub mod query;
mod suggest;

pub use contents::Indexed;
pub use document::{Change, Doc, Documents, Has, Position, Source, Step};
pub use index::IndexError;
pub use indexer::{Progress, Stage};
pub use query::{Hit, Marker, Page, Query, Readable, SearchError, Sort};
pub use suggest::{SUGGESTIONS, Suggestions};

use indexer::Indexer;
use maru_domain::Seq;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A query waits so long for what was said just before it, then answers without. Only after a
/// flood of posts does it come near.
const WAIT: Duration = Duration::from_secs(5);

/// Search as the rest of the house holds it.
pub struct Search {
    indexer: Indexer,
}

impl Search {
    /// Opens the index in `dir`, or builds it from `source` behind everybody's back.
    /// Returns at once; until the index is there, pages are partial.
    pub fn start(dir: PathBuf, source: Arc<dyn Source>) -> io::Result<Search> {
        Ok(Search {
            indexer: Indexer::start(dir, source)?,
        })
    }

    /// Says that the source has news. Cheap; may be called for every entry.
    pub fn notify(&self) {
        self.indexer.notify();
    }

    /// Queries see everything up to here.
    pub fn visible_seq(&self) -> Seq {
        self.indexer.progress().visible.seq
    }

    /// Waits until queries see everything up to `seq`; false when that did not come to pass.
    pub fn wait_visible(&self, seq: Seq, timeout: Duration) -> bool {
        self.indexer.wait_visible(seq, timeout)
    }

    /// What the indexing thread does at the moment.
    pub fn progress(&self) -> Progress {
        self.indexer.progress()
    }

    /// Throws the index away and builds it anew. Returns at once.
    pub fn rebuild(&self) {
        self.indexer.rebuild();
    }

    /// Answers a question with everything that was acknowledged before it. Blocks: for a thread
    /// that may.
    pub fn query(&self, query: &Query, readable: &Readable) -> Result<Page, SearchError> {
        let head = self.indexer.source().head().seq;
        let current = self.indexer.wait_visible(head, WAIT);
        let Some(opened) = self.indexer.opened() else {
            return Ok(Page {
                total: 0,
                hits: Vec::new(),
                cursor: None,
                partial: true,
                interpreted_as: None,
                marker: Marker::default(),
            });
        };
        let answer = self.guarded(|| query::run(&opened, query, readable, now_ms()));
        answer.map(|page| Page {
            partial: !current,
            ..page
        })
    }

    /// Words to go on with, from messages that the caller may read. Blocks, but never for the
    /// indexing thread.
    pub fn suggest(&self, text: &str, readable: &Readable) -> Result<Suggestions, SearchError> {
        match self.indexer.opened() {
            Some(opened) => self.guarded(|| suggest::suggest(&opened, text, readable)),
            None => Ok(Suggestions::default()),
        }
    }

    /// Has a damaged index built anew.
    fn guarded<T>(&self, ask: impl FnOnce() -> Result<T, SearchError>) -> Result<T, SearchError> {
        // Tantivy may panic on bytes that it did not write.
        let answer = catch_unwind(AssertUnwindSafe(ask)).unwrap_or_else(|_| {
            let panicked = IndexError::Damaged("reading it panicked".to_owned());
            Err(SearchError::Unavailable(panicked))
        });
        if let Err(SearchError::Unavailable(error)) = &answer {
            tracing::error!(%error, "a search failed; the index is built anew");
            self.indexer.rebuild();
        }
        answer
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |d| d.as_millis() as i64)
}
