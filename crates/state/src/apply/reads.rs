//! Read positions.

use super::{Stop, Work};
use crate::read::{Lookup, Unread};
use crate::records::{MemberRecord, ReadPosition};
use maru_domain::event::Body;
use maru_domain::{
    Audience, Effect, MessageId, NotificationLevel, Outcome, Refusal, RoomId, UserId, limits,
};

impl Work<'_, '_> {
    /// Never moves backwards. The others of a small room are told in passing, those of a large one
    /// not at all.
    pub(super) fn read(&mut self, id: RoomId, message: MessageId) -> Result<Outcome, Stop> {
        let user = self.person()?;
        let (room, member) = self.joined_room(id)?;
        let place = self
            .tables
            .place_of(message)?
            .filter(|place| place.room == id);
        let place = place.ok_or_else(|| Refusal::not_found("message"))?;
        if (place.at, message) <= (member.read.at, member.read.message) {
            return Ok(Outcome::Read(member.read.message));
        }
        let read = self.tables.read_upto(user, place, message)?;
        if room.member_count <= limits::SEEN_MEMBERS {
            self.effects.push(Effect::Seen {
                room: id,
                user,
                message,
            });
        }
        self.move_read(id, user, member, read)
    }

    pub(super) fn mark_unread(&mut self, id: RoomId, message: MessageId) -> Result<Outcome, Stop> {
        let user = self.person()?;
        let (_, member) = self.joined_room(id)?;
        let place = self
            .tables
            .place_of(message)?
            .filter(|place| place.room == id);
        let place = place.ok_or_else(|| Refusal::not_found("message"))?;
        let read = ReadPosition {
            is_set_back: true,
            ..self.tables.read_before(user, place, message)?
        };
        if (read.at, read.message) >= (member.read.at, member.read.message) {
            return Ok(Outcome::Read(member.read.message));
        }
        self.move_read(id, user, member, read)
    }

    fn move_read(
        &mut self,
        room_id: RoomId,
        user: UserId,
        mut member: MemberRecord,
        read: ReadPosition,
    ) -> Result<Outcome, Stop> {
        member.read = read;
        self.save_member(room_id, user, &member)?;
        self.tell_read(room_id, user, &member)?;
        Ok(Outcome::Read(read.message))
    }

    /// Tells the reader where they stand in a room.
    pub(super) fn tell_read(
        &mut self,
        room_id: RoomId,
        user: UserId,
        member: &MemberRecord,
    ) -> Result<(), Stop> {
        let mine = self.tables.mine(room_id, user, member)?;
        let body = Body::ReadMoved {
            room_id,
            user_id: user,
            message_id: member.read.message,
            unread: mine.unread,
            mentions: mine.mentions,
        };
        self.tell(Audience::Users(vec![user]), body);
        Ok(())
    }

    pub(super) fn set_notifications(
        &mut self,
        id: RoomId,
        level: NotificationLevel,
    ) -> Result<Outcome, Stop> {
        let user = self.person()?;
        let (_, mut member) = self.joined_room(id)?;
        let changed = member.level != level;
        if changed {
            member.level = level;
            self.save_member(id, user, &member)?;
        }
        let room = self.room_for_actor(id)?;
        if changed {
            let body = Body::RoomUpdated {
                room_id: id,
                room: Box::new(room.clone()),
            };
            self.tell(Audience::Users(vec![user]), body);
        }
        Ok(Outcome::Room {
            room,
            created: false,
        })
    }
}
