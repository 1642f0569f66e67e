//! The hub: every open socket, by user and room.

use super::listeners::{Inner, Listening};
use super::packet::Packet;
use super::past::{Missed, Resync};
use crate::domain::{RoomId, Seq, SessionId, UserId};
use crate::log::LogReader;
use crate::state::{Snapshot, StateError};
use bytes::Bytes;
use parking_lot::Mutex;
use slab::Slab;
use std::any::Any;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

/// Somebody who listens: one socket or stream. Called in order, never at the same time for one
/// ear; must not block.
pub trait Ear: Any + Send + Sync {
    fn hear(&self, packet: &Arc<Packet>);
    /// Nothing more is heard after this.
    fn close(&self, why: Close);
}

/// Whose ears are meant, by membership. Nobody is excepted who is not named.
#[derive(Clone, Debug, Default)]
pub struct Whom {
    pub rooms: Vec<RoomId>,
    pub users: Vec<UserId>,
    pub except_rooms: Vec<RoomId>,
    pub except_users: Vec<UserId>,
}

/// An ear as [`Hub::visit`] finds it.
pub struct Visited<'a> {
    pub ear: &'a dyn Ear,
    pub user: UserId,
    pub rooms: &'a HashSet<RoomId, ahash::RandomState>,
    /// Something of the [`Whom`] names it.
    pub named: bool,
    /// It has heard everything up to here.
    pub upto: Seq,
}

/// Why the hub lets somebody go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// Signed out, disabled, or the password was changed.
    SessionEnded,
    /// The server stops; come back.
    Shutdown,
}

/// Being in the hub; ends when the guard is dropped.
pub struct Attached {
    /// Live events follow this position.
    pub seq: Seq,
    pub epoch: u64,
    pub missed: Missed,
    pub guard: Guard,
}

pub struct Guard {
    hub: Arc<Hub>,
    user: UserId,
    ear: u64,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.hub.detach(self.user, self.ear);
    }
}

/// Where what was missed is.
enum Reach {
    Nothing,
    Memory,
    Journal,
}

pub struct Hub {
    state: Snapshot,
    journal: LogReader,
    epoch: u64,
    inner: Mutex<Inner>,
}

impl Hub {
    /// `published` is the position up to which everything is in the journal.
    pub fn new(state: Snapshot, journal: LogReader, epoch: u64, published: Seq) -> Hub {
        Hub {
            state,
            journal,
            epoch,
            inner: Mutex::new(Inner {
                published,
                next_ear: 1,
                closed: false,
                listeners: Slab::new(),
                by_user: HashMap::default(),
                rooms: HashMap::default(),
                recent: VecDeque::new(),
                recent_after: published,
                recent_bytes: 0,
                changed: BTreeSet::new(),
            }),
        }
    }

    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Puts an ear into the hub. It may be called at once with what follows `Attached::seq`, and
    /// has to hold that back until it has passed on what was missed.
    pub fn attach(
        self: &Arc<Self>,
        user: UserId,
        session: SessionId,
        since: Option<(u64, Seq)>,
        ear: Arc<dyn Ear>,
    ) -> Result<Result<Attached, Resync>, StateError> {
        let mut inner = self.inner.lock();
        // Read under the lock: later changes of membership reach the listener as events.
        let known = inner.by_user.get(&user).copied();
        let rooms = match (known, since) {
            (Some(_), None) => Vec::new(),
            _ => self.state.read()?.memberships(user)?,
        };
        let published = inner.published;
        let missed = match since {
            None => Ok(Missed::nothing(user)),
            Some((epoch, _)) if epoch != self.epoch => Err(Resync::OtherEpoch),
            Some((_, since)) => self.missed(&inner, user, rooms.clone(), since),
        };
        let missed = match missed {
            Ok(missed) => missed,
            Err(resync) => return Ok(Err(resync)),
        };
        let at = match known {
            Some(at) => at,
            None => inner.add_listener(user, rooms.into_iter().map(|(room, _)| room)),
        };
        let id = inner.next_ear;
        inner.next_ear += 1;
        if inner.listeners[at].ears.is_empty() {
            inner.changed.insert(user);
        }
        let closed = inner.closed;
        inner.listeners[at].ears.push(Listening {
            id,
            session,
            ear: Arc::clone(&ear),
        });
        drop(inner);
        if closed {
            ear.close(Close::Shutdown);
        }
        let guard = Guard {
            hub: Arc::clone(self),
            user,
            ear: id,
        };
        Ok(Ok(Attached {
            seq: published,
            epoch: self.epoch,
            missed,
            guard,
        }))
    }

    /// Events up to here have been passed on.
    pub fn published(&self) -> Seq {
        self.inner.lock().published
    }

    /// How many ears somebody has.
    pub fn ears_of(&self, user: UserId) -> usize {
        let inner = self.inner.lock();
        let at = inner.by_user.get(&user);
        at.map_or(0, |&at| inner.listeners[at].ears.len())
    }

    /// Whether a client could go on from this position now.
    pub fn resumes(&self, epoch: u64, since: Seq) -> Result<(), Resync> {
        if epoch != self.epoch {
            return Err(Resync::OtherEpoch);
        }
        self.reach(&self.inner.lock(), since).map(|_| ())
    }

    fn reach(&self, inner: &Inner, since: Seq) -> Result<Reach, Resync> {
        if since > inner.published {
            Err(Resync::Ahead)
        } else if since == inner.published {
            Ok(Reach::Nothing)
        } else if since >= inner.recent_after {
            Ok(Reach::Memory)
        } else if since.next() < self.journal.first_seq()
            || self.journal.last_seq() < inner.published
        {
            Err(Resync::TooOld)
        } else {
            Ok(Reach::Journal)
        }
    }

    fn missed(
        &self,
        inner: &Inner,
        user: UserId,
        rooms: Vec<(RoomId, Seq)>,
        since: Seq,
    ) -> Result<Missed, Resync> {
        Ok(match self.reach(inner, since)? {
            Reach::Nothing => Missed::nothing(user),
            Reach::Memory => {
                let from = inner
                    .recent
                    .partition_point(|p| p.seq.is_some_and(|seq| seq <= since));
                let packets = inner.recent.iter().skip(from).cloned().collect();
                Missed::from_memory(user, rooms, packets)
            }
            Reach::Journal => {
                let (journal, until) = (self.journal.clone(), inner.published);
                Missed::from_journal(user, rooms, since, until, journal)
            }
        })
    }

    fn detach(&self, user: UserId, ear: u64) {
        let mut inner = self.inner.lock();
        if let Some(&at) = inner.by_user.get(&user) {
            let ears = &mut inner.listeners[at].ears;
            let removed = ears
                .iter()
                .position(|l| l.id == ear)
                .map(|i| ears.swap_remove(i));
            let none_left = ears.is_empty();
            if none_left {
                inner.drop_listener(at);
            }
            drop(inner);
            drop(removed);
        }
    }

    /// Passes events on, in order. `upto` is the last position they stand for: entries that nobody
    /// hears of count, too.
    pub fn publish(&self, packets: Vec<Arc<Packet>>, upto: Seq) {
        let mut inner = self.inner.lock();
        for packet in packets {
            inner.pass_on(&packet);
            inner.remember(packet);
        }
        inner.published = inner.published.max(upto);
    }

    /// To everybody in the room who listens now, except one.
    pub fn signal_room(&self, room: RoomId, name: &'static str, json: Bytes, except: UserId) {
        let inner = self.inner.lock();
        let packet = Arc::new(Packet::signal(name, json, inner.published));
        for &at in inner.rooms.get(&room).into_iter().flatten() {
            if inner.listeners[at].user != except {
                inner.listeners[at].hear(&packet);
            }
        }
    }

    pub fn signal_all(&self, name: &'static str, json: Bytes) {
        let inner = self.inner.lock();
        let packet = Arc::new(Packet::signal(name, json, inner.published));
        for (_, listener) in &inner.listeners {
            listener.hear(&packet);
        }
    }

    /// Visits ears between two events. With `all` those whom nothing names come, too.
    pub fn visit(&self, whom: &Whom, all: bool, mut visit: impl FnMut(Visited<'_>)) {
        let inner = self.inner.lock();
        let in_room = |at: usize, rooms: &[RoomId]| {
            let joined = &inner.listeners[at].rooms;
            rooms.iter().any(|room| joined.contains(room))
        };
        let named: BTreeSet<usize> = {
            let users = whom.users.iter().filter_map(|user| inner.by_user.get(user));
            let rooms = whom.rooms.iter().filter_map(|room| inner.rooms.get(room));
            users.chain(rooms.flatten()).copied().collect()
        };
        let meant: Vec<usize> = match all {
            true => inner.listeners.iter().map(|(at, _)| at).collect(),
            false => named.iter().copied().collect(),
        };
        for at in meant {
            let listener = &inner.listeners[at];
            let excepted =
                whom.except_users.contains(&listener.user) || in_room(at, &whom.except_rooms);
            if !excepted {
                for listening in &listener.ears {
                    visit(Visited {
                        ear: &*listening.ear,
                        user: listener.user,
                        rooms: &listener.rooms,
                        named: named.contains(&at),
                        upto: inner.published,
                    });
                }
            }
        }
    }

    /// Lets a session's sockets go; they hear nothing more from now on.
    pub fn close_session(&self, user: UserId, session: SessionId) {
        let mut gone = Vec::new();
        let mut inner = self.inner.lock();
        if let Some(&at) = inner.by_user.get(&user) {
            let ears = &mut inner.listeners[at].ears;
            let mut i = 0;
            while i < ears.len() {
                if ears[i].session == session {
                    gone.push(ears.swap_remove(i));
                } else {
                    i += 1;
                }
            }
            let none_left = ears.is_empty();
            if none_left && !gone.is_empty() {
                inner.drop_listener(at);
            }
        }
        drop(inner);
        for listening in gone {
            listening.ear.close(Close::SessionEnded);
        }
    }

    /// Tells everybody to come back later, now and from now on.
    pub fn shut_down(&self) {
        let ears: Vec<Arc<dyn Ear>> = {
            let mut inner = self.inner.lock();
            inner.closed = true;
            let listeners = inner.listeners.iter();
            listeners
                .flat_map(|(_, l)| l.ears.iter().map(|l| Arc::clone(&l.ear)))
                .collect()
        };
        for ear in ears {
            ear.close(Close::Shutdown);
        }
    }

    /// Who listens right now, at most `limit` of them.
    pub fn online(&self, limit: usize) -> Vec<UserId> {
        let mut users: Vec<UserId> = self
            .inner
            .lock()
            .listeners
            .iter()
            .map(|(_, l)| l.user)
            .take(limit)
            .collect();
        users.sort_unstable();
        users
    }

    /// Ears and users.
    pub fn count(&self) -> (usize, usize) {
        let inner = self.inner.lock();
        (
            inner.listeners.iter().map(|(_, l)| l.ears.len()).sum(),
            inner.listeners.len(),
        )
    }

    /// Who came and who went since the last call: (online, offline).
    pub fn presence_changes(&self) -> (Vec<UserId>, Vec<UserId>) {
        let mut inner = self.inner.lock();
        let changed = std::mem::take(&mut inner.changed);
        changed
            .into_iter()
            .partition(|user| inner.by_user.contains_key(user))
    }
}
