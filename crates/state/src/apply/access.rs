//! Who may: the checks that commands share. What a person may not see does not exist for them.

use super::{Stop, Work};
use crate::read::{Located, Lookup, Views, require};
use crate::records::{MemberRecord, RoomRecord, UserRecord};
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
    pub(super) fn message_view(&self, found: Located) -> Result<Message, Stop> {
        match &self.actor_record {
            Some(user) if self.actor == Actor::User(found.record.author) => {
                let author = Author {
                    id: found.record.author,
                    avatar: user.avatar_address(found.record.author),
                    username: user.username.clone(),
                    display_name: user.display_name.clone(),
                };
                Ok(self.tables.message_by(found, author)?)
            }
            _ => Ok(self.tables.message_view(found)?),
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

    /// As [`Work::joined_room`], for what adds to it or changes what is in it.
    pub(super) fn writable_room(&self, id: RoomId) -> Result<(RoomRecord, MemberRecord), Stop> {
        let (room, member) = self.joined_room(id)?;
        not_archived(&room)?;
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
    ) -> Result<(RoomRecord, Option<MemberRecord>, Located), Stop> {
        let missing = || Refusal::not_found("message");
        let found = self.tables.located(id)?.ok_or_else(missing)?;
        let (room, member) = match self.visible_room(found.place.room) {
            Err(Stop::Refused(refusal)) if refusal.code == Code::NotFound => {
                return Err(missing().into());
            }
            other => other?,
        };
        Ok((room, member, found))
    }

    /// A message that is still there, in a room that the actor is in and that is not archived.
    pub(super) fn writable_message(&self, id: MessageId) -> Result<(MemberRecord, Located), Stop> {
        let (room, member, found) = self.visible_message(id)?;
        let member = member.ok_or_else(|| {
            Refusal::new(Code::NotAMember, "You are not in this room; join it first.")
        })?;
        if found.record.deleted {
            return Err(Refusal::not_found("message").into());
        }
        not_archived(&room)?;
        Ok((member, found))
    }

    /// A message that is still there and may be read, for what concerns the reader alone.
    pub(super) fn readable_message(&self, id: MessageId) -> Result<Located, Stop> {
        let (_, _, found) = self.visible_message(id)?;
        if found.record.deleted {
            return Err(Refusal::not_found("message").into());
        }
        Ok(found)
    }
}

/// Nothing comes into an archived room. What takes out of it or is a reader's own goes on: deleting,
/// leaving, read positions, drafts.
pub(super) fn not_archived(room: &RoomRecord) -> Result<(), Refusal> {
    match room.archived_at {
        None => Ok(()),
        Some(_) => Err(Refusal::new(
            Code::RoomArchived,
            "This room is archived; an owner of it or an administrator can bring it back.",
        )),
    }
}
