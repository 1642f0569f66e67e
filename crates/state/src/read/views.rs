//! What people see of the records.

use super::lookup::Lookup;
use crate::records::{InviteRecord, MemberRecord, MessageRecord, RoomRecord};
use crate::{Result, StateError};
use maru_domain::{
    Author, InviteId, Message, MessageId, Mine, Room, RoomId, RoomKind, ThreadSummary, User,
    UserId, limits,
};
use redb::ReadableTable;

/// How far back an undeleted last message is looked for.
const LAST_MESSAGE_REACH: usize = 50;

pub trait Views: Lookup {
    fn author(&self, id: UserId) -> Result<Author> {
        let user = self
            .user_record(id)?
            .ok_or(StateError::Corrupt("message's author"))?;
        Ok(Author {
            id,
            username: user.username,
            display_name: user.display_name,
        })
    }

    fn message_view(&self, room: RoomId, id: MessageId, record: MessageRecord) -> Result<Message> {
        let author = self.author(record.author)?;
        Ok(message(room, id, record, author))
    }

    /// The room as `viewer` sees it, or as everybody does. Does not ask whether they may.
    fn room_view(&self, id: RoomId, viewer: Option<UserId>) -> Result<Option<Room>> {
        let Some(record) = self.room_record(id)? else {
            return Ok(None);
        };
        let me = match viewer {
            Some(user) => self.member_record(id, user)?.map(|m| (user, m)),
            None => None,
        };
        self.room_with(id, record, me).map(Some)
    }

    fn room_with(
        &self,
        id: RoomId,
        record: RoomRecord,
        me: Option<(UserId, MemberRecord)>,
    ) -> Result<Room> {
        let members = if record.kind == RoomKind::Direct {
            self.member_ids(id)?
                .into_iter()
                .filter_map(|user| self.user_view(user).transpose())
                .collect::<Result<Vec<User>>>()?
        } else {
            Vec::new()
        };
        let me = me
            .map(|(user, member)| self.mine(id, user, &member))
            .transpose()?;
        Ok(Room {
            id,
            name: record.name,
            topic: record.topic,
            kind: record.kind,
            member_count: record.member_count,
            created_at: record.created_at,
            last_message: self.last_message(id)?,
            members,
            me,
        })
    }

    fn user_view(&self, id: UserId) -> Result<Option<User>> {
        Ok(self.user_record(id)?.map(|record| record.view(id)))
    }

    fn last_message(&self, room: RoomId) -> Result<Option<Message>> {
        let newest_first = self
            .messages()
            .range((room.0, 0)..=(room.0, u64::MAX))?
            .rev();
        for row in newest_first.take(LAST_MESSAGE_REACH) {
            let (key, bytes) = row?;
            if !MessageRecord::glance(bytes.value())?.deleted {
                let record = MessageRecord::decode(bytes.value())?;
                return self
                    .message_view(room, MessageId(key.value().1), record)
                    .map(Some);
            }
        }
        Ok(None)
    }

    /// Counts what others said since; one's own words are no news.
    fn mine(&self, room: RoomId, user: UserId, member: &MemberRecord) -> Result<Mine> {
        let (mut unread, mut mentions) = (0, 0);
        let news = (room.0, member.last_read.0 + 1)..=(room.0, u64::MAX);
        for row in self.messages().range(news)? {
            let (_, bytes) = row?;
            let glance = MessageRecord::glance(bytes.value())?;
            if glance.deleted || glance.author == user {
                continue;
            }
            unread += 1;
            if glance.mentions_somebody
                && MessageRecord::decode(bytes.value())?
                    .mentions
                    .contains(&user)
            {
                mentions += 1;
            }
            if unread == limits::UNREAD {
                break;
            }
        }
        Ok(Mine {
            role: member.role,
            last_read_id: member.last_read,
            unread,
            mentions,
        })
    }
}

impl<T: Lookup> Views for T {}

pub fn message(room_id: RoomId, id: MessageId, record: MessageRecord, author: Author) -> Message {
    Message {
        id,
        room_id,
        author,
        text: record.text,
        sent_at: record.sent_at,
        edited_at: record.edited_at,
        deleted: record.deleted,
        client_id: record.client_id,
        reply_to: record.reply_to,
        thread: record
            .thread
            .map(|(count, last_at)| ThreadSummary { count, last_at }),
        reactions: record.reactions,
        files: Vec::new(),
        mentions: record.mentions,
        mention_ranges: record.mention_ranges,
        pinned: record.pinned,
        external_id: record.external_id,
    }
}

impl InviteRecord {
    pub fn view(&self, id: InviteId) -> maru_domain::Invite {
        maru_domain::Invite {
            id,
            role: self.role,
            created_at: self.created_at,
            expires_at: self.expires_at,
            uses_left: self.uses_left,
        }
    }
}
