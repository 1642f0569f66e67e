//! Drafts, and messages that are sent later.

use super::messages::NewMessage;
use super::{Stop, Work};
use crate::read::FileLookup;
use crate::records::{DraftRecord, ScheduledRecord};
use crate::table::Readable;
use maru_domain::event::Body;
use maru_domain::{
    Actor, Audience, Code, FileId, MessageId, Outcome, Refusal, RoomId, ScheduledId, Timestamp,
    UserId, limits,
};

/// What a message has that is scheduled.
pub(super) struct Later<'a> {
    pub text: &'a str,
    pub reply_to: Option<MessageId>,
    pub mentions: &'a [UserId],
    pub send_at: Timestamp,
    pub files: &'a [FileId],
}

impl Work<'_, '_> {
    pub(super) fn keep_draft(
        &mut self,
        room: RoomId,
        thread: Option<MessageId>,
        text: &str,
    ) -> Result<Outcome, Stop> {
        let user = self.person()?;
        let key = (user.0, room.0, thread.map_or(0, |thread| thread.0));
        let held = self.tables.drafts.get(key)?;
        if held.as_ref().map_or("", |held| held.text.as_str()) == text {
            return Ok(Outcome::Done);
        }
        if text.is_empty() {
            // What one may not write into any more can still be let go.
            self.tables.drafts.remove(key)?;
        } else {
            self.joined_room(room)?;
            let record = DraftRecord {
                text: text.to_owned(),
                at: self.at,
            };
            self.tables.drafts.put(key, &record)?;
            self.drop_oldest_draft(user)?;
        }
        let body = Body::DraftUpdated {
            room_id: room,
            thread_id: thread,
            text: text.to_owned(),
        };
        self.tell(Audience::Users(vec![user]), body);
        Ok(Outcome::Done)
    }

    fn drop_oldest_draft(&mut self, user: UserId) -> Result<(), Stop> {
        let mine = (user.0, 0, 0)..=(user.0, u64::MAX, u64::MAX);
        let rows = self.tables.drafts.range(mine)?;
        let rows = rows.map(|row| row.map(|(key, record)| (record.at, key)));
        let drafts = rows.collect::<crate::Result<Vec<_>>>()?;
        if drafts.len() > limits::DRAFTS
            && let Some((_, oldest)) = drafts.iter().min()
        {
            self.tables.drafts.remove(*oldest)?;
        }
        Ok(())
    }

    pub(super) fn schedule(&mut self, room: RoomId, later: Later<'_>) -> Result<Outcome, Stop> {
        let author = self.person()?;
        self.writable_room(room)?;
        self.may_send_at(later.send_at)?;
        let mine = (author.0, 0)..=(author.0, u64::MAX);
        if self.tables.scheduled_by.range(mine)?.count() >= limits::SCHEDULED {
            return Err(Refusal {
                limit: Some(limits::SCHEDULED as u64),
                ..Refusal::new(
                    Code::Conflict,
                    "As many messages wait for their time as may; send or remove some first.",
                )
            }
            .into());
        }
        let reply_to = match later.reply_to {
            Some(id) => Some(self.thread_root(room, id)?),
            None => None,
        };
        let files = self.own_files(author, later.files, None)?;
        let id = ScheduledId(self.new_id());
        let record = ScheduledRecord {
            author,
            room,
            text: later.text.to_owned(),
            reply_to,
            mentions: later.mentions.to_vec(),
            send_at: later.send_at,
            created_at: self.at,
            failed: None,
            files: later.files.to_vec(),
        };
        self.hold_files(id, files)?;
        self.tables.scheduled_by.put((author.0, id.0), &())?;
        self.put_scheduled(id, record)
    }

    pub(super) fn change_scheduled(
        &mut self,
        id: ScheduledId,
        text: Option<&str>,
        send_at: Option<Timestamp>,
    ) -> Result<Outcome, Stop> {
        let mut record = self.own_scheduled(id)?;
        let at = send_at.unwrap_or(record.send_at);
        self.may_send_at(at)?;
        let waits = (record.send_at.0, id.0);
        self.tables.scheduled_at.remove(waits)?;
        record.send_at = at;
        record.failed = None;
        if let Some(text) = text {
            record.text = text.to_owned();
        }
        self.put_scheduled(id, record)
    }

    pub(super) fn unschedule(&mut self, id: ScheduledId) -> Result<Outcome, Stop> {
        let record = self.own_scheduled(id)?;
        self.drop_held_files(id, &record.files)?;
        self.drop_scheduled(id, &record)?;
        Ok(Outcome::Done)
    }

    /// Posts it as its author. What cannot be posted waits for the author, with the reason.
    pub(super) fn send_scheduled(&mut self, id: ScheduledId) -> Result<Outcome, Stop> {
        let none = || Refusal::not_found("scheduled message");
        let record = self.tables.scheduled.get(id.0)?.ok_or_else(none)?;
        match self.actor {
            // Early, and only by whom it belongs to.
            Actor::User(user) if user == record.author => {}
            Actor::User(_) => return Err(none().into()),
            Actor::System if record.send_at > self.at || record.failed.is_some() => {
                return Err(none().into());
            }
            Actor::System => {}
        }
        let asked = (self.actor, self.actor_record.take());
        self.actor = Actor::User(record.author);
        let client_id = format!("scheduled-{id}");
        let new = NewMessage {
            text: &record.text,
            client_id: Some(&client_id),
            reply_to: record.reply_to,
            chosen: &record.mentions,
            files: &record.files,
            also_in_room: false,
            may_call: true,
            scheduled: Some(id),
        };
        let posted = match self.actor_is_enabled() {
            Ok(()) => self.post(record.room, new),
            Err(stop) => Err(stop),
        };
        (self.actor, self.actor_record) = asked;
        match posted {
            Ok(outcome) => {
                self.drop_scheduled(id, &record)?;
                Ok(outcome)
            }
            Err(Stop::Refused(refusal)) if self.actor == Actor::System => {
                let waits = (record.send_at.0, id.0);
                self.tables.scheduled_at.remove(waits)?;
                let failed = Some(refusal.code.as_str().to_owned());
                self.put_scheduled(id, ScheduledRecord { failed, ..record })
            }
            Err(stop) => Err(stop),
        }
    }

    /// All that somebody wrote and did not say.
    pub(super) fn erase_unsent(&mut self, user: UserId) -> Result<(), Stop> {
        let mine = (user.0, 0, 0)..=(user.0, u64::MAX, u64::MAX);
        let rows = self.tables.drafts.range(mine)?.map(|row| Ok(row?.0));
        for key in rows.collect::<crate::Result<Vec<_>>>()? {
            self.tables.drafts.remove(key)?;
        }
        let mine = (user.0, 0)..=(user.0, u64::MAX);
        let rows = self
            .tables
            .scheduled_by
            .range(mine)?
            .map(|row| Ok(row?.0.1));
        for id in rows.collect::<crate::Result<Vec<_>>>()? {
            if let Some(record) = self.tables.scheduled.get(id)? {
                self.drop_held_files(ScheduledId(id), &record.files)?;
                self.drop_scheduled(ScheduledId(id), &record)?;
            }
        }
        Ok(())
    }

    fn own_scheduled(&self, id: ScheduledId) -> Result<ScheduledRecord, Stop> {
        let author = self.person()?;
        let record = self.tables.scheduled.get(id.0)?;
        let mine = record.filter(|record| record.author == author);
        Ok(mine.ok_or_else(|| Refusal::not_found("scheduled message"))?)
    }

    fn may_send_at(&self, at: Timestamp) -> Result<(), Stop> {
        if at <= self.at || at.0 > self.at.0 + limits::SCHEDULED_MS {
            let text = "`send_at` lies in the future, at most a year ahead.";
            return Err(Refusal::invalid("send_at", text).into());
        }
        Ok(())
    }

    pub(super) fn put_scheduled(
        &mut self,
        id: ScheduledId,
        record: ScheduledRecord,
    ) -> Result<Outcome, Stop> {
        if record.failed.is_none() {
            let waits = (record.send_at.0, id.0);
            self.tables.scheduled_at.put(waits, &())?;
        }
        self.tables.scheduled.put(id.0, &record)?;
        let (author, room_id) = (record.author, record.room);
        let files = self.tables.files_by_ids(&record.files)?;
        let scheduled = record.view(id, files);
        let body = Body::ScheduledUpdated {
            id,
            room_id,
            scheduled: Some(Box::new(scheduled.clone())),
        };
        self.tell(Audience::Users(vec![author]), body);
        Ok(Outcome::Scheduled(scheduled))
    }

    fn drop_scheduled(&mut self, id: ScheduledId, record: &ScheduledRecord) -> Result<(), Stop> {
        self.tables.scheduled.remove(id.0)?;
        self.tables.scheduled_by.remove((record.author.0, id.0))?;
        let waits = (record.send_at.0, id.0);
        self.tables.scheduled_at.remove(waits)?;
        let body = Body::ScheduledUpdated {
            id,
            room_id: record.room,
            scheduled: None,
        };
        self.tell(Audience::Users(vec![record.author]), body);
        Ok(())
    }
}
