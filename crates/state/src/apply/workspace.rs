//! What the workspace is called, and the picture that stands for it.

use super::access::not_archived;
use super::{Stop, Work};
use crate::read::Lookup;
use crate::records::{AvatarRecord, WorkspaceRecord};
use crate::table::Readable;
use maru_domain::file::NewFile;
use maru_domain::{MemberRole, Outcome, Refusal, RoomId, RoomKind, UserId, limits};

/// The one row of the table.
pub(crate) const IT: &str = "it";

impl Work<'_, '_> {
    pub(super) fn name_workspace(&mut self, name: &str) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let mut record = self.workspace()?;
        name.clone_into(&mut record.name);
        self.tables.workspace.put(IT, &record)?;
        Ok(Outcome::Done)
    }

    pub(super) fn picture_workspace(&mut self, picture: Option<&NewFile>) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let mut record = self.workspace()?;
        let old = record.picture.take();
        if let Some(new) = picture {
            self.hold_content(&new.content, new.size)?;
            record.picture = Some(AvatarRecord {
                content: new.content.clone(),
                size: new.size,
                version: self.seq.0,
            });
        }
        if let Some(old) = old {
            self.drop_content(&old.content, old.size)?;
        }
        self.tables.workspace.put(IT, &record)?;
        Ok(Outcome::Done)
    }

    pub(super) fn set_default(&mut self, room: RoomId, on: bool) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let (found, _) = self.visible_room(room)?;
        let mut record = self.workspace()?;
        record.default_rooms.retain(|id| *id != room);
        if on {
            // Rooms that are archived or gone give way.
            let mut open = Vec::new();
            for id in record.default_rooms {
                if self.is_open(id)? {
                    open.push(id);
                }
            }
            record.default_rooms = open;
            if found.kind != RoomKind::Public {
                let text = "Only a public room can be the room of everybody.";
                return Err(Refusal::invalid("default", text).into());
            }
            not_archived(&found)?;
            if record.default_rooms.len() >= limits::DEFAULT_ROOMS {
                let text = format!(
                    "New people are in {} rooms already, which is as many as can be; take one out first.",
                    limits::DEFAULT_ROOMS
                );
                return Err(Refusal::invalid("default", text).into());
            }
            record.default_rooms.push(room);
        }
        self.tables.workspace.put(IT, &record)?;
        Ok(Outcome::Room {
            room: self.room_for_actor(room)?,
            created: false,
        })
    }

    fn is_open(&self, room: RoomId) -> Result<bool, Stop> {
        let record = self.tables.room_record(room)?;
        Ok(record.is_some_and(|of| of.kind == RoomKind::Public && of.archived_at.is_none()))
    }

    /// Somebody new is where everybody is.
    pub(super) fn join_default_rooms(&mut self, user: UserId) -> Result<(), Stop> {
        for room in self.workspace()?.default_rooms {
            if self.is_open(room)? {
                self.put_member(room, user, MemberRole::Member)?;
                self.tell_member(room, user)?;
            }
        }
        Ok(())
    }

    fn workspace(&self) -> Result<WorkspaceRecord, Stop> {
        Ok(self.tables.workspace.get(IT)?.unwrap_or_default())
    }
}
