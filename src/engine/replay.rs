//! The log's tail, applied to the state.

use crate::domain::{Draft, Seq};
use crate::log::codec::{self, CodecError};
use crate::log::{LogError, LogReader, ReadLimit};
use crate::state::{Applied, StateError};

const CHUNK: ReadLimit = ReadLimit {
    entries: 1_024,
    size_bytes: 1 << 20,
};

/// What the log can be applied to.
pub(super) trait Replay {
    fn apply(&mut self, entries: &[(Seq, Draft)]) -> Result<Vec<Applied>, StateError>;
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

/// Applies every entry from `from` on, a chunk at a time.
pub(super) fn replay(
    state: &mut impl Replay,
    log: &LogReader,
    mut from: Seq,
    mut told: impl FnMut(Vec<Applied>),
) -> Result<Seq, ReplayError> {
    loop {
        let entries = log.read(from, CHUNK)?;
        let Some(last) = entries.last().map(|entry| entry.seq) else {
            return Ok(Seq(from.0.saturating_sub(1)));
        };
        let drafts = entries
            .iter()
            .map(|entry| match codec::decode(&entry.payload) {
                Ok(draft) => Ok((entry.seq, draft)),
                Err(error) => Err(ReplayError::Codec {
                    seq: entry.seq,
                    error,
                }),
            })
            .collect::<Result<Vec<_>, _>>()?;
        told(state.apply(&drafts)?);
        from = last.next();
    }
}
