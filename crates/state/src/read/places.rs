//! Lists of messages across time: what is pinned, what was saved, what names somebody.

use super::history;
use super::lookup::{Located, Lookup};
use super::reader::Reader;
use crate::Result;
use crate::table::Readable;
use maru_domain::{Message, MessageId, RoomId, Timestamp, UserId};

impl Reader {
    /// What is pinned in a room, the newest pin first, with who pinned it when.
    pub fn pins(&self, room: RoomId) -> Result<Vec<(Message, UserId, Timestamp)>> {
        let mut pins = Vec::new();
        for row in self.tables.pins.range((room.0, 0)..=(room.0, u64::MAX))? {
            let ((_, id), pin) = row?;
            pins.push((pin.at, MessageId(id), pin.user));
        }
        pins.sort_by_key(|pin| std::cmp::Reverse((pin.0, pin.1)));
        let mut found = Vec::with_capacity(pins.len());
        let mut pinned = Vec::with_capacity(pins.len());
        for (at, id, user) in pins {
            if let Some(message) = self.tables.located_in(room, id)? {
                found.push(message);
                pinned.push((user, at));
            }
        }
        let messages = history::with_authors(&self.tables, found)?;
        Ok(messages
            .into_iter()
            .zip(pinned)
            .map(|(message, (user, at))| (message, user, at))
            .collect())
    }

    /// What somebody saved and may still read, the newest save first.
    /// What somebody saved, in the order of the messages.
    pub fn saved_ids(&self, user: UserId) -> Result<Vec<MessageId>> {
        let rows = self.tables.saved.range((user.0, 0)..=(user.0, u64::MAX))?;
        rows.map(|row| Ok(MessageId(row?.0.1))).collect()
    }

    pub fn saved(&self, user: UserId) -> Result<Vec<(Message, Timestamp)>> {
        let mut saved = Vec::new();
        for row in self.tables.saved.range((user.0, 0)..=(user.0, u64::MAX))? {
            let ((_, id), at) = row?;
            saved.push((at, MessageId(id)));
        }
        saved.sort_by_key(|save| std::cmp::Reverse(*save));
        let mut found = Vec::with_capacity(saved.len());
        let mut times = Vec::with_capacity(saved.len());
        for (at, id) in saved {
            if let Some(message) = self.readable(user, id)? {
                found.push(message);
                times.push(Timestamp(at));
            }
        }
        let messages = history::with_authors(&self.tables, found)?;
        Ok(messages.into_iter().zip(times).collect())
    }

    /// Messages before `before` that name somebody and may still be read by them, newest first.
    pub fn mentions(
        &self,
        user: UserId,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let end = before.map_or(u64::MAX, |id| id.0);
        let mut found = Vec::new();
        for row in self
            .tables
            .mentioned
            .range((user.0, 0)..(user.0, end))?
            .rev()
        {
            let ((_, id), _) = row?;
            if let Some(message) = self.readable(user, MessageId(id))? {
                found.push(message);
                if found.len() == limit {
                    break;
                }
            }
        }
        history::with_authors(&self.tables, found)
    }

    /// A message that is not deleted, where the viewer may read it.
    fn readable(&self, viewer: UserId, id: MessageId) -> Result<Option<Located>> {
        let Some(found) = self.tables.located(id)? else {
            return Ok(None);
        };
        let may = !found.record.deleted && self.can_read(viewer, found.place.room)?;
        Ok(may.then_some(found))
    }

    /// How far the members of a room have read.
    pub fn read_positions(&self, room: RoomId) -> Result<Vec<(UserId, MessageId)>> {
        let rows = self
            .tables
            .members
            .range((room.0, 0)..=(room.0, u64::MAX))?;
        rows.map(|row| {
            let ((_, user), member) = row?;
            Ok((UserId(user), member.read.message))
        })
        .collect()
    }
}
