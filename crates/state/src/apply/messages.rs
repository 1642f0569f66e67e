//! Messages: posted, edited, deleted, pinned.

use super::{Done, Stop, Work, mentions};
use crate::nonces;
use crate::read::Lookup;
use crate::records::MessageRecord;
use maru_domain::event::{Body, EventKind};
use maru_domain::{
    Actor, Audience, Code, MessageId, Outcome, Refusal, RoomId, RoomKind, UserId, limits,
};

/// The parts of a new message.
pub(super) struct NewMessage<'a> {
    pub text: &'a str,
    pub client_id: Option<&'a str>,
    pub reply_to: Option<MessageId>,
    pub chosen: &'a [UserId],
}

impl Work<'_, '_> {
    pub(super) fn post(&mut self, room_id: RoomId, new: NewMessage<'_>) -> Result<Done, Stop> {
        let NewMessage {
            text,
            client_id,
            reply_to,
            chosen,
        } = new;
        let author = self.person()?;
        let nonce = client_id.map(|client_id| nonces::key(author, client_id));
        if let Some(first) = nonce.and_then(|nonce| self.nonces.get(&nonce)) {
            return self.post_again(first);
        }
        self.joined_room(room_id)?;
        let root = match reply_to {
            Some(id) => Some(self.thread_root(room_id, id)?),
            None => None,
        };
        let id = MessageId(self.seq.id());
        let named = self.mentioned(room_id, text, chosen, &[])?;
        let record = MessageRecord {
            author,
            deleted: false,
            text: text.to_owned(),
            sent_at: self.at,
            edited_at: None,
            client_id: client_id.map(str::to_owned),
            reply_to: root,
            thread: None,
            reactions: Vec::new(),
            mentions: named.users,
            pinned: false,
            external_id: None,
            mention_ranges: named.ranges,
        };
        self.add_message(room_id, id, &record)?;
        if let Some(nonce) = nonce {
            self.nonces.insert(nonce, id);
        }
        let message = self.message_view(room_id, id, record)?;
        Ok(Done::telling(
            Outcome::Message {
                message: message.clone(),
                created: true,
            },
            Audience::Room(room_id),
            Body::Message {
                kind: EventKind::MessageCreated,
                room_id,
                message_id: id,
                message: Box::new(message),
            },
        ))
    }

    /// The first outcome again, as the message is now.
    fn post_again(&self, first: MessageId) -> Result<Done, Stop> {
        let (room_id, _, _, record) = self.visible_message(first)?;
        let message = self.message_view(room_id, first, record)?;
        Ok(Done::quietly(Outcome::Message {
            message,
            created: false,
        }))
    }

    /// Writes a message that is not there yet, and counts it in its thread.
    pub(super) fn add_message(
        &mut self,
        room: RoomId,
        id: MessageId,
        record: &MessageRecord,
    ) -> Result<(), Stop> {
        self.save_message(room, id, record)?;
        self.tables.message_rooms.insert(id.0, room.0)?;
        if let Some(root) = record.reply_to {
            self.tables.replies.insert((root.0, id.0), ())?;
            if let Some(mut first) = self.tables.message_record(room, root)? {
                let count = first.thread.map_or(0, |(count, _)| count);
                first.thread = Some((count + 1, record.sent_at));
                self.save_message(room, root, &first)?;
            }
        }
        Ok(())
    }

    pub(super) fn save_message(
        &mut self,
        room: RoomId,
        id: MessageId,
        record: &MessageRecord,
    ) -> Result<(), Stop> {
        self.tables
            .messages
            .insert((room.0, id.0), record.encode().as_slice())?;
        Ok(())
    }

    /// Threads are one level deep: a reply to a reply belongs to the same root.
    fn thread_root(&self, room: RoomId, id: MessageId) -> Result<MessageId, Stop> {
        let missing = || Refusal {
            field: Some("reply_to".into()),
            ..Refusal::new(
                Code::NotFound,
                "The message that this answers is not in this room.",
            )
        };
        let record = self.tables.message_record(room, id)?.ok_or_else(missing)?;
        if record.deleted && record.thread.is_none() {
            return Err(missing().into());
        }
        Ok(record.reply_to.unwrap_or(id))
    }

    pub(super) fn edit(
        &mut self,
        id: MessageId,
        text: &str,
        chosen: &[UserId],
    ) -> Result<Done, Stop> {
        let author = self.person()?;
        let (room_id, _, _, mut record) = self.joined_message(id)?;
        if record.author != author {
            return Err(Refusal::forbidden("Only its author may edit a message.").into());
        }
        if record.text == text {
            let message = self.message_view(room_id, id, record)?;
            return Ok(Done::quietly(Outcome::Message {
                message,
                created: false,
            }));
        }
        let before = mentions::labels(&record.text, &record.mention_ranges);
        let named = self.mentioned(room_id, text, chosen, &before)?;
        record.text = text.to_owned();
        record.edited_at = Some(self.at);
        record.mentions = named.users;
        record.mention_ranges = named.ranges;
        self.save_message(room_id, id, &record)?;
        self.tell_changed(room_id, id, record, EventKind::MessageUpdated)
    }

    fn tell_changed(
        &self,
        room_id: RoomId,
        id: MessageId,
        record: MessageRecord,
        kind: EventKind,
    ) -> Result<Done, Stop> {
        let message = self.message_view(room_id, id, record)?;
        Ok(Done::telling(
            Outcome::Message {
                message: message.clone(),
                created: false,
            },
            Audience::Room(room_id),
            Body::Message {
                kind,
                room_id,
                message_id: id,
                message: Box::new(message),
            },
        ))
    }

    /// By its author, who may have left a public room since, or by who manages the room.
    pub(super) fn delete(&mut self, id: MessageId) -> Result<Done, Stop> {
        let (room_id, room, member, mut record) = self.visible_message(id)?;
        let own = self.actor == Actor::User(record.author);
        if !own && (room.kind == RoomKind::Direct || !self.manages(&room, member.as_ref())?) {
            return Err(Refusal::forbidden(
                "Only its author or an owner of the room may delete a message.",
            )
            .into());
        }
        if record.deleted {
            let message = self.message_view(room_id, id, record)?;
            return Ok(Done::quietly(Outcome::Message {
                message,
                created: false,
            }));
        }
        record.deleted = true;
        record.text = String::new();
        record.edited_at = None;
        record.reactions = Vec::new();
        record.mentions = Vec::new();
        record.mention_ranges = Vec::new();
        record.pinned = false;
        self.save_message(room_id, id, &record)?;
        if let Some(root) = record.reply_to
            && let Some(mut first) = self.tables.message_record(room_id, root)?
        {
            first.thread = first
                .thread
                .and_then(|(n, at)| (n > 1).then(|| (n - 1, at)));
            self.save_message(room_id, root, &first)?;
        }
        self.tell_changed(room_id, id, record, EventKind::MessageDeleted)
    }

    pub(super) fn pin(&mut self, id: MessageId, on: bool) -> Result<Done, Stop> {
        let user = self.person()?;
        let (room_id, _, _, mut record) = self.joined_message(id)?;
        if record.pinned == on {
            let message = self.message_view(room_id, id, record)?;
            return Ok(Done::quietly(Outcome::Message {
                message,
                created: false,
            }));
        }
        record.pinned = on;
        self.save_message(room_id, id, &record)?;
        let message = self.message_view(room_id, id, record)?;
        Ok(Done::telling(
            Outcome::Message {
                message,
                created: true,
            },
            Audience::Room(room_id),
            Body::Pin {
                added: on,
                room_id,
                message_id: id,
                user_id: user,
            },
        ))
    }

    /// Removes all that was said in a room.
    pub(super) fn drop_messages(&mut self, room: RoomId) -> Result<(), Stop> {
        let mut ids = Vec::new();
        let mut external = Vec::new();
        self.tables
            .messages
            .retain_in((room.0, 0)..=(room.0, u64::MAX), |(_, id), bytes| {
                ids.push(id);
                if let Ok(record) = MessageRecord::decode(bytes) {
                    external.extend(record.external_id);
                }
                false
            })?;
        for id in ids {
            self.tables.message_rooms.remove(id)?;
            self.tables
                .replies
                .retain_in((id, 0)..=(id, u64::MAX), |_, ()| false)?;
        }
        for id in external {
            self.tables.external_ids.remove(id.as_str())?;
        }
        Ok(())
    }

    pub(super) fn too_many_reactions() -> Refusal {
        Refusal {
            limit: Some(limits::REACTIONS_PER_MESSAGE as u64),
            ..Refusal::new(
                Code::Conflict,
                "This message has its limit of different reactions; use one of them.",
            )
        }
    }
}
