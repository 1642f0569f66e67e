//! One snapshot, for doors. What the viewer may not see is `None` here already.

use super::history::{self, History, Page};
use super::lookup::Lookup;
use super::views::Views;
use crate::records::{MemberRecord, MessageRecord, RoomRecord, SessionRecord, UserRecord, decode};
use crate::tables::ReadTables;
use crate::{Result, StateError};
use maru_domain::{
    Invite, InviteId, Member, Message, MessageId, Room, RoomId, RoomKind, Seq, Session, SessionId,
    User, UserId,
};
use redb::{ReadableTable, ReadableTableMetadata};

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
    tables: ReadTables,
    seq: Seq,
}

impl Reader {
    pub(crate) fn new(tables: ReadTables) -> Result<Reader> {
        let seq = tables.meta.get("seq")?.map_or(0, |seq| seq.value());
        Ok(Reader {
            tables,
            seq: Seq(seq),
        })
    }

    pub fn seq(&self) -> Seq {
        self.seq
    }

    pub fn tables(&self) -> &ReadTables {
        &self.tables
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
                let (id, bytes) = row?;
                Ok(decode::<UserRecord>(bytes.value())?.view(UserId(id.value())))
            })
            .collect()
    }

    pub fn user_count(&self) -> Result<u64> {
        Ok(self.tables.users.len()?)
    }

    pub fn room_count(&self) -> Result<u64> {
        Ok(self.tables.rooms.len()?)
    }

    /// Private and direct rooms.
    pub fn closed_room_count(&self) -> Result<u64> {
        let mut count = 0;
        for row in self.tables.rooms.iter()? {
            let record: RoomRecord = decode(row?.1.value())?;
            count += u64::from(record.kind != RoomKind::Public);
        }
        Ok(count)
    }

    /// Every room that there is.
    pub fn room_ids(&self) -> Result<Vec<RoomId>> {
        let rows = self.tables.rooms.iter()?;
        rows.map(|row| Ok(RoomId(row?.0.value()))).collect()
    }

    pub fn message_count(&self) -> Result<u64> {
        Ok(self.tables.message_rooms.len()?)
    }

    /// Whether somebody can sign in and manage the house.
    pub fn has_admin(&self) -> Result<bool> {
        self.tables.admin_besides(UserId(0))
    }

    pub fn sessions(&self, user: UserId, current: Option<SessionId>) -> Result<Vec<Session>> {
        let mut sessions = Vec::new();
        for id in self.tables.session_ids(user)? {
            let record = self
                .tables
                .session_record(id)?
                .ok_or(StateError::Corrupt("user's session"))?;
            sessions.push(Session {
                id,
                created_at: record.created_at,
                expires_at: record.expires_at,
                user_agent: record.user_agent,
                address: record.address,
                current: current == Some(id),
            });
        }
        Ok(sessions)
    }

    /// Every session of everybody, to bring the cache in line at start.
    pub fn all_sessions(&self) -> Result<Vec<SessionRow>> {
        self.tables
            .sessions
            .iter()?
            .map(|row| {
                let (id, bytes) = row?;
                Ok(SessionRow {
                    id: SessionId(id.value()),
                    record: decode(bytes.value())?,
                })
            })
            .collect()
    }

    pub fn invites(&self) -> Result<Vec<Invite>> {
        self.tables
            .invites
            .iter()?
            .map(|row| {
                let (id, bytes) = row?;
                let record: crate::records::InviteRecord = decode(bytes.value())?;
                Ok(record.view(InviteId(id.value())))
            })
            .collect()
    }

    pub fn invite(&self, digest: &str) -> Result<Option<Invite>> {
        Ok(self
            .tables
            .invite_by_digest(digest)?
            .map(|(id, record)| record.view(id)))
    }

    pub fn can_read(&self, viewer: UserId, room: RoomId) -> Result<bool> {
        Ok(match self.tables.room_record(room)? {
            None => false,
            Some(record) => record.kind == RoomKind::Public || self.is_member(room, viewer)?,
        })
    }

    pub fn is_member(&self, room: RoomId, user: UserId) -> Result<bool> {
        Ok(self.tables.memberships.get((user.0, room.0))?.is_some())
    }

    /// The member's own record, with role and read position.
    pub fn member(&self, room: RoomId, user: UserId) -> Result<Option<MemberRecord>> {
        self.tables.member_record(room, user)
    }

    pub fn room_record(&self, room: RoomId) -> Result<Option<RoomRecord>> {
        self.tables.room_record(room)
    }

    pub fn room_by_name(&self, name: &str) -> Result<Option<RoomId>> {
        self.tables.room_named(name)
    }

    pub fn room(&self, viewer: UserId, id: RoomId) -> Result<Option<Room>> {
        if self.can_read(viewer, id)? {
            self.tables.room_view(id, Some(viewer))
        } else {
            Ok(None)
        }
    }

    /// The names of the public rooms and of the private ones that the viewer is in; nothing is
    /// counted, so this is cheap.
    pub fn room_names(&self, viewer: UserId) -> Result<Vec<(RoomId, String)>> {
        let mut names = Vec::new();
        for row in self.tables.rooms.iter()? {
            let (id, bytes) = row?;
            let (id, record) = (RoomId(id.value()), decode::<RoomRecord>(bytes.value())?);
            let seen = match record.kind {
                RoomKind::Public => true,
                RoomKind::Private => self.is_member(id, viewer)?,
                RoomKind::Direct => false,
            };
            if seen {
                names.push((id, record.name));
            }
        }
        Ok(names)
    }

    /// Public rooms and those that the viewer is in.
    pub fn rooms(&self, viewer: UserId) -> Result<Vec<Room>> {
        let mut rooms = Vec::new();
        for row in self.tables.rooms.iter()? {
            let (id, bytes) = row?;
            let id = RoomId(id.value());
            let record: RoomRecord = decode(bytes.value())?;
            let me = self.tables.member_record(id, viewer)?;
            if record.kind == RoomKind::Public || me.is_some() {
                rooms.push(self.tables.room_with(id, record, me.map(|m| (viewer, m)))?);
            }
        }
        Ok(rooms)
    }

    /// Those whose id is greater, in the order of their ids.
    pub fn members_after(&self, room: RoomId, after: UserId, limit: usize) -> Result<Vec<Member>> {
        let mut members = Vec::new();
        let from = (room.0, after.0.saturating_add(1));
        let rows = self.tables.members.range(from..=(room.0, u64::MAX))?;
        for row in rows.take(limit) {
            let (key, bytes) = row?;
            let record: MemberRecord = decode(bytes.value())?;
            if let Some(user) = self.user(UserId(key.value().1))? {
                members.push(record.view(user));
            }
        }
        Ok(members)
    }

    pub fn member_ids(&self, room: RoomId) -> Result<Vec<UserId>> {
        self.tables.member_ids(room)
    }

    /// The rooms that somebody is in, with the position at which they joined.
    pub fn memberships(&self, user: UserId) -> Result<Vec<(RoomId, Seq)>> {
        self.tables
            .memberships
            .range((user.0, 0)..=(user.0, u64::MAX))?
            .map(|row| {
                let (key, joined) = row?;
                Ok((RoomId(key.value().1), Seq(joined.value())))
            })
            .collect()
    }

    /// The private and direct rooms that somebody is in: what they may read besides public ones.
    pub fn readable_private(&self, user: UserId) -> Result<Vec<RoomId>> {
        let mut rooms = Vec::new();
        for (room, _) in self.memberships(user)? {
            let record = self.tables.room_record(room)?;
            if record.is_some_and(|record| record.kind != RoomKind::Public) {
                rooms.push(room);
            }
        }
        Ok(rooms)
    }

    pub fn history(&self, room: RoomId, page: Page) -> Result<History> {
        history::page(&self.tables, room, page)
    }

    pub fn message(&self, id: MessageId) -> Result<Option<Message>> {
        let Some(room) = self.tables.room_of(id)? else {
            return Ok(None);
        };
        match self.tables.message_record(room, id)? {
            Some(record) => self.tables.message_view(room, id, record).map(Some),
            None => Ok(None),
        }
    }

    pub fn message_for(&self, viewer: UserId, id: MessageId) -> Result<Option<Message>> {
        match self.tables.room_of(id)? {
            Some(room) if self.can_read(viewer, room)? => self.message(id),
            _ => Ok(None),
        }
    }

    /// The root and its replies, oldest first. Works from any message of the thread.
    pub fn thread(&self, of: MessageId) -> Result<Vec<Message>> {
        let Some(room) = self.tables.room_of(of)? else {
            return Ok(Vec::new());
        };
        let Some(record) = self.tables.message_record(room, of)? else {
            return Ok(Vec::new());
        };
        let root = record.reply_to.unwrap_or(of);
        let mut ids = vec![root];
        for row in self
            .tables
            .replies
            .range((root.0, 0)..=(root.0, u64::MAX))?
        {
            ids.push(MessageId(row?.0.value().1));
        }
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(record) = self.tables.message_record(room, id)? {
                rows.push((id.0, record));
            }
        }
        history::with_authors(&self.tables, room, rows)
    }

    /// Every message in the order of its id, for export, check and rebuilding the index.
    pub fn all_messages(
        &self,
        after: MessageId,
        limit: usize,
    ) -> Result<Vec<(RoomId, MessageId, MessageRecord)>> {
        let mut rows = Vec::new();
        for row in self.tables.message_rooms.range(after.0 + 1..)?.take(limit) {
            let (id, room) = row?;
            let (id, room) = (MessageId(id.value()), RoomId(room.value()));
            let record = self
                .tables
                .message_record(room, id)?
                .ok_or(StateError::Corrupt("message"))?;
            rows.push((room, id, record));
        }
        Ok(rows)
    }
}

fn account(id: UserId, mut record: UserRecord) -> Account {
    let password_hash = record.password_hash.take();
    Account {
        user: record.view(id),
        password_hash,
    }
}
