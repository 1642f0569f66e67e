//! Reads everything that was ever said into an empty index, with both cores.

use super::Shared;
use crate::document::{Doc, Documents, Position};
use crate::index::{Filler, IndexError, Store};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

/// Threads that analyse. One more reads the source, and Tantivy's write.
const ANALYSTS: usize = 2;
/// Messages that are handed over at once.
const BATCH: usize = 256;
/// Batches on their way.
const BATCHES: usize = 8;
/// Messages before the first look at an unfinished build; each time twice as many before the next.
const SHOW_FIRST: usize = 20_000;

/// What a build is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// There is nothing else: queries see what is in already.
    First,
    /// Queries are answered by the generation before.
    Behind,
}

/// `None`: given up, because `is_over` said so.
pub fn build(
    shared: &Shared,
    store: &mut Store,
    purpose: Purpose,
    is_over: &(dyn Fn() -> bool + Sync),
) -> Result<Option<Position>, IndexError> {
    let started = Instant::now();
    let (position, mut documents) = shared
        .source
        .everything()
        .map_err(IndexError::DocumentSource)?;
    shared.built.store(0, Ordering::Relaxed);
    let mut count = 0;
    let mut round = match purpose {
        Purpose::First => SHOW_FIRST,
        Purpose::Behind => usize::MAX,
    };
    loop {
        let filled = fill(shared, store, &mut documents, round, is_over)?;
        let Some(Filled {
            messages,
            newest_id,
            more,
        }) = filled
        else {
            return Ok(None);
        };
        count += messages;
        store.filled_to(newest_id);
        if !more {
            break;
        }
        store.commit(None)?;
        round = round.saturating_mul(2);
    }
    store.commit(Some(position))?;
    if count > 0 {
        let took_ms = started.elapsed().as_millis() as u64;
        tracing::info!(messages = count, took_ms, "search index built");
    }
    Ok(Some(position))
}

struct Filled {
    messages: usize,
    newest_id: u64,
    more: bool,
}

/// At most `max` messages. `None`: given up.
fn fill(
    shared: &Shared,
    store: &mut Store,
    documents: &mut Documents,
    max: usize,
    is_over: &(dyn Fn() -> bool + Sync),
) -> Result<Option<Filled>, IndexError> {
    let filler = store.filler()?;
    let (sender, receiver) = sync_channel::<Vec<Doc>>(BATCHES);
    let receiver = Mutex::new(receiver);
    thread::scope(|scope| {
        let analysts: Vec<_> = (0..ANALYSTS)
            .map(|_| scope.spawn(|| analyse(&filler, &receiver)))
            .collect();
        let mut filled = Filled {
            messages: 0,
            newest_id: 0,
            more: false,
        };
        let read = loop {
            if is_over() {
                break Ok(None);
            }
            let wanted = BATCH.min(max - filled.messages);
            let batch: std::io::Result<Vec<Doc>> = documents.by_ref().take(wanted).collect();
            let batch = match batch {
                Ok(batch) => batch,
                Err(error) => break Err(IndexError::DocumentSource(error)),
            };
            if batch.is_empty() {
                filled.more = wanted == 0;
                break Ok(Some(filled));
            }
            filled.messages += batch.len();
            let newest = batch.iter().map(|doc| doc.id.0).max();
            filled.newest_id = filled.newest_id.max(newest.unwrap_or(0));
            shared
                .built
                .fetch_add(batch.len() as u64, Ordering::Relaxed);
            // Nobody takes it after an error, which is told below.
            if sender.send(batch).is_err() {
                break Ok(None);
            }
        };
        drop(sender);
        for analyst in analysts {
            let panicked = |_| Err(IndexError::Damaged("analysing panicked".to_owned()));
            analyst.join().unwrap_or_else(panicked)?;
        }
        read
    })
}

fn analyse(filler: &Filler<'_>, batches: &Mutex<Receiver<Vec<Doc>>>) -> Result<(), IndexError> {
    loop {
        let next = {
            let batches = batches.lock().unwrap_or_else(PoisonError::into_inner);
            batches.recv()
        };
        let Ok(batch) = next else { return Ok(()) };
        for doc in &batch {
            filler.add(doc)?;
        }
    }
}
