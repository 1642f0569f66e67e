//! The indexing thread.

use super::build::{Purpose, build};
use super::follow::follow;
use super::progress::Stage;
use super::system::{takes_writes, yield_to_chat};
use super::{RETRY_FIRST, RETRY_MAX, Shared};
use crate::index::{IndexError, Store, Verification};
use std::io;
use std::sync::Arc;
use std::thread;

/// Why the thread left what it was doing.
pub enum End {
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
                // What cannot be read now is read later; the index is none the worse for it.
                let is_sound = matches!(error, IndexError::DocumentSource(_));
                if !is_sound {
                    shared.set_stage(Stage::Building);
                }
                if shared.sleep(pause) {
                    return;
                }
                pause = (pause * 2).min(RETRY_MAX);
                // On a disk that takes nothing, what is there already is still good to read.
                wipe = !is_sound && takes_writes(&shared.dir);
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
    let wanted = {
        let mut progress = shared.progress.lock();
        progress.distrusted = false;
        progress.words_changed = false;
        progress.behind = false;
        progress.behind_is_done = false;
        progress.paused = false;
        drop(progress);
        shared.wanted()?
    };
    let (mut store, position) = if wipe {
        (Store::replace(&shared.dir, &wanted)?, None)
    } else {
        Store::open(&shared.dir, &wanted)?
    };
    let is_other = store.analyzer().hash() != wanted.hash();
    {
        let mut progress = shared.progress.lock();
        progress.generation = store.number();
        // Made with other words than those of now: it answers until the new one is there.
        progress.reindex = (is_other || progress.reindex) && position.is_some();
    }
    if position.is_none() {
        shared.set_stage(Stage::Building);
    }
    *shared.opened.write() = Some(store.opened());
    if let Some(check) = store.take_unverified() {
        verify_behind(shared, check)?;
    }
    let position = match position {
        Some(position) => position,
        None => match build(shared, &mut store, Purpose::First, &|| {
            shared.progress.lock().stop
        })? {
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
