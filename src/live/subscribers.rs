//! Who listens, by user and room, and what was heard of late.

use super::packet::{About, Packet};
use crate::domain::{Audience, EventKind, Position, RoomId, Seq, SessionId, UserId};
use bytes::Bytes;
use indexmap::IndexSet;
use slab::Slab;
use std::any::Any;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// What is kept of the latest events, for clients that were away for a moment.
const RECENT_BYTES: usize = 2 << 20;
/// An event with at most so many receivers is flushed before the crowds.
const FEW: usize = 256;

/// Somebody who listens: one socket or stream. Called in order, never at the same time for one
/// subscriber; must not block.
pub trait Subscriber: Any + Send + Sync {
    fn hear(&self, packet: &Arc<Packet>);
    /// Nothing more is heard for the moment: what was may leave. Follows every [`Self::hear`],
    /// several of them once.
    fn flush(&self) {}
    /// Nothing more is heard after this.
    fn close(&self, why: Close);
}

/// Why the hub lets somebody go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// Signed out, disabled, or the password was changed.
    SessionEnded,
    /// The server stops; come back.
    Shutdown,
}

pub(super) struct Inner {
    pub(super) published: Position,
    pub(super) next_subscriber: u64,
    pub(super) closed: bool,
    pub(super) online: Slab<OnlineUser>,
    pub(super) by_user: HashMap<UserId, usize, ahash::RandomState>,
    pub(super) rooms: HashMap<RoomId, IndexSet<usize, ahash::RandomState>, ahash::RandomState>,
    pub(super) subscriptions: usize,
    /// Events up to `published` without a gap.
    pub(super) recent: VecDeque<Arc<Packet>>,
    /// The position before the first of `recent`.
    pub(super) recent_after: Position,
    pub(super) recent_bytes: usize,
    /// Whose presence changed since the last [`Hub::presence_changes`](super::Hub::presence_changes).
    pub(super) changed: BTreeSet<UserId>,
    unflushed: Unflushed,
}

pub(super) struct OnlineUser {
    pub(super) user: UserId,
    pub(super) rooms: HashSet<RoomId, ahash::RandomState>,
    pub(super) subscriptions: Vec<Arc<Subscription>>,
}

pub(super) struct Subscription {
    pub(super) id: u64,
    pub(super) session: SessionId,
    pub(super) subscriber: Arc<dyn Subscriber>,
    /// [`FLUSHED`], [`IN_CROWD`] or [`IN_FEW`]: which queue it waits in.
    waits: AtomicU8,
}

const FLUSHED: u8 = 0;
const IN_CROWD: u8 = 1;
const IN_FEW: u8 = 2;

impl Subscription {
    pub(super) fn new(id: u64, session: SessionId, subscriber: Arc<dyn Subscriber>) -> Self {
        Subscription {
            id,
            session,
            subscriber,
            waits: AtomicU8::new(FLUSHED),
        }
    }

    pub(super) fn flush(&self) {
        // First: what is heard from now on wants another flush.
        if self.waits.swap(FLUSHED, Ordering::AcqRel) != FLUSHED {
            self.subscriber.flush();
        }
    }
}

/// Who heard something that is not yet on its way.
#[derive(Default)]
struct Unflushed {
    few: VecDeque<Arc<Subscription>>,
    crowd: VecDeque<Arc<Subscription>>,
}

impl Unflushed {
    fn add(&mut self, subscription: &Arc<Subscription>, few: bool) {
        let (wanted, queue) = if few {
            (IN_FEW, &mut self.few)
        } else {
            (IN_CROWD, &mut self.crowd)
        };
        if subscription.waits.fetch_max(wanted, Ordering::AcqRel) < wanted {
            queue.push_back(Arc::clone(subscription));
        }
    }

    fn take(&mut self, into: &mut Vec<Arc<Subscription>>, max: usize) {
        let few = max.min(self.few.len());
        into.extend(self.few.drain(..few));
        let crowd = (max - few).min(self.crowd.len());
        into.extend(self.crowd.drain(..crowd));
    }
}

impl OnlineUser {
    fn hear(&self, packet: &Arc<Packet>, few: bool, unflushed: &mut Unflushed) {
        for subscription in &self.subscriptions {
            subscription.subscriber.hear(packet);
            unflushed.add(subscription, few);
        }
    }
}

impl Inner {
    pub(super) fn new(published: Seq) -> Inner {
        let published = published.end();
        Inner {
            published,
            next_subscriber: 1,
            closed: false,
            online: Slab::new(),
            by_user: HashMap::default(),
            rooms: HashMap::default(),
            subscriptions: 0,
            recent: VecDeque::new(),
            recent_after: published,
            recent_bytes: 0,
            changed: BTreeSet::new(),
            unflushed: Unflushed::default(),
        }
    }

    pub(super) fn publish(&mut self, packets: &[Arc<Packet>], upto: Seq) {
        for packet in packets {
            self.pass_on(packet);
            self.remember(Arc::clone(packet));
        }
        self.published = self.published.max(upto.end());
    }

    /// To everybody in the room but one who is online now, or to all who are.
    pub(super) fn signal(
        &mut self,
        room: Option<(RoomId, UserId)>,
        name: &'static str,
        json: Bytes,
    ) {
        let packet = Arc::new(Packet::signal(name, json, self.published));
        match room {
            Some((room, except)) => {
                let room = self.rooms.get(&room);
                let few = room.is_none_or(|room| room.len() <= FEW);
                for &at in room.into_iter().flatten() {
                    let online_user = &self.online[at];
                    if online_user.user != except {
                        online_user.hear(&packet, few, &mut self.unflushed);
                    }
                }
            }
            None => self.tell_everyone(&packet),
        }
    }

    /// To all who listen for one user.
    pub(super) fn signal_user(&mut self, user: UserId, name: &'static str, json: Bytes) {
        if let Some(&at) = self.by_user.get(&user) {
            let packet = Arc::new(Packet::signal(name, json, self.published));
            self.online[at].hear(&packet, true, &mut self.unflushed);
        }
    }

    pub(super) fn take_unflushed(&mut self, into: &mut Vec<Arc<Subscription>>, max: usize) {
        self.unflushed.take(into, max);
    }

    pub(super) fn add_user(&mut self, user: UserId, rooms: impl Iterator<Item = RoomId>) -> usize {
        let rooms: HashSet<_, _> = rooms.collect();
        let at = self.online.vacant_key();
        for &room in &rooms {
            self.rooms.entry(room).or_default().insert(at);
        }
        self.by_user.insert(user, at);
        self.online.insert(OnlineUser {
            user,
            rooms,
            subscriptions: Vec::new(),
        })
    }

    pub(super) fn drop_user(&mut self, at: usize) {
        let online_user = self.online.remove(at);
        for room in &online_user.rooms {
            self.forget_room(*room, at);
        }
        self.by_user.remove(&online_user.user);
        self.changed.insert(online_user.user);
    }

    fn forget_room(&mut self, room: RoomId, at: usize) {
        if let Some(online) = self.rooms.get_mut(&room) {
            online.swap_remove(&at);
            if online.is_empty() {
                self.rooms.remove(&room);
            }
        }
    }

    /// Who joins hears of it and of what follows; who leaves hears of that and of nothing more.
    fn pass_on(&mut self, packet: &Arc<Packet>) {
        let Some(about) = &packet.about else { return };
        self.before(about);
        match &about.audience {
            Audience::Everyone => self.tell_everyone(packet),
            Audience::Room(room) => self.tell_room(*room, packet),
            Audience::RoomAnd(room, user) => {
                self.tell_room(*room, packet);
                let there = self.by_user.get(user).map(|&at| &self.online[at]);
                if let Some(online_user) = there.filter(|l| !l.rooms.contains(room)) {
                    online_user.hear(packet, true, &mut self.unflushed);
                }
            }
            Audience::Users(users) => {
                let few = users.len() <= FEW;
                for at in users.iter().filter_map(|user| self.by_user.get(user)) {
                    self.online[*at].hear(packet, few, &mut self.unflushed);
                }
            }
        }
        self.after(about);
    }

    fn tell_everyone(&mut self, packet: &Arc<Packet>) {
        let few = self.online.len() <= FEW;
        for (_, online_user) in &self.online {
            online_user.hear(packet, few, &mut self.unflushed);
        }
    }

    fn tell_room(&mut self, room: RoomId, packet: &Arc<Packet>) {
        let Some(room) = self.rooms.get(&room) else {
            return;
        };
        let few = room.len() <= FEW;
        for &at in room {
            self.online[at].hear(packet, few, &mut self.unflushed);
        }
    }

    fn before(&mut self, about: &About) {
        for (room, user) in &about.joined {
            if let Some(&at) = self.by_user.get(user)
                && self.online[at].rooms.insert(*room)
            {
                self.rooms.entry(*room).or_default().insert(at);
            }
        }
    }

    fn after(&mut self, about: &About) {
        for (room, user) in &about.left {
            if let Some(&at) = self.by_user.get(user)
                && self.online[at].rooms.remove(room)
            {
                self.forget_room(*room, at);
            }
        }
        if let (EventKind::RoomDeleted, Some(room)) = (about.kind, about.room) {
            for at in self.rooms.remove(&room).unwrap_or_default() {
                self.online[at].rooms.remove(&room);
            }
        }
    }

    fn remember(&mut self, packet: Arc<Packet>) {
        let Some(seq) = packet.seq else { return };
        self.published = self.published.max(seq);
        self.recent_bytes += packet.json.len() + 128;
        self.recent.push_back(packet);
        while self.recent_bytes > RECENT_BYTES {
            let Some(oldest) = self.recent.pop_front() else {
                break;
            };
            self.recent_bytes -= oldest.json.len() + 128;
            self.recent_after = oldest.seq.unwrap_or(self.recent_after);
        }
    }
}
