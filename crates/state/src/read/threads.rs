//! Threads: the replies below a message, and who follows them.

use super::history;
use super::lookup::{Located, Lookup};
use super::reader::Reader;
use super::views::Views;
use crate::Result;
use crate::records::FollowRecord;
use crate::table::Readable;
use maru_domain::{FollowState, Message, MessageId, RoomId, Timestamp, UserId, limits};
use std::collections::BTreeMap;

/// Which replies of a thread. Without any position: the newest.
#[derive(Clone, Copy, Debug, Default)]
pub struct ThreadSpan {
    pub before: Option<MessageId>,
    pub after: Option<MessageId>,
    /// This one in the middle.
    pub around: Option<MessageId>,
    pub limit: usize,
}

/// A page of replies, oldest first, with the message that began the thread.
#[derive(Clone, Debug)]
pub struct ThreadPage {
    pub root: Message,
    pub replies: Vec<Message>,
    pub more_before: bool,
    pub more_after: bool,
    pub me: FollowState,
}

/// A thread in somebody's list of threads.
#[derive(Clone, Debug)]
pub struct FollowedThread {
    pub root: Message,
    pub last_at: Timestamp,
    pub me: FollowState,
}

pub trait Threads: Lookup {
    /// The message that began the thread which a message belongs to.
    fn root_of(&self, found: &Located) -> MessageId {
        found.record.reply_to.unwrap_or(found.id)
    }

    fn follow_record(&self, root: MessageId, user: UserId) -> Result<Option<FollowRecord>> {
        self.follows().get((root.0, user.0))
    }

    fn follow_state(&self, root: MessageId, user: UserId) -> Result<FollowState> {
        let follow = self.follow_record(root, user)?.unwrap_or_default();
        let unread = if follow.on {
            self.unread_replies(root, user, follow.read)?
        } else {
            0
        };
        Ok(FollowState {
            following: follow.on,
            unread,
        })
    }

    /// Replies of others after the one with the ordinal `read`.
    fn unread_replies(&self, root: MessageId, user: UserId, read: u32) -> Result<u32> {
        let Some(thread) = self.threads().get(root.0)? else {
            return Ok(0);
        };
        if thread.ordinal <= read {
            return Ok(0);
        }
        let all = (root.0, i64::MIN, 0)..=(root.0, i64::MAX, u64::MAX);
        let mut unread = 0;
        for row in self.replies().range(all)?.rev() {
            let ((_, at, id), ordinal) = row?;
            if ordinal <= read || unread == limits::UNREAD_REPLIES {
                break;
            }
            let record = self.messages().get((thread.room.0, at, id))?;
            let counts = |reply: crate::records::MessageRecord| {
                !reply.deleted && !reply.is_history && reply.author != user
            };
            unread += u32::from(record.is_some_and(counts));
        }
        Ok(unread)
    }
}

impl<T: Lookup> Threads for T {}

impl Reader {
    /// The thread of any of its messages. Without a position: the newest replies.
    pub fn thread(
        &self,
        viewer: UserId,
        of: MessageId,
        span: ThreadSpan,
    ) -> Result<Option<ThreadPage>> {
        let ThreadSpan {
            before,
            mut after,
            around,
            limit,
        } = span;
        let Some(found) = self.tables.located(of)? else {
            return Ok(None);
        };
        let room = found.place.room;
        let root = self.tables.root_of(&found);
        let Some(first) = self.tables.located_in(room, root)? else {
            return Ok(None);
        };
        let mut page = ThreadPage {
            root: self.tables.message_view(first)?,
            replies: Vec::new(),
            more_before: false,
            more_after: false,
            me: self.tables.follow_state(root, viewer)?,
        };
        let at = |id: MessageId| -> Result<(u64, i64, u64)> {
            let place = self.tables.places.get(id.0)?;
            Ok((root.0, place.map_or(i64::MAX, |place| place.at), id.0))
        };
        if let Some(middle) = around {
            // From so many before it on: the page then begins behind the one before those.
            let older = (root.0, i64::MIN, 0)..at(middle)?;
            let mut older = self.tables.replies.range(older)?.rev();
            let first = older.nth(limit / 2).transpose()?;
            after = first.map(|((_, _, id), _)| MessageId(id)).or(Some(root));
        }
        let low = match after {
            // The root stands before all replies, whenever they were sent.
            Some(id) if id == root => (root.0, i64::MIN, 0),
            Some(id) => at(id)?,
            None => (root.0, i64::MIN, 0),
        };
        let high = match before {
            Some(id) => at(id)?,
            None => (root.0, i64::MAX, u64::MAX),
        };
        let mut ids = Vec::new();
        if low < high {
            let bounds = (
                std::ops::Bound::Excluded(low),
                std::ops::Bound::Excluded(high),
            );
            let mut rows = self.tables.replies.range(bounds)?;
            while ids.len() <= limit {
                let row = if after.is_some() {
                    rows.next()
                } else {
                    rows.next_back()
                };
                let Some(row) = row.transpose()? else { break };
                ids.push(row.0);
            }
        }
        let more = ids.len() > limit;
        ids.truncate(limit);
        if after.is_some() {
            page.more_before = after.is_some_and(|id| id > root);
            page.more_after = more || before.is_some();
        } else {
            page.more_before = more;
            page.more_after = before.is_some();
            ids.reverse();
        }
        let mut rows = Vec::with_capacity(ids.len());
        for (_, at, id) in ids {
            if let Some(record) = self.tables.messages.get((room.0, at, id))? {
                let place = crate::records::MessageLocation { room, at };
                let id = MessageId(id);
                rows.push(Located { id, place, record });
            }
        }
        page.replies = history::with_authors(&self.tables, rows)?;
        Ok(Some(page))
    }

    /// The threads that somebody follows, the one with the newest reply first, behind the
    /// position `after`.
    pub fn followed_threads(
        &self,
        user: UserId,
        only_unread: bool,
        after: Option<(Timestamp, MessageId)>,
        limit: usize,
    ) -> Result<Vec<FollowedThread>> {
        let mut readable: BTreeMap<RoomId, bool> = BTreeMap::new();
        let mut threads = Vec::new();
        for row in self
            .tables
            .followed
            .range((user.0, 0)..=(user.0, u64::MAX))?
        {
            let root = MessageId(row?.0.1);
            let Some(thread) = self.tables.threads.get(root.0)? else {
                continue;
            };
            let may = match readable.get(&thread.room) {
                Some(may) => *may,
                None => {
                    let may = self.can_read(user, thread.room)?;
                    readable.insert(thread.room, may);
                    may
                }
            };
            if may && thread.count > 0 {
                threads.push((thread.last_at, root));
            }
        }
        threads.sort_by_key(|thread| std::cmp::Reverse(*thread));
        let mut page = Vec::new();
        for (last_at, root) in threads {
            if after.is_some_and(|after| (last_at, root) >= after) {
                continue;
            }
            let me = self.tables.follow_state(root, user)?;
            if only_unread && me.unread == 0 {
                continue;
            }
            if let Some(root) = self.message(root)? {
                page.push(FollowedThread { root, last_at, me });
            }
            if page.len() == limit {
                break;
            }
        }
        Ok(page)
    }
}
