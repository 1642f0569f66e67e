//! Who listens, by user and room, and what was heard of late.

use super::hub::Subscriber;
use super::packet::{About, Packet};
use crate::domain::{Audience, EventKind, RoomId, Seq, SessionId, UserId};
use slab::Slab;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

/// What is kept of the latest events, for clients that were away for a moment.
const RECENT_BYTES: usize = 2 << 20;

pub(super) struct Inner {
    pub(super) published: Seq,
    pub(super) next_subscriber: u64,
    pub(super) closed: bool,
    pub(super) online: Slab<OnlineUser>,
    pub(super) by_user: HashMap<UserId, usize, ahash::RandomState>,
    pub(super) rooms: HashMap<RoomId, Vec<usize>, ahash::RandomState>,
    /// Events up to `published` without a gap.
    pub(super) recent: VecDeque<Arc<Packet>>,
    /// The position before the first of `recent`.
    pub(super) recent_after: Seq,
    pub(super) recent_bytes: usize,
    /// Whose presence changed since the last [`Hub::presence_changes`](super::Hub::presence_changes).
    pub(super) changed: BTreeSet<UserId>,
}

pub(super) struct OnlineUser {
    pub(super) user: UserId,
    pub(super) rooms: HashSet<RoomId, ahash::RandomState>,
    pub(super) subscriptions: Vec<Subscription>,
}

pub(super) struct Subscription {
    pub(super) id: u64,
    pub(super) session: SessionId,
    pub(super) subscriber: Arc<dyn Subscriber>,
}

impl OnlineUser {
    pub(super) fn hear(&self, packet: &Arc<Packet>) {
        for subscription in &self.subscriptions {
            subscription.subscriber.hear(packet);
        }
    }
}

impl Inner {
    pub(super) fn add_user(&mut self, user: UserId, rooms: impl Iterator<Item = RoomId>) -> usize {
        let rooms: HashSet<_, _> = rooms.collect();
        let at = self.online.vacant_key();
        for &room in &rooms {
            self.rooms.entry(room).or_default().push(at);
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
            online.retain(|&other| other != at);
            if online.is_empty() {
                self.rooms.remove(&room);
            }
        }
    }

    /// Who joins hears of it and of what follows; who leaves hears of that and of nothing more.
    pub(super) fn pass_on(&mut self, packet: &Arc<Packet>) {
        let Some(about) = &packet.about else { return };
        self.before(about);
        match &about.audience {
            Audience::Everyone => {
                for (_, online_user) in &self.online {
                    online_user.hear(packet);
                }
            }
            Audience::Room(room) => self.tell_room(*room, packet),
            Audience::RoomAnd(room, user) => {
                self.tell_room(*room, packet);
                let there = self.by_user.get(user).map(|&at| &self.online[at]);
                if let Some(online_user) = there.filter(|l| !l.rooms.contains(room)) {
                    online_user.hear(packet);
                }
            }
            Audience::Users(users) => {
                for at in users.iter().filter_map(|user| self.by_user.get(user)) {
                    self.online[*at].hear(packet);
                }
            }
        }
        self.after(about);
    }

    pub(super) fn tell_room(&self, room: RoomId, packet: &Arc<Packet>) {
        for &at in self.rooms.get(&room).into_iter().flatten() {
            self.online[at].hear(packet);
        }
    }

    fn before(&mut self, about: &About) {
        if let (EventKind::RoomCreated | EventKind::MemberJoined, Some(room)) =
            (about.kind, about.room)
        {
            for user in &about.users {
                if let Some(&at) = self.by_user.get(user)
                    && self.online[at].rooms.insert(room)
                {
                    self.rooms.entry(room).or_default().push(at);
                }
            }
        }
    }

    fn after(&mut self, about: &About) {
        match (about.kind, about.room) {
            (EventKind::MemberLeft, Some(room)) => {
                for user in &about.users {
                    if let Some(&at) = self.by_user.get(user)
                        && self.online[at].rooms.remove(&room)
                    {
                        self.forget_room(room, at);
                    }
                }
            }
            (EventKind::RoomDeleted, Some(room)) => {
                for at in self.rooms.remove(&room).unwrap_or_default() {
                    self.online[at].rooms.remove(&room);
                }
            }
            _ => {}
        }
    }

    pub(super) fn remember(&mut self, packet: Arc<Packet>) {
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
