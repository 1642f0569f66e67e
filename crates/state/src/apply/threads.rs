//! Threads: replies are counted in their root, and who takes part follows.

use super::{Stop, Work};
use crate::read::{Located, Lookup, Threads};
use crate::records::{FollowRecord, ThreadRecord};
use crate::table::Readable;
use maru_domain::event::Body;
use maru_domain::{Audience, MessageId, Outcome, RoomId, ThreadSummary, Timestamp, UserId, limits};

/// Deleted replies that are passed over to find the last one that is not.
const DELETED_PASSED: usize = 1_000;

impl Work<'_, '_> {
    /// Counts a new reply in its thread. Who began the thread, who replies and whom the reply names
    /// follow it from now on, unless they said that they do not want to.
    pub(super) fn add_reply(
        &mut self,
        root: MessageId,
        reply: &Located,
    ) -> Result<ThreadRecord, Stop> {
        let mut thread = self.tables.threads.get(root.0)?.unwrap_or(ThreadRecord {
            room: reply.place.room,
            ..ThreadRecord::default()
        });
        let sent_at = reply.record.sent_at.unwrap_or(Timestamp(reply.place.at));
        thread.count += 1;
        thread.last_at = thread.last_at.max(sent_at);
        if !reply.record.is_history {
            thread.ordinal += 1;
        }
        self.tables.threads.put(root.0, &thread)?;
        let key = (root.0, reply.place.at, reply.id.0);
        self.tables.replies.put(key, &thread.ordinal)?;
        let Some(mut first) = self.tables.located_in(reply.place.room, root)? else {
            return Ok(thread);
        };
        if !first.record.has_thread {
            first.record.has_thread = true;
            self.save_message(&first)?;
        }
        let before = if reply.record.is_history {
            thread.ordinal
        } else {
            thread.ordinal - 1
        };
        let replier = reply.record.author;
        self.follow_unasked(root, replier, thread.ordinal)?;
        self.catch_up(root, replier, thread.ordinal)?;
        self.follow_unasked(root, first.record.author, before)?;
        if !reply.record.is_history {
            for user in reply.record.mentions.clone() {
                self.follow_unasked(root, user, before)?;
            }
        }
        Ok(thread)
    }

    fn follow_unasked(&mut self, root: MessageId, user: UserId, read: u32) -> Result<(), Stop> {
        if self.tables.follow_record(root, user)?.is_none() {
            self.set_follow(root, user, FollowRecord { on: true, read })?;
        }
        Ok(())
    }

    fn catch_up(&mut self, root: MessageId, user: UserId, read: u32) -> Result<(), Stop> {
        match self.tables.follow_record(root, user)? {
            Some(follow) if follow.read < read => {
                self.set_follow(root, user, FollowRecord { read, ..follow })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn set_follow(
        &mut self,
        root: MessageId,
        user: UserId,
        follow: FollowRecord,
    ) -> Result<(), Stop> {
        self.tables.follows.put((root.0, user.0), &follow)?;
        let key = (user.0, root.0);
        if !follow.on {
            self.tables.followed.remove(key)?;
            return Ok(());
        }
        if self.tables.followed.has(key)? {
            return Ok(());
        }
        self.tables.followed.put(key, &())?;
        let mine = (user.0, 0)..=(user.0, u64::MAX);
        if self.tables.followed.range(mine.clone())?.count() > limits::FOLLOWED
            && let Some(oldest) = self.tables.followed.range(mine)?.next().transpose()?
        {
            self.tables.followed.remove(oldest.0)?;
            self.tables.follows.remove((oldest.0.1, user.0))?;
        }
        Ok(())
    }

    /// One reply less; the thread's time is that of the last one that is left.
    pub(super) fn drop_reply(&mut self, root: MessageId) -> Result<ThreadRecord, Stop> {
        let mut thread = self.tables.threads.get(root.0)?.unwrap_or_default();
        thread.count = thread.count.saturating_sub(1);
        let all = (root.0, i64::MIN, 0)..=(root.0, i64::MAX, u64::MAX);
        for row in self.tables.replies.range(all)?.rev().take(DELETED_PASSED) {
            let ((_, at, id), _) = row?;
            let record = self.tables.messages.get((thread.room.0, at, id))?;
            if let Some(record) = record.filter(|record| !record.deleted) {
                thread.last_at = record.sent_at.unwrap_or(Timestamp(at));
                break;
            }
        }
        self.tables.threads.put(root.0, &thread)?;
        Ok(thread)
    }

    pub(super) fn tell_thread(&mut self, room_id: RoomId, root: MessageId, thread: ThreadRecord) {
        let summary = (thread.count > 0).then_some(ThreadSummary {
            count: thread.count,
            last_at: thread.last_at,
        });
        let body = Body::ThreadUpdated {
            room_id,
            message_id: root,
            thread: summary,
            me: None,
        };
        self.tell(Audience::Room(room_id), body);
    }

    pub(super) fn follow(&mut self, id: MessageId, on: bool) -> Result<Outcome, Stop> {
        let user = self.person()?;
        let found = self.readable_message(id)?;
        let root = self.tables.root_of(&found);
        let follow = self.tables.follow_record(root, user)?;
        if follow.as_ref().is_some_and(|follow| follow.on == on) || (follow.is_none() && !on) {
            return Ok(Outcome::Follow(self.tables.follow_state(root, user)?));
        }
        let read = match follow {
            Some(follow) => follow.read,
            None => self
                .tables
                .threads
                .get(root.0)?
                .map_or(0, |thread| thread.ordinal),
        };
        self.set_follow(root, user, FollowRecord { on, read })?;
        self.tell_own_side(found.place.room, root, user)
    }

    pub(super) fn read_thread(&mut self, id: MessageId) -> Result<Outcome, Stop> {
        let user = self.person()?;
        let (_, _, found) = self.visible_message(id)?;
        let root = self.tables.root_of(&found);
        let key = (root.0, found.place.at, found.id.0);
        let read = self.tables.replies.get(key)?.unwrap_or(0);
        self.read_mentions(found.place.room, root, user, found.id)?;
        match self.tables.follow_record(root, user)? {
            Some(follow) if follow.read < read => {
                self.set_follow(root, user, FollowRecord { read, ..follow })?;
                self.tell_own_side(found.place.room, root, user)
            }
            _ => Ok(Outcome::Follow(self.tables.follow_state(root, user)?)),
        }
    }

    /// What names the reader in a thread is unread in the room until the thread is read.
    fn read_mentions(
        &mut self,
        room: RoomId,
        root: MessageId,
        user: UserId,
        upto: MessageId,
    ) -> Result<(), Stop> {
        let Some(member) = self.tables.member_record(room, user)? else {
            return Ok(());
        };
        let since = (user.0, room.0, member.read.newest.0.saturating_add(1));
        let mut read = Vec::new();
        let unread = self
            .tables
            .mentions
            .range(since..=(user.0, room.0, upto.0))?;
        for row in unread.take(limits::UNREAD as usize) {
            let (key, of) = row?;
            if of == root.0 && key.2 != root.0 {
                read.push(key);
            }
        }
        if read.is_empty() {
            return Ok(());
        }
        for key in read {
            self.tables.mentions.remove(key)?;
        }
        self.tell_read(room, user, &member)
    }

    fn tell_own_side(
        &mut self,
        room_id: RoomId,
        root: MessageId,
        user: UserId,
    ) -> Result<Outcome, Stop> {
        use crate::read::Views;
        let me = self.tables.follow_state(root, user)?;
        let body = Body::ThreadUpdated {
            room_id,
            message_id: root,
            thread: self.tables.thread_summary(root)?,
            me: Some(me),
        };
        self.tell(Audience::Users(vec![user]), body);
        Ok(Outcome::Follow(me))
    }
}
