//! Who is in a room, and how far they have read.

use super::access::not_archived;
use super::rooms::direct_is_fixed;
use super::{Stop, Work};
use crate::read::{Lookup, Unread, require};
use crate::records::MemberRecord;
use crate::table::Readable;
use maru_domain::event::Body;
use maru_domain::{
    Actor, Audience, Code, MemberRole, NotificationLevel, Outcome, Refusal, RoomId, RoomKind,
    UserId,
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
            read: self.tables.read_all(room, user)?,
            level: NotificationLevel::default(),
        };
        self.save_member(room, user, &record)?;
        self.tables.memberships.put((user.0, room.0), &self.seq.0)?;
        self.change_count(room, 1)
    }

    pub(super) fn save_member(
        &mut self,
        room: RoomId,
        user: UserId,
        record: &MemberRecord,
    ) -> Result<(), Stop> {
        let key = (room.0, user.0);
        self.tables.members.put(key, record)?;
        if record.role == MemberRole::Owner {
            self.tables.owners.put(key, &())?;
        } else {
            self.tables.owners.remove(key)?;
        }
        Ok(())
    }

    fn change_count(&mut self, room: RoomId, by: i64) -> Result<(), Stop> {
        let mut record = require(self.tables.room_record(room)?, "room")?;
        record.member_count = record.member_count.saturating_add_signed(by);
        self.save_room(room, &record)
    }

    pub(super) fn join(&mut self, id: RoomId) -> Result<Outcome, Stop> {
        let user = self.person()?;
        let (room, member) = self.visible_room(id)?;
        if member.is_some() {
            let room = self.room_for_actor(id)?;
            return Ok(Outcome::Room {
                room,
                created: false,
            });
        }
        debug_assert_eq!(
            room.kind,
            RoomKind::Public,
            "others are not visible to strangers"
        );
        not_archived(&room)?;
        self.put_member(id, user, MemberRole::Member)?;
        self.tell_joined(id, user)
    }

    pub(super) fn tell_joined(&mut self, id: RoomId, user: UserId) -> Result<Outcome, Stop> {
        let outcome = Outcome::Room {
            room: self.room_for_actor(id)?,
            created: true,
        };
        self.tell_member(id, user)?;
        Ok(outcome)
    }

    /// Tells the room of somebody who is in it from now on.
    pub(super) fn tell_member(&mut self, id: RoomId, user: UserId) -> Result<(), Stop> {
        let body = Body::MemberJoined {
            room_id: id,
            user_id: user,
            user: Box::new(self.user_record(user)?.view(user)),
            room: Box::new(self.room_for_all(id)?),
        };
        let joined = vec![(id, user)];
        self.tell_moving(Audience::Room(id), joined, Vec::new(), body);
        Ok(())
    }

    pub(super) fn leave(&mut self, id: RoomId) -> Result<Outcome, Stop> {
        let user = self.person()?;
        let (room, member) = self.visible_room(id)?;
        if room.kind == RoomKind::Direct {
            return Err(direct_is_fixed());
        }
        match member {
            None => Ok(Outcome::Done),
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
    ) -> Result<Outcome, Stop> {
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
                not_archived(&room)?;
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
                Ok(Outcome::Room {
                    room,
                    created: false,
                })
            }
        }
    }

    pub(super) fn remove_member(&mut self, id: RoomId, user: UserId) -> Result<Outcome, Stop> {
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

    fn take_out(&mut self, id: RoomId, user: UserId) -> Result<Outcome, Stop> {
        self.tables.members.remove((id.0, user.0))?;
        self.tables.owners.remove((id.0, user.0))?;
        self.tables.memberships.remove((user.0, id.0))?;
        self.change_count(id, -1)?;
        let body = Body::MemberLeft {
            room_id: id,
            user_id: user,
        };
        let left = vec![(id, user)];
        self.tell_moving(Audience::RoomAnd(id, user), Vec::new(), left, body);
        Ok(Outcome::Done)
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
        let key = (id.0, user.0);
        for row in self.tables.owners.range((id.0, 0)..=(id.0, u64::MAX))? {
            if row?.0 != key {
                return Ok(());
            }
        }
        let room = require(self.tables.room_record(id)?, "room")?;
        if room.member_count > 1 {
            return Err(Refusal::new(
                Code::LastOne,
                "This is the room's last owner; make somebody else one first.",
            )
            .into());
        }
        Ok(())
    }
}
