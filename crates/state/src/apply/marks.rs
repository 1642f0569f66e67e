//! What an export of everything tells beside people, rooms and messages. What somebody has done here
//! since is not undone: positions move forward, and what is there already stays.

use super::direct::direct_key;
use super::{Stop, Work};
use crate::read::{Located, Lookup, Threads, Unread};
use crate::records::{
    DraftRecord, FollowRecord, MemberRecord, ReadPosition, ScheduledRecord, SettingsRecord,
    SlashRecord,
};
use crate::table::Readable;
use maru_domain::command::Lesson;
use maru_domain::file::NewFile;
use maru_domain::history::{ImportedMark, ImportedMember, ImportedNames, LineOutcome, RoomName};
use maru_domain::{MentionRange, RoomId, ScheduledId, Timestamp, UserId};

/// The code of a scheduled message whose time was over when it came.
const OVERDUE: &str = "invalid";

impl Work<'_, '_> {
    pub(super) fn import_mark(&mut self, mark: &ImportedMark) -> Result<LineOutcome, Stop> {
        Ok(match self.mark(mark)? {
            Some(true) => LineOutcome::Created,
            Some(false) => LineOutcome::Repeated,
            None => LineOutcome::Unplaced,
        })
    }

    /// Whether it was new; nothing where what it tells of is not here.
    fn mark(&mut self, mark: &ImportedMark) -> Result<Option<bool>, Stop> {
        match mark {
            ImportedMark::Read {
                room,
                user,
                message,
                set_back,
            } => self.mark_read(room, user, message, *set_back),
            ImportedMark::Follow {
                message,
                user,
                on,
                read,
            } => self.mark_follow(message, user, *on, read.as_deref()),
            ImportedMark::Save { message, user, at } => self.mark_saved(message, user, *at),
            ImportedMark::Draft {
                room,
                user,
                thread,
                text,
                at,
            } => {
                let draft = DraftRecord {
                    text: text.clone(),
                    at: *at,
                };
                self.mark_draft(room, user, thread.as_deref(), &draft)
            }
            ImportedMark::Scheduled {
                room,
                user,
                thread,
                text,
                mentions,
                send_at,
                created_at,
                failed,
                files,
            } => {
                let (Some(user), Some(room)) =
                    (self.tables.user_named(user)?, self.room_of_mark(room)?)
                else {
                    return Ok(None);
                };
                let mut people = Vec::with_capacity(mentions.len());
                for name in mentions {
                    people.extend(self.tables.user_named(name)?);
                }
                let record = ScheduledRecord {
                    author: user,
                    room,
                    text: text.clone(),
                    reply_to: match thread {
                        Some(root) => self.tables.external_message(root)?,
                        None => None,
                    },
                    mentions: people,
                    send_at: *send_at,
                    created_at: *created_at,
                    files: Vec::new(),
                    // Nobody expects a message of long ago to be posted now.
                    failed: failed
                        .clone()
                        .or_else(|| (*send_at <= self.at).then(|| OVERDUE.to_owned())),
                };
                self.mark_scheduled(record, files)
            }
            ImportedMark::Settings {
                user,
                json,
                favourites,
            } => self.mark_settings(user, json, favourites),
            ImportedMark::SlashCommand {
                name,
                bot,
                description,
                usage,
            } => {
                let Some(bot) = self.tables.user_named(bot)? else {
                    return Ok(None);
                };
                if self.tables.slash_commands.has(name.as_str())? {
                    return Ok(Some(false));
                }
                let record = SlashRecord {
                    bot,
                    description: description.clone(),
                    usage: usage.clone(),
                };
                self.tables.slash_commands.put(name.as_str(), &record)?;
                Ok(Some(true))
            }
            ImportedMark::MentionRead { user, message } => self.mark_mention_read(user, message),
            ImportedMark::Word(word) => {
                let key = maru_domain::OwnWord::key(&word.word);
                if self.tables.own_word_keys.get(&key)?.is_some() {
                    return Ok(Some(false));
                }
                let lesson = Lesson {
                    words: vec![word.clone()],
                    from_file: false,
                };
                self.teach_words(&lesson)?;
                Ok(Some(true))
            }
        }
    }

    fn mark_mention_read(&mut self, user: &str, message: &str) -> Result<Option<bool>, Stop> {
        let (Some(user), Some(found)) = (
            self.tables.user_named(user)?,
            self.message_of_mark(message)?,
        ) else {
            return Ok(None);
        };
        let room = found.place.room;
        let removed = self.tables.mentions.remove((user.0, room.0, found.id.0))?;
        if removed && let Some(member) = self.tables.member_record(room, user)? {
            self.tell_read(room, user, &member)?;
        }
        Ok(Some(removed))
    }

    fn room_of_mark(&self, name: &RoomName) -> Result<Option<RoomId>, Stop> {
        if name.people.is_empty() {
            return Ok(self.tables.room_named(&name.room)?);
        }
        let mut people = Vec::with_capacity(name.people.len());
        for name in &name.people {
            people.extend(self.tables.user_named(name)?);
        }
        people.sort_unstable();
        people.dedup();
        Ok(self.tables.direct_of(&direct_key(&people))?)
    }

    fn message_of_mark(&self, external: &str) -> Result<Option<Located>, Stop> {
        let id = self.tables.external_message(external)?;
        Ok(id.map(|id| self.tables.located(id)).transpose()?.flatten())
    }

    fn mark_read(
        &mut self,
        room: &RoomName,
        user: &str,
        message: &str,
        set_back: bool,
    ) -> Result<Option<bool>, Stop> {
        let (Some(user), Some(room), Some(found)) = (
            self.tables.user_named(user)?,
            self.room_of_mark(room)?,
            self.message_of_mark(message)?,
        ) else {
            return Ok(None);
        };
        let Some(member) = self.tables.member_record(room, user)? else {
            return Ok(None);
        };
        if found.place.room != room {
            return Ok(None);
        }
        if (found.place.at, found.id) <= (member.read.at, member.read.message) {
            return Ok(Some(false));
        }
        let read = ReadPosition {
            is_set_back: set_back,
            ..self.tables.read_upto(user, found.place, found.id)?
        };
        let member = MemberRecord { read, ..member };
        self.save_member(room, user, &member)?;
        self.tell_read(room, user, &member)?;
        Ok(Some(true))
    }

    fn mark_follow(
        &mut self,
        message: &str,
        user: &str,
        on: bool,
        read: Option<&str>,
    ) -> Result<Option<bool>, Stop> {
        let (Some(user), Some(found)) = (
            self.tables.user_named(user)?,
            self.message_of_mark(message)?,
        ) else {
            return Ok(None);
        };
        let root = self.tables.root_of(&found);
        let held = self.tables.follow_record(root, user)?;
        let mut follow = FollowRecord {
            on,
            read: held.as_ref().map_or(0, |held| held.read),
        };
        if let Some(reply) = read.map(|name| self.message_of_mark(name)).transpose()? {
            let Some(reply) = reply else {
                return Ok(None);
            };
            let key = (root.0, reply.place.at, reply.id.0);
            follow.read = follow.read.max(self.tables.replies.get(key)?.unwrap_or(0));
        }
        if held.as_ref() == Some(&follow) {
            return Ok(Some(false));
        }
        self.set_follow(root, user, follow)?;
        Ok(Some(true))
    }

    fn mark_saved(
        &mut self,
        message: &str,
        user: &str,
        at: Timestamp,
    ) -> Result<Option<bool>, Stop> {
        let (Some(user), Some(found)) = (
            self.tables.user_named(user)?,
            self.message_of_mark(message)?,
        ) else {
            return Ok(None);
        };
        let key = (user.0, found.id.0);
        if self.tables.saved.has(key)? {
            return Ok(Some(false));
        }
        self.tables.saved.put(key, &at.0)?;
        Ok(Some(true))
    }

    fn mark_draft(
        &mut self,
        room: &RoomName,
        user: &str,
        thread: Option<&str>,
        draft: &DraftRecord,
    ) -> Result<Option<bool>, Stop> {
        let (Some(user), Some(room)) = (self.tables.user_named(user)?, self.room_of_mark(room)?)
        else {
            return Ok(None);
        };
        let root = match thread {
            Some(name) => match self.tables.external_message(name)? {
                Some(root) => root.0,
                None => return Ok(None),
            },
            None => 0,
        };
        let key = (user.0, room.0, root);
        if self.tables.drafts.has(key)? {
            return Ok(Some(false));
        }
        self.tables.drafts.put(key, draft)?;
        Ok(Some(true))
    }

    fn mark_scheduled(
        &mut self,
        mut record: ScheduledRecord,
        files: &[NewFile],
    ) -> Result<Option<bool>, Stop> {
        let mine = (record.author.0, 0)..=(record.author.0, u64::MAX);
        let rows = self.tables.scheduled_by.range(mine)?;
        let ids = rows.map(|row| Ok(row?.0.1));
        for id in ids.collect::<crate::Result<Vec<_>>>()? {
            let held = self.tables.scheduled.get(id)?;
            if held.is_some_and(|held| {
                (held.room, &held.text, held.send_at) == (record.room, &record.text, record.send_at)
            }) {
                return Ok(Some(false));
            }
        }
        let id = ScheduledId(self.new_id());
        record.files = self.import_held_files(id, record.author, record.created_at, files)?;
        self.tables.scheduled_by.put((record.author.0, id.0), &())?;
        self.put_scheduled(id, record)?;
        Ok(Some(true))
    }

    fn mark_settings(
        &mut self,
        user: &str,
        json: &str,
        favourites: &[RoomName],
    ) -> Result<Option<bool>, Stop> {
        let Some(user) = self.tables.user_named(user)? else {
            return Ok(None);
        };
        if self.tables.settings.has(user.0)? {
            return Ok(Some(false));
        }
        let Ok(mut settings) = serde_json::from_str::<serde_json::Value>(json) else {
            return Ok(None);
        };
        let mut rooms = Vec::with_capacity(favourites.len());
        for name in favourites {
            rooms.extend(self.room_of_mark(name)?.map(|room| room.0));
        }
        if let Some(kept) = settings.pointer_mut("/rooms/favourites") {
            *kept = rooms.into();
        }
        let record = SettingsRecord {
            json: settings.to_string(),
        };
        self.tables.settings.put(user.0, &record)?;
        Ok(Some(true))
    }

    /// What a line of a room tells of somebody whom it brought in.
    pub(super) fn detail_member(
        &mut self,
        room: RoomId,
        user: UserId,
        details: &ImportedMember,
    ) -> Result<(), Stop> {
        let Some(mut member) = self.tables.member_record(room, user)? else {
            return Ok(());
        };
        member.level = details.notifications;
        member.joined_at = details.joined_at.unwrap_or(member.joined_at);
        self.save_member(room, user, &member)
    }

    /// The people whom a line says that its text names.
    pub(super) fn names_of_line(
        &self,
        names: &ImportedNames,
    ) -> Result<super::mentions::Named, Stop> {
        let mut named = super::mentions::Named::default();
        for name in &names.users {
            named.users.extend(self.tables.user_named(name)?);
        }
        for (name, start, end) in &names.ranges {
            if let Some(user_id) = self.tables.user_named(name)? {
                named.ranges.push(MentionRange {
                    start: *start,
                    end: *end,
                    user_id,
                });
            }
        }
        Ok(named)
    }
}
