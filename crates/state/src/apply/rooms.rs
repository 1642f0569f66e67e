//! Rooms.

use super::{Done, Stop, Work};
use crate::read::{Lookup, Views};
use crate::records::{RoomRecord, encode};
use maru_domain::event::Body;
use maru_domain::{
    Actor, Audience, Code, MemberRole, Outcome, Refusal, RoomId, RoomKind, UserId, names,
};

impl Work<'_, '_> {
    pub(super) fn create_room(
        &mut self,
        name: &str,
        topic: &str,
        kind: RoomKind,
    ) -> Result<Done, Stop> {
        self.need_free_name(name, None)?;
        let id = RoomId(self.seq.id());
        let record = RoomRecord {
            name: name.to_owned(),
            topic: topic.to_owned(),
            kind,
            created_at: self.at,
            member_count: 0,
        };
        self.tables
            .room_names
            .insert(names::key(name).as_str(), id.0)?;
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
    ) -> Result<Done, Stop> {
        let audience = match kind {
            RoomKind::Public => Audience::Everyone,
            RoomKind::Private | RoomKind::Direct => Audience::Users(members.clone()),
        };
        let outcome = Outcome::Room {
            room: self.room_for_actor(id)?,
            created: true,
        };
        let room = Box::new(self.room_for_all(id)?);
        let body = Body::RoomCreated {
            room_id: id,
            room,
            user_ids: members,
        };
        Ok(Done::telling(outcome, audience, body))
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
        self.tables.rooms.insert(id.0, encode(record).as_slice())?;
        Ok(())
    }

    fn need_free_name(&self, name: &str, but: Option<RoomId>) -> Result<(), Stop> {
        match self.tables.room_named(name)? {
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
    ) -> Result<Done, Stop> {
        let (mut record, member) = self.visible_room(id)?;
        if record.kind == RoomKind::Direct {
            return Err(direct_is_fixed());
        }
        if !self.manages(&record, member.as_ref())? {
            return Err(Refusal::forbidden("Only an owner of the room may change it.").into());
        }
        if let Some(name) = name {
            self.need_free_name(name, Some(id))?;
            self.tables
                .room_names
                .remove(names::key(&record.name).as_str())?;
            self.tables
                .room_names
                .insert(names::key(name).as_str(), id.0)?;
            record.name = name.to_owned();
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
        Ok(Done::telling(
            outcome,
            whole_audience(id, record.kind),
            Body::RoomUpdated { room_id: id, room },
        ))
    }

    /// The room goes with all that was said in it.
    pub(super) fn delete_room(&mut self, id: RoomId) -> Result<Done, Stop> {
        let (record, member) = self.visible_room(id)?;
        if record.kind == RoomKind::Direct {
            return Err(direct_is_fixed());
        }
        if !self.manages(&record, member.as_ref())? {
            return Err(Refusal::forbidden("Only an owner of the room may delete it.").into());
        }
        let members = self.tables.member_ids(id)?;
        for &user in &members {
            self.tables.members.remove((id.0, user.0))?;
            self.tables.memberships.remove((user.0, id.0))?;
        }
        self.drop_messages(id)?;
        self.tables
            .room_names
            .remove(names::key(&record.name).as_str())?;
        self.tables.rooms.remove(id.0)?;
        // Members were told apart before the room went: nobody is in it any more.
        let audience = match record.kind {
            RoomKind::Public => Audience::Everyone,
            RoomKind::Private | RoomKind::Direct => Audience::Users(members),
        };
        Ok(Done::telling(
            Outcome::Done,
            audience,
            Body::RoomDeleted { room_id: id },
        ))
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
