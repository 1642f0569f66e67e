//! Who waits for which entry's outcome.

use super::Answer;
use crate::domain::Nonce;
use parking_lot::Mutex;
use std::collections::HashMap;

/// Answers by nonce: whoever takes the outcome out of the log finds here who asked for it.
#[derive(Default)]
pub(super) struct Waiters(Mutex<HashMap<Nonce, Answer, ahash::RandomState>>);

impl Waiters {
    pub fn add(&self, waiting: impl Iterator<Item = (Nonce, Answer)>) {
        self.0.lock().extend(waiting);
    }

    /// One place for each nonce: those of other nodes and of older runs have nobody here.
    pub fn take(&self, nonces: &[Nonce]) -> Vec<Option<Answer>> {
        let mut waiting = self.0.lock();
        if waiting.is_empty() {
            return nonces.iter().map(|_| None).collect();
        }
        nonces.iter().map(|nonce| waiting.remove(nonce)).collect()
    }

    /// Everybody who waits.
    pub fn take_all(&self) -> Vec<Answer> {
        let waiting = std::mem::take(&mut *self.0.lock());
        waiting.into_values().collect()
    }
}
