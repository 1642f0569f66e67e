//! Keeps an index up with its source.

use super::behind::Behind;
use super::progress::{Progress, Stage};
use super::rate::IngestRate;
use super::system::yield_to_chat;
use super::thread::End;
use super::{RETRY_FIRST, RETRY_MAX, Shared};
use crate::document::{Position, Step};
use crate::index::{IndexError, Store};
use maru_dictionary as dictionary;
use parking_lot::MutexGuard;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Entries pulled at once.
const PULL_ENTRIES: usize = 1000;
/// News may wait this long while no query asks for them: indexing in batches costs less.
const GATHER: Duration = Duration::from_millis(100);
/// The same during bulk ingest, see [`IngestRate`].
const BULK_PULL_ENTRIES: usize = 250;
/// During bulk ingest the index never falls behind further than it can make good in seconds.
const BULK_LAG_ENTRIES: u64 = 100_000;
/// A commit is made this long after the last one...
const COMMIT_EVERY: Duration = Duration::from_secs(1);
/// ... or when so many changes are only in memory, where each query looks at all of them.
const UNCOMMITTED_MAX: usize = 2_000;
/// Changes of one pull that are searched in memory before they are committed.
const IN_MEMORY_MAX: usize = 500;
/// After so long without work, threads, memory and the dictionary's pages are given back.
const REST_AFTER: Duration = Duration::from_secs(5);
/// Entries that said nothing to search are noted on disk this seldom.
const NOTE_EVERY: u64 = 100_000;
/// The source told that there is more than it gives; it is asked again after this.
const STALL: Duration = Duration::from_millis(2);

/// Keeps up until the end.
pub fn follow(shared: &Arc<Shared>, store: Store, position: Position) -> Result<End, IndexError> {
    let now = Instant::now();
    let mut follower = Follower {
        shared,
        store,
        applied: position,
        noted: position,
        more: true,
        stalled: false,
        rate: IngestRate::from(position.seq),
        last_pull: now,
        last_commit: now,
        last_work: now,
        rested: false,
        unseen: false,
        yielded: false,
        behind: None,
        source_pause: RETRY_FIRST,
        source_again: None,
    };
    follower.show();
    shared.set_stage(Stage::Following);
    follower.store.prepare()?;
    // A build leaves many segments.
    follower.store.merges()?;
    loop {
        match follower.next_task() {
            Task::Pull => {
                if let Some(end) = follower.pull()? {
                    return Ok(end);
                }
            }
            Task::Commit => follower.commit()?,
            Task::Rest => follower.rest()?,
            Task::Renew => follower.renew()?,
            Task::TakeOver => {
                if let Some(end) = follower.take_over()? {
                    return Ok(end);
                }
            }
            Task::Stop => {
                follower.behind = None;
                follower.note()?;
                follower.store.close();
                return Ok(End::Stopped);
            }
            Task::StartOver => return Ok(End::Distrusted),
        }
    }
}

struct Follower<'a> {
    shared: &'a Arc<Shared>,
    store: Store,
    /// Everything up to here was given to the store.
    applied: Position,
    /// Everything up to here is on disk.
    noted: Position,
    /// The last pull was full.
    more: bool,
    /// The last pull gave nothing.
    stalled: bool,
    rate: IngestRate,
    last_pull: Instant,
    last_commit: Instant,
    last_work: Instant,
    rested: bool,
    /// Something was given to the store that only a commit will show.
    unseen: bool,
    /// The priority was lowered.
    yielded: bool,
    /// The next generation, while it is built.
    behind: Option<Behind>,
    /// The source could not be read; it is asked again then.
    source_again: Option<Instant>,
    source_pause: Duration,
}

enum Task {
    Pull,
    Commit,
    Rest,
    /// The wanted index is another one.
    Renew,
    /// The next generation is built.
    TakeOver,
    Stop,
    StartOver,
}

impl Follower<'_> {
    /// Waits until there is something to do.
    fn next_task(&mut self) -> Task {
        let mut progress = self.shared.progress.lock();
        loop {
            if progress.stop {
                return Task::Stop;
            }
            if progress.distrusted {
                return Task::StartOver;
            }
            if progress.words_changed || progress.reindex {
                return Task::Renew;
            }
            if progress.behind_is_done {
                progress.behind_is_done = false;
                return Task::TakeOver;
            }
            if progress.used {
                progress.used = false;
                progress.resting = false;
                self.last_work = Instant::now();
                self.rested = false;
            }
            let asked = progress.wanted > progress.visible.seq;
            if asked && self.applied.seq >= progress.wanted {
                return Task::Commit;
            }
            let due = self.due(&progress, asked);
            match due {
                Some((task, at)) if at <= Instant::now() => {
                    if matches!(task, Task::Pull) {
                        progress.notified = false;
                    }
                    return task;
                }
                Some((_, at)) => {
                    self.shared.work.wait_until(&mut progress, at);
                }
                None => self.shared.work.wait(&mut progress),
            }
        }
    }

    /// What comes next if nothing happens, and when.
    fn due(&self, progress: &MutexGuard<Progress>, asked: bool) -> Option<(Task, Instant)> {
        let pull = match () {
            () if self.source_again.is_some() => self.source_again,
            () if asked && self.stalled => Some(self.last_pull + STALL),
            () if asked || (self.more && !self.defers()) => Some(self.last_pull),
            () if progress.notified || self.more => Some(self.last_pull + GATHER),
            () => None,
        };
        let unnoted = self.applied.seq.0 - self.noted.seq.0;
        let hidden =
            self.applied != progress.visible || self.store.is_dirty() || unnoted >= NOTE_EVERY;
        let full = self.store.uncommitted() >= UNCOMMITTED_MAX;
        let commit = hidden.then(|| {
            if full {
                self.last_commit
            } else {
                self.last_commit + COMMIT_EVERY
            }
        });
        let rest = (!self.rested && !hidden).then_some(self.last_work + REST_AFTER);
        [
            pull.map(|at| (Task::Pull, at)),
            commit.map(|at| (Task::Commit, at)),
            rest.map(|at| (Task::Rest, at)),
        ]
        .into_iter()
        .flatten()
        .min_by_key(|(_, at)| *at)
    }

    fn defers(&self) -> bool {
        let lag = self.rate.head().0.saturating_sub(self.applied.seq.0);
        self.rate.is_bulk() && lag < BULK_LAG_ENTRIES
    }

    fn pull(&mut self) -> Result<Option<End>, IndexError> {
        self.rate.look(self.shared.source.head().seq);
        let asked = {
            let progress = self.shared.progress.lock();
            progress.wanted > progress.visible.seq
        };
        let entries = if self.defers() && !asked {
            BULK_PULL_ENTRIES
        } else {
            PULL_ENTRIES
        };
        let step = match self.shared.source.changes_since(self.applied, entries) {
            Ok(step) => step,
            Err(error) => {
                let seconds = self.source_pause.as_secs();
                tracing::warn!(%error, "what is new cannot be read; it is tried again in {seconds} s");
                self.source_again = Some(Instant::now() + self.source_pause);
                self.source_pause = (self.source_pause * 2).min(RETRY_MAX);
                self.set_paused(true);
                return Ok(None);
            }
        };
        if self.source_again.take().is_some() {
            self.source_pause = RETRY_FIRST;
            self.set_paused(false);
        }
        let Step::Changes { changes, upto } = step else {
            tracing::warn!("the changes since the index was written are gone; it is built anew");
            return Ok(Some(End::Distrusted));
        };
        // Few changes are searched in memory until the next commit; many wait for it.
        self.unseen |= changes.len() > IN_MEMORY_MAX;
        for change in &changes {
            self.store.apply(change, !self.unseen)?;
            // Even at a low priority a thread may run out its slice of milliseconds first.
            std::thread::yield_now();
        }
        self.last_pull = Instant::now();
        self.stalled = upto == self.applied;
        self.more = !self.stalled && upto.seq < self.shared.source.head().seq;
        self.applied = upto;
        if !self.unseen {
            self.show();
        }
        if !changes.is_empty() {
            self.last_work = self.last_pull;
            self.set_rested(false);
        }
        Ok(None)
    }

    fn commit(&mut self) -> Result<(), IndexError> {
        let unnoted = self.applied.seq.0 - self.noted.seq.0;
        if self.store.is_dirty() || unnoted >= NOTE_EVERY {
            self.note()?;
        }
        self.last_commit = Instant::now();
        self.unseen = false;
        self.show();
        Ok(())
    }

    /// Brings everything to disk.
    fn note(&mut self) -> Result<(), IndexError> {
        if self.store.is_dirty() || self.applied != self.noted {
            self.store.commit(Some(self.applied))?;
            self.noted = self.applied;
        }
        Ok(())
    }

    fn show(&mut self) {
        self.shared.progress.lock().visible = self.applied;
        self.shared.news.notify_all();
        // What was missed before the start is made good at the priority of everything else:
        // until then, answers are partial.
        if !self.yielded && self.applied.seq >= self.shared.source.head().seq {
            self.yielded = true;
            yield_to_chat();
        }
    }

    /// Other synonyms and stop words count at once; for other words of the dictionary, or because
    /// it is asked for, a new generation is built.
    fn renew(&mut self) -> Result<(), IndexError> {
        let reindex = {
            let mut progress = self.shared.progress.lock();
            progress.words_changed = false;
            // Until it is known whether there is anything to build, there is.
            progress.behind = true;
            std::mem::take(&mut progress.reindex)
        };
        let wanted = match self.shared.wanted() {
            Ok(wanted) => wanted,
            Err(error) => {
                tracing::warn!(%error, "the own words cannot be read; they are tried again");
                self.shared.sleep(RETRY_FIRST);
                let mut progress = self.shared.progress.lock();
                progress.words_changed = true;
                progress.reindex |= reindex;
                return Ok(());
            }
        };
        self.store.ask_as(&wanted);
        *self.shared.opened.write() = Some(self.store.opened());
        // Whatever was under way is not what is wanted now.
        self.behind = None;
        let is_other = self.store.analyzer().hash() != wanted.hash();
        if reindex || is_other {
            self.behind = Some(Behind::start(self.shared, wanted)?);
        }
        let mut progress = self.shared.progress.lock();
        progress.behind_is_done = false;
        progress.behind = self.behind.is_some();
        drop(progress);
        self.shared.news.notify_all();
        Ok(())
    }

    /// The new generation answers from here on, and the old one goes.
    fn take_over(&mut self) -> Result<Option<End>, IndexError> {
        let Some((mut store, mut position)) = self.behind.as_ref().and_then(Behind::take) else {
            return Ok(None);
        };
        // Queries were told that they see everything up to here.
        while position.seq < self.applied.seq {
            let step = self.shared.source.changes_since(position, PULL_ENTRIES);
            let Step::Changes { changes, upto } = step.map_err(IndexError::DocumentSource)? else {
                return Ok(Some(End::Distrusted));
            };
            for change in &changes {
                store.apply(change, false)?;
            }
            if upto == position {
                break;
            }
            position = upto;
        }
        store.commit(Some(position))?;
        store.ask_as(&*self.shared.wanted()?);
        *self.shared.opened.write() = Some(store.opened());
        let old = std::mem::replace(&mut self.store, store);
        drop(old);
        self.applied = position;
        self.noted = position;
        self.behind = None;
        self.unseen = false;
        self.store.take_over()?;
        self.store.merges()?;
        {
            let mut progress = self.shared.progress.lock();
            progress.behind = false;
            progress.generation = self.store.number();
        }
        self.show();
        Ok(None)
    }

    /// Nobody waits for what cannot be read.
    fn set_paused(&self, paused: bool) {
        self.shared.progress.lock().paused = paused;
        self.shared.news.notify_all();
    }

    fn set_rested(&mut self, rested: bool) {
        self.rested = rested;
        self.shared.progress.lock().resting = rested;
    }

    fn rest(&mut self) -> Result<(), IndexError> {
        if self.store.merges()? {
            // It is looked at again in a while.
            self.last_work = Instant::now();
            return Ok(());
        }
        self.store.rest()?;
        dictionary::rest();
        self.set_rested(true);
        Ok(())
    }
}
