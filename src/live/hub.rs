//! The hub: every open socket, by user and room.

use super::packet::Packet;
use super::past::{Missed, Resync};
use super::subscribers::{Inner, Subscription};
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
/// subscriber; must not block.
pub trait Subscriber: Any + Send + Sync {
    fn hear(&self, packet: &Arc<Packet>);
    /// Nothing more is heard after this.
    fn close(&self, why: Close);
}

/// Which subscribers are meant, by membership. Nobody is excepted who is not named.
#[derive(Clone, Debug, Default)]
pub struct Recipients {
    pub rooms: Vec<RoomId>,
    pub users: Vec<UserId>,
    pub except_rooms: Vec<RoomId>,
    pub except_users: Vec<UserId>,
}

/// A subscriber as [`Hub::visit`] finds it.
pub struct Visited<'a> {
    pub subscriber: &'a dyn Subscriber,
    pub user: UserId,
    pub rooms: &'a HashSet<RoomId, ahash::RandomState>,
    /// Something of the [`Recipients`] names it.
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
    subscriber: u64,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.hub.detach(self.user, self.subscriber);
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
                next_subscriber: 1,
                closed: false,
                online: Slab::new(),
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

    /// Puts a subscriber into the hub. It may be called at once with what follows `Attached::seq`, and
    /// has to hold that back until it has passed on what was missed.
    pub fn attach(
        self: &Arc<Self>,
        user: UserId,
        session: SessionId,
        since: Option<(u64, Seq)>,
        subscriber: Arc<dyn Subscriber>,
    ) -> Result<Result<Attached, Resync>, StateError> {
        let mut inner = self.inner.lock();
        // Read under the lock: later changes of membership reach the subscriber as events.
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
            None => inner.add_user(user, rooms.into_iter().map(|(room, _)| room)),
        };
        let id = inner.next_subscriber;
        inner.next_subscriber += 1;
        if inner.online[at].subscriptions.is_empty() {
            inner.changed.insert(user);
        }
        let closed = inner.closed;
        inner.online[at].subscriptions.push(Subscription {
            id,
            session,
            subscriber: Arc::clone(&subscriber),
        });
        drop(inner);
        if closed {
            subscriber.close(Close::Shutdown);
        }
        let guard = Guard {
            hub: Arc::clone(self),
            user,
            subscriber: id,
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

    /// How many subscribers somebody has.
    pub fn ears_of(&self, user: UserId) -> usize {
        let inner = self.inner.lock();
        let at = inner.by_user.get(&user);
        at.map_or(0, |&at| inner.online[at].subscriptions.len())
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

    fn detach(&self, user: UserId, subscriber: u64) {
        let mut inner = self.inner.lock();
        if let Some(&at) = inner.by_user.get(&user) {
            let subscribers = &mut inner.online[at].subscriptions;
            let removed = subscribers
                .iter()
                .position(|l| l.id == subscriber)
                .map(|i| subscribers.swap_remove(i));
            let none_left = subscribers.is_empty();
            if none_left {
                inner.drop_user(at);
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
            if inner.online[at].user != except {
                inner.online[at].hear(&packet);
            }
        }
    }

    pub fn signal_all(&self, name: &'static str, json: Bytes) {
        let inner = self.inner.lock();
        let packet = Arc::new(Packet::signal(name, json, inner.published));
        for (_, online_user) in &inner.online {
            online_user.hear(&packet);
        }
    }

    /// Visits subscribers between two events. With `all` also those that nothing names.
    pub fn visit(&self, recipients: &Recipients, all: bool, mut visit: impl FnMut(Visited<'_>)) {
        let inner = self.inner.lock();
        let in_room = |at: usize, rooms: &[RoomId]| {
            let joined = &inner.online[at].rooms;
            rooms.iter().any(|room| joined.contains(room))
        };
        let named: BTreeSet<usize> = {
            let users = recipients
                .users
                .iter()
                .filter_map(|user| inner.by_user.get(user));
            let rooms = recipients
                .rooms
                .iter()
                .filter_map(|room| inner.rooms.get(room));
            users.chain(rooms.flatten()).copied().collect()
        };
        let meant: Vec<usize> = match all {
            true => inner.online.iter().map(|(at, _)| at).collect(),
            false => named.iter().copied().collect(),
        };
        for at in meant {
            let online_user = &inner.online[at];
            let excepted = recipients.except_users.contains(&online_user.user)
                || in_room(at, &recipients.except_rooms);
            if !excepted {
                for subscription in &online_user.subscriptions {
                    visit(Visited {
                        subscriber: &*subscription.subscriber,
                        user: online_user.user,
                        rooms: &online_user.rooms,
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
            let subscribers = &mut inner.online[at].subscriptions;
            let mut i = 0;
            while i < subscribers.len() {
                if subscribers[i].session == session {
                    gone.push(subscribers.swap_remove(i));
                } else {
                    i += 1;
                }
            }
            let none_left = subscribers.is_empty();
            if none_left && !gone.is_empty() {
                inner.drop_user(at);
            }
        }
        drop(inner);
        for subscription in gone {
            subscription.subscriber.close(Close::SessionEnded);
        }
    }

    /// Tells everybody to come back later, now and from now on.
    pub fn shut_down(&self) {
        let subscribers: Vec<Arc<dyn Subscriber>> = {
            let mut inner = self.inner.lock();
            inner.closed = true;
            let online = inner.online.iter();
            online
                .flat_map(|(_, l)| l.subscriptions.iter().map(|l| Arc::clone(&l.subscriber)))
                .collect()
        };
        for subscriber in subscribers {
            subscriber.close(Close::Shutdown);
        }
    }

    /// Who listens right now, at most `limit` of them.
    pub fn online(&self, limit: usize) -> Vec<UserId> {
        let mut users: Vec<UserId> = self
            .inner
            .lock()
            .online
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
            inner
                .online
                .iter()
                .map(|(_, l)| l.subscriptions.len())
                .sum(),
            inner.online.len(),
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
