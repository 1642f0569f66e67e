//! People and rooms of a file of history. What is here already stays as it is.

use super::direct::direct_key;
use super::history::Joins;
use super::users::tell_user;
use super::{Stop, Work};
use crate::read::Lookup;
use crate::records::{AvatarRecord, RoomRecord, UserRecord};
use maru_domain::history::{ImportedRoom, ImportedUser, LineOutcome};
use maru_domain::{MemberRole, Refusal, Role, RoomId, RoomKind, Timestamp, UserId};

impl Work<'_, '_> {
    pub(super) fn import_user(&mut self, line: &ImportedUser) -> Result<LineOutcome, Stop> {
        if self.tables.user_named(&line.user)?.is_some() {
            return Ok(LineOutcome::Repeated);
        }
        let id = self.imported_user(&line.user, line.display_name.as_deref())?;
        let mut record = self.user_record(id)?;
        let as_made = record.clone();
        if line.bot {
            let owner = line.owner.as_ref().map(|name| self.tables.user_named(name));
            let owner = owner.transpose()?.flatten().unwrap_or(UserId(0));
            record.bot_of = Some(owner);
            self.tables.bots.put((owner.0, id.0), &())?;
        }
        (record.role, record.disabled) = (line.role, line.disabled);
        record.created_at = line.created_at.unwrap_or(record.created_at);
        if let Some(status) = line
            .status
            .as_ref()
            .filter(|status| status.until.is_none_or(|until| until > self.at))
        {
            if let Some(until) = status.until {
                self.tables.status_ends.put((until.0, id.0), &())?;
            }
            record.status = Some(status.clone());
        }
        if let Some(new) = &line.avatar {
            self.hold_content(&new.content, new.size)?;
            record.avatar = Some(AvatarRecord {
                content: new.content.clone(),
                size: new.size,
                version: self.seq.0,
            });
        }
        if record != as_made {
            self.save_user(id, &record)?;
            tell_user(self, record.view(id));
        }
        Ok(LineOutcome::Created)
    }

    pub(super) fn imported_user(
        &mut self,
        name: &str,
        display_name: Option<&str>,
    ) -> Result<UserId, Stop> {
        if let Some(id) = self.tables.user_named(name)? {
            return Ok(id);
        }
        let id = UserId(self.new_id());
        let record = UserRecord {
            username: name.to_owned(),
            display_name: display_name.unwrap_or(name).to_owned(),
            role: Role::Member,
            created_at: self.at,
            disabled: false,
            password_hash: None,
            status: None,
            avatar: None,
            bot_of: None,
        };
        self.name_user(id, name)?;
        self.save_user(id, &record)?;
        tell_user(self, record.view(id));
        Ok(id)
    }

    pub(super) fn import_room(&mut self, line: &ImportedRoom) -> Result<LineOutcome, Stop> {
        let (id, made) = if line.kind == RoomKind::Direct {
            let created_at = line.created_at.unwrap_or(self.at);
            self.imported_direct(&line.members, created_at)?
        } else {
            self.imported_room(line)?
        };
        let mut joined = made;
        for (n, (name, role)) in line.members.iter().enumerate() {
            let user = self.imported_user(name, None)?;
            let is_new = !self.tables.is_member(id, user)?;
            if is_new {
                self.join_quietly(id, user, *role)?;
                joined = true;
            }
            if (is_new || made)
                && let Some(details) = line.details.get(n)
            {
                self.detail_member(id, user, details)?;
            }
        }
        Ok(if joined {
            LineOutcome::Created
        } else {
            LineOutcome::Repeated
        })
    }

    pub(super) fn imported_direct(
        &mut self,
        members: &[(String, MemberRole)],
        created_at: Timestamp,
    ) -> Result<(RoomId, bool), Stop> {
        let mut people = Vec::with_capacity(members.len());
        for (name, _) in members {
            people.push(self.imported_user(name, None)?);
        }
        people.sort_unstable();
        people.dedup();
        let key = direct_key(&people);
        if let Some(id) = self.tables.direct_of(&key)? {
            return Ok((id, false));
        }
        let id = self.add_direct(&key, created_at)?;
        for &user in &people {
            self.put_member(id, user, MemberRole::Member)?;
        }
        self.joins.insert(
            id,
            Joins {
                is_new: true,
                people,
            },
        );
        Ok((id, true))
    }

    pub(super) fn imported_room(&mut self, line: &ImportedRoom) -> Result<(RoomId, bool), Stop> {
        if let Some(id) = self.tables.room_named(&line.room)? {
            let kind = self.tables.room_record(id)?.map(|room| room.kind);
            if kind != Some(line.kind) {
                let is = if line.kind == RoomKind::Public {
                    "private"
                } else {
                    "public"
                };
                return Err(Refusal::forbidden(format!(
                    "The room {} is {is} here; rename one of the two.",
                    line.room
                ))
                .into());
            }
            return Ok((id, false));
        }
        let id = RoomId(self.new_id());
        let record = RoomRecord {
            name: line.room.clone(),
            topic: line.topic.clone(),
            kind: line.kind,
            created_at: line.created_at.unwrap_or(self.at),
            member_count: 0,
            retention_days: line.retention_days,
            archived_at: line.archived_at,
        };
        self.name_room(id, &record)?;
        self.save_room(id, &record)?;
        self.joins.entry(id).or_default().is_new = true;
        Ok((id, true))
    }

    pub(super) fn join_quietly(
        &mut self,
        room: RoomId,
        user: UserId,
        role: MemberRole,
    ) -> Result<(), Stop> {
        self.put_member(room, user, role)?;
        self.joins.entry(room).or_default().people.push(user);
        Ok(())
    }
}
