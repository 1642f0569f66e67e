//! Reaching subscribers by name, beside the events: what other programs say through the cache.

use super::hub::Hub;
use super::packet::Packet;
use super::subscribers::Inner;
use super::subscribers::Subscriber;
use crate::domain::{Position, RoomId, UserId};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

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
    pub upto: Position,
}

impl Hub {
    /// What was published after a position, as far as it is in memory, for whoever tells of it
    /// elsewhere; the audiences are theirs to mind.
    pub fn recent_after(&self, since: Position) -> Vec<Arc<Packet>> {
        // Any shard knows: all hear of every position.
        let inner = self.shards[0].lock();
        let from = inner
            .recent
            .partition_point(|packet| packet.seq.is_some_and(|seq| seq <= since));
        inner.recent.iter().skip(from).cloned().collect()
    }

    /// Who listens here, and which rooms they are in.
    pub fn whereabouts(&self) -> (BTreeSet<UserId>, BTreeSet<RoomId>) {
        let (mut users, mut rooms) = (BTreeSet::new(), BTreeSet::new());
        for shard in &self.shards {
            let inner = shard.lock();
            users.extend(inner.online.iter().map(|(_, user)| user.user));
            rooms.extend(inner.rooms.keys());
        }
        (users, rooms)
    }

    /// The rooms of somebody who listens here.
    pub fn rooms_of(&self, user: UserId) -> Vec<RoomId> {
        let inner = self.shard(user).lock();
        let at = inner.by_user.get(&user);
        at.map_or_else(Vec::new, |&at| {
            inner.online[at].rooms.iter().copied().collect()
        })
    }

    /// Visits subscribers between two events. With `all` also those that nothing names.
    pub fn visit(&self, recipients: &Recipients, all: bool, mut visit: impl FnMut(Visited<'_>)) {
        for shard in &self.shards {
            Self::visit_shard(&shard.lock(), recipients, all, &mut visit);
        }
    }

    fn visit_shard(
        inner: &Inner,
        recipients: &Recipients,
        all: bool,
        visit: &mut impl FnMut(Visited<'_>),
    ) {
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
        let meant: Vec<usize> = if all {
            inner.online.iter().map(|(at, _)| at).collect()
        } else {
            named.iter().copied().collect()
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
}
