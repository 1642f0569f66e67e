//! Rows as an export needs them.

use super::reader::Reader;
use crate::Result;
use crate::records::{DraftRecord, FileRecord, FollowRecord, MemberRecord, PinRecord};
use crate::table::Readable;
use maru_domain::{FileId, MessageId, RoomId, UserId};
use std::collections::BTreeSet;

impl Reader {
    /// The records of a message's files, in their order.
    pub fn file_records(&self, message: MessageId) -> Result<Vec<(FileId, FileRecord)>> {
        use super::files::FileLookup;
        let mut records = Vec::new();
        for id in self.tables.file_ids_of(message)? {
            records.extend(self.tables.files.get(id.0)?.map(|record| (id, record)));
        }
        Ok(records)
    }

    pub fn pin(&self, room: RoomId, message: MessageId) -> Result<Option<PinRecord>> {
        self.tables.pins.get((room.0, message.0))
    }

    /// Members of a room behind one, by id.
    pub fn member_records(
        &self,
        room: RoomId,
        after: UserId,
        limit: usize,
    ) -> Result<Vec<(UserId, MemberRecord)>> {
        let from = (room.0, after.0.saturating_add(1));
        let rows = self.tables.members.range(from..=(room.0, u64::MAX))?;
        rows.take(limit)
            .map(|row| row.map(|((_, user), record)| (UserId(user), record)))
            .collect()
    }

    /// The last message of a room up to a position.
    pub fn message_upto(&self, room: RoomId, at: i64, id: MessageId) -> Result<Option<MessageId>> {
        let upto = (room.0, i64::MIN, 0)..=(room.0, at, id.0);
        let last = self.tables.messages.range(upto)?.next_back().transpose()?;
        Ok(last.map(|((_, _, id), _)| MessageId(id)))
    }

    /// Who follows which thread, and who does not want to, behind one of them.
    pub fn follows_after(
        &self,
        after: (MessageId, UserId),
        limit: usize,
    ) -> Result<Vec<(MessageId, UserId, FollowRecord)>> {
        let from = (after.0.0, after.1.0.saturating_add(1));
        let rows = self.tables.follows.range(from..)?;
        rows.take(limit)
            .map(|row| row.map(|((root, user), record)| (MessageId(root), UserId(user), record)))
            .collect()
    }

    /// The last reply of a thread whose ordinal is not greater.
    pub fn reply_upto(&self, root: MessageId, ordinal: u32) -> Result<Option<MessageId>> {
        let all = (root.0, i64::MIN, 0)..=(root.0, i64::MAX, u64::MAX);
        for row in self.tables.replies.range(all)?.rev() {
            let ((_, _, id), at) = row?;
            if at <= ordinal {
                return Ok(Some(MessageId(id)));
            }
        }
        Ok(None)
    }

    /// What somebody saved, whether they may read it or not, in the order of the messages.
    pub fn all_saved(&self, user: UserId) -> Result<Vec<(MessageId, i64)>> {
        let rows = self.tables.saved.range((user.0, 0)..=(user.0, u64::MAX))?;
        rows.map(|row| row.map(|((_, id), at)| (MessageId(id), at)))
            .collect()
    }

    /// Messages that name somebody behind what they have read of the room, and that they have read in
    /// a thread.
    pub fn mentions_read(&self, user: UserId) -> Result<Vec<MessageId>> {
        let mut read = Vec::new();
        let all = (user.0, 0)..=(user.0, u64::MAX);
        for row in self.tables.mentioned.range(all)? {
            let ((_, id), room) = row?;
            let member = self.tables.members.get((room, user.0))?;
            let is_behind = member.is_some_and(|member| id > member.read.newest.0);
            if is_behind && self.tables.mentions.get((user.0, room, id))?.is_none() {
                read.push(MessageId(id));
            }
        }
        Ok(read)
    }

    /// Who signs in through a provider.
    pub fn users_of_providers(&self) -> Result<BTreeSet<UserId>> {
        let rows = self.tables.identities.rows()?;
        rows.map(|row| Ok(row?.1.user)).collect()
    }

    /// What somebody began to write, by room and thread.
    pub fn all_drafts(
        &self,
        user: UserId,
    ) -> Result<Vec<(RoomId, Option<MessageId>, DraftRecord)>> {
        let mine = (user.0, 0, 0)..=(user.0, u64::MAX, u64::MAX);
        let rows = self.tables.drafts.range(mine)?;
        rows.map(|row| {
            row.map(|((_, room, thread), record)| {
                let thread = (thread != 0).then_some(MessageId(thread));
                (RoomId(room), thread, record)
            })
        })
        .collect()
    }
}
