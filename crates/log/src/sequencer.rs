//! Who gives commands their places in the one order.
use super::{Log, LogError};
use bytes::Bytes;
use parking_lot::Mutex;
use std::sync::Arc;

/// Orders payloads. What was ordered, here or by another node, comes out of this node's own
/// [`LogReader`](super::LogReader): whoever applies reads there and nowhere else.
///
/// **Order.** The payloads of a batch come out in the order in which they were given, each once;
/// those of others may stand between them.
///
/// **Durability.** When `order` returns `Ok`, the batch is as durable as the implementation was
/// told to make it. It may be read before that returns.
///
/// **Failure.** After [`OrderError::Refused`] nothing of the batch is ever read. After
/// [`OrderError::Unknown`] any part of it may be, then or later: whoever waits finds it by the
/// nonce in it, or never. Until [`recover`](Sequencer::recover) has succeeded, everything is
/// refused.
///
/// **Retries.** It does not know repeats: a batch that is given twice is ordered twice.
pub trait Sequencer: Send {
    fn order(&mut self, batch: &[Bytes]) -> Result<(), OrderError>;

    /// Takes it back into service after a failure, or fails and leaves it out of service.
    fn recover(&mut self) -> Result<(), LogError>;

    /// Whether it is in service, asked every now and then while nothing is ordered.
    fn look(&mut self) -> Result<(), LogError> {
        Ok(())
    }
}

/// Why a batch was not ordered, as far as is known.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OrderError {
    #[error(transparent)]
    Refused(LogError),
    #[error(transparent)]
    Unknown(LogError),
}

impl OrderError {
    pub fn cause(&self) -> &LogError {
        match self {
            OrderError::Refused(cause) | OrderError::Unknown(cause) => cause,
        }
    }
}

/// One node alone: its log's order is the order.
pub struct LocalSequencer<L>(Arc<Mutex<L>>);

impl<L: Log> LocalSequencer<L> {
    pub fn new(log: Arc<Mutex<L>>) -> LocalSequencer<L> {
        LocalSequencer(log)
    }
}

impl<L: Log> Sequencer for LocalSequencer<L> {
    fn order(&mut self, batch: &[Bytes]) -> Result<(), OrderError> {
        // What a failed write or sync leaves is cut before anything else is written, and is not
        // read before a restart.
        match self.0.lock().append(batch) {
            Ok(_) => Ok(()),
            Err(LogError::Uncertain { cause }) => Err(OrderError::Unknown((*cause).clone())),
            Err(refused) => Err(OrderError::Refused(refused)),
        }
    }

    fn recover(&mut self) -> Result<(), LogError> {
        self.0.lock().recover()
    }
}
