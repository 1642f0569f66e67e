//! Records by their keys.

use crate::Result;
use crate::records::{
    InviteRecord, MemberRecord, MessageLocation, MessageRecord, RoomRecord, SessionRecord, Tail,
    UserRecord,
};
use crate::table::Readable;
use crate::tables::Tables;
use maru_domain::{InviteId, MessageId, Refusal, RoomId, RoomKind, SessionId, UserId, names};

/// What has to be there for the command to make sense.
pub fn require<T>(found: Option<T>, what: &'static str) -> Result<T, Refusal> {
    found.ok_or_else(|| Refusal::not_found(what))
}

/// A message with where it lies.
#[derive(Clone, Debug)]
pub struct Located {
    pub id: MessageId,
    pub place: MessageLocation,
    pub record: MessageRecord,
}

pub trait Lookup: Tables {
    fn user_record(&self, id: UserId) -> Result<Option<UserRecord>> {
        self.users().get(id.0)
    }

    fn session_record(&self, id: SessionId) -> Result<Option<SessionRecord>> {
        self.sessions().get(id.0)
    }

    fn invite_record(&self, id: InviteId) -> Result<Option<InviteRecord>> {
        self.invites().get(id.0)
    }

    fn room_record(&self, id: RoomId) -> Result<Option<RoomRecord>> {
        self.rooms().get(id.0)
    }

    /// By the name's key; else by what it looks like.
    fn user_named(&self, name: &str) -> Result<Option<UserId>> {
        let found = match self.usernames().get(names::key(name).as_str())? {
            Some(id) => Some(id),
            None => self.usernames_alike().get(names::likeness(name).as_str())?,
        };
        Ok(found.map(UserId))
    }

    /// As [`Lookup::user_named`].
    fn room_named(&self, name: &str) -> Result<Option<RoomId>> {
        let found = match self.room_names().get(names::key(name).as_str())? {
            Some(id) => Some(id),
            None => self
                .room_names_alike()
                .get(names::likeness(name).as_str())?,
        };
        Ok(found.map(RoomId))
    }

    fn direct_of(&self, people: &str) -> Result<Option<RoomId>> {
        Ok(self.directs().get(people)?.map(RoomId))
    }

    fn invite_by_digest(&self, digest: &str) -> Result<Option<(InviteId, InviteRecord)>> {
        let Some(id) = self.invite_digests().get(digest)?.map(InviteId) else {
            return Ok(None);
        };
        Ok(self.invite_record(id)?.map(|record| (id, record)))
    }

    /// Whether somebody else manages the server.
    fn admin_besides(&self, but: UserId) -> Result<bool> {
        for row in self.admins().rows()? {
            if row?.0 != but.0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Oldest first.
    fn session_ids(&self, user: UserId) -> Result<Vec<SessionId>> {
        self.user_sessions()
            .range((user.0, 0)..=(user.0, u64::MAX))?
            .map(|row| Ok(SessionId(row?.0.1)))
            .collect()
    }

    fn member_record(&self, room: RoomId, user: UserId) -> Result<Option<MemberRecord>> {
        self.members().get((room.0, user.0))
    }

    fn member_ids(&self, room: RoomId) -> Result<Vec<UserId>> {
        self.members()
            .range((room.0, 0)..=(room.0, u64::MAX))?
            .map(|row| Ok(UserId(row?.0.1)))
            .collect()
    }

    fn tail(&self, room: RoomId) -> Result<Tail> {
        Ok(self.tails().get(room.0)?.unwrap_or_default())
    }

    /// Where a message lies; nowhere once its room was deleted.
    fn place_of(&self, message: MessageId) -> Result<Option<MessageLocation>> {
        match self.places().get(message.0)? {
            Some(place) if self.rooms().has(place.room.0)? => Ok(Some(place)),
            _ => Ok(None),
        }
    }

    fn room_of(&self, message: MessageId) -> Result<Option<RoomId>> {
        Ok(self.place_of(message)?.map(|place| place.room))
    }

    fn located(&self, id: MessageId) -> Result<Option<Located>> {
        let Some(place) = self.place_of(id)? else {
            return Ok(None);
        };
        let found = self.messages().get((place.room.0, place.at, id.0))?;
        Ok(found.map(|record| Located { id, place, record }))
    }

    /// As [`Lookup::located`], where it lies in this room.
    fn located_in(&self, room: RoomId, id: MessageId) -> Result<Option<Located>> {
        Ok(self.located(id)?.filter(|found| found.place.room == room))
    }

    fn external_message(&self, external_id: &str) -> Result<Option<MessageId>> {
        let Some(id) = self.external_ids().get(external_id)?.map(MessageId) else {
            return Ok(None);
        };
        Ok(self.place_of(id)?.map(|_| id))
    }

    /// How many posts of `author` in a room have ids up to `upto`.
    fn own_posts(&self, author: UserId, room: RoomId, upto: MessageId) -> Result<u32> {
        let mut rows = self
            .authored()
            .range((author.0, room.0, 0)..=(author.0, room.0, upto.0))?;
        Ok(rows.next_back().transpose()?.map_or(0, |(_, count)| count))
    }

    fn is_member(&self, room: RoomId, user: UserId) -> Result<bool> {
        self.members().has((room.0, user.0))
    }

    fn can_read(&self, viewer: UserId, room: RoomId) -> Result<bool> {
        Ok(match self.room_record(room)? {
            None => false,
            Some(record) => record.kind == RoomKind::Public || self.is_member(room, viewer)?,
        })
    }
}

impl<T: Tables> Lookup for T {}
