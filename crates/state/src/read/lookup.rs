//! Records by their keys.

use crate::Result;
use crate::records::{
    InviteRecord, MemberRecord, MessageRecord, RoomRecord, SessionRecord, UserRecord, decode,
};
use crate::tables::Tables;
use maru_domain::{InviteId, MessageId, Refusal, Role, RoomId, SessionId, UserId, names};
use redb::ReadableTable;

/// What has to be there for the command to make sense.
pub fn require<T>(found: Option<T>, what: &'static str) -> Result<T, Refusal> {
    found.ok_or_else(|| Refusal::not_found(what))
}

macro_rules! by_id {
    ($($name:ident: $table:ident($id:ident) -> $record:ident;)*) => {
        $(fn $name(&self, id: $id) -> Result<Option<$record>> {
            self.$table().get(id.0)?.map(|bytes| decode(bytes.value())).transpose()
        })*
    };
}

pub trait Lookup: Tables {
    by_id! {
        user_record: users(UserId) -> UserRecord;
        session_record: sessions(SessionId) -> SessionRecord;
        invite_record: invites(InviteId) -> InviteRecord;
        room_record: rooms(RoomId) -> RoomRecord;
    }

    fn user_named(&self, name: &str) -> Result<Option<UserId>> {
        Ok(self
            .usernames()
            .get(names::key(name).as_str())?
            .map(|id| UserId(id.value())))
    }

    fn room_named(&self, name: &str) -> Result<Option<RoomId>> {
        Ok(self
            .room_names()
            .get(names::key(name).as_str())?
            .map(|id| RoomId(id.value())))
    }

    fn direct_of(&self, people: &str) -> Result<Option<RoomId>> {
        Ok(self.directs().get(people)?.map(|id| RoomId(id.value())))
    }

    fn invite_by_digest(&self, digest: &str) -> Result<Option<(InviteId, InviteRecord)>> {
        let Some(id) = self
            .invite_digests()
            .get(digest)?
            .map(|id| InviteId(id.value()))
        else {
            return Ok(None);
        };
        Ok(self.invite_record(id)?.map(|record| (id, record)))
    }

    /// Whether somebody else manages the house.
    fn admin_besides(&self, but: UserId) -> Result<bool> {
        for row in self.users().iter()? {
            let (id, bytes) = row?;
            if id.value() != but.0 {
                let user: UserRecord = decode(bytes.value())?;
                if user.role == Role::Admin && !user.disabled {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Oldest first.
    fn session_ids(&self, user: UserId) -> Result<Vec<SessionId>> {
        self.user_sessions()
            .range((user.0, 0)..=(user.0, u64::MAX))?
            .map(|row| Ok(SessionId(row?.0.value().1)))
            .collect()
    }

    fn member_record(&self, room: RoomId, user: UserId) -> Result<Option<MemberRecord>> {
        self.members()
            .get((room.0, user.0))?
            .map(|bytes| decode(bytes.value()))
            .transpose()
    }

    fn member_ids(&self, room: RoomId) -> Result<Vec<UserId>> {
        self.members()
            .range((room.0, 0)..=(room.0, u64::MAX))?
            .map(|row| Ok(UserId(row?.0.value().1)))
            .collect()
    }

    fn room_of(&self, message: MessageId) -> Result<Option<RoomId>> {
        Ok(self
            .message_rooms()
            .get(message.0)?
            .map(|id| RoomId(id.value())))
    }

    fn message_record(&self, room: RoomId, id: MessageId) -> Result<Option<MessageRecord>> {
        self.messages()
            .get((room.0, id.0))?
            .map(|bytes| MessageRecord::decode(bytes.value()))
            .transpose()
    }

    /// 0 in an empty room.
    fn last_message_id(&self, room: RoomId) -> Result<MessageId> {
        let last = self
            .messages()
            .range((room.0, 0)..=(room.0, u64::MAX))?
            .next_back();
        Ok(last
            .transpose()?
            .map_or(MessageId(0), |(key, _)| MessageId(key.value().1)))
    }

    fn external_message(&self, external_id: &str) -> Result<Option<MessageId>> {
        Ok(self
            .external_ids()
            .get(external_id)?
            .map(|id| MessageId(id.value())))
    }
}

impl<T: Tables> Lookup for T {}
