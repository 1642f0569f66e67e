//! Consumers that share rooms: several streams of one name, each room with one of them.

use crate::domain::{Position, RoomId, UserId};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use tokio::sync::watch;

/// Positions that a stream was told, by which a commit is known to be its.
const REMEMBERED: usize = 16_384;

type Name = (UserId, String);

/// The streams of all consumers of this node. Clones are the same.
#[derive(Clone, Default)]
pub struct Groups(Arc<Mutex<HashMap<Name, Group>>>);

struct Group {
    members: BTreeMap<u64, Progress>,
    next: u64,
    /// Grows when somebody comes or goes.
    generation: watch::Sender<u64>,
}

/// How far one stream is.
#[derive(Default)]
struct Progress {
    sent: VecDeque<Position>,
    committed: Position,
    /// Somebody moved the consumer back: everything comes again.
    was_reset: bool,
}

/// Being in a group; ends when it is dropped.
pub struct Membership {
    groups: Groups,
    name: Name,
    id: u64,
    pub generation: watch::Receiver<u64>,
}

impl Groups {
    /// A new stream; the others share with it from now on.
    pub fn join(&self, user: UserId, name: &str, from: Position) -> Membership {
        let name = (user, name.to_owned());
        let mut groups = self.0.lock();
        let group = groups.entry(name.clone()).or_insert_with(|| Group {
            members: BTreeMap::new(),
            next: 1,
            generation: watch::channel(0).0,
        });
        let id = group.next;
        group.next += 1;
        let progress = Progress {
            committed: from,
            ..Progress::default()
        };
        group.members.insert(id, progress);
        group.generation.send_modify(|generation| *generation += 1);
        let mut generation = group.generation.subscribe();
        generation.mark_unchanged();
        drop(groups);
        Membership {
            groups: self.clone(),
            name,
            id,
            generation,
        }
    }

    /// What a commit of `position` means for all streams of the name together: the position up to
    /// which every one of them has committed what it was sent.
    pub fn commit(&self, user: UserId, name: &str, position: Position) -> Position {
        let mut groups = self.0.lock();
        let Some(group) = groups.get_mut(&(user, name.to_owned())) else {
            return position;
        };
        let its = group
            .members
            .values_mut()
            .find(|member| member.sent.binary_search(&position).is_ok());
        match its {
            Some(member) => {
                member.committed = member.committed.max(position);
                while member.sent.front().is_some_and(|sent| *sent <= position) {
                    member.sent.pop_front();
                }
            }
            // Nobody's in particular: it is said for all.
            None => {
                for member in group.members.values_mut() {
                    member.committed = member.committed.max(position);
                    member.sent.retain(|sent| *sent > position);
                }
            }
        }
        let pending = group
            .members
            .values()
            .filter(|member| !member.sent.is_empty());
        let behind = pending.map(|member| member.committed).min();
        behind.map_or(position, |behind| behind.min(position))
    }

    /// After a reset everybody starts over from there.
    pub fn reset(&self, user: UserId, name: &str, position: Position) {
        let mut groups = self.0.lock();
        if let Some(group) = groups.get_mut(&(user, name.to_owned())) {
            for member in group.members.values_mut() {
                *member = Progress {
                    committed: position,
                    was_reset: true,
                    ..Progress::default()
                };
            }
            group.generation.send_modify(|generation| *generation += 1);
        }
    }
}

impl Membership {
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Whether the events of a room are this stream's; what is of no room goes to one of them.
    pub fn has(&self, room: Option<RoomId>) -> bool {
        let groups = self.groups.0.lock();
        let Some(group) = groups.get(&self.name) else {
            return true;
        };
        let room = room.map_or(0, |room| room.0);
        let owner = group.members.keys().max_by_key(|id| weight(room, **id));
        owner == Some(&self.id)
    }

    /// Whether the consumer was moved back since the last call.
    pub fn take_reset(&self) -> bool {
        let mut groups = self.groups.0.lock();
        let group = groups.get_mut(&self.name);
        let member = group.and_then(|group| group.members.get_mut(&self.id));
        member.is_some_and(|member| std::mem::take(&mut member.was_reset))
    }

    pub fn note_sent(&self, position: Position) {
        let mut groups = self.groups.0.lock();
        let group = groups.get_mut(&self.name);
        if let Some(member) = group.and_then(|group| group.members.get_mut(&self.id)) {
            if member.sent.back().is_none_or(|last| *last < position) {
                member.sent.push_back(position);
            }
            if member.sent.len() > REMEMBERED {
                member.sent.pop_front();
            }
        }
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        let mut groups = self.groups.0.lock();
        if let Some(group) = groups.get_mut(&self.name) {
            group.members.remove(&self.id);
            group.generation.send_modify(|generation| *generation += 1);
            if group.members.is_empty() {
                groups.remove(&self.name);
            }
        }
    }
}

/// The highest weight has the room: when somebody comes or goes, only that one's rooms move.
fn weight(room: u64, member: u64) -> u64 {
    let mut mixed =
        room.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ member.wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
    mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    mixed ^ (mixed >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_room_has_one_owner_and_few_move() {
        let groups = Groups::default();
        let (kim, from) = (UserId(1), Position(0));
        let a = groups.join(kim, "g", from);
        let b = groups.join(kim, "g", from);
        let rooms: Vec<Option<RoomId>> = (1..200).map(|id| Some(RoomId(id))).collect();
        let of_a = |rooms: &[Option<RoomId>]| rooms.iter().filter(|room| a.has(**room)).count();
        let before: Vec<_> = rooms.iter().filter(|room| a.has(**room)).copied().collect();
        assert!(rooms.iter().all(|room| a.has(*room) != b.has(*room)));
        assert!((50..150).contains(&before.len()), "{}", before.len());
        let c = groups.join(kim, "g", from);
        let now = of_a(&rooms);
        assert!(
            now < before.len()
                && rooms.iter().all(|room| {
                    usize::from(a.has(*room))
                        + usize::from(b.has(*room))
                        + usize::from(c.has(*room))
                        == 1
                })
        );
        drop(c);
        assert_eq!(of_a(&before), before.len(), "its rooms come back");
        drop(b);
        assert_eq!(of_a(&rooms), rooms.len());
        let other = groups.join(UserId(2), "g", from);
        assert!(
            other.has(Some(RoomId(1))) && a.has(Some(RoomId(1))),
            "names are a person's own"
        );
    }

    #[test]
    fn the_position_of_all_is_that_of_the_slowest() {
        let groups = Groups::default();
        let kim = UserId(1);
        let a = groups.join(kim, "g", Position(10));
        let b = groups.join(kim, "g", Position(10));
        for seq in [11, 13, 15] {
            a.note_sent(Position(seq));
        }
        b.note_sent(Position(12));
        assert_eq!(
            groups.commit(kim, "g", Position(15)),
            Position(10),
            "b has done nothing"
        );
        assert_eq!(groups.commit(kim, "g", Position(12)), Position(12));
        assert_eq!(groups.commit(kim, "other", Position(7)), Position(7));
    }
}
