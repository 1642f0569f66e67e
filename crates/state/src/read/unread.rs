//! What somebody has not read: counted from ordinals, without a look at the messages.

use super::lookup::Lookup;
use crate::Result;
use crate::records::{MemberRecord, MessageLocation, ReadPosition};
use crate::table::Readable;
use maru_domain::{MessageId, Mine, RoomId, UserId, limits};

/// Imported messages around a position that are passed over to find a post.
const HISTORY_PASSED: usize = 1_000;

pub trait Unread: Lookup {
    /// Posts of others after the read position, and how many messages after it name the reader,
    /// replies included.
    fn mine(&self, room: RoomId, user: UserId, member: &MemberRecord) -> Result<Mine> {
        let (read, tail) = (member.read, self.tail(room)?);
        let posts = tail.ordinal.saturating_sub(read.ordinal);
        let (mut unread, mut mentions) = (0, 0);
        if posts > 0 {
            let own = self.own_posts(user, room, MessageId(u64::MAX))?;
            let others = posts.saturating_sub(u64::from(own.saturating_sub(read.own)));
            unread = others.saturating_sub(self.deleted_since(room, user, read.ordinal)?);
        }
        let since = (user.0, room.0, read.newest.0.saturating_add(1));
        let named = self.mentions().range(since..=(user.0, room.0, u64::MAX))?;
        for row in named.take(limits::UNREAD as usize) {
            row?;
            mentions += 1;
        }
        mentions += self.called_since(room, user, read.newest)?;
        // Who has read every post has read the history that came since, too.
        let is_behind = (read.at, read.message) < (tail.at, tail.message);
        let last_read_id = if posts == 0 && is_behind && !read.is_set_back {
            tail.message
        } else {
            read.message
        };
        Ok(Mine {
            role: member.role,
            last_read_id,
            unread: unread.min(limits::UNREAD),
            mentions,
            notifications: member.level,
        })
    }

    /// Messages that called everybody since, but for one's own and those that name the reader, too.
    fn called_since(&self, room: RoomId, user: UserId, newest: MessageId) -> Result<u64> {
        let since = (room.0, newest.0.saturating_add(1))..=(room.0, u64::MAX);
        let mut count = 0;
        for row in self.calls().range(since)?.take(limits::UNREAD as usize) {
            let ((_, message), _) = row?;
            let named = self.mentions().get((user.0, room.0, message))?;
            if named.is_some() {
                continue;
            }
            let author = self
                .located(MessageId(message))?
                .map(|found| found.record.author);
            count += u64::from(author.is_some_and(|author| author != user));
        }
        Ok(count)
    }

    /// Posts of others that were deleted since; one's own are subtracted already.
    fn deleted_since(&self, room: RoomId, user: UserId, ordinal: u64) -> Result<u64> {
        let since = (room.0, ordinal.saturating_add(1))..=(room.0, u64::MAX);
        let mut count = 0;
        for row in self.deleted().range(since)?.take(limits::UNREAD as usize) {
            count += u64::from(row?.1 != user.0);
        }
        Ok(count)
    }

    /// The position of somebody who has read everything.
    fn read_all(&self, room: RoomId, user: UserId) -> Result<ReadPosition> {
        let newest = self
            .messages()
            .range((room.0, i64::MIN, 0)..=(room.0, i64::MAX, u64::MAX))?
            .next_back()
            .transpose()?;
        let (at, message) =
            newest.map_or((0, MessageId(0)), |((_, at, id), _)| (at, MessageId(id)));
        // Of any room: whatever is said from now on is newer.
        let newest = self.places().rows()?.next_back().transpose()?;
        Ok(ReadPosition {
            message,
            at,
            ordinal: self.tail(room)?.ordinal,
            own: self.own_posts(user, room, MessageId(u64::MAX))?,
            newest: newest.map_or(MessageId(0), |(id, _)| MessageId(id)),
            is_set_back: false,
        })
    }

    /// The position of somebody who has read up to this message.
    fn read_upto(
        &self,
        user: UserId,
        place: MessageLocation,
        id: MessageId,
    ) -> Result<ReadPosition> {
        let upto = (place.room.0, i64::MIN, 0)..=(place.room.0, place.at, id.0);
        let (mut ordinal, mut post) = (0, MessageId(0));
        let newest_first = self.messages().range(upto)?.rev();
        for (passed, row) in newest_first.take(HISTORY_PASSED).enumerate() {
            let ((_, _, id), record) = row?;
            if passed == 0 {
                ordinal = record.ordinal;
            }
            if !record.is_history {
                post = MessageId(id);
                break;
            }
        }
        Ok(ReadPosition {
            message: id,
            at: place.at,
            ordinal,
            own: self.own_posts(user, place.room, post)?,
            newest: post,
            is_set_back: false,
        })
    }

    /// The position of somebody to whom this message is new.
    fn read_before(
        &self,
        user: UserId,
        place: MessageLocation,
        id: MessageId,
    ) -> Result<ReadPosition> {
        let before = (place.room.0, i64::MIN, 0)..(place.room.0, place.at, id.0);
        let row = self.messages().range(before)?.next_back().transpose()?;
        match row {
            Some(((_, at, before), _)) => {
                let place = MessageLocation { at, ..place };
                self.read_upto(user, place, MessageId(before))
            }
            None => Ok(ReadPosition::default()),
        }
    }
}

impl<T: Lookup> Unread for T {}
