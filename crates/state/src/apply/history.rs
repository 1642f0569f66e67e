//! History from elsewhere: ordered by when it was said, read for everybody, naming nobody anew.

use super::direct::direct_key;
use super::users::tell_user;
use super::{Stop, Work};
use crate::read::{Located, Lookup, Threads};
use crate::records::{MessageRecord, PinRecord, Place, RoomRecord, UserRecord};
use crate::table::Readable;
use maru_domain::event::Body;
use maru_domain::history::{HistoryLine, Imported, ImportedRoom, ImportedUser, LineOutcome};
use maru_domain::{
    Audience, MemberRole, MessageId, Outcome, Refusal, Role, RoomId, RoomKind, Timestamp, UserId,
    limits, names,
};

/// Whom the lines of one entry brought into a room.
#[derive(Default)]
pub(super) struct Joins {
    is_new: bool,
    people: Vec<UserId>,
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
        let tail = self.tables.tail(room)?;
        let before = (room.0, i64::MIN, 0)..=(room.0, at, u64::MAX);
        let before = self
            .tables
            .messages
            .range(before)?
            .next_back()
            .transpose()?;
        let id = MessageId(self.new_id());
        let named = self.mentioned(room, &line.text, &[], &[])?;
        let found = Located {
            id,
            place: Place { room, at },
            record: MessageRecord {
                author,
                ordinal: before.map_or(0, |(_, record)| record.ordinal),
                text: line.text.clone(),
                sent_at: (line.sent_at.0 != at).then_some(line.sent_at),
                edited_at: line.edited_at,
                external_id: Some(line.external_id.clone()),
                reply_to: root,
                mentions: named.users,
                mention_ranges: named.ranges,
                pinned: line.pinned,
                has_reactions: !line.reactions.is_empty(),
                is_history: true,
                has_files: !line.files.is_empty(),
                ..MessageRecord::default()
            },
        };
        let own = self.tables.own_posts(author, room, id)?;
        self.add_message(&found, own, tail)?;
        self.tables
            .external_ids
            .put(line.external_id.as_str(), &id.0)?;
        self.import_marks(&found, line)?;
        self.import_files(&found, author, &line.files)?;
        if let Some(root) = root {
            self.add_reply(root, &found)?;
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
            let (at, user) = (Timestamp(found.place.at), found.record.author);
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
        } else if record.text != line.text && !record.deleted && record.edited_at.is_none() {
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
            return self.imported_direct(&people.collect::<Vec<_>>(), line.sent_at);
        }
        let kind = line.kind.unwrap_or(RoomKind::Public);
        let room = ImportedRoom {
            room: line.room.clone(),
            topic: String::new(),
            kind,
            created_at: Some(line.sent_at),
            members: Vec::new(),
        };
        Ok(self.imported_room(&room)?.0)
    }

    fn import_room(&mut self, line: &ImportedRoom) -> Result<LineOutcome, Stop> {
        let (id, made) = if line.kind == RoomKind::Direct {
            let created_at = line.created_at.unwrap_or(self.at);
            (self.imported_direct(&line.members, created_at)?, false)
        } else {
            self.imported_room(line)?
        };
        let mut joined = made;
        for (name, role) in &line.members {
            let user = self.imported_user(name, None)?;
            if !self.tables.is_member(id, user)? {
                self.join_quietly(id, user, *role)?;
                joined = true;
            }
        }
        Ok(if joined {
            LineOutcome::Created
        } else {
            LineOutcome::Repeated
        })
    }

    fn imported_direct(
        &mut self,
        members: &[(String, MemberRole)],
        created_at: Timestamp,
    ) -> Result<RoomId, Stop> {
        let mut people = Vec::with_capacity(members.len());
        for (name, _) in members {
            people.push(self.imported_user(name, None)?);
        }
        people.sort_unstable();
        people.dedup();
        let key = direct_key(&people);
        if let Some(id) = self.tables.direct_of(&key)? {
            return Ok(id);
        }
        let id = self.add_direct(&key, created_at)?;
        for &user in &people {
            self.put_member(id, user, MemberRole::Member)?;
        }
        self.joins.insert(
            id,
            Joins {
                is_new: true,
                people,
            },
        );
        Ok(id)
    }

    fn imported_room(&mut self, line: &ImportedRoom) -> Result<(RoomId, bool), Stop> {
        if let Some(id) = self.tables.room_named(&line.room)? {
            let kind = self.tables.room_record(id)?.map(|room| room.kind);
            if kind != Some(line.kind) {
                let is = if line.kind == RoomKind::Public {
                    "private"
                } else {
                    "public"
                };
                return Err(Refusal::forbidden(format!(
                    "The room {} is {is} here; rename one of the two.",
                    line.room
                ))
                .into());
            }
            return Ok((id, false));
        }
        let id = RoomId(self.new_id());
        let record = RoomRecord {
            name: line.room.clone(),
            topic: line.topic.clone(),
            kind: line.kind,
            created_at: line.created_at.unwrap_or(self.at),
            member_count: 0,
            retention_days: None,
        };
        self.name_room(id, &record)?;
        self.save_room(id, &record)?;
        self.joins.entry(id).or_default().is_new = true;
        Ok((id, true))
    }

    fn join_quietly(&mut self, room: RoomId, user: UserId, role: MemberRole) -> Result<(), Stop> {
        self.put_member(room, user, role)?;
        self.joins.entry(room).or_default().people.push(user);
        Ok(())
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

    fn import_user(&mut self, line: &ImportedUser) -> Result<LineOutcome, Stop> {
        if self.tables.user_named(&line.user)?.is_some() {
            return Ok(LineOutcome::Repeated);
        }
        let id = self.imported_user(&line.user, line.display_name.as_deref())?;
        let mut record = self.user_record(id)?;
        let bot_of = line.bot.then_some(UserId(0));
        if (record.role, record.disabled, record.bot_of) != (line.role, line.disabled, bot_of) {
            (record.role, record.disabled) = (line.role, line.disabled);
            record.bot_of = bot_of;
            self.save_user(id, &record)?;
            tell_user(self, record.view(id));
        }
        Ok(LineOutcome::Created)
    }

    fn imported_user(&mut self, name: &str, display_name: Option<&str>) -> Result<UserId, Stop> {
        if let Some(id) = self.tables.user_named(name)? {
            return Ok(id);
        }
        let id = UserId(self.new_id());
        let record = UserRecord {
            username: name.to_owned(),
            display_name: display_name.unwrap_or(name).to_owned(),
            role: Role::Member,
            created_at: self.at,
            disabled: false,
            password_hash: None,
            status: None,
            avatar: None,
            bot_of: None,
        };
        self.name_user(id, name)?;
        self.save_user(id, &record)?;
        tell_user(self, record.view(id));
        Ok(id)
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
