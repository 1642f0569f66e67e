//! A new generation, built while the one before answers.

use super::build::{Purpose, build};
use super::system::yield_to_chat;
use super::{RETRY_FIRST, RETRY_MAX, Shared};
use crate::analyzer::Analyzer;
use crate::document::{Position, Step};
use crate::index::{IndexError, Store};
use parking_lot::Mutex;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

/// Entries pulled at once while it catches up.
const PULL_ENTRIES: usize = 1_000;

/// The thread that builds. Dropping it gives the work up.
pub struct Behind {
    given_up: Arc<AtomicBool>,
    done: Arc<Mutex<Option<(Store, Position)>>>,
    thread: Option<JoinHandle<()>>,
}

impl Behind {
    pub fn start(shared: &Arc<Shared>, analyzer: Arc<Analyzer>) -> io::Result<Behind> {
        let given_up = Arc::new(AtomicBool::new(false));
        let done = Arc::default();
        let work = Work {
            shared: shared.clone(),
            analyzer,
            given_up: given_up.clone(),
            done: Arc::clone(&done),
        };
        let thread = thread::Builder::new()
            .name("search-behind".to_owned())
            .spawn(move || work.run())?;
        Ok(Behind {
            given_up,
            done,
            thread: Some(thread),
        })
    }

    /// The new generation and how far it is, once it is built.
    pub fn take(&self) -> Option<(Store, Position)> {
        self.done.lock().take()
    }
}

impl Drop for Behind {
    fn drop(&mut self) {
        self.given_up.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("building the new index panicked");
        }
    }
}

struct Work {
    shared: Arc<Shared>,
    analyzer: Arc<Analyzer>,
    given_up: Arc<AtomicBool>,
    done: Arc<Mutex<Option<(Store, Position)>>>,
}

impl Work {
    fn run(self) {
        yield_to_chat();
        let mut pause = RETRY_FIRST;
        while !self.is_over() {
            match self.try_once() {
                Ok(Some(built)) => {
                    *self.done.lock() = Some(built);
                    self.shared.progress.lock().behind_is_done = true;
                    self.shared.work.notify_one();
                    return;
                }
                Ok(None) => {}
                Err(error) => {
                    let seconds = pause.as_secs();
                    tracing::error!(%error, "the new index is tried again in {seconds} s; the old one answers");
                    self.shared.sleep(pause);
                    pause = (pause * 2).min(RETRY_MAX);
                }
            }
        }
    }

    fn is_over(&self) -> bool {
        self.given_up.load(Ordering::Acquire)
    }

    /// `None`: given up, or the source forgot where it was.
    fn try_once(&self) -> Result<Option<(Store, Position)>, IndexError> {
        let mut store = Store::beside(&self.shared.dir, &self.analyzer)?;
        let is_over = || self.is_over();
        let built = build(&self.shared, &mut store, Purpose::Behind, &is_over)?;
        let Some(mut position) = built else {
            return Ok(None);
        };
        while !self.is_over() {
            let source = &self.shared.source;
            let step = source.changes_since(position, PULL_ENTRIES);
            let Step::Changes { changes, upto } = step.map_err(IndexError::DocumentSource)? else {
                return Ok(None);
            };
            for change in &changes {
                store.apply(change, false)?;
            }
            let is_near = upto == position || upto.seq >= source.head().seq;
            position = upto;
            if is_near {
                store.commit(Some(position))?;
                store.rest()?;
                return Ok(Some((store, position)));
            }
        }
        Ok(None)
    }
}
