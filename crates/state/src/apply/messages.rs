//! Messages: posted, edited, deleted, pinned.

use super::{Stop, Work, mentions};
use crate::nonces;
use crate::read::{Located, Lookup};
use crate::records::{MessageLocation, MessageRecord, PinRecord, Tail};
use crate::table::Readable;
use maru_domain::event::{Body, EventKind};
use maru_domain::{
    Actor, Audience, Call, Code, FileId, MessageId, Outcome, Refusal, RoomId, RoomKind,
    ScheduledId, UserId, limits, mention,
};

/// The parts of a new message.
pub(super) struct NewMessage<'a> {
    pub text: &'a str,
    pub client_id: Option<&'a str>,
    pub reply_to: Option<MessageId>,
    pub chosen: &'a [UserId],
    pub files: &'a [FileId],
    pub also_in_room: bool,
    pub may_call: bool,
    /// What it was before its time came; it holds the files.
    pub scheduled: Option<ScheduledId>,
}

impl Work<'_, '_> {
    pub(super) fn post(&mut self, room_id: RoomId, new: NewMessage<'_>) -> Result<Outcome, Stop> {
        let author = self.person()?;
        if let Some(client_id) = new.client_id
            && let Some(first) = nonces::find(self.tables, author, client_id, self.at)?
        {
            return self.post_again(first);
        }
        self.writable_room(room_id)?;
        let root = match new.reply_to {
            Some(id) => Some(self.thread_root(room_id, id)?),
            None => None,
        };
        let files = self.own_files(author, new.files, new.scheduled)?;
        let named = self.mentioned(room_id, new.text, new.chosen, &[])?;
        let calls = if new.may_call {
            self.calls(room_id, new.text)?
        } else {
            None
        };
        let id = MessageId(self.new_id());
        let mut tail = self.tables.tail(room_id)?;
        let is_post = root.is_none() || new.also_in_room;
        tail.ordinal += u64::from(is_post);
        let found = Located {
            id,
            place: MessageLocation {
                room: room_id,
                at: self.at.0,
            },
            record: MessageRecord {
                author,
                ordinal: tail.ordinal,
                text: new.text.to_owned(),
                client_id: new.client_id.map(str::to_owned),
                reply_to: root,
                mentions: named.users,
                mention_ranges: named.ranges,
                has_files: !files.is_empty(),
                also_in_room: new.also_in_room && root.is_some(),
                calls,
                ..MessageRecord::default()
            },
        };
        let own = self
            .tables
            .own_posts(author, room_id, id)?
            .saturating_add(u32::from(is_post));
        self.add_message(&found, own, tail)?;
        self.attach_files(&found, files)?;
        self.add_mentions(&found, &found.record.mentions)?;
        if calls == Some(Call::Room) {
            self.tables.calls.put((room_id.0, id.0), &id.0)?;
        }
        if let Some(client_id) = new.client_id {
            nonces::put(self.tables, author, client_id, self.at, id)?;
        }
        let thread = match root {
            Some(root) => Some((root, self.add_reply(root, &found)?)),
            None => None,
        };
        let message = self.message_view(found)?;
        let body = Body::Message {
            kind: EventKind::MessageCreated,
            room_id,
            message_id: id,
            message: Box::new(message.clone()),
        };
        self.tell(Audience::Room(room_id), body);
        if let Some((root, thread)) = thread {
            self.tell_thread(room_id, root, thread);
        }
        Ok(Outcome::Message {
            message,
            created: true,
        })
    }

    /// The first outcome again, as the message is now.
    fn post_again(&self, first: MessageId) -> Result<Outcome, Stop> {
        let (_, _, found) = self.visible_message(first)?;
        let message = self.message_view(found)?;
        Ok(Outcome::Message {
            message,
            created: false,
        })
    }

    /// Writes a message that is not there yet. `own`: how many its author has posted in the room.
    pub(super) fn add_message(
        &mut self,
        found: &Located,
        own: u32,
        mut tail: Tail,
    ) -> Result<(), Stop> {
        let Located { id, place, record } = found;
        self.save_message(found)?;
        self.tables.places.put(id.0, place)?;
        self.tables
            .authored
            .put((record.author.0, place.room.0, id.0), &own)?;
        let is_newer = (place.at, *id) > (tail.at, tail.message) || tail.message == MessageId(0);
        if !record.is_folded() && !record.deleted && is_newer {
            (tail.at, tail.message) = (place.at, *id);
        }
        self.tables.tails.put(place.room.0, &tail)?;
        Ok(())
    }

    pub(super) fn save_message(&mut self, found: &Located) -> Result<(), Stop> {
        let Located { id, place, record } = found;
        self.tables
            .messages
            .put((place.room.0, place.at, id.0), record)?;
        Ok(())
    }

    /// Whether the author may call everybody, and does. In a large room the words are only words,
    /// unless an owner writes them.
    fn calls(&self, id: RoomId, text: &str) -> Result<Option<Call>, Stop> {
        let Some(call) = mention::call(text) else {
            return Ok(None);
        };
        let (room, member) = self.joined_room(id)?;
        let may = room.kind != RoomKind::Direct
            && (room.member_count <= limits::CALLED_MEMBERS
                || self.manages(&room, Some(&member))?);
        Ok(may.then_some(call))
    }

    /// Where somebody is named, by reader. One's own words are no news.
    pub(super) fn add_mentions(&mut self, found: &Located, users: &[UserId]) -> Result<(), Stop> {
        let Located { id, place, record } = found;
        for user in users {
            if *user != record.author && !record.is_history {
                let root = record.reply_to.unwrap_or(*id);
                let key = (user.0, place.room.0, id.0);
                self.tables.mentions.put(key, &root.0)?;
                self.tables.mentioned.put((user.0, id.0), &place.room.0)?;
            }
        }
        Ok(())
    }

    pub(super) fn drop_mentions(&mut self, found: &Located, users: &[UserId]) -> Result<(), Stop> {
        let Located { id, place, record } = found;
        for user in users {
            if !record.is_history {
                self.tables.mentions.remove((user.0, place.room.0, id.0))?;
                self.tables.mentioned.remove((user.0, id.0))?;
            }
        }
        Ok(())
    }

    /// Threads are one level deep: a reply to a reply belongs to the same root.
    pub(super) fn thread_root(&self, room: RoomId, id: MessageId) -> Result<MessageId, Stop> {
        let missing = || Refusal {
            field: Some("reply_to".into()),
            ..Refusal::new(
                Code::NotFound,
                "The message that this answers is not in this room.",
            )
        };
        let found = self.tables.located_in(room, id)?.ok_or_else(missing)?;
        if found.record.deleted && !found.record.has_thread {
            return Err(missing().into());
        }
        Ok(found.record.reply_to.unwrap_or(id))
    }

    pub(super) fn edit(
        &mut self,
        id: MessageId,
        text: &str,
        chosen: &[UserId],
        keeps_old: bool,
    ) -> Result<Outcome, Stop> {
        let author = self.person()?;
        let (_, mut found) = self.writable_message(id)?;
        if found.record.author != author {
            return Err(Refusal::forbidden("Only its author may edit a message.").into());
        }
        if found.record.text == text {
            return self.unchanged(found);
        }
        let room = found.place.room;
        let before = mentions::labels(&found.record.text, &found.record.mention_ranges);
        let named = self.mentioned(room, text, chosen, &before)?;
        let old = std::mem::replace(&mut found.record.mentions, named.users);
        let new = found.record.mentions.clone();
        let only = |these: &[UserId], those: &[UserId]| -> Vec<UserId> {
            these
                .iter()
                .filter(|user| !those.contains(user))
                .copied()
                .collect()
        };
        self.drop_mentions(&found, &only(&old, &new))?;
        self.add_mentions(&found, &only(&new, &old))?;
        if keeps_old {
            self.keep_old_text(&found)?;
        }
        found.record.text = text.to_owned();
        found.record.edited_at = Some(self.at);
        found.record.mention_ranges = named.ranges;
        self.drop_previews_of_gone_links(&mut found)?;
        self.save_message(&found)?;
        self.tell_changed(found, EventKind::MessageUpdated)
    }

    pub(super) fn unchanged(&self, found: Located) -> Result<Outcome, Stop> {
        let message = self.message_view(found)?;
        Ok(Outcome::Message {
            message,
            created: false,
        })
    }

    pub(super) fn tell_changed(
        &mut self,
        found: Located,
        kind: EventKind,
    ) -> Result<Outcome, Stop> {
        let (room_id, message_id) = (found.place.room, found.id);
        let message = self.message_view(found)?;
        let body = Body::Message {
            kind,
            room_id,
            message_id,
            message: Box::new(message.clone()),
        };
        self.tell(Audience::Room(room_id), body);
        Ok(Outcome::Message {
            message,
            created: false,
        })
    }

    /// By its author, who may have left a public room since, or by who manages the room.
    pub(super) fn delete(&mut self, id: MessageId) -> Result<Outcome, Stop> {
        let (room, member, found) = self.visible_message(id)?;
        let own = self.actor == Actor::User(found.record.author);
        if !own && (room.kind == RoomKind::Direct || !self.manages(&room, member.as_ref())?) {
            return Err(Refusal::forbidden(
                "Only its author or an owner of the room may delete a message.",
            )
            .into());
        }
        if found.record.deleted {
            return self.unchanged(found);
        }
        self.delete_message(found)
    }

    /// What is left says that there was a message.
    pub(super) fn delete_message(&mut self, mut found: Located) -> Result<Outcome, Stop> {
        let room_id = found.place.room;
        self.erase_content(&found)?;
        found.record = MessageRecord {
            author: found.record.author,
            ordinal: found.record.ordinal,
            sent_at: found.record.sent_at,
            client_id: found.record.client_id.take(),
            external_id: found.record.external_id.take(),
            reply_to: found.record.reply_to,
            also_in_room: found.record.also_in_room,
            has_thread: found.record.has_thread,
            is_history: found.record.is_history,
            deleted: true,
            ..MessageRecord::default()
        };
        self.save_message(&found)?;
        if found.record.is_post() {
            let key = (room_id.0, found.record.ordinal);
            self.tables.deleted.put(key, &found.record.author.0)?;
        }
        self.move_tail_before(&found)?;
        let root = found.record.reply_to;
        let outcome = self.tell_changed(found, EventKind::MessageDeleted)?;
        if let Some(root) = root {
            let thread = self.drop_reply(root)?;
            self.tell_thread(room_id, root, thread);
        }
        Ok(outcome)
    }

    /// The room's newest message was deleted: the one before it that is not is its newest now.
    fn move_tail_before(&mut self, gone: &Located) -> Result<(), Stop> {
        let room = gone.place.room;
        let mut tail = self.tables.tail(room)?;
        if tail.message != gone.id {
            return Ok(());
        }
        (tail.at, tail.message) = (0, MessageId(0));
        let before = (room.0, i64::MIN, 0)..(room.0, gone.place.at, gone.id.0);
        for row in self.tables.messages.range(before)?.rev() {
            let ((_, at, id), record) = row?;
            if !record.deleted && !record.is_folded() {
                (tail.at, tail.message) = (at, MessageId(id));
                break;
            }
        }
        self.tables.tails.put(room.0, &tail)?;
        Ok(())
    }

    pub(super) fn pin(&mut self, id: MessageId, on: bool) -> Result<Outcome, Stop> {
        let user = self.person()?;
        let (_, mut found) = self.writable_message(id)?;
        if found.record.pinned == on {
            return self.unchanged(found);
        }
        let room_id = found.place.room;
        if on {
            let all = (room_id.0, 0)..=(room_id.0, u64::MAX);
            if self.tables.pins.range(all)?.count() >= self.rules.pins_per_room {
                return Err(Refusal {
                    limit: Some(self.rules.pins_per_room as u64),
                    ..Refusal::new(
                        Code::Conflict,
                        "This room has its limit of pinned messages; unpin one first.",
                    )
                }
                .into());
            }
            let pin = PinRecord { at: self.at, user };
            self.tables.pins.put((room_id.0, id.0), &pin)?;
        } else {
            self.tables.pins.remove((room_id.0, id.0))?;
        }
        found.record.pinned = on;
        self.save_message(&found)?;
        let message = self.message_view(found)?;
        let body = Body::Pin {
            added: on,
            room_id,
            message_id: id,
            user_id: user,
        };
        self.tell(Audience::Room(room_id), body);
        Ok(Outcome::Message {
            message,
            created: true,
        })
    }
}
