//! Who is online on other nodes, and the way to them for what passes without a log.

use super::hub::Hub;
use crate::domain::{RoomId, UserId};
use bytes::Bytes;
use parking_lot::Mutex;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::OnceLock;

/// What passes, on its way to the other nodes.
#[derive(Clone, Debug)]
pub enum Passing {
    /// To everybody of a room but one.
    Room {
        room: RoomId,
        name: &'static str,
        json: Bytes,
        except: UserId,
    },
    /// To one person.
    Personal {
        user: UserId,
        name: &'static str,
        json: Bytes,
    },
    /// A bot's answer to a command that was asked on another node.
    Answer { bot: UserId, json: Bytes },
    /// Who came and who went here.
    Presence {
        came: Vec<UserId>,
        went: Vec<UserId>,
    },
}

type Relay = Box<dyn Fn(Passing) + Send + Sync>;

#[derive(Default)]
pub struct Elsewhere {
    nodes: Mutex<HashMap<String, HashSet<UserId, ahash::RandomState>>>,
    changed: Mutex<BTreeSet<UserId>>,
    relay: OnceLock<Relay>,
}

impl Elsewhere {
    /// Who carries it to the other nodes; must be quick. Once.
    pub fn connect(&self, relay: impl Fn(Passing) + Send + Sync + 'static) {
        if self.relay.set(Box::new(relay)).is_err() {
            tracing::warn!("signals have a way to other nodes already");
        }
    }

    pub fn tell(&self, passing: impl FnOnce() -> Passing) {
        if let Some(relay) = self.relay.get() {
            relay(passing());
        }
    }

    pub fn has(&self, user: UserId) -> bool {
        self.nodes
            .lock()
            .values()
            .any(|users| users.contains(&user))
    }

    /// Exactly these are online on that node.
    pub fn set(&self, node: &str, users: impl IntoIterator<Item = UserId>) {
        let users: HashSet<UserId, ahash::RandomState> = users.into_iter().collect();
        let mut nodes = self.nodes.lock();
        let before = nodes.entry(node.to_owned()).or_default();
        let unlike = before.symmetric_difference(&users).copied();
        self.changed.lock().extend(unlike);
        *before = users;
    }

    pub fn change(&self, node: &str, came: &[UserId], went: &[UserId]) {
        let mut nodes = self.nodes.lock();
        let users = nodes.entry(node.to_owned()).or_default();
        users.extend(came);
        for user in went {
            users.remove(user);
        }
        self.changed.lock().extend(came.iter().chain(went));
    }

    /// That node is gone, and whoever was on it.
    pub fn forget(&self, node: &str) {
        if let Some(users) = self.nodes.lock().remove(node) {
            self.changed.lock().extend(users);
        }
    }

    pub fn nodes(&self) -> Vec<String> {
        self.nodes.lock().keys().cloned().collect()
    }

    /// Whose presence may have changed since the last call.
    pub fn take_changed(&self) -> BTreeSet<UserId> {
        std::mem::take(&mut *self.changed.lock())
    }

    pub fn users(&self) -> BTreeSet<UserId> {
        self.nodes.lock().values().flatten().copied().collect()
    }
}

impl Hub {
    /// As [`Hub::signal_room`], on all nodes.
    pub fn signal_room_everywhere(
        &self,
        room: RoomId,
        name: &'static str,
        json: Bytes,
        except: UserId,
    ) {
        self.elsewhere.tell(|| Passing::Room {
            room,
            name,
            json: json.clone(),
            except,
        });
        self.signal_room(room, name, json, except);
    }

    /// As [`Hub::signal_user`], on all nodes.
    pub fn signal_user_everywhere(&self, user: UserId, name: &'static str, json: Bytes) {
        self.elsewhere.tell(|| Passing::Personal {
            user,
            name,
            json: json.clone(),
        });
        self.signal_user(user, name, json);
    }

    /// Who is online right now, here or on another node, at most `limit` of them.
    pub fn online(&self, limit: usize) -> Vec<UserId> {
        let mut users = self.elsewhere.users();
        users.extend(self.online_here(limit));
        users.into_iter().take(limit).collect()
    }

    /// Who listens here right now, at most `limit` of them.
    pub fn online_here(&self, limit: usize) -> Vec<UserId> {
        let mut users = Vec::new();
        for shard in &self.shards {
            let inner = shard.lock();
            let left = limit - users.len();
            users.extend(inner.online.iter().map(|(_, user)| user.user).take(left));
        }
        users.sort_unstable();
        users
    }

    fn is_here(&self, user: UserId) -> bool {
        self.subscribers_of(user) > 0
    }

    /// Who came and who went since the last call, wherever: (online, offline).
    pub fn presence_changes(&self) -> (Vec<UserId>, Vec<UserId>) {
        let (mut came, mut went) = (Vec::new(), Vec::new());
        for shard in &self.shards {
            let mut inner = shard.lock();
            for user in std::mem::take(&mut inner.changed) {
                if inner.by_user.contains_key(&user) {
                    came.push(user);
                } else {
                    went.push(user);
                }
            }
        }
        let mut changed = self.elsewhere.take_changed();
        changed.extend(came.iter().chain(&went));
        if !came.is_empty() || !went.is_empty() {
            self.elsewhere.tell(|| Passing::Presence { came, went });
        }
        changed
            .into_iter()
            .partition(|user| self.elsewhere.has(*user) || self.is_here(*user))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_online_as_long_as_one_node_says_so() {
        let elsewhere = Elsewhere::default();
        elsewhere.set("a", [UserId(1), UserId(2)]);
        elsewhere.change("b", &[UserId(2)], &[]);
        assert_eq!(elsewhere.take_changed().len(), 2);
        elsewhere.change("a", &[], &[UserId(2)]);
        assert!(elsewhere.has(UserId(2)) && elsewhere.has(UserId(1)));
        elsewhere.forget("a");
        assert!(!elsewhere.has(UserId(1)) && elsewhere.has(UserId(2)));
        assert_eq!(elsewhere.take_changed(), [UserId(1), UserId(2)].into());
        elsewhere.set("b", [UserId(2)]);
        assert!(elsewhere.take_changed().is_empty());
    }
}
