//! Messages: by room, by id, and all of them.

use super::history::{self, History, HistoryQuery};
use super::lookup::{Located, Lookup};
use super::reader::Reader;
use super::views::Views;
use crate::Result;
use crate::records::MessageLocation;
use crate::table::Readable;
use maru_domain::{Message, MessageId, OldText, RoomId, UserId};
use std::ops::Bound;

/// Where a message stands in the order in which all are kept: by room, then as people read them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MessageKey {
    pub room: RoomId,
    pub at: i64,
    pub id: MessageId,
}

impl Located {
    pub fn key(&self) -> MessageKey {
        MessageKey {
            room: self.place.room,
            at: self.place.at,
            id: self.id,
        }
    }
}

impl Reader {
    pub fn message_count(&self) -> Result<u64> {
        self.tables.messages.len()
    }

    pub fn history(&self, room: RoomId, page: HistoryQuery) -> Result<History> {
        history::page(&self.tables, room, page)
    }

    pub fn message(&self, id: MessageId) -> Result<Option<Message>> {
        match self.tables.located(id)? {
            Some(found) => self.tables.message_view(found).map(Some),
            None => Ok(None),
        }
    }

    pub fn message_for(&self, viewer: UserId, id: MessageId) -> Result<Option<Message>> {
        match self.tables.room_of(id)? {
            Some(room) if self.can_read(viewer, room)? => self.message(id),
            _ => Ok(None),
        }
    }

    /// What it said before it was edited, the first first, as far as that was kept. For
    /// administrators: does not ask who may read it.
    pub fn old_texts(&self, id: MessageId) -> Result<Vec<OldText>> {
        let rows = self.tables.old_texts.range((id.0, 0)..=(id.0, u64::MAX))?;
        let texts = rows.map(|row| {
            let record = row?.1;
            Ok(OldText {
                text: record.text,
                since: record.since,
            })
        });
        texts.collect()
    }

    /// The message as it is stored.
    pub fn located(&self, id: MessageId) -> Result<Option<Located>> {
        self.tables.located(id)
    }

    /// How a message is shown whose record was read already.
    pub fn view(&self, found: Located) -> Result<Message> {
        self.tables.message_view(found)
    }

    /// Every message behind `after`, room by room as people read them: for export, check and
    /// building the index. Rooms that were deleted may still have some.
    pub fn all_messages(&self, after: Option<MessageKey>, limit: usize) -> Result<Vec<Located>> {
        let from = after.map_or(Bound::Unbounded, |key| {
            Bound::Excluded((key.room.0, key.at, key.id.0))
        });
        let rows = self.tables.messages.range((from, Bound::Unbounded))?;
        rows.take(limit)
            .map(|row| {
                let ((room, at, id), record) = row?;
                Ok(Located {
                    id: MessageId(id),
                    place: MessageLocation {
                        room: RoomId(room),
                        at,
                    },
                    record,
                })
            })
            .collect()
    }

    /// What somebody wrote anywhere, room by room; behind one message, in pages.
    pub fn written_by(
        &self,
        author: UserId,
        after: (RoomId, MessageId),
        limit: usize,
    ) -> Result<Vec<(RoomId, MessageId)>> {
        let from = (author.0, after.0.0, after.1.0.saturating_add(1));
        let rows = self
            .tables
            .authored
            .range(from..=(author.0, u64::MAX, u64::MAX))?;
        rows.take(limit)
            .map(|row| {
                let ((_, room, id), _) = row?;
                Ok((RoomId(room), MessageId(id)))
            })
            .collect()
    }

    /// What somebody wrote in a room, oldest first.
    pub fn authored(
        &self,
        author: UserId,
        room: RoomId,
        after: MessageId,
        limit: usize,
    ) -> Result<Vec<MessageId>> {
        let from = (author.0, room.0, after.0.saturating_add(1));
        let rows = self
            .tables
            .authored
            .range(from..=(author.0, room.0, u64::MAX))?;
        rows.take(limit)
            .map(|row| Ok(MessageId(row?.0.2)))
            .collect()
    }
}
