//! Rooms and who is in them.

use super::lookup::Lookup;
use super::reader::Reader;
use super::views::Views;
use crate::Result;
use crate::records::{MemberRecord, RoomRecord};
use crate::table::Readable;
use crate::tables::DIRECTORY_CHANGED;
use maru_domain::{Member, Room, RoomId, RoomKind, Seq, User, UserId};
use std::ops::Bound;

/// Rooms that are looked at for one page of the directory.
const ROOMS_LOOKED_AT: usize = 10_000;

/// Public rooms in the order of their names.
#[derive(Clone, Debug, Default)]
pub struct DirectoryPage {
    pub rooms: Vec<Room>,
    /// The name behind which the next page begins.
    pub next: Option<String>,
}

impl Reader {
    pub fn room_count(&self) -> Result<u64> {
        self.tables.rooms.len()
    }

    /// Private and direct rooms.
    pub fn closed_room_count(&self) -> Result<u64> {
        let public = self.tables.directory.len()? + self.tables.archived_directory.len()?;
        Ok(self.room_count()?.saturating_sub(public))
    }

    /// Every room that there is.
    pub fn room_ids(&self) -> Result<Vec<RoomId>> {
        let rows = self.tables.rooms.rows()?;
        rows.map(|row| Ok(RoomId(row?.0))).collect()
    }

    pub fn can_read(&self, viewer: UserId, room: RoomId) -> Result<bool> {
        self.tables.can_read(viewer, room)
    }

    pub fn is_member(&self, room: RoomId, user: UserId) -> Result<bool> {
        Ok(self.tables.rooms.has(room.0)? && self.tables.is_member(room, user)?)
    }

    /// The member's own record, with role and read position.
    pub fn member(&self, room: RoomId, user: UserId) -> Result<Option<MemberRecord>> {
        self.tables.member_record(room, user)
    }

    pub fn room_record(&self, room: RoomId) -> Result<Option<RoomRecord>> {
        self.tables.room_record(room)
    }

    pub fn is_archived(&self, room: RoomId) -> Result<bool> {
        let record = self.tables.room_record(room)?;
        Ok(record.is_some_and(|record| record.archived_at.is_some()))
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

    /// As long as this is the same, so are the names of all public rooms.
    pub fn directory_changed(&self) -> Result<Seq> {
        let seq = self.tables.meta.get(DIRECTORY_CHANGED)?;
        Ok(Seq(seq.unwrap_or(0)))
    }

    /// The names of all public rooms that are not archived.
    pub fn public_names(&self) -> Result<Vec<(RoomId, String)>> {
        let mut names = Vec::new();
        for row in self.tables.directory.rows()? {
            let id = row?.1;
            if let Some(record) = self.tables.rooms.get(id)? {
                names.push((RoomId(id), record.name));
            }
        }
        Ok(names)
    }

    /// The names of the private rooms that the viewer is in.
    pub fn private_names(&self, viewer: UserId) -> Result<Vec<(RoomId, String)>> {
        let mut names = Vec::new();
        for (id, _) in self.memberships(viewer)? {
            let record = self.tables.room_record(id)?;
            if let Some(record) =
                record.filter(|room| room.kind == RoomKind::Private && room.archived_at.is_none())
            {
                names.push((id, record.name));
            }
        }
        Ok(names)
    }

    /// The rooms that the viewer is in: those that are archived, those that are not, or both.
    pub fn rooms(&self, viewer: UserId, archived: Option<bool>) -> Result<Vec<Room>> {
        let mut rooms = Vec::new();
        for (id, _) in self.memberships(viewer)? {
            if let Some(wanted) = archived {
                let record = self.tables.room_record(id)?;
                if record.is_none_or(|record| record.archived_at.is_some() != wanted) {
                    continue;
                }
            }
            if let Some(room) = self.tables.room_view(id, Some(viewer))? {
                rooms.push(room);
            }
        }
        Ok(rooms)
    }

    /// Public rooms, archived or not, whose names, as [`maru_domain::names::key`] makes them, are
    /// wanted, behind the name `after`. Only so many are looked at for a page: one that holds few, or
    /// none, may have a next one.
    pub fn directory(
        &self,
        viewer: UserId,
        is_wanted: impl Fn(&str) -> bool,
        after: Option<&str>,
        (limit, archived): (usize, bool),
    ) -> Result<DirectoryPage> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut page = DirectoryPage::default();
        let mut last = String::new();
        let directory = if archived {
            &self.tables.archived_directory
        } else {
            &self.tables.directory
        };
        let rows = directory.range((from, Bound::Unbounded))?;
        for (looked_at, row) in rows.enumerate() {
            let (name, id) = row?;
            if looked_at == ROOMS_LOOKED_AT {
                page.next = Some(last);
                break;
            }
            if !is_wanted(&name) {
                last = name;
                continue;
            }
            if page.rooms.len() == limit {
                page.next = Some(last);
                break;
            }
            if let Some(room) = self.tables.room_view(RoomId(id), Some(viewer))? {
                page.rooms.push(room);
            }
            last = name;
        }
        Ok(page)
    }

    /// Those whose id is greater, in the order of their ids.
    pub fn members_after(&self, room: RoomId, after: UserId, limit: usize) -> Result<Vec<Member>> {
        let mut members = Vec::new();
        let from = (room.0, after.0.saturating_add(1));
        let rows = self.tables.members.range(from..=(room.0, u64::MAX))?;
        for row in rows.take(limit) {
            let ((_, user), record) = row?;
            if let Some(user) = self.user(UserId(user))? {
                members.push(record.view(user));
            }
        }
        Ok(members)
    }

    /// Those who answer for a room, at most `limit`.
    pub fn owners(&self, room: RoomId, limit: usize) -> Result<Vec<User>> {
        let mut owners = Vec::new();
        let rows = self.tables.owners.range((room.0, 0)..=(room.0, u64::MAX))?;
        for row in rows.take(limit) {
            let ((_, user), ()) = row?;
            owners.extend(self.user(UserId(user))?);
        }
        Ok(owners)
    }

    pub fn member_ids(&self, room: RoomId) -> Result<Vec<UserId>> {
        self.tables.member_ids(room)
    }

    /// The rooms that somebody is in, with the position at which they joined.
    pub fn memberships(&self, user: UserId) -> Result<Vec<(RoomId, Seq)>> {
        let mut rooms = Vec::new();
        let mine = (user.0, 0)..=(user.0, u64::MAX);
        for row in self.tables.memberships.range(mine)? {
            let ((_, room), joined) = row?;
            // Memberships of a deleted room are removed in batches.
            if self.tables.rooms.has(room)? {
                rooms.push((RoomId(room), Seq(joined)));
            }
        }
        Ok(rooms)
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

    /// Whether rooms that were deleted still have to be cleared away.
    pub fn has_purges(&self) -> Result<bool> {
        Ok(!self.tables.purges.is_empty()?)
    }
}
