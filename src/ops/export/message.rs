//! The line of a message.

use super::content::{Called, file_name};
use super::{Export, Out, whole};
use crate::domain::{Call, FileId, RoomKind, Timestamp};
use crate::state::{FileRecord, Located, StateError};
use serde::Serialize;

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    room: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<RoomKind>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    people: &'a [String],
    user: &'a str,
    sent_at: Timestamp,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reactions: Vec<ReactionLine>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pinned: bool,
    #[serde(flatten)]
    more: Option<More>,
}

/// What a whole export tells besides.
#[derive(Serialize, Default)]
struct More {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    live: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    deleted: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    also_in_room: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    calls: Option<Call>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    mentions: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mention_ranges: Vec<RangeLine>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    earlier: Vec<EarlierLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<String>,
}

#[derive(Serialize)]
struct EarlierLine {
    text: String,
    since: Timestamp,
}

#[derive(Serialize)]
struct RangeLine {
    user: String,
    start: u32,
    end: u32,
}

#[derive(Serialize)]
struct ReactionLine {
    emoji: String,
    users: Vec<String>,
}

impl Export {
    pub(super) fn message_line(&mut self, found: Located) -> Result<(), StateError> {
        let is_whole = self.scope.is_whole();
        if found.record.deleted && !is_whole {
            return Ok(());
        }
        if self.names.room(&self.reader, found.place.room)?.is_none() {
            return Ok(());
        }
        let more = if is_whole {
            Some(self.more(&found)?)
        } else {
            None
        };
        let own = self.names.own(found.id);
        let message = self.reader.view(found)?;
        let reply_to = match message.reply_to {
            Some(root) => self.names.message(&self.reader, root)?,
            None => None,
        };
        let mut reactions = Vec::new();
        for reaction in message.reactions.into_iter().filter(|_| is_whole) {
            let users = reaction.user_ids.into_iter();
            reactions.push(ReactionLine {
                emoji: reaction.emoji,
                users: users
                    .map(|user| self.names.username(&self.reader, user))
                    .collect::<Result<_, _>>()?,
            });
        }
        let person = self.names.person(&self.reader, message.author.id)?;
        let (user, display_name) = (person.username.clone(), person.display_name.clone());
        let Some(room) = self.names.room(&self.reader, message.room_id)? else {
            return Ok(());
        };
        let line = whole(&Line {
            id: message.external_id.as_deref().unwrap_or(&own),
            room: (room.kind != RoomKind::Direct).then_some(&room.name),
            kind: is_whole.then_some(room.kind),
            people: &room.people,
            user: &user,
            sent_at: message.sent_at,
            text: &message.text,
            display_name: display_name.as_deref(),
            edited_at: message.edited_at,
            reply_to,
            reactions,
            pinned: is_whole && message.pinned,
            more,
        });
        self.put(line);
        Ok(())
    }

    /// Files go before the line that names them.
    fn more(&mut self, found: &Located) -> Result<More, StateError> {
        let record = &found.record;
        let mut more = More {
            live: !record.is_history,
            deleted: record.deleted,
            also_in_room: record.also_in_room,
            calls: record.calls,
            client_id: record.client_id.clone(),
            ..More::default()
        };
        for user in &record.mentions {
            more.mentions
                .push(self.names.username(&self.reader, *user)?);
        }
        for range in &record.mention_ranges {
            more.mention_ranges.push(RangeLine {
                user: self.names.username(&self.reader, range.user_id)?,
                start: range.start,
                end: range.end,
            });
        }
        if record.edited_at.is_some() {
            let old = self.reader.old_texts(found.id)?.into_iter();
            more.earlier = old
                .map(|old| EarlierLine {
                    text: old.text,
                    since: old.since,
                })
                .collect();
        }
        if record.pinned
            && let Some(pin) = self.reader.pin(found.place.room, found.id)?
        {
            more.pinned_by = Some(self.names.username(&self.reader, pin.user)?);
            more.pinned_at = Some(pin.at);
        }
        if record.has_files {
            for (id, file) in self.reader.file_records(found.id)? {
                self.send_file(id, &file);
                more.files.push(file_name(id));
            }
        }
        Ok(more)
    }

    /// A file's content, unless it is lost.
    pub(super) fn send_file(&mut self, id: FileId, file: &FileRecord) {
        let called = Called {
            name: &file.name,
            content: &file.content,
            created_at: Some(file.created_at),
        };
        if let Some((out, _)) = self.contents.send(file_name(id), &called) {
            self.out(out);
        }
    }

    pub(super) fn out(&mut self, out: Out) {
        match (&out, self.queue.back_mut()) {
            (Out::Bytes(more), Some(Out::Bytes(bytes))) => bytes.extend_from_slice(more),
            _ => self.queue.push_back(out),
        }
    }
}
