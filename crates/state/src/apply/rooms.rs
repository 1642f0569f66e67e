//! Rooms.

use super::access::not_archived;
use super::{Stop, Work};
use crate::read::{Lookup, Views};
use crate::records::{Purge, RoomRecord};
use crate::table::Readable;
use crate::tables::DIRECTORY_CHANGED;
use maru_domain::event::Body;
use maru_domain::{
    Actor, Audience, Code, Effect, MemberRole, Outcome, Refusal, RoomId, RoomKind, UserId, names,
};

impl Work<'_, '_> {
    pub(super) fn create_room(
        &mut self,
        name: &str,
        topic: &str,
        kind: RoomKind,
    ) -> Result<Outcome, Stop> {
        self.need_free_name(name, None)?;
        let id = RoomId(self.new_id());
        let record = RoomRecord {
            name: name.to_owned(),
            topic: topic.to_owned(),
            kind,
            created_at: self.at,
            member_count: 0,
            retention_days: None,
            archived_at: None,
        };
        self.name_room(id, &record)?;
        self.save_room(id, &record)?;
        let founders = match self.actor {
            Actor::User(user) => vec![user],
            Actor::System => Vec::new(),
        };
        for &user in &founders {
            self.put_member(id, user, MemberRole::Owner)?;
        }
        self.tell_new_room(id, kind, founders)
    }

    pub(super) fn tell_new_room(
        &mut self,
        id: RoomId,
        kind: RoomKind,
        members: Vec<UserId>,
    ) -> Result<Outcome, Stop> {
        let audience = match kind {
            RoomKind::Public => Audience::Everyone,
            RoomKind::Private | RoomKind::Direct => Audience::Users(members.clone()),
        };
        let outcome = Outcome::Room {
            room: self.room_for_actor(id)?,
            created: true,
        };
        let room = Box::new(self.room_for_all(id)?);
        let joined = members.iter().map(|user| (id, *user)).collect();
        let body = Body::RoomCreated {
            room_id: id,
            room,
            user_ids: members,
        };
        self.tell_moving(audience, joined, Vec::new(), body);
        Ok(outcome)
    }

    /// Makes the room known under its name.
    pub(super) fn name_room(&mut self, id: RoomId, record: &RoomRecord) -> Result<(), Stop> {
        let key = names::key(&record.name);
        self.tables.room_names.put(key.as_str(), &id.0)?;
        let alike = names::likeness(&record.name);
        // Of two that older rules let look alike the first has the row.
        if !self.tables.room_names_alike.has(alike.as_str())? {
            self.tables.room_names_alike.put(alike.as_str(), &id.0)?;
        }
        if record.kind == RoomKind::Public {
            match record.archived_at {
                None => self.tables.directory.put(key.as_str(), &id.0)?,
                Some(_) => self.tables.archived_directory.put(key.as_str(), &id.0)?,
            }
            self.tables.meta.put(DIRECTORY_CHANGED, &self.seq.0)?;
        }
        Ok(())
    }

    fn unname_room(&mut self, id: RoomId, record: &RoomRecord) -> Result<(), Stop> {
        let key = names::key(&record.name);
        self.tables.room_names.remove(key.as_str())?;
        self.tables.directory.remove(key.as_str())?;
        self.tables.archived_directory.remove(key.as_str())?;
        self.tables.meta.put(DIRECTORY_CHANGED, &self.seq.0)?;
        let alike = names::likeness(&record.name);
        if self.tables.room_names_alike.get(alike.as_str())? == Some(id.0) {
            self.tables.room_names_alike.remove(alike.as_str())?;
        }
        Ok(())
    }

    pub(super) fn room_for_all(&self, id: RoomId) -> Result<maru_domain::Room, Stop> {
        Ok(self
            .tables
            .room_view(id, None)?
            .ok_or_else(|| Refusal::not_found("room"))?)
    }

    pub(super) fn room_for_actor(&self, id: RoomId) -> Result<maru_domain::Room, Stop> {
        let viewer = match self.actor {
            Actor::User(user) => Some(user),
            Actor::System => None,
        };
        Ok(self
            .tables
            .room_view(id, viewer)?
            .ok_or_else(|| Refusal::not_found("room"))?)
    }

    pub(super) fn save_room(&mut self, id: RoomId, record: &RoomRecord) -> Result<(), Stop> {
        self.tables.rooms.put(id.0, record)?;
        Ok(())
    }

    fn need_free_name(&self, name: &str, but: Option<RoomId>) -> Result<(), Stop> {
        let named = if self.rules.names_alike_are_taken {
            self.tables.room_named(name)?
        } else {
            let id = self.tables.room_names.get(names::key(name).as_str())?;
            id.map(RoomId)
        };
        match named {
            Some(taken) if Some(taken) != but => Err(Refusal {
                field: Some("name".into()),
                ..Refusal::new(
                    Code::NameTaken,
                    "A room has this name already; choose another.",
                )
            }
            .into()),
            _ => Ok(()),
        }
    }

    pub(super) fn update_room(
        &mut self,
        id: RoomId,
        name: Option<&str>,
        topic: Option<&str>,
    ) -> Result<Outcome, Stop> {
        let (mut record, member) = self.visible_room(id)?;
        if record.kind == RoomKind::Direct {
            return Err(direct_is_fixed());
        }
        if !self.manages(&record, member.as_ref())? {
            return Err(Refusal::forbidden("Only an owner of the room may change it.").into());
        }
        not_archived(&record)?;
        if let Some(name) = name {
            self.need_free_name(name, Some(id))?;
            self.unname_room(id, &record)?;
            record.name = name.to_owned();
            self.name_room(id, &record)?;
        }
        if let Some(topic) = topic {
            record.topic = topic.to_owned();
        }
        self.save_room(id, &record)?;
        let outcome = Outcome::Room {
            room: self.room_for_actor(id)?,
            created: false,
        };
        let room = Box::new(self.room_for_all(id)?);
        let audience = whole_audience(id, record.kind);
        self.tell(audience, Body::RoomUpdated { room_id: id, room });
        Ok(outcome)
    }

    /// Read-only and out of the lists, or as it was before.
    pub(super) fn set_archived(&mut self, id: RoomId, archived: bool) -> Result<Outcome, Stop> {
        let (mut record, member) = self.visible_room(id)?;
        if record.kind == RoomKind::Direct {
            return Err(direct_is_fixed());
        }
        if !self.manages(&record, member.as_ref())? {
            let text =
                "Only an owner of the room or an administrator may archive it or bring it back.";
            return Err(Refusal::forbidden(text).into());
        }
        if record.archived_at.is_some() != archived {
            self.unname_room(id, &record)?;
            record.archived_at = archived.then_some(self.at);
            self.name_room(id, &record)?;
            self.save_room(id, &record)?;
            let room = Box::new(self.room_for_all(id)?);
            let audience = whole_audience(id, record.kind);
            self.tell(audience, Body::RoomUpdated { room_id: id, room });
        }
        Ok(Outcome::Room {
            room: self.room_for_actor(id)?,
            created: false,
        })
    }

    /// The room is gone at once; all that was said in it goes by and by ([`Work::purge`]).
    pub(super) fn delete_room(&mut self, id: RoomId) -> Result<Outcome, Stop> {
        let (record, member) = self.visible_room(id)?;
        if record.kind == RoomKind::Direct {
            return Err(direct_is_fixed());
        }
        if !self.manages(&record, member.as_ref())? {
            return Err(Refusal::forbidden("Only an owner of the room may delete it.").into());
        }
        self.drop_hooks_of(id)?;
        self.unname_room(id, &record)?;
        self.tables.rooms.remove(id.0)?;
        self.tables.purges.put(id.0, &Purge::default())?;
        self.effects.push(Effect::PurgeDue);
        // Who comes back is in it no more, so the members are told by name.
        let audience = match record.kind {
            RoomKind::Public => Audience::Everyone,
            RoomKind::Private | RoomKind::Direct => Audience::Users(self.tables.member_ids(id)?),
        };
        self.tell(audience, Body::RoomDeleted { room_id: id });
        Ok(Outcome::Done)
    }
}

/// Whoever can see the room.
pub(super) fn whole_audience(id: RoomId, kind: RoomKind) -> Audience {
    match kind {
        RoomKind::Public => Audience::Everyone,
        RoomKind::Private | RoomKind::Direct => Audience::Room(id),
    }
}

pub(super) fn direct_is_fixed() -> Stop {
    Refusal::new(
        Code::Forbidden,
        "A direct room stays as it is; make a private room for more people or another name.",
    )
    .into()
}
