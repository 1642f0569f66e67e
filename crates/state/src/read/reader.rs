//! One snapshot, for doors. What the viewer may not see is `None` here already.

use super::lookup::Lookup;
use super::views::Views;
use crate::file::Handle;
use crate::records::{LogPosition, SessionRecord, UserRecord};
use crate::table::Readable;
use crate::tables::{PEOPLE_CHANGED, ReadTables, Visit};
use crate::{Result, StateError};
use maru_domain::{Invite, InviteId, Seq, Session, SessionId, Timestamp, User, UserId, names};
use std::sync::Arc;

/// A user with what signing in needs.
#[derive(Clone, Debug)]
pub struct Account {
    pub user: User,
    pub password_hash: Option<String>,
}

/// A session with what the cache needs.
#[derive(Clone, Debug)]
pub struct SessionRow {
    pub id: SessionId,
    pub record: SessionRecord,
}

/// One position of the state; later changes are not seen.
pub struct Reader {
    pub(super) tables: ReadTables,
    seq: Seq,
    /// Held until this is dropped, should it be replaced meanwhile.
    _handle: Arc<Handle>,
}

impl Reader {
    pub(crate) fn new(tables: ReadTables, handle: Arc<Handle>) -> Result<Reader> {
        let seq = Seq(tables.meta.get("seq")?.unwrap_or(0));
        Ok(Reader {
            tables,
            seq,
            _handle: handle,
        })
    }

    pub fn seq(&self) -> Seq {
        self.seq
    }

    /// What a log is compared with; without a hash where no entry was applied since an older version
    /// wrote the file.
    pub fn position(&self) -> Result<LogPosition> {
        let last = self.tables.position.get("last")?;
        Ok(last
            .filter(|last| last.seq == self.seq)
            .unwrap_or(LogPosition {
                seq: self.seq,
                ..LogPosition::default()
            }))
    }

    pub fn tables(&self) -> &ReadTables {
        &self.tables
    }

    /// Every row of every table, verified.
    pub fn visit(&self, visit: &mut impl Visit) -> Result<()> {
        self.tables.visit(visit)
    }

    pub fn user(&self, id: UserId) -> Result<Option<User>> {
        self.tables.user_view(id)
    }

    pub fn account(&self, id: UserId) -> Result<Option<Account>> {
        Ok(self
            .tables
            .user_record(id)?
            .map(|record| account(id, record)))
    }

    /// In any case and normal form.
    pub fn account_by_name(&self, name: &str) -> Result<Option<Account>> {
        match self.tables.user_named(name)? {
            Some(id) => self.account(id),
            None => Ok(None),
        }
    }

    /// Everybody, in the order in which they came.
    pub fn users(&self) -> Result<Vec<User>> {
        self.users_after(UserId(0), usize::MAX)
    }

    /// Those whose id is greater, in the order in which they came.
    pub fn users_after(&self, after: UserId, limit: usize) -> Result<Vec<User>> {
        let rows = self.tables.users.range(after.0.saturating_add(1)..)?;
        rows.take(limit)
            .map(|row| {
                let (id, record) = row?;
                Ok(record.view(UserId(id)))
            })
            .collect()
    }

    /// Whose display name this is, where it is not their user name as well; in any case and normal
    /// form.
    pub fn users_called(&self, display_name: &str) -> Result<Vec<UserId>> {
        let key = names::key(display_name);
        let key = key.as_str();
        let rows = self
            .tables
            .display_names
            .range((key, 0)..=(key, u64::MAX))?;
        rows.map(|row| Ok(UserId(row?.0.1))).collect()
    }

    /// As long as this is the same, so are the names of all people, and who of them is disabled.
    pub fn people_changed(&self) -> Result<Seq> {
        let seq = self.tables.meta.get(PEOPLE_CHANGED)?;
        Ok(Seq(seq.unwrap_or(0)))
    }

    pub fn user_count(&self) -> Result<u64> {
        self.tables.users.len()
    }

    /// Whether somebody can sign in and manage the server.
    pub fn has_admin(&self) -> Result<bool> {
        self.tables.admin_besides(UserId(0))
    }

    /// A JSON object.
    pub fn settings(&self, user: UserId) -> Result<String> {
        let record = self.tables.settings.get(user.0)?;
        Ok(record.map_or_else(|| "{}".to_owned(), |record| record.json))
    }

    pub fn sessions(&self, user: UserId, current: Option<SessionId>) -> Result<Vec<Session>> {
        let mut sessions = Vec::new();
        for id in self.tables.session_ids(user)? {
            let record = self
                .tables
                .session_record(id)?
                .ok_or_else(|| StateError::missing("sessions", id))?;
            sessions.push(record.view(id, current));
        }
        Ok(sessions)
    }

    /// Every session of everybody, to bring the cache in line at start.
    pub fn all_sessions(&self) -> Result<Vec<SessionRow>> {
        let rows = self.tables.sessions.rows()?;
        rows.map(|row| {
            let (id, record) = row?;
            let id = SessionId(id);
            Ok(SessionRow { id, record })
        })
        .collect()
    }

    /// Sessions that are over by time and stand there still, some of them.
    pub fn sessions_over(&self, at: Timestamp, max: usize) -> Result<Vec<(UserId, SessionId)>> {
        let mut over = Vec::new();
        for row in self
            .tables
            .session_ends
            .range(..=(at.0, u64::MAX))?
            .take(max)
        {
            let ((_, id), ()) = row?;
            let id = SessionId(id);
            let record = self.tables.session_record(id)?;
            over.extend(record.map(|record| (record.user, id)));
        }
        Ok(over)
    }

    pub fn invites(&self) -> Result<Vec<Invite>> {
        let rows = self.tables.invites.rows()?;
        rows.map(|row| {
            let (id, record) = row?;
            Ok(record.view(InviteId(id)))
        })
        .collect()
    }

    pub fn invite(&self, digest: &str) -> Result<Option<Invite>> {
        Ok(self
            .tables
            .invite_by_digest(digest)?
            .map(|(id, record)| record.view(id)))
    }
}

fn account(id: UserId, mut record: UserRecord) -> Account {
    let password_hash = record.password_hash.take();
    Account {
        user: record.view(id),
        password_hash,
    }
}
