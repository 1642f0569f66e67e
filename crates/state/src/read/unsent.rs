//! Drafts, and messages that are sent later.

use super::files::FileLookup;
use super::reader::Reader;
use crate::Result;
use crate::table::Readable;
use maru_domain::{KeptDraft, MessageId, RoomId, Scheduled, ScheduledId, Timestamp, UserId};

impl Reader {
    /// The newest first. A room that the user left has none to show.
    pub fn drafts(&self, user: UserId) -> Result<Vec<KeptDraft>> {
        let mine = (user.0, 0, 0)..=(user.0, u64::MAX, u64::MAX);
        let mut drafts = Vec::new();
        for row in self.tables().drafts.range(mine)? {
            let ((_, room, thread), record) = row?;
            if !self.is_member(RoomId(room), user)? {
                continue;
            }
            drafts.push(KeptDraft {
                room_id: RoomId(room),
                thread_id: (thread != 0).then_some(MessageId(thread)),
                text: record.text,
                updated_at: record.at,
            });
        }
        drafts.sort_by_key(|draft| std::cmp::Reverse(draft.updated_at));
        Ok(drafts)
    }

    /// What waits for its time, the next first; of one room or of all.
    pub fn scheduled(&self, user: UserId, room: Option<RoomId>) -> Result<Vec<Scheduled>> {
        let mut all = Vec::new();
        let mine = (user.0, 0)..=(user.0, u64::MAX);
        for row in self.tables().scheduled_by.range(mine)? {
            let id = row?.0.1;
            if let Some(record) = self.tables().scheduled.get(id)?
                && room.is_none_or(|room| room == record.room)
            {
                let files = self.tables().files_by_ids(&record.files)?;
                all.push(record.view(ScheduledId(id), files));
            }
        }
        all.sort_by_key(|one| (one.send_at, one.id));
        Ok(all)
    }

    /// Whose time has come, a few at a time.
    pub fn scheduled_due(&self, now: Timestamp, limit: usize) -> Result<Vec<ScheduledId>> {
        let due = self
            .tables()
            .scheduled_at
            .range((i64::MIN, 0)..=(now.0, u64::MAX))?;
        due.take(limit)
            .map(|row| Ok(ScheduledId(row?.0.1)))
            .collect()
    }
}
