//! Follows the log: one thread pulls changes from the source into the index.
//!
//! Nobody who posts ever waits for it. A query that needs what was said a moment ago asks for a
//! commit and waits a little.

mod behind;
mod build;
mod follow;
mod progress;
mod rate;
mod system;
mod thread;

pub use progress::{Progress, Stage};

use super::analyzer::Analyzer;
use super::document::DocumentSource;
use super::index::{IndexError, Opened};
use maru_domain::Seq;
use parking_lot::{Condvar, Mutex, RwLock};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Pauses before what failed is tried again.
const RETRY_FIRST: Duration = Duration::from_secs(1);
const RETRY_MAX: Duration = Duration::from_secs(30);

/// A new index of few messages is waited for; one of many answers with what it has so far.
const SMALL_BUILD: Duration = Duration::from_millis(500);

/// The handle of the indexing thread. Dropping it commits and ends the thread.
pub struct Indexer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    dir: PathBuf,
    source: Arc<dyn DocumentSource>,
    progress: Mutex<Progress>,
    /// There is something to do.
    work: Condvar,
    /// More is visible, or the stage changed.
    news: Condvar,
    /// What queries read. `None` only until the index was opened for the first time.
    opened: RwLock<Option<Opened>>,
    /// Messages that the build that goes on has read.
    built: AtomicU64,
}

impl Indexer {
    /// Starts the thread, which opens or builds the index in `dir`.
    pub fn start(dir: PathBuf, source: Arc<dyn DocumentSource>) -> io::Result<Indexer> {
        let shared = Arc::new(Shared {
            dir,
            source,
            progress: Mutex::new(Progress::default()),
            work: Condvar::new(),
            news: Condvar::new(),
            opened: RwLock::new(None),
            built: AtomicU64::new(0),
        });
        let its = shared.clone();
        let thread = std::thread::Builder::new()
            .name("search".to_owned())
            .spawn(move || thread::run(&its))?;
        Ok(Indexer {
            shared,
            thread: Some(thread),
        })
    }

    /// Says that the source has news. Cheap; may be called for every entry.
    pub fn notify(&self) {
        let mut progress = self.shared.progress.lock();
        if !progress.notified {
            progress.notified = true;
            self.shared.work.notify_one();
        }
    }

    /// Waits until queries see everything up to `seq`. False: they do not yet, because time is up
    /// or the index is being built.
    pub fn wait_visible(&self, seq: Seq, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        let mut progress = self.shared.progress.lock();
        progress.used = true;
        loop {
            if progress.stage == Stage::Following && progress.visible.seq >= seq {
                return true;
            }
            if progress.paused || progress.stop {
                return false;
            }
            let until = match progress.building_since {
                Some(since) => deadline.min(since + SMALL_BUILD),
                None => deadline,
            };
            progress.wanted = progress.wanted.max(seq);
            self.shared.work.notify_one();
            let news = &self.shared.news;
            if news.wait_until(&mut progress, until).timed_out() {
                return false;
            }
        }
    }

    /// The index as queries see it; `None` while it is opened for the first time.
    pub fn opened(&self) -> Option<Opened> {
        self.shared.opened.read().clone()
    }

    pub fn source(&self) -> &dyn DocumentSource {
        &*self.shared.source
    }

    pub fn progress(&self) -> Progress {
        self.shared.progress.lock().clone()
    }

    /// Messages that the last build has read so far.
    pub fn built(&self) -> u64 {
        self.shared.built.load(Ordering::Relaxed)
    }

    /// Says that the own words of the source changed.
    pub fn words_changed(&self) {
        let mut progress = self.shared.progress.lock();
        progress.words_changed = true;
        self.shared.work.notify_one();
    }

    /// Builds a new generation while the present one answers.
    pub fn reindex(&self) {
        let mut progress = self.shared.progress.lock();
        progress.reindex = true;
        self.shared.work.notify_one();
    }

    /// Waits until no generation is being built. False: time was up, or this is the end.
    pub fn wait_settled(&self, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        let mut progress = self.shared.progress.lock();
        loop {
            if progress.stop {
                return false;
            }
            if progress.stage == Stage::Following && !progress.is_renewing() {
                return true;
            }
            let news = &self.shared.news;
            if news.wait_until(&mut progress, deadline).timed_out() {
                return false;
            }
        }
    }

    /// Throws the index away and builds it anew, because it was found damaged or is asked for.
    pub fn rebuild(&self) {
        let mut progress = self.shared.progress.lock();
        progress.distrusted = true;
        self.shared.work.notify_one();
    }
}

impl Shared {
    fn set_stage(&self, stage: Stage) {
        let mut progress = self.progress.lock();
        progress.stage = stage;
        progress.building_since = (stage == Stage::Building).then(Instant::now);
        drop(progress);
        self.news.notify_all();
    }

    /// With the words of the source as they are now.
    fn wanted(&self) -> Result<Arc<Analyzer>, IndexError> {
        let words = self.source.words().map_err(IndexError::DocumentSource)?;
        Ok(if words.is_empty() {
            Analyzer::plain()
        } else {
            Arc::new(Analyzer::new(&words))
        })
    }

    /// True: stopped meanwhile.
    fn sleep(&self, pause: Duration) -> bool {
        let deadline = Instant::now() + pause;
        let mut progress = self.progress.lock();
        while !progress.stop {
            if self.work.wait_until(&mut progress, deadline).timed_out() {
                break;
            }
        }
        progress.stop
    }
}

impl Drop for Indexer {
    fn drop(&mut self) {
        self.shared.progress.lock().stop = true;
        self.shared.work.notify_one();
        self.shared.news.notify_all();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the indexing thread had panicked");
        }
    }
}
