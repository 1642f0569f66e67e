//! Who wants to be told where.

use super::reader::Reader;
use crate::Result;
use crate::records::PushRecord;
use crate::table::Readable;
use maru_domain::UserId;

impl Reader {
    /// Nobody wants to be told of anything.
    pub fn has_pushes(&self) -> Result<bool> {
        Ok(self.tables.pushes.len()? > 0)
    }

    /// Everybody who wants to be told, in the order of their ids.
    pub fn push_users(&self) -> Result<Vec<UserId>> {
        let rows = self.tables.pushes.rows()?;
        rows.map(|row| Ok(UserId(row?.0))).collect()
    }

    /// Somebody's subscriptions whose sessions still count, the oldest first.
    pub fn pushes(&self, user: UserId) -> Result<Vec<PushRecord>> {
        let held = self.tables.pushes.get(user.0)?.unwrap_or_default();
        let mut counting = Vec::new();
        for push in held.pushes {
            let ended = match push.session {
                Some(session) => !self.tables.sessions.has(session.0)?,
                None => false,
            };
            if !ended {
                counting.push(push);
            }
        }
        Ok(counting)
    }
}
