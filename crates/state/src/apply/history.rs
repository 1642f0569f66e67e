//! History from elsewhere: ordered by when it was said, read for everybody, naming nobody anew.

use super::{Stop, Work};
use crate::read::{Located, Lookup, Threads};
use crate::records::{MessageLocation, MessageRecord, OldTextRecord, PinRecord};
use crate::table::Readable;
use maru_domain::event::Body;
use maru_domain::history::{HistoryLine, Imported, ImportedRoom, LineOutcome};
use maru_domain::{
    Audience, Call, MemberRole, MessageId, Outcome, RoomId, RoomKind, Timestamp, UserId, limits,
    names,
};

/// Whom the lines of one entry brought into a room.
#[derive(Default)]
pub(super) struct Joins {
    pub is_new: bool,
    pub people: Vec<UserId>,
}

impl Work<'_, '_> {
    /// Lines in their order. One that is refused leaves the others as they are.
    pub(super) fn import_lines(&mut self, lines: &[HistoryLine]) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let mut outcomes = Vec::with_capacity(lines.len());
        for line in lines {
            let outcome = match line {
                HistoryLine::Message(line) => self.import(line),
                HistoryLine::User(line) => self.import_user(line),
                HistoryLine::Room(line) => self.import_room(line),
                HistoryLine::Mark(mark) => self.import_mark(mark),
            };
            outcomes.push(match outcome {
                Ok(outcome) => outcome,
                Err(Stop::Refused(refusal)) => LineOutcome::Refused(refusal),
                Err(broken) => return Err(broken),
            });
        }
        self.tell_joins()?;
        Ok(Outcome::Lines(outcomes))
    }

    /// As entries of older logs have it: a line by itself.
    pub(super) fn import_one(&mut self, line: &Imported) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let outcome = self.import(line)?;
        self.tell_joins()?;
        Ok(Outcome::Lines(vec![outcome]))
    }

    fn import(&mut self, line: &Imported) -> Result<LineOutcome, Stop> {
        let known = self.tables.external_message(&line.external_id)?;
        if let Some(found) = known
            .map(|id| self.tables.located(id))
            .transpose()?
            .flatten()
        {
            return self.compare(&found, line);
        }
        let room = self.room_of_line(line)?;
        let author = self.imported_user(&line.user, line.display_name.as_deref())?;
        let direct = !line.people.is_empty();
        if !direct && line.kind.is_none() && !self.tables.is_member(room, author)? {
            self.join_quietly(room, author, MemberRole::Member)?;
        }
        let root = self.root_of_line(room, line)?;
        // What is said to come from the future stands where it came in.
        let at = line.sent_at.0.min(self.at.0);
        let mut tail = self.tables.tail(room)?;
        let after = (room.0, at, u64::MAX)..=(room.0, i64::MAX, u64::MAX);
        let is_last = self.tables.messages.range(after)?.next().is_none();
        let live = line.live && is_last;
        let also_in_room = line.also_in_room && root.is_some();
        let is_post = live && (root.is_none() || also_in_room);
        let before = (room.0, i64::MIN, 0)..=(room.0, at, u64::MAX);
        let before = self
            .tables
            .messages
            .range(before)?
            .next_back()
            .transpose()?;
        let id = MessageId(self.new_id());
        let named = match &line.named {
            Some(names) => self.names_of_line(names)?,
            None => self.mentioned(room, &line.text, &[], &[])?,
        };
        tail.ordinal += u64::from(is_post);
        let found = Located {
            id,
            place: MessageLocation { room, at },
            record: MessageRecord {
                author,
                ordinal: if live {
                    tail.ordinal
                } else {
                    before.map_or(0, |(_, record)| record.ordinal)
                },
                text: line.text.clone(),
                sent_at: (line.sent_at.0 != at).then_some(line.sent_at),
                edited_at: line.edited_at,
                client_id: line.client_id.clone(),
                external_id: Some(line.external_id.clone()),
                reply_to: root,
                mentions: named.users,
                mention_ranges: named.ranges,
                pinned: line.pinned,
                has_reactions: !line.reactions.is_empty(),
                is_history: !live,
                has_files: !line.files.is_empty(),
                deleted: line.deleted,
                also_in_room,
                calls: line.calls,
                ..MessageRecord::default()
            },
        };
        let own = self
            .tables
            .own_posts(author, room, id)?
            .saturating_add(u32::from(is_post));
        self.add_message(&found, own, tail)?;
        self.tables
            .external_ids
            .put(line.external_id.as_str(), &id.0)?;
        self.import_marks(&found, line)?;
        self.import_files(&found, author, &line.files)?;
        for (n, (text, since)) in (0..).zip(&line.earlier) {
            let old = OldTextRecord {
                text: text.clone(),
                since: *since,
            };
            self.tables.old_texts.put((id.0, n), &old)?;
        }
        self.add_mentions(&found, &found.record.mentions)?;
        if live && line.calls == Some(Call::Room) {
            self.tables.calls.put((room.0, id.0), &id.0)?;
        }
        if let Some(root) = root {
            self.add_reply(root, &found)?;
        }
        if line.deleted {
            if is_post {
                let key = (room.0, found.record.ordinal);
                self.tables.deleted.put(key, &author.0)?;
            }
            if let Some(root) = root {
                self.drop_reply(root)?;
            }
        }
        self.tables.histories.put(room.0, &())?;
        self.changed.push(id);
        Ok(LineOutcome::Created)
    }

    /// Reactions and pins that a file knows of.
    fn import_marks(&mut self, found: &Located, line: &Imported) -> Result<(), Stop> {
        let mut n = 0;
        for (emoji, people) in &line.reactions {
            for name in people {
                let user = self.imported_user(name, None)?;
                let key = (found.id.0, emoji.as_str(), user.0);
                self.tables.reactions.put(key, &n)?;
                n += 1;
            }
        }
        if found.record.pinned {
            let (mut at, mut user) = (Timestamp(found.place.at), found.record.author);
            if let Some((name, pinned_at)) = &line.pin {
                user = self.imported_user(name, None)?;
                at = *pinned_at;
            }
            let key = (found.place.room.0, found.id.0);
            self.tables.pins.put(key, &PinRecord { at, user })?;
        }
        Ok(())
    }

    /// What is here under the line's id, and whether it is the same.
    fn compare(&mut self, found: &Located, line: &Imported) -> Result<LineOutcome, Stop> {
        let room = self.tables.room_record(found.place.room)?;
        let same_room = if line.people.is_empty() {
            room.is_some_and(|room| names::likeness(&room.name) == names::likeness(&line.room))
        } else {
            room.is_some_and(|room| room.kind == RoomKind::Direct)
        };
        let author = self.tables.user_named(&line.user)?;
        let record = &found.record;
        Ok(if !same_room {
            LineOutcome::Differs("room")
        } else if author != Some(record.author) {
            LineOutcome::Differs("user")
        } else if record.text != line.text
            && !(record.deleted || line.deleted || record.edited_at.is_some())
        {
            LineOutcome::Differs("text")
        } else {
            LineOutcome::Repeated
        })
    }

    /// The message that began the thread which the line belongs to, where it is in the same room.
    fn root_of_line(&self, room: RoomId, line: &Imported) -> Result<Option<MessageId>, Stop> {
        let Some(external) = &line.reply_to else {
            return Ok(None);
        };
        let Some(id) = self.tables.external_message(external)? else {
            return Ok(None);
        };
        let found = self.tables.located_in(room, id)?;
        Ok(found.map(|found| self.tables.root_of(&found)))
    }

    fn room_of_line(&mut self, line: &Imported) -> Result<RoomId, Stop> {
        if !line.people.is_empty() {
            let people = line
                .people
                .iter()
                .map(|name| (name.clone(), MemberRole::Member));
            let people = people.collect::<Vec<_>>();
            return Ok(self.imported_direct(&people, line.sent_at)?.0);
        }
        let kind = line.kind.unwrap_or(RoomKind::Public);
        let room = ImportedRoom {
            room: line.room.clone(),
            topic: String::new(),
            kind,
            created_at: Some(line.sent_at),
            members: Vec::new(),
            details: Vec::new(),
            retention_days: None,
            archived_at: None,
        };
        Ok(self.imported_room(&room)?.0)
    }

    /// One event a room for all whom the lines brought into it.
    fn tell_joins(&mut self) -> Result<(), Stop> {
        // People hear of the messages when all have come; the index takes them at once.
        let changed = std::mem::take(&mut self.changed);
        for (room_id, Joins { is_new, people }) in std::mem::take(&mut self.joins) {
            let room = self.room_for_all(room_id)?;
            let audience = if is_new && room.kind == RoomKind::Public {
                Audience::Everyone
            } else {
                Audience::Room(room_id)
            };
            let joined = people.iter().map(|user| (room_id, *user)).collect();
            let body = Body::RoomCreated {
                room_id,
                room: Box::new(room),
                user_ids: people,
            };
            self.tell_moving(audience, joined, Vec::new(), body);
        }
        if let Some(first) = changed.first()
            && let Some(room_id) = self.tables.room_of(*first)?
        {
            self.changed = changed;
            let nobody = Audience::Users(Vec::new());
            self.tell(nobody, Body::HistoryChanged { room_id });
        }
        Ok(())
    }

    /// One event for each room into which history came since the last time, some rooms at a time.
    /// Nothing is written for the members: who has read every post has read the history as well.
    pub(super) fn announce_history(&mut self) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let rooms = self.tables.histories.rows()?.map(|row| Ok(row?.0));
        let rooms = rooms.take(limits::SWEEP);
        for room in rooms.collect::<crate::Result<Vec<_>>>()? {
            self.tables.histories.remove(room)?;
            let room_id = RoomId(room);
            let Some(record) = self.tables.room_record(room_id)? else {
                continue;
            };
            let audience = super::rooms::whole_audience(room_id, record.kind);
            self.tell(audience, Body::HistoryChanged { room_id });
        }
        let more = !self.tables.histories.is_empty()?;
        Ok(Outcome::Part { more })
    }
}
