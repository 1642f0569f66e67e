//! Everything that `import` can load again, as lines of JSON.
//!
//! Public rooms only: a line says nothing of who may read it, and whoever loads the file makes
//! its rooms public.

use crate::domain::{MessageId, RoomId, RoomKind, Timestamp, UserId};
use crate::state::records::MessageRecord;
use crate::state::{Reader, StateError};
use serde::Serialize;
use std::collections::BTreeMap;

/// Messages read at a time.
const PAGE: usize = 1000;

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    room: &'a str,
    user: &'a str,
    sent_at: Timestamp,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<String>,
}

struct Person {
    username: String,
    display_name: Option<String>,
}

/// One position of the state on its way out, a piece at a time.
pub struct Export {
    reader: Reader,
    epoch: u64,
    after: MessageId,
    rooms: BTreeMap<RoomId, Option<String>>,
    people: BTreeMap<UserId, Person>,
    pub lines: u64,
}

impl Export {
    pub fn new(reader: Reader, epoch: u64) -> Export {
        let (rooms, people) = (BTreeMap::new(), BTreeMap::new());
        Export {
            reader,
            epoch,
            after: MessageId(0),
            rooms,
            people,
            lines: 0,
        }
    }

    /// How many rooms are left out.
    pub fn rooms_left_out(&self) -> Result<u64, StateError> {
        self.reader.closed_room_count()
    }

    /// The next lines; `None` at the end.
    pub fn next_piece(&mut self) -> Result<Option<Vec<u8>>, StateError> {
        let page = self.reader.all_messages(self.after, PAGE)?;
        let Some((_, last, _)) = page.last() else {
            return Ok(None);
        };
        self.after = *last;
        let mut piece = Vec::with_capacity(page.len() * 200);
        for (room, id, record) in &page {
            if !record.deleted {
                self.line(*room, *id, record, &mut piece)?;
            }
        }
        Ok(Some(piece))
    }

    fn line(
        &mut self,
        room: RoomId,
        id: MessageId,
        record: &MessageRecord,
        piece: &mut Vec<u8>,
    ) -> Result<(), StateError> {
        self.know_room(room)?;
        self.know_person(record.author)?;
        let Some(Some(room)) = self.rooms.get(&room) else {
            return Ok(());
        };
        let Some(person) = self.people.get(&record.author) else {
            return Ok(());
        };
        let reply_to = match record.reply_to {
            Some(root) => self.name_of(root)?,
            None => None,
        };
        let own = name(self.epoch, id);
        let line = Line {
            id: record.external_id.as_deref().unwrap_or(&own),
            room,
            user: &person.username,
            sent_at: record.sent_at,
            text: &record.text,
            display_name: person.display_name.as_deref(),
            edited_at: record.edited_at,
            reply_to,
        };
        serde_json::to_writer(&mut *piece, &line).map_err(|_| StateError::Corrupt("message"))?;
        piece.push(b'\n');
        self.lines += 1;
        Ok(())
    }

    fn know_room(&mut self, id: RoomId) -> Result<(), StateError> {
        if !self.rooms.contains_key(&id) {
            let room = self
                .reader
                .room_record(id)?
                .ok_or(StateError::Corrupt("message's room"))?;
            let name = (room.kind == RoomKind::Public).then_some(room.name);
            self.rooms.insert(id, name);
        }
        Ok(())
    }

    fn know_person(&mut self, id: UserId) -> Result<(), StateError> {
        if !self.people.contains_key(&id) {
            let user = self
                .reader
                .user(id)?
                .ok_or(StateError::Corrupt("message's author"))?;
            let display_name = (user.display_name != user.username).then_some(user.display_name);
            self.people.insert(
                id,
                Person {
                    username: user.username,
                    display_name,
                },
            );
        }
        Ok(())
    }

    /// The id by which a line names a message that it answers.
    fn name_of(&self, id: MessageId) -> Result<Option<String>, StateError> {
        let message = self.reader.message(id)?.filter(|message| !message.deleted);
        Ok(message.map(|message| message.external_id.unwrap_or_else(|| name(self.epoch, id))))
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
