//! Which sessions are alive, as this process has been told by state.

use crate::cache::Clock;
use crate::domain::{SessionId, UserId};
use parking_lot::RwLock;
use std::collections::{HashMap, HashSet, VecDeque};

/// A session as state has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// The token's name; only its bearer and state know it.
    pub jti: String,
    /// Whose.
    pub user_id: UserId,
    /// Which.
    pub session_id: SessionId,
    /// When it ends by itself, in unix milliseconds.
    pub expires_at_ms: u64,
}

/// Every living session of the state, and those that live only here while nothing can be written.
/// What others do to the keys of the cache does not reach it.
pub struct Roster {
    clock: Clock,
    living: RwLock<Living>,
    /// The last ones that ended.
    ended: RwLock<Ended>,
}

/// Sessions that ended are told apart from those that are not known yet, so many of them.
const ENDED: usize = 65_536;

#[derive(Default)]
struct Ended {
    known: HashSet<String, ahash::RandomState>,
    order: VecDeque<String>,
}

#[derive(Default)]
struct Living {
    by_jti: HashMap<String, Entry, ahash::RandomState>,
    /// The `jti`s of each user, so that ending one user's sessions looks at nobody else's.
    by_user: HashMap<UserId, Vec<String>, ahash::RandomState>,
}

impl Living {
    fn add(&mut self, entry: Entry) {
        let Live { jti, user_id, .. } = &entry.session;
        let jtis = self.by_user.entry(*user_id).or_default();
        if !jtis.contains(jti) {
            jtis.push(jti.clone());
        }
        self.by_jti.insert(jti.clone(), entry);
    }

    fn remove(&mut self, jti: &str) {
        let Some(entry) = self.by_jti.remove(jti) else {
            return;
        };
        let user = entry.session.user_id;
        if let Some(jtis) = self.by_user.get_mut(&user) {
            jtis.retain(|other| other != jti);
            if jtis.is_empty() {
                self.by_user.remove(&user);
            }
        }
    }
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
            ended: RwLock::default(),
        }
    }

    pub fn add(&self, session: &Live) {
        let entry = self.entry(session.clone());
        self.living.write().add(entry);
    }

    pub fn remove(&self, jti: &str) {
        self.living.write().remove(jti);
        let mut ended = self.ended.write();
        if ended.known.insert(jti.to_owned()) {
            ended.order.push_back(jti.to_owned());
            if ended.order.len() > ENDED
                && let Some(oldest) = ended.order.pop_front()
            {
                ended.known.remove(&oldest);
            }
        }
    }

    /// Whether a session is known to have ended, of late.
    pub fn has_ended(&self, jti: &str) -> bool {
        self.ended.read().known.contains(jti)
    }

    /// Exactly these are alive.
    pub fn replace<'a>(&self, living: impl Iterator<Item = &'a Live>) {
        let mut all = Living::default();
        for session in living {
            all.add(self.entry(session.clone()));
        }
        *self.living.write() = all;
    }

    /// The living sessions of a user, also those that the state does not know.
    pub fn of(&self, user: UserId) -> Vec<Live> {
        let living = self.living.read();
        let jtis = living.by_user.get(&user).into_iter().flatten();
        let entries = jtis.filter_map(|jti| living.by_jti.get(jti));
        entries.map(|entry| entry.session.clone()).collect()
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
        let entry = living.by_jti.get(jti)?;
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
