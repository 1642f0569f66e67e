//! When access tokens were last shown: about, and as long as it is remembered. It is no part of the log,
//! for then every request would be a write.

use crate::domain::{Timestamp, TokenId};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// Tokens that are remembered; nobody has more of them in use.
const MOST: usize = 100_000;

/// Clones are the same.
#[derive(Clone, Default)]
pub struct Used(Arc<Mutex<HashMap<TokenId, Timestamp>>>);

impl Used {
    pub fn note(&self, token: TokenId, now: Timestamp) {
        let mut used = self.0.lock();
        if used.len() < MOST || used.contains_key(&token) {
            used.insert(token, now);
        }
    }

    pub fn when(&self, token: TokenId) -> Option<Timestamp> {
        self.0.lock().get(&token).copied()
    }

    /// All of them, to be kept.
    pub fn all(&self) -> Vec<(TokenId, Timestamp)> {
        self.0.lock().iter().map(|(id, at)| (*id, *at)).collect()
    }

    /// As an earlier process knew them.
    pub fn restore(&self, all: Vec<(TokenId, Timestamp)>) {
        self.0.lock().extend(all);
    }
}
