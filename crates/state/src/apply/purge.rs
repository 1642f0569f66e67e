//! What was in a room that was deleted, removed a part at a time, so that nobody waits for it. Where
//! it stands is in the state: after a crash it goes on.

use super::{Stop, Work};
use crate::read::Located;
use crate::records::{MessageLocation, MessageRecord};
use crate::table::Readable;
use maru_domain::{MessageId, Outcome, RoomId, limits};

impl Work<'_, '_> {
    pub(super) fn purge(&mut self) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let Some((room, mut purge)) = self.tables.purges.rows()?.next().transpose()? else {
            return Ok(Outcome::Part { more: false });
        };
        let room = RoomId(room);
        let mut left = limits::PURGE_MESSAGES;
        left -= self.purge_members(room, left)?;
        let messages = self.purge_messages(room, left)?;
        left -= messages;
        left -= self.purge_rest(room, left)?;
        purge.messages += messages as u64;
        if left > 0 {
            self.tables.tails.remove(room.0)?;
            self.tables.purges.remove(room.0)?;
            tracing::info!(%room, messages = purge.messages, "a deleted room is cleared away");
        } else {
            self.tables.purges.put(room.0, &purge)?;
        }
        let more = !self.tables.purges.is_empty()?;
        Ok(Outcome::Part { more })
    }

    fn purge_members(&mut self, room: RoomId, max: usize) -> Result<usize, Stop> {
        let rows = self
            .tables
            .members
            .range((room.0, 0)..=(room.0, u64::MAX))?;
        let keys = rows.take(max).map(|row| Ok(row?.0));
        let keys = keys.collect::<crate::Result<Vec<_>>>()?;
        for &(room, user) in &keys {
            self.tables.members.remove((room, user))?;
            self.tables.owners.remove((room, user))?;
            self.tables.memberships.remove((user, room))?;
        }
        Ok(keys.len())
    }

    fn purge_messages(&mut self, room: RoomId, max: usize) -> Result<usize, Stop> {
        let all = (room.0, i64::MIN, 0)..=(room.0, i64::MAX, u64::MAX);
        let rows = self.tables.messages.range(all)?.take(max);
        let rows = rows.collect::<crate::Result<Vec<_>>>()?;
        let count = rows.len();
        for ((_, at, id), record) in rows {
            let found = Located {
                id: MessageId(id),
                place: MessageLocation { room, at },
                record,
            };
            self.purge_message(found)?;
        }
        Ok(count)
    }

    fn purge_message(&mut self, found: Located) -> Result<(), Stop> {
        let MessageRecord {
            author, ordinal, ..
        } = found.record;
        let (room, id) = (found.place.room.0, found.id.0);
        let named = found.record.mentions.clone();
        self.drop_mentions(&found, &named)?;
        self.drop_files(&found)?;
        self.drop_beside(&found)?;
        if found.record.has_reactions {
            self.drop_reactions(found.id)?;
        }
        if found.record.has_thread {
            self.purge_thread(found.id)?;
        }
        if let Some(external) = &found.record.external_id
            && self.tables.external_ids.get(external.as_str())? == Some(id)
        {
            self.tables.external_ids.remove(external.as_str())?;
        }
        if found.record.calls.is_some() {
            self.tables.calls.remove((room, id))?;
        }
        if found.record.deleted && found.record.is_post() {
            self.tables.deleted.remove((room, ordinal))?;
        }
        self.tables.authored.remove((author.0, room, id))?;
        self.tables.places.remove(id)?;
        self.tables.messages.remove((room, found.place.at, id))?;
        Ok(())
    }

    pub(super) fn purge_thread(&mut self, root: MessageId) -> Result<(), Stop> {
        self.tables.threads.remove(root.0)?;
        let replies = self
            .tables
            .replies
            .range((root.0, i64::MIN, 0)..=(root.0, i64::MAX, u64::MAX))?;
        for key in replies
            .map(|row| Ok(row?.0))
            .collect::<crate::Result<Vec<_>>>()?
        {
            self.tables.replies.remove(key)?;
        }
        let follows = self
            .tables
            .follows
            .range((root.0, 0)..=(root.0, u64::MAX))?;
        for (root, user) in follows
            .map(|row| Ok(row?.0))
            .collect::<crate::Result<Vec<_>>>()?
        {
            self.tables.follows.remove((root, user))?;
            self.tables.followed.remove((user, root))?;
        }
        Ok(())
    }

    fn purge_rest(&mut self, room: RoomId, max: usize) -> Result<usize, Stop> {
        let rows = self.tables.pins.range((room.0, 0)..=(room.0, u64::MAX))?;
        let keys = rows.take(max).map(|row| Ok(row?.0));
        let keys = keys.collect::<crate::Result<Vec<_>>>()?;
        for &key in &keys {
            self.tables.pins.remove(key)?;
        }
        Ok(keys.len())
    }
}
