//! How lines name rooms, people and messages.

use crate::domain::{MessageId, RoomId, RoomKind, UserId};
use crate::ops::mark_line::RoomPart;
use crate::state::{Reader, StateError};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Members of a direct room.
const PEOPLE: usize = 1000;

pub struct Person {
    pub username: String,
    pub display_name: Option<String>,
}

pub struct Room {
    pub name: String,
    pub kind: RoomKind,
    /// Of a direct room.
    pub people: Vec<String>,
}

/// What was looked up already.
pub struct Names {
    epoch: u64,
    /// Without private and direct rooms.
    is_public: bool,
    rooms: BTreeMap<RoomId, Option<Room>>,
    people: BTreeMap<UserId, Person>,
}

impl Names {
    pub fn new(epoch: u64, is_public: bool) -> Names {
        Names {
            epoch,
            is_public,
            rooms: BTreeMap::new(),
            people: BTreeMap::new(),
        }
    }

    /// Nothing where the room is left out. One that was deleted may still have messages.
    pub fn room(&mut self, reader: &Reader, id: RoomId) -> Result<Option<&Room>, StateError> {
        if !self.rooms.contains_key(&id) {
            let record = reader.room_record(id)?;
            let record = record.filter(|room| !self.is_public || room.kind == RoomKind::Public);
            let room = match record {
                Some(record) => {
                    let mut people = Vec::new();
                    if record.kind == RoomKind::Direct {
                        let members = reader.members_after(id, UserId(0), PEOPLE)?;
                        people.extend(members.into_iter().map(|member| member.user.username));
                    }
                    Some(Room {
                        name: record.name,
                        kind: record.kind,
                        people,
                    })
                }
                None => None,
            };
            self.rooms.insert(id, room);
        }
        Ok(self.rooms.get(&id).and_then(Option::as_ref))
    }

    pub fn room_part(
        &mut self,
        reader: &Reader,
        id: RoomId,
    ) -> Result<Option<RoomPart>, StateError> {
        let room = self.room(reader, id)?;
        Ok(room.map(|room| RoomPart {
            room: room.name.clone(),
            people: room.people.clone(),
        }))
    }

    pub fn person(&mut self, reader: &Reader, id: UserId) -> Result<&Person, StateError> {
        match self.people.entry(id) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(place) => {
                let user = reader
                    .user(id)?
                    .ok_or_else(|| StateError::missing("users", id))?;
                let other = user.display_name != user.username;
                Ok(place.insert(Person {
                    username: user.username,
                    display_name: other.then_some(user.display_name),
                }))
            }
        }
    }

    pub fn username(&mut self, reader: &Reader, id: UserId) -> Result<String, StateError> {
        Ok(self.person(reader, id)?.username.clone())
    }

    /// The id of a message's line.
    pub fn own(&self, id: MessageId) -> String {
        name(self.epoch, id)
    }

    /// The id by which a line names another message; `deleted` ones have none in a public export.
    pub fn message(&self, reader: &Reader, id: MessageId) -> Result<Option<String>, StateError> {
        let found = reader.located(id)?;
        let found = found.filter(|found| !(self.is_public && found.record.deleted));
        Ok(found.map(|found| found.record.external_id.unwrap_or_else(|| self.own(id))))
    }
}

/// A message's name outside: no other server gives the same.
fn name(epoch: u64, id: MessageId) -> String {
    format!("maru-{epoch:x}-{id}")
}

/// The message's id, if this name was given here.
pub fn own_id(name: &str, epoch: u64) -> Option<u64> {
    let (theirs, id) = name.strip_prefix("maru-")?.split_once('-')?;
    (u64::from_str_radix(theirs, 16).ok()? == epoch).then(|| id.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_again_here_and_nowhere_else() {
        let given = name(0xabc, MessageId(8192));
        assert_eq!(own_id(&given, 0xabc), Some(8192));
        for (other, epoch) in [
            (given.as_str(), 1),
            ("8192", 0xabc),
            ("maru-abc-x", 0xabc),
            ("maru-", 0),
        ] {
            assert_eq!(own_id(other, epoch), None, "{other}");
        }
    }
}
