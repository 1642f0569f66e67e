//! What the writer, the readers and the syncing thread hold together.
use super::disk::Disk;
use super::recent::Recent;
use super::segment::Segment;
use crate::LogError;
use maru_domain::{LogHash, Seq};
use parking_lot::{Condvar, Mutex, MutexGuard};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) struct Shared {
    pub(super) dir: PathBuf,
    pub(super) disk: Arc<dyn Disk>,
    /// Held while syncing or dropping data, and taken before `state`: the kernel tells about a
    /// failed sync once, so whoever syncs next must already see the poison.
    pub(super) syncing: Mutex<()>,
    state: Mutex<State>,
    /// More is visible, or whoever waits is to look up.
    news: Condvar,
}

pub(super) struct State {
    /// Oldest first, never empty; the last one is written to.
    pub segments: Vec<Arc<Segment>>,
    /// The last entry that readers may see.
    pub visible: Seq,
    /// Of that entry.
    pub hash: LogHash,
    pub recent: Recent,
    /// How often whoever waits was told to look up.
    pub interrupts: u64,
    pub durable: Durable,
    /// Changes whenever entries that were visible go, or move.
    pub generation: u64,
    pub poison: Option<Arc<LogError>>,
}

/// How far the disk is known to have it.
#[derive(Clone, Copy)]
pub(super) struct Durable {
    pub seq: Seq,
    /// In the active segment.
    pub end: u64,
    /// Of the entry at `seq`.
    pub hash: LogHash,
}

impl Shared {
    pub(super) fn new(dir: PathBuf, disk: Arc<dyn Disk>, state: State) -> Shared {
        Shared {
            dir,
            disk,
            syncing: Mutex::new(()),
            state: Mutex::new(state),
            news: Condvar::new(),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    pub(crate) fn first_seq(&self) -> Seq {
        self.state().first()
    }

    pub(crate) fn last_seq(&self) -> Seq {
        self.state().visible
    }

    pub(crate) fn size_bytes(&self) -> u64 {
        self.state().segments.iter().map(|s| s.end()).sum()
    }

    /// Waits until there is something after `after`, for so long or until [`Shared::interrupt`];
    /// returns the last position.
    pub(crate) fn wait(&self, after: Seq, timeout: Duration) -> Seq {
        let mut state = self.state();
        let interrupts = state.interrupts;
        let deadline = Instant::now().checked_add(timeout);
        while state.visible <= after && state.interrupts == interrupts {
            let Some(deadline) = deadline else {
                self.news.wait(&mut state);
                continue;
            };
            if self.news.wait_until(&mut state, deadline).timed_out() {
                break;
            }
        }
        state.visible
    }

    pub(crate) fn interrupt(&self) {
        self.state().interrupts += 1;
        self.news.notify_all();
    }

    /// More is visible now.
    pub(super) fn tell(&self) {
        self.news.notify_all();
    }

    /// Whether the log may be changed.
    pub(super) fn check(&self) -> Result<(), LogError> {
        self.state().check()
    }

    /// Remembers the first failure, and hands it on.
    pub(super) fn poison(&self, error: LogError) -> LogError {
        let mut state = self.state();
        if state.poison.is_none() {
            state.poison = Some(Arc::new(error.clone()));
        }
        error
    }

    /// Makes durable what is visible.
    pub(super) fn sync(&self) -> Result<(), LogError> {
        let _one = self.syncing.lock();
        let (segment, reached) = {
            let state = self.state();
            state.check()?;
            if state.durable.seq == state.visible {
                return Ok(());
            }
            let segment = state.active();
            let reached = Durable {
                seq: state.visible,
                hash: state.hash,
                end: segment.end(),
            };
            (segment, reached)
        };
        match self.disk.sync(&segment.file) {
            Ok(()) => {
                self.state().durable = reached;
                Ok(())
            }
            Err(error) => Err(self.poison(segment.io(error))),
        }
    }
}

impl State {
    pub fn first(&self) -> Seq {
        self.segments[0].header.first
    }

    pub fn active(&self) -> Arc<Segment> {
        self.segments[self.segments.len() - 1].clone()
    }

    pub fn check(&self) -> Result<(), LogError> {
        match &self.poison {
            None => Ok(()),
            Some(cause) => Err(LogError::Poisoned {
                cause: cause.clone(),
            }),
        }
    }

    /// Which segment `seq` is in, or would be.
    pub fn position(&self, seq: Seq) -> usize {
        let after = self
            .segments
            .partition_point(|segment| segment.header.first <= seq);
        after.saturating_sub(1)
    }

    /// Goes on in a new segment; all that is visible is durable. One without entries is replaced.
    pub fn install(&mut self, fresh: Segment) {
        if self.active().is_empty() {
            self.segments.pop();
        }
        self.durable = Durable {
            seq: self.visible,
            hash: self.hash,
            end: fresh.end(),
        };
        self.segments.push(Arc::new(fresh));
    }
}
