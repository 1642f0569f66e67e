//! What a room would let go, counted before anything is done.

use super::{Lookup, Reader};
use crate::Result;
use crate::table::Readable;
use maru_domain::{RoomId, Timestamp};

/// What is older than a room keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expiring {
    pub messages: u64,
    pub files: u64,
    /// Of those files, as they were sent.
    pub file_bytes: u64,
}

/// How long a room keeps messages by its own rule.
#[derive(Clone, Debug)]
pub struct Kept {
    pub room: RoomId,
    pub name: String,
    pub days: Option<u32>,
}

impl Reader {
    /// Every room, with its own rule.
    pub fn kept(&self) -> Result<Vec<Kept>> {
        let rows = self.tables.rooms.rows()?;
        rows.map(|row| {
            let (id, record) = row?;
            Ok(Kept {
                room: RoomId(id),
                name: record.name,
                days: record.retention_days,
            })
        })
        .collect()
    }

    /// What was said in a room before this time and would go. Looks at all of it.
    pub fn expiring(&self, room: RoomId, before: Timestamp) -> Result<Expiring> {
        let mut found = Expiring::default();
        let old = (room.0, i64::MIN, 0)..(room.0, before.0, 0);
        for row in self.tables.messages.range(old)? {
            let ((_, _, id), record) = row?;
            if record.has_thread {
                let thread = self.tables.threads.get(id)?;
                if thread.is_some_and(|thread| thread.count > 0 && thread.last_at >= before) {
                    continue;
                }
            }
            // What was deleted already counts no more.
            found.messages += u64::from(!record.deleted);
            for row in self.tables.message_files.range((id, 0)..=(id, u64::MAX))? {
                let (_, file) = row?;
                found.files += 1;
                let file = self.tables.files.get(file)?;
                found.file_bytes += file.map_or(0, |file| file.size);
            }
        }
        Ok(found)
    }

    /// Whether a room is there, and what its own rule is.
    pub fn retention_days(&self, room: RoomId) -> Result<Option<Option<u32>>> {
        let record = self.tables.room_record(room)?;
        Ok(record.map(|record| record.retention_days))
    }
}
