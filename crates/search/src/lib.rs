//! What people said, found: analyzer, index, query, suggestions.

pub mod analyzer;
mod contents;
pub use maru_dictionary as dictionary;
pub mod document;
pub mod explain;
pub mod hangul;
mod index;
mod indexer;
pub mod language;
pub mod normal;
mod popular;
pub mod query;
mod suggest;

pub use contents::Indexed;
pub use document::{Change, Doc, DocumentSource, Documents, Has, Position, Step};
pub use index::IndexError;
pub use indexer::{Progress, Stage};
pub use query::{Hit, Marker, Query, Readable, ResultPage, SearchError, Sort};
pub use suggest::{SUGGESTIONS, Suggestions, Talk};

use indexer::Indexer;
use maru_domain::{Seq, UserId};
use popular::Searched;
pub use popular::SearchedText;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A query waits so long for what was said just before it, then answers without. Only after a
/// flood of posts does it come near.
const WAIT: Duration = Duration::from_secs(5);

/// Suggestions wait so long: who types goes on anyway.
const WAIT_TYPING: Duration = Duration::from_millis(20);

/// Search as the rest of the house holds it.
pub struct Search {
    indexer: Indexer,
    searched: Searched,
}

impl Search {
    /// Opens the index in `dir`, or builds it from `source` behind everybody's back.
    /// Returns at once; until the index is there, pages are partial.
    pub fn start(dir: PathBuf, source: Arc<dyn DocumentSource>) -> io::Result<Search> {
        Ok(Search {
            indexer: Indexer::start(dir, source)?,
            searched: Searched::default(),
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

    /// Says that the own words of the source changed. Until the index is made with them, pages are
    /// partial.
    pub fn words_changed(&self) {
        self.indexer.words_changed();
    }

    /// Builds a new index behind the present one, which answers until the new one takes over.
    /// Returns at once.
    pub fn reindex(&self) {
        self.indexer.reindex();
    }

    /// Waits until the index is the one that is wanted; false when that did not come to pass.
    pub fn wait_settled(&self, timeout: Duration) -> bool {
        self.indexer.wait_settled(timeout)
    }

    /// Messages that the last build has read so far.
    pub fn built(&self) -> u64 {
        self.indexer.built()
    }

    /// How texts are cut at the moment; `None` until the index was opened.
    pub fn analyzer(&self) -> Option<Arc<analyzer::Analyzer>> {
        Some(self.indexer.opened()?.analyzer)
    }

    /// Throws the index away and builds it anew. Returns at once.
    pub fn rebuild(&self) {
        self.indexer.rebuild();
    }

    /// Answers a question with everything that was acknowledged before it. Blocks: for a thread
    /// that may.
    pub fn query(&self, query: &Query, readable: &Readable) -> Result<ResultPage, SearchError> {
        let head = self.indexer.source().head().seq;
        let current = self.indexer.wait_visible(head, WAIT);
        let Some(opened) = self.indexer.opened() else {
            return Ok(ResultPage {
                total: 0,
                hits: Vec::new(),
                cursor: None,
                partial: true,
                interpreted_as: None,
                did_you_mean: None,
                marker: Marker::default(),
            });
        };
        let answer = self.guarded(|| query::run(&opened, query, readable, now_ms()));
        answer.map(|page| ResultPage {
            partial: !current || self.indexer.progress().is_renewing(),
            ..page
        })
    }

    /// Who searched for what lately, to be kept.
    pub fn searches(&self) -> Vec<SearchedText> {
        self.searched.all()
    }

    /// Brings back what was kept.
    pub fn restore_searches(&self, searches: Vec<SearchedText>) {
        self.searched.restore(searches);
    }

    /// Notes that somebody searched for this and found something. It is told to others once several
    /// people did.
    pub fn note_search(&self, person: UserId, text: &str) {
        self.searched.note(person, text, now_ms());
    }

    /// Words to go on with, from messages that the caller may read. Blocks, but hardly for the
    /// indexing thread.
    pub fn suggest(&self, text: &str, readable: &Readable) -> Result<Suggestions, SearchError> {
        let head = self.indexer.source().head().seq;
        self.indexer.wait_visible(head, WAIT_TYPING);
        match self.indexer.opened() {
            Some(opened) => {
                self.guarded(|| suggest::suggest(&opened, &self.searched, text, readable, now_ms()))
            }
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
