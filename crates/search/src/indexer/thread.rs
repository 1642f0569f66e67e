//! The indexing thread.

use super::progress::Stage;
use super::rate::IngestRate;
use super::system::{takes_writes, yield_to_chat};
use super::{Shared, progress::Progress};
use crate::document::{Position, Step};
use crate::index::{IndexError, Store, Verification};
use maru_dictionary as dictionary;
use parking_lot::MutexGuard;
use std::io;
use std::sync::Arc;
use std::thread;
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
/// Messages between two looks at the first build.
const SHOW_EVERY: usize = 20_000;
/// Entries that said nothing to search are noted on disk this seldom.
const NOTE_EVERY: u64 = 100_000;
/// The source told that there is more than it gives; it is asked again after this.
const STALL: Duration = Duration::from_millis(2);
const RETRY_FIRST: Duration = Duration::from_secs(1);
const RETRY_MAX: Duration = Duration::from_secs(30);

/// Why the thread left what it was doing.
enum End {
    Stopped,
    /// Somebody found the index damaged, asked for a new one, or the source forgot our place.
    Distrusted,
}

pub fn run(shared: &Arc<Shared>) {
    let mut wipe = false;
    let mut pause = RETRY_FIRST;
    loop {
        // Damaged files can make a reader panic.
        let lived = on_its_own(|| live(shared, wipe));
        match lived {
            Ok(End::Stopped) => return,
            Ok(End::Distrusted) => pause = RETRY_FIRST,
            Err(error) => {
                let seconds = pause.as_secs();
                tracing::error!(%error, "search starts over in {seconds} s; chat goes on without it");
                shared.set_stage(Stage::Building);
                if shared.sleep(pause) {
                    return;
                }
                pause = (pause * 2).min(RETRY_MAX);
                // On a disk that takes nothing, what is there already is still good to read.
                wipe = takes_writes(&shared.dir);
                continue;
            }
        }
        wipe = true;
    }
}

/// Runs on a thread of its own, which may lower its priority for good.
fn on_its_own(life: impl FnOnce() -> Result<End, IndexError> + Send) -> Result<End, IndexError> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("search-index".to_owned());
        let thread = thread.spawn_scoped(scope, life)?;
        let panicked = |_| Err(IndexError::Damaged("reading it panicked".to_owned()));
        thread.join().unwrap_or_else(panicked)
    })
}

fn live(shared: &Arc<Shared>, wipe: bool) -> Result<End, IndexError> {
    shared.progress.lock().distrusted = false;
    let (mut store, position) = if wipe {
        (Store::create(&shared.dir)?, None)
    } else {
        Store::open(&shared.dir)?
    };
    if position.is_none() {
        shared.set_stage(Stage::Building);
    }
    *shared.opened.write() = Some(store.opened());
    if let Some(check) = store.take_unverified() {
        verify_behind(shared, check)?;
    }
    let position = match position {
        Some(position) => position,
        None => match build(shared, &mut store)? {
            Some(position) => position,
            None => return Ok(End::Stopped),
        },
    };
    follow(shared, store, position)
}

/// Looks at every byte of the index while it answers already; has it built anew if one is wrong.
fn verify_behind(shared: &Arc<Shared>, check: Verification) -> io::Result<()> {
    let shared = shared.clone();
    let look = move || {
        yield_to_chat();
        if let Err(error) = check.run() {
            tracing::error!(%error, "the search index is built anew");
            shared.progress.lock().distrusted = true;
            shared.work.notify_one();
        }
    };
    thread::Builder::new()
        .name("search-verify".to_owned())
        .spawn(look)?;
    Ok(())
}

/// Reads everything. `None`: stopped.
fn build(shared: &Shared, store: &mut Store) -> Result<Option<Position>, IndexError> {
    let started = Instant::now();
    let (position, documents) = shared.source.everything()?;
    let mut count = 0;
    for doc in documents {
        store.add(&doc?)?;
        count += 1;
        if count % SHOW_EVERY == 0 {
            store.commit(None)?;
        }
        if count % PULL_ENTRIES == 0 && shared.progress.lock().stop {
            return Ok(None);
        }
    }
    store.commit(Some(position))?;
    if count > 0 {
        let took_ms = started.elapsed().as_millis() as u64;
        tracing::info!(messages = count, took_ms, "search index built");
    }
    Ok(Some(position))
}

/// Keeps up until the end.
fn follow(shared: &Shared, store: Store, position: Position) -> Result<End, IndexError> {
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
    };
    follower.show();
    shared.set_stage(Stage::Following);
    loop {
        match follower.next_task() {
            Task::Pull => {
                if let Some(end) = follower.pull()? {
                    return Ok(end);
                }
            }
            Task::Commit => follower.commit()?,
            Task::Rest => follower.rest()?,
            Task::Stop => {
                follower.note()?;
                follower.store.rest()?;
                return Ok(End::Stopped);
            }
            Task::StartOver => return Ok(End::Distrusted),
        }
    }
}

struct Follower<'a> {
    shared: &'a Shared,
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
}

enum Task {
    Pull,
    Commit,
    Rest,
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
        let step = self.shared.source.changes_since(self.applied, entries)?;
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

    fn set_rested(&mut self, rested: bool) {
        self.rested = rested;
        self.shared.progress.lock().resting = rested;
    }

    fn rest(&mut self) -> Result<(), IndexError> {
        self.store.rest()?;
        dictionary::rest();
        self.set_rested(true);
        Ok(())
    }
}

impl Shared {
    fn set_stage(&self, stage: Stage) {
        self.progress.lock().stage = stage;
        self.news.notify_all();
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
