//! Who is in a room, and how far they have read.

use super::rooms::direct_is_fixed;
use super::{Done, Stop, Work};
use crate::read::{Lookup, require};
use crate::records::{MemberRecord, encode};
use maru_domain::event::Body;
use maru_domain::{
    Actor, Audience, Code, MemberRole, MessageId, Outcome, Refusal, RoomId, RoomKind, UserId,
};

impl Work<'_, '_> {
    /// Adds somebody who is not in the room yet. What was said before counts as read.
    pub(super) fn put_member(
        &mut self,
        room: RoomId,
        user: UserId,
        role: MemberRole,
    ) -> Result<(), Stop> {
        let record = MemberRecord {
            role,
            joined_at: self.at,
            joined_seq: self.seq,
            last_read: self.tables.last_message_id(room)?,
        };
        self.save_member(room, user, &record)?;
        self.tables
            .memberships
            .insert((user.0, room.0), self.seq.0)?;
        self.change_count(room, 1)
    }

    fn save_member(
        &mut self,
        room: RoomId,
        user: UserId,
        record: &MemberRecord,
    ) -> Result<(), Stop> {
        self.tables
            .members
            .insert((room.0, user.0), encode(record).as_slice())?;
        Ok(())
    }

    fn change_count(&mut self, room: RoomId, by: i64) -> Result<(), Stop> {
        let mut record = require(self.tables.room_record(room)?, "room")?;
        record.member_count = record.member_count.saturating_add_signed(by);
        self.save_room(room, &record)
    }

    pub(super) fn join(&mut self, id: RoomId) -> Result<Done, Stop> {
        let user = self.person()?;
        let (room, member) = self.visible_room(id)?;
        if member.is_some() {
            let room = self.room_for_actor(id)?;
            return Ok(Done::quietly(Outcome::Room {
                room,
                created: false,
            }));
        }
        debug_assert_eq!(
            room.kind,
            RoomKind::Public,
            "others are not visible to strangers"
        );
        self.put_member(id, user, MemberRole::Member)?;
        self.tell_joined(id, user)
    }

    fn tell_joined(&mut self, id: RoomId, user: UserId) -> Result<Done, Stop> {
        let outcome = Outcome::Room {
            room: self.room_for_actor(id)?,
            created: true,
        };
        let body = Body::MemberJoined {
            room_id: id,
            user_id: user,
            user: Box::new(self.user_record(user)?.view(user)),
            room: Box::new(self.room_for_all(id)?),
        };
        Ok(Done::telling(outcome, Audience::Room(id), body))
    }

    pub(super) fn leave(&mut self, id: RoomId) -> Result<Done, Stop> {
        let user = self.person()?;
        let (room, member) = self.visible_room(id)?;
        if room.kind == RoomKind::Direct {
            return Err(direct_is_fixed());
        }
        match member {
            None => Ok(Done::quietly(Outcome::Done)),
            Some(member) => {
                self.need_another_owner(id, room.kind, user, &member)?;
                self.take_out(id, user)
            }
        }
    }

    pub(super) fn add_member(
        &mut self,
        id: RoomId,
        user: UserId,
        role: Option<MemberRole>,
    ) -> Result<Done, Stop> {
        let (room, member) = self.visible_room(id)?;
        if room.kind == RoomKind::Direct {
            return Err(direct_is_fixed());
        }
        let manages = self.manages(&room, member.as_ref())?;
        if member.is_none() && !manages {
            return Err(Refusal::new(
                Code::NotAMember,
                "Only members may add people; join the room first.",
            )
            .into());
        }
        if role == Some(MemberRole::Owner) && !manages {
            return Err(Refusal::forbidden("Only an owner may make another one.").into());
        }
        if self.user_record(user)?.disabled {
            return Err(Refusal::invalid("user_id", "This account is disabled.").into());
        }
        match (self.tables.member_record(id, user)?, role) {
            (None, role) => {
                self.put_member(id, user, role.unwrap_or_default())?;
                self.tell_joined(id, user)
            }
            (Some(mut record), Some(role)) if record.role != role && manages => {
                if role != MemberRole::Owner {
                    self.need_another_owner(id, room.kind, user, &record)?;
                }
                record.role = role;
                self.save_member(id, user, &record)?;
                self.tell_joined(id, user)
            }
            (Some(_), _) => {
                let room = self.room_for_actor(id)?;
                Ok(Done::quietly(Outcome::Room {
                    room,
                    created: false,
                }))
            }
        }
    }

    pub(super) fn remove_member(&mut self, id: RoomId, user: UserId) -> Result<Done, Stop> {
        if self.actor == Actor::User(user) {
            return self.leave(id);
        }
        let (room, member) = self.visible_room(id)?;
        if room.kind == RoomKind::Direct {
            return Err(direct_is_fixed());
        }
        if !self.manages(&room, member.as_ref())? {
            return Err(Refusal::forbidden("Only an owner may remove members.").into());
        }
        let record = require(self.tables.member_record(id, user)?, "member")?;
        self.need_another_owner(id, room.kind, user, &record)?;
        self.take_out(id, user)
    }

    fn take_out(&mut self, id: RoomId, user: UserId) -> Result<Done, Stop> {
        self.tables.members.remove((id.0, user.0))?;
        self.tables.memberships.remove((user.0, id.0))?;
        self.change_count(id, -1)?;
        Ok(Done::telling(
            Outcome::Done,
            Audience::RoomAnd(id, user),
            Body::MemberLeft {
                room_id: id,
                user_id: user,
            },
        ))
    }

    /// A private room with people in it keeps somebody who can manage it; administrators manage
    /// public ones. The last person of all may go.
    fn need_another_owner(
        &self,
        id: RoomId,
        kind: RoomKind,
        user: UserId,
        record: &MemberRecord,
    ) -> Result<(), Stop> {
        if kind == RoomKind::Public || record.role != MemberRole::Owner {
            return Ok(());
        }
        let mut others = false;
        for other in self.tables.member_ids(id)? {
            if other != user {
                others = true;
                let record = self.tables.member_record(id, other)?;
                if record.is_some_and(|m| m.role == MemberRole::Owner) {
                    return Ok(());
                }
            }
        }
        if others {
            return Err(Refusal::new(
                Code::LastOne,
                "This is the room's last owner; make somebody else one first.",
            )
            .into());
        }
        Ok(())
    }

    pub(super) fn read(&mut self, id: RoomId, message: MessageId) -> Result<Done, Stop> {
        let user = self.person()?;
        let (_, mut member) = self.joined_room(id)?;
        if self.tables.room_of(message)? != Some(id) {
            return Err(Refusal::not_found("message").into());
        }
        if message <= member.last_read {
            return Ok(Done::quietly(Outcome::Read(member.last_read)));
        }
        member.last_read = message;
        self.save_member(id, user, &member)?;
        Ok(Done::telling(
            Outcome::Read(message),
            Audience::Room(id),
            Body::ReadMoved {
                room_id: id,
                user_id: user,
                message_id: message,
            },
        ))
    }
}
