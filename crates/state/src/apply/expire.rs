//! Messages that are older than their room keeps them, removed a part at a time: text, reactions,
//! files, pins and mentions go; what is counted by is left (that somebody posted there, and in
//! which order), so that nobody's unread count changes.

use super::{Stop, Work};
use crate::read::{Located, Lookup};
use crate::records::MessageLocation;
use crate::table::Readable;
use maru_domain::event::Body;
use maru_domain::{Audience, MessageId, Outcome, Refusal, RoomId, RoomKind, Timestamp, limits};

impl Work<'_, '_> {
    pub(super) fn set_retention(&mut self, id: RoomId, days: Option<u32>) -> Result<Outcome, Stop> {
        let (mut record, member) = self.visible_room(id)?;
        if record.kind == RoomKind::Direct {
            self.need_admin()?;
        } else if !self.manages(&record, member.as_ref())? {
            let text = "Only an owner of the room may say how long it keeps messages.";
            return Err(Refusal::forbidden(text).into());
        }
        record.retention_days = days;
        self.save_room(id, &record)?;
        let outcome = Outcome::Room {
            room: self.room_for_actor(id)?,
            created: false,
        };
        let room = Box::new(self.room_for_all(id)?);
        let audience = super::rooms::whole_audience(id, record.kind);
        self.tell(audience, Body::RoomUpdated { room_id: id, room });
        Ok(outcome)
    }

    /// Removes a part of what was said before this time. A message whose thread goes on stays with
    /// it. Tells where to go on.
    pub(super) fn expire(
        &mut self,
        room: RoomId,
        before: Timestamp,
        after: Option<(i64, u64)>,
    ) -> Result<Outcome, Stop> {
        self.need_admin()?;
        if self.tables.room_record(room)?.is_none() {
            return Ok(Outcome::Expired {
                removed: 0,
                next: None,
            });
        }
        let from = after.map_or((room.0, i64::MIN, 0), |(at, id)| {
            (room.0, at, id.saturating_add(1))
        });
        let rows = self.tables.messages.range(from..(room.0, before.0, 0))?;
        let rows = rows.take(limits::PURGE_MESSAGES);
        let rows = rows.collect::<crate::Result<Vec<_>>>()?;
        let last = rows.last().map(|((_, at, id), _)| (*at, *id));
        let next = last.filter(|_| rows.len() == limits::PURGE_MESSAGES);
        let mut removed = Vec::new();
        for ((_, at, id), record) in rows {
            let found = Located {
                id: MessageId(id),
                place: MessageLocation { room, at },
                record,
            };
            if self.goes_on(&found, before)? {
                continue;
            }
            removed.push(found.id);
            self.remove_message(found)?;
        }
        let count = removed.len() as u64;
        if count > 0 {
            self.mend_tail(room)?;
            self.changed = removed;
            let body = Body::HistoryChanged { room_id: room };
            self.tell(Audience::Room(room), body);
        }
        Ok(Outcome::Expired {
            removed: count,
            next,
        })
    }

    /// Whether somebody answered below this message who is still to be read.
    fn goes_on(&self, found: &Located, before: Timestamp) -> Result<bool, Stop> {
        if !found.record.has_thread {
            return Ok(false);
        }
        let thread = self.tables.threads.get(found.id.0)?;
        Ok(thread.is_some_and(|thread| thread.count > 0 && thread.last_at >= before))
    }

    fn remove_message(&mut self, found: Located) -> Result<(), Stop> {
        let (room, at, id) = (found.place.room.0, found.place.at, found.id.0);
        let (reply_to, is_deleted) = (found.record.reply_to, found.record.deleted);
        if found.record.is_post() {
            let key = (room, found.record.ordinal);
            self.tables.deleted.put(key, &found.record.author.0)?;
        }
        self.erase_content(&found)?;
        if found.record.has_thread {
            self.purge_thread(found.id)?;
        }
        self.tables.places.remove(id)?;
        self.tables.messages.remove((room, at, id))?;
        if let Some(root) = reply_to {
            self.tables.replies.remove((root.0, at, id))?;
            if !is_deleted && self.tables.threads.get(root.0)?.is_some() {
                self.drop_reply(root)?;
            }
        }
        Ok(())
    }

    /// The room's newest message, where that was removed.
    fn mend_tail(&mut self, room: RoomId) -> Result<(), Stop> {
        let mut tail = self.tables.tail(room)?;
        if tail.message.0 == 0 || self.tables.places.get(tail.message.0)?.is_some() {
            return Ok(());
        }
        (tail.at, tail.message) = (0, MessageId(0));
        let all = (room.0, i64::MIN, 0)..=(room.0, i64::MAX, u64::MAX);
        for row in self.tables.messages.range(all)?.rev() {
            let ((_, at, id), record) = row?;
            if !record.deleted {
                (tail.at, tail.message) = (at, MessageId(id));
                break;
            }
        }
        self.tables.tails.put(room.0, &tail)?;
        Ok(())
    }
}
