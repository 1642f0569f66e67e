//! Which sessions are alive, as this process has been told by state.

use super::sessions::Live;
use crate::cache::Clock;
use crate::domain::{SessionId, UserId};
use parking_lot::RwLock;
use std::collections::HashMap;

/// Every living session of the state, and those that live only here while nothing can be written.
/// What others do to the keys of the cache does not reach it.
pub struct Roster {
    clock: Clock,
    /// By `jti`.
    living: RwLock<HashMap<String, Entry, ahash::RandomState>>,
}

struct Entry {
    session: Live,
    /// On the clock that never jumps, fixed when the session became known.
    ends_monotonic_ms: u64,
}

impl Roster {
    pub fn new(clock: Clock) -> Roster {
        Roster {
            clock,
            living: RwLock::default(),
        }
    }

    pub fn add(&self, session: &Live) {
        let entry = self.entry(session.clone());
        self.living.write().insert(session.jti.clone(), entry);
    }

    pub fn remove(&self, jti: &str) {
        self.living.write().remove(jti);
    }

    /// Exactly these are alive.
    pub fn replace<'a>(&self, living: impl Iterator<Item = &'a Live>) {
        let living = living.map(|session| (session.jti.clone(), self.entry(session.clone())));
        let living = living.collect();
        *self.living.write() = living;
    }

    /// Who and which a living session is.
    pub fn find(&self, jti: &str) -> Option<(UserId, SessionId)> {
        self.look(jti, |session, _| (session.user_id, session.session_id))
    }

    /// A living session, and when it ends by the wall clock as it stands now.
    pub fn whole(&self, jti: &str) -> Option<(Live, u64)> {
        self.look(jti, |session, left_ms| {
            let until_ms = self.clock.unix_ms().saturating_add(left_ms);
            (session.clone(), session.expires_at_ms.min(until_ms))
        })
    }

    fn look<T>(&self, jti: &str, look: impl FnOnce(&Live, u64) -> T) -> Option<T> {
        let living = self.living.read();
        let entry = living.get(jti)?;
        let left_ms = entry
            .ends_monotonic_ms
            .saturating_sub(self.clock.monotonic_ms());
        (left_ms > 0).then(|| look(&entry.session, left_ms))
    }

    fn entry(&self, session: Live) -> Entry {
        let left_ms = session.expires_at_ms.saturating_sub(self.clock.unix_ms());
        Entry {
            session,
            ends_monotonic_ms: self.clock.monotonic_ms().saturating_add(left_ms),
        }
    }
}
