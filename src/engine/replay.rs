//! The log's entries, made ready for the state.

use crate::domain::{Entry, Nonce, Seq};
use crate::log::codec::{self, CodecError};
use crate::log::{LogError, LogReader, ReadLimit};
use crate::state::{Applied, State, StateError};

const CHUNK: ReadLimit = ReadLimit {
    entries: 1_024,
    size_bytes: 1 << 20,
};

/// Entries that follow each other.
#[derive(Default)]
pub(super) struct Batch {
    pub entries: Vec<Entry>,
    /// Of payload, as a measure of the work that a restart would have.
    pub size_bytes: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    State(#[from] StateError),
    #[error("the log's entry {seq}: {error}")]
    Codec { seq: Seq, error: CodecError },
}

impl ReplayError {
    pub(super) fn is_storage_full(&self) -> bool {
        match self {
            ReplayError::Log(error) => error.is_storage_full(),
            ReplayError::State(error) => error.is_storage_full(),
            ReplayError::Codec { .. } => false,
        }
    }
}

/// The next few entries from `from` on; empty at the log's end.
pub(super) fn read(log: &LogReader, from: Seq) -> Result<Batch, ReplayError> {
    let raw = log.read(from, CHUNK)?;
    let mut batch = Batch::default();
    batch.entries.reserve(raw.len());
    for raw in raw {
        let entry = codec::entry(&raw).map_err(|error| ReplayError::Codec {
            seq: raw.seq,
            error,
        })?;
        batch.size_bytes += raw.payload.len() as u64;
        batch.entries.push(entry);
    }
    Ok(batch)
}

impl Batch {
    /// Of each entry, and which node took it.
    pub fn marks(&self) -> (Vec<Nonce>, Vec<u32>) {
        let stamps = self.entries.iter().map(|entry| entry.stamp);
        stamps.map(|stamp| (stamp.nonce, stamp.node)).unzip()
    }
}

/// Applies every entry from `from` on, a chunk at a time.
pub(super) fn replay(
    state: &mut State,
    log: &LogReader,
    mut from: Seq,
    mut told: impl FnMut(Vec<Applied>, Batch),
) -> Result<Seq, ReplayError> {
    loop {
        let batch = read(log, from)?;
        let Some(last) = batch.entries.last() else {
            return Ok(Seq(from.0.saturating_sub(1)));
        };
        from = last.seq.next();
        told(state.apply(&batch.entries)?, batch);
    }
}
