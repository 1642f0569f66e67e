//! Looks at a log that nobody has open, and changes nothing.
use super::last_run::{self, LastRun};
use super::load::{Known, load};
use super::open::list;
use super::shared::{Durable, Shared, State};
use super::{RealDisk, recent::Recent};
use crate::{LogError, LogReader, hash};
use maru_domain::{LogHash, Seq};
use std::path::Path;
use std::sync::Arc;

/// A log as it lies there.
pub struct Inspection {
    /// Reads what is whole of it.
    pub reader: LogReader,
    pub epoch: u64,
    /// Whether the last run ended well.
    pub stopped_well: bool,
}

/// `None` if there is no log. `safe` is the position that the state has.
///
/// # Errors
/// As [`FileLog::open`](super::FileLog::open).
pub fn inspect(dir: &Path, safe: Seq) -> Result<Option<Inspection>, LogError> {
    if !dir.is_dir() {
        return Ok(None);
    }
    let listed = list(dir)?;
    let past = LastRun::read(dir)?;
    let active_then = past.as_ref().and_then(|run| run.active);
    if let Some(missing) = active_then.filter(|then| listed.segments.last() < Some(then)) {
        return Err(last_run::missing(dir, missing));
    }
    let stopped_at = past.as_ref().and_then(|run| run.stopped_at);
    let loaded = load(dir, &listed.segments, Known::new(stopped_at, safe))?;
    let Some(last) = loaded.segments.last() else {
        return Ok(None);
    };
    let (epoch, end) = (last.header.epoch, last.end());
    let state = State {
        segments: loaded.segments,
        visible: loaded.last,
        hash: loaded.hash,
        recent: Recent::new(0),
        interrupts: 0,
        durable: Durable {
            seq: loaded.last,
            hash: loaded.hash,
            end,
        },
        generation: 0,
        poison: None,
    };
    let shared = Shared::new(dir.to_owned(), Arc::new(RealDisk), state);
    Ok(Some(Inspection {
        reader: LogReader::of_file(Arc::new(shared)),
        epoch,
        stopped_well: stopped_at.is_some(),
    }))
}

/// The first entry whose hash does not follow from the one before it.
pub fn first_unlike(reader: &LogReader, from: Seq) -> Result<Option<Seq>, LogError> {
    let mut before: Option<LogHash> = None;
    for entry in reader.entries(from) {
        let entry = entry?;
        let follows = |before| entry.hash == hash::next(before, &entry.payload);
        if entry.hash != LogHash::NONE && !before.is_none_or(follows) {
            return Ok(Some(entry.seq));
        }
        before = Some(entry.hash);
    }
    Ok(None)
}
