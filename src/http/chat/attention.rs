//! Who sits before their screen: each socket says so itself, and one is enough.

use crate::domain::UserId;
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The sockets of everybody who has one, and whether somebody sits before it.
#[derive(Default)]
pub struct Attention(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    /// By user: open sockets, and how many of them are attended.
    users: HashMap<UserId, Sockets>,
    changed: BTreeSet<UserId>,
}

#[derive(Clone, Copy, Default)]
struct Sockets {
    open: usize,
    attended: usize,
}

impl Attention {
    /// A socket came; who opens one sits before it.
    pub fn came(&self, user: UserId) {
        let mut inner = self.0.lock();
        let sockets = inner.users.entry(user).or_default();
        sockets.open += 1;
        sockets.attended += 1;
        if sockets.attended == 1 && sockets.open > 1 {
            inner.changed.insert(user);
        }
    }

    pub fn went(&self, user: UserId, attended: bool) {
        let mut inner = self.0.lock();
        let Some(sockets) = inner.users.get_mut(&user) else {
            return;
        };
        sockets.open = sockets.open.saturating_sub(1);
        sockets.attended = sockets.attended.saturating_sub(usize::from(attended));
        if sockets.open == 0 {
            inner.users.remove(&user);
            inner.changed.remove(&user);
        } else if attended && sockets.attended == 0 {
            inner.changed.insert(user);
        }
    }

    /// One socket of the user is attended from now on, or not any more.
    pub fn turned(&self, user: UserId, attended: bool) {
        let mut inner = self.0.lock();
        let Some(sockets) = inner.users.get_mut(&user) else {
            return;
        };
        let before = sockets.attended > 0;
        sockets.attended = if attended {
            sockets.attended + 1
        } else {
            sockets.attended.saturating_sub(1)
        };
        if before != (sockets.attended > 0) {
            inner.changed.insert(user);
        }
    }

    /// Somebody sits before the app on one of their devices.
    pub fn is_here(&self, user: UserId) -> bool {
        let inner = self.0.lock();
        inner
            .users
            .get(&user)
            .is_some_and(|sockets| sockets.attended > 0)
    }

    /// Who went away or came back since the last call, with what they are now.
    pub fn take_changed(&self) -> BTreeMap<UserId, bool> {
        let mut inner = self.0.lock();
        let changed = std::mem::take(&mut inner.changed);
        let away = |user: UserId| inner.users.get(&user).map(|sockets| sockets.attended == 0);
        changed
            .into_iter()
            .filter_map(|user| Some((user, away(user)?)))
            .collect()
    }

    /// Those who are connected and away.
    pub fn away(&self, limit: usize) -> Vec<UserId> {
        let inner = self.0.lock();
        let away = inner
            .users
            .iter()
            .filter(|(_, sockets)| sockets.attended == 0);
        let mut users: Vec<UserId> = away.map(|(user, _)| *user).take(limit).collect();
        users.sort_unstable();
        users
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_attended_socket_is_enough() {
        let attention = Attention::default();
        let kim = UserId(1);
        attention.came(kim);
        attention.came(kim);
        assert!(
            attention.take_changed().is_empty(),
            "the hub tells who came"
        );
        attention.turned(kim, false);
        assert!(attention.take_changed().is_empty());
        attention.turned(kim, false);
        assert_eq!(attention.take_changed(), BTreeMap::from([(kim, true)]));
        assert_eq!(attention.away(10), [kim]);
        attention.turned(kim, true);
        assert_eq!(attention.take_changed(), BTreeMap::from([(kim, false)]));
        attention.went(kim, true);
        assert_eq!(attention.take_changed(), BTreeMap::from([(kim, true)]));
        attention.went(kim, false);
        assert!(attention.take_changed().is_empty() && attention.away(10).is_empty());
    }
}
