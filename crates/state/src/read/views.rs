//! What people see of the records.

use super::files::FileLookup;
use super::lookup::{Located, Lookup};
use super::unread::Unread;
use crate::records::{InviteRecord, MemberRecord, RoomRecord};
use crate::table::Readable;
use crate::{Result, StateError};
use maru_domain::{
    Author, Invite, InviteId, Message, MessageId, Reaction, Room, RoomId, RoomKind, ThreadSummary,
    User, UserId,
};

pub trait Views: Lookup + Sized {
    fn author(&self, id: UserId) -> Result<Author> {
        let user = self
            .user_record(id)?
            .ok_or_else(|| StateError::missing("users", id))?;
        let avatar = user.avatar_address(id);
        Ok(Author {
            id,
            avatar,
            username: user.username,
            display_name: user.display_name,
        })
    }

    fn message_view(&self, found: Located) -> Result<Message> {
        let author = self.author(found.record.author)?;
        self.message_by(found, author)
    }

    fn message_by(&self, found: Located, author: Author) -> Result<Message> {
        let Located { id, place, record } = found;
        let reactions = if record.has_reactions {
            self.reactions_of(id)?
        } else {
            Vec::new()
        };
        let thread = if record.has_thread {
            self.thread_summary(id)?
        } else {
            None
        };
        let files = if record.has_files {
            self.files_of(id)?
        } else {
            Vec::new()
        };
        let previews = if record.has_previews {
            let held = self.previews().get(id.0)?;
            held.map(|held| held.previews).unwrap_or_default()
        } else {
            Vec::new()
        };
        Ok(Message {
            id,
            room_id: place.room,
            author,
            text: record.text,
            sent_at: record.sent_at.unwrap_or(maru_domain::Timestamp(place.at)),
            edited_at: record.edited_at,
            deleted: record.deleted,
            client_id: record.client_id,
            reply_to: record.reply_to,
            also_in_room: record.also_in_room,
            thread,
            reactions,
            files,
            mentions: record.mentions,
            mention_ranges: record.mention_ranges,
            calls: record.calls,
            pinned: record.pinned,
            previews,
            external_id: record.external_id,
        })
    }

    fn thread_summary(&self, root: MessageId) -> Result<Option<ThreadSummary>> {
        let thread = self.threads().get(root.0)?;
        Ok(thread
            .filter(|thread| thread.count > 0)
            .map(|thread| ThreadSummary {
                count: thread.count,
                last_at: thread.last_at,
            }))
    }

    /// Each emoji where it first came, its people in the order in which they reacted.
    fn reactions_of(&self, message: MessageId) -> Result<Vec<Reaction>> {
        let mut by_emoji: Vec<(String, Vec<(u64, UserId)>)> = Vec::new();
        for row in self
            .reactions()
            .range((message.0, "", 0)..(message.0 + 1, "", 0))?
        {
            let ((_, emoji, user), position) = row?;
            match by_emoji.last_mut() {
                Some((last, people)) if *last == emoji => people.push((position, UserId(user))),
                _ => by_emoji.push((emoji, vec![(position, UserId(user))])),
            }
        }
        for (_, people) in &mut by_emoji {
            people.sort_unstable();
        }
        by_emoji.sort_by_key(|(_, people)| people.first().copied());
        Ok(by_emoji
            .into_iter()
            .map(|(emoji, people)| Reaction {
                emoji,
                user_ids: people.into_iter().map(|(_, user)| user).collect(),
            })
            .collect())
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
            retention_days: record.retention_days,
            archived: record.archived_at.is_some(),
            archived_at: record.archived_at,
            last_message: self.last_message(id)?,
            members,
            me,
        })
    }

    fn user_view(&self, id: UserId) -> Result<Option<User>> {
        Ok(self.user_record(id)?.map(|record| record.view(id)))
    }

    fn last_message(&self, room: RoomId) -> Result<Option<Message>> {
        let tail = self.tail(room)?;
        if tail.message == MessageId(0) {
            return Ok(None);
        }
        match self.located_in(room, tail.message)? {
            Some(found) => self.message_view(found).map(Some),
            None => Err(StateError::missing("messages", tail.message)),
        }
    }
}

impl<T: Lookup> Views for T {}

impl InviteRecord {
    pub fn view(&self, id: InviteId) -> Invite {
        Invite {
            id,
            role: self.role,
            created_at: self.created_at,
            expires_at: self.expires_at,
            uses_left: self.uses_left,
        }
    }
}
