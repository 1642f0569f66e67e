//! Who listens, by user and room, and what was heard of late.

use super::hub::Ear;
use super::packet::{About, Packet};
use crate::domain::{Audience, Kind, RoomId, Seq, SessionId, UserId};
use slab::Slab;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

/// What is kept of the latest events, for clients that were away for a moment.
const RECENT_BYTES: usize = 2 << 20;

pub(super) struct Inner {
    pub(super) published: Seq,
    pub(super) next_ear: u64,
    pub(super) closed: bool,
    pub(super) listeners: Slab<Listener>,
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

pub(super) struct Listener {
    pub(super) user: UserId,
    pub(super) rooms: HashSet<RoomId, ahash::RandomState>,
    pub(super) ears: Vec<Listening>,
}

pub(super) struct Listening {
    pub(super) id: u64,
    pub(super) session: SessionId,
    pub(super) ear: Arc<dyn Ear>,
}

impl Listener {
    pub(super) fn hear(&self, packet: &Arc<Packet>) {
        for listening in &self.ears {
            listening.ear.hear(packet);
        }
    }
}

impl Inner {
    pub(super) fn add_listener(
        &mut self,
        user: UserId,
        rooms: impl Iterator<Item = RoomId>,
    ) -> usize {
        let rooms: HashSet<_, _> = rooms.collect();
        let at = self.listeners.vacant_key();
        for &room in &rooms {
            self.rooms.entry(room).or_default().push(at);
        }
        self.by_user.insert(user, at);
        self.listeners.insert(Listener {
            user,
            rooms,
            ears: Vec::new(),
        })
    }

    pub(super) fn drop_listener(&mut self, at: usize) {
        let listener = self.listeners.remove(at);
        for room in &listener.rooms {
            self.forget_room(*room, at);
        }
        self.by_user.remove(&listener.user);
        self.changed.insert(listener.user);
    }

    fn forget_room(&mut self, room: RoomId, at: usize) {
        if let Some(listeners) = self.rooms.get_mut(&room) {
            listeners.retain(|&other| other != at);
            if listeners.is_empty() {
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
                for (_, listener) in &self.listeners {
                    listener.hear(packet);
                }
            }
            Audience::Room(room) => self.tell_room(*room, packet),
            Audience::RoomAnd(room, user) => {
                self.tell_room(*room, packet);
                let there = self.by_user.get(user).map(|&at| &self.listeners[at]);
                if let Some(listener) = there.filter(|l| !l.rooms.contains(room)) {
                    listener.hear(packet);
                }
            }
            Audience::Users(users) => {
                for at in users.iter().filter_map(|user| self.by_user.get(user)) {
                    self.listeners[*at].hear(packet);
                }
            }
        }
        self.after(about);
    }

    pub(super) fn tell_room(&self, room: RoomId, packet: &Arc<Packet>) {
        for &at in self.rooms.get(&room).into_iter().flatten() {
            self.listeners[at].hear(packet);
        }
    }

    fn before(&mut self, about: &About) {
        if let (Kind::RoomCreated | Kind::MemberJoined, Some(room)) = (about.kind, about.room) {
            for user in &about.users {
                if let Some(&at) = self.by_user.get(user)
                    && self.listeners[at].rooms.insert(room)
                {
                    self.rooms.entry(room).or_default().push(at);
                }
            }
        }
    }

    fn after(&mut self, about: &About) {
        match (about.kind, about.room) {
            (Kind::MemberLeft, Some(room)) => {
                for user in &about.users {
                    if let Some(&at) = self.by_user.get(user)
                        && self.listeners[at].rooms.remove(&room)
                    {
                        self.forget_room(room, at);
                    }
                }
            }
            (Kind::RoomDeleted, Some(room)) => {
                for at in self.rooms.remove(&room).unwrap_or_default() {
                    self.listeners[at].rooms.remove(&room);
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
