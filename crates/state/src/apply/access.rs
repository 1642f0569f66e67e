//! Who may: the checks that commands share. What a person may not see does not exist for them.

use super::{Stop, Work};
use crate::read::{Lookup, Views, message, require};
use crate::records::{MemberRecord, MessageRecord, RoomRecord, UserRecord};
use maru_domain::{
    Actor, Author, Code, MemberRole, Message, MessageId, Refusal, Role, RoomId, RoomKind, UserId,
};

impl Work<'_, '_> {
    /// A disabled account's commands that were under way are refused.
    pub(super) fn actor_is_enabled(&mut self) -> Result<(), Stop> {
        if let Actor::User(id) = self.actor {
            self.actor_record = self.tables.user_record(id)?;
            if self.actor_record.as_ref().is_none_or(|user| user.disabled) {
                return Err(Refusal::new(
                    Code::Unauthenticated,
                    "This account is disabled; ask an administrator.",
                )
                .into());
            }
        }
        Ok(())
    }

    pub(super) fn user_record(&self, id: UserId) -> Result<UserRecord, Stop> {
        Ok(require(self.tables.user_record(id)?, "user")?)
    }

    /// A message as people see it. Who acts is mostly its author, and known already.
    pub(super) fn message_view(
        &self,
        room: RoomId,
        id: MessageId,
        record: MessageRecord,
    ) -> Result<Message, Stop> {
        match &self.actor_record {
            Some(user) if self.actor == Actor::User(record.author) => {
                let author = Author {
                    id: record.author,
                    username: user.username.clone(),
                    display_name: user.display_name.clone(),
                };
                Ok(message(room, id, record, author))
            }
            _ => Ok(self.tables.message_view(room, id, record)?),
        }
    }

    /// The acting person; the house itself is in no room and says nothing.
    pub(super) fn person(&self) -> Result<UserId, Stop> {
        match self.actor {
            Actor::User(id) => Ok(id),
            Actor::System => {
                Err(Refusal::forbidden("Only a person can do this; sign in as one.").into())
            }
        }
    }

    pub(super) fn is_admin(&self) -> Result<bool, Stop> {
        Ok(match self.actor {
            Actor::System => true,
            Actor::User(id) => self.user_record(id)?.role == Role::Admin,
        })
    }

    pub(super) fn need_admin(&self) -> Result<(), Stop> {
        if self.is_admin()? {
            Ok(())
        } else {
            Err(Refusal::forbidden("Only an administrator may do this.").into())
        }
    }

    /// Accounts are changed by their owners and by administrators.
    pub(super) fn need_self_or_admin(&self, user: UserId) -> Result<(), Stop> {
        if self.actor == Actor::User(user) {
            Ok(())
        } else {
            self.need_admin()
        }
    }

    /// The room, if the actor may see it, with the actor's membership.
    pub(super) fn visible_room(
        &self,
        id: RoomId,
    ) -> Result<(RoomRecord, Option<MemberRecord>), Stop> {
        let room = require(self.tables.room_record(id)?, "room")?;
        let member = match self.actor {
            Actor::User(user) => self.tables.member_record(id, user)?,
            Actor::System => None,
        };
        if room.kind != RoomKind::Public && member.is_none() && self.actor != Actor::System {
            return Err(Refusal::not_found("room").into());
        }
        Ok((room, member))
    }

    /// As [`Work::visible_room`], for what only members may do.
    pub(super) fn joined_room(&self, id: RoomId) -> Result<(RoomRecord, MemberRecord), Stop> {
        let (room, member) = self.visible_room(id)?;
        let member = member.ok_or_else(|| {
            Refusal::new(Code::NotAMember, "You are not in this room; join it first.")
        })?;
        Ok((room, member))
    }

    /// Owners manage their room; administrators manage public ones.
    pub(super) fn manages(
        &self,
        room: &RoomRecord,
        member: Option<&MemberRecord>,
    ) -> Result<bool, Stop> {
        let owner = member.is_some_and(|m| m.role == MemberRole::Owner);
        Ok(self.actor == Actor::System
            || owner
            || (room.kind == RoomKind::Public && self.is_admin()?))
    }

    /// The message and its room, if the actor may see them.
    pub(super) fn visible_message(
        &self,
        id: MessageId,
    ) -> Result<(RoomId, RoomRecord, Option<MemberRecord>, MessageRecord), Stop> {
        let missing = || Refusal::not_found("message");
        let room_id = self.tables.room_of(id)?.ok_or_else(missing)?;
        let (room, member) = match self.visible_room(room_id) {
            Err(Stop::Refused(refusal)) if refusal.code == Code::NotFound => {
                return Err(missing().into());
            }
            other => other?,
        };
        let message = self
            .tables
            .message_record(room_id, id)?
            .ok_or_else(missing)?;
        Ok((room_id, room, member, message))
    }

    /// A message that is still there, in a room that the actor is in.
    pub(super) fn joined_message(
        &self,
        id: MessageId,
    ) -> Result<(RoomId, RoomRecord, MemberRecord, MessageRecord), Stop> {
        let (room_id, room, member, message) = self.visible_message(id)?;
        let member = member.ok_or_else(|| {
            Refusal::new(Code::NotAMember, "You are not in this room; join it first.")
        })?;
        if message.deleted {
            return Err(Refusal::not_found("message").into());
        }
        Ok((room_id, room, member, message))
    }
}
