//! History from elsewhere, a line at a time.

use super::{Done, Stop, Work};
use crate::read::{Lookup, Views};
use crate::records::{MessageRecord, RoomRecord, UserRecord};
use maru_domain::command::Imported;
use maru_domain::event::{Body, EventKind};
use maru_domain::{
    Audience, MemberRole, MessageId, Outcome, Refusal, Role, RoomId, RoomKind, UserId, names,
};

impl Work<'_, '_> {
    pub(super) fn import(&mut self, line: &Imported) -> Result<Done, Stop> {
        self.need_admin()?;
        if let Some(id) = self.tables.external_message(&line.external_id)? {
            return Ok(Done::quietly(Outcome::Imported { id, created: false }));
        }
        let reply_to = match &line.reply_to {
            Some(external) => self.tables.external_message(external)?,
            None => None,
        };
        let room_id = self.imported_room(line)?;
        let author = self.imported_user(line)?;
        if self.tables.member_record(room_id, author)?.is_none() {
            self.put_member(room_id, author, MemberRole::Member)?;
        }
        let id = MessageId(self.seq.id());
        let named = self.mentioned(room_id, &line.text, &[], &[])?;
        let record = MessageRecord {
            author,
            deleted: false,
            text: line.text.clone(),
            sent_at: line.sent_at,
            edited_at: line.edited_at,
            client_id: None,
            reply_to,
            thread: None,
            reactions: Vec::new(),
            mentions: named.users,
            pinned: false,
            external_id: Some(line.external_id.clone()),
            mention_ranges: named.ranges,
        };
        self.add_message(room_id, id, &record)?;
        self.tables
            .external_ids
            .insert(line.external_id.as_str(), id.0)?;
        let message = Box::new(self.tables.message_view(room_id, id, record)?);
        Ok(Done::telling(
            Outcome::Imported { id, created: true },
            Audience::Room(room_id),
            Body::Message {
                kind: EventKind::MessageCreated,
                room_id,
                message_id: id,
                message,
            },
        ))
    }

    fn imported_room(&mut self, line: &Imported) -> Result<RoomId, Stop> {
        if let Some(id) = self.tables.room_named(&line.room)? {
            let record = self.tables.room_record(id)?;
            if record.is_some_and(|room| room.kind != RoomKind::Public) {
                return Err(Refusal::forbidden(format!(
                    "The room {} is private here; rename one of the two.",
                    line.room
                ))
                .into());
            }
            return Ok(id);
        }
        let id = RoomId(self.seq.id());
        let record = RoomRecord {
            name: line.room.clone(),
            topic: String::new(),
            kind: RoomKind::Public,
            created_at: line.sent_at,
            member_count: 0,
        };
        self.tables
            .room_names
            .insert(names::key(&line.room).as_str(), id.0)?;
        self.save_room(id, &record)?;
        Ok(id)
    }

    fn imported_user(&mut self, line: &Imported) -> Result<UserId, Stop> {
        if let Some(id) = self.tables.user_named(&line.user)? {
            return Ok(id);
        }
        let id = UserId(self.seq.id());
        let record = UserRecord {
            username: line.user.clone(),
            display_name: line
                .display_name
                .clone()
                .unwrap_or_else(|| line.user.clone()),
            role: Role::Member,
            created_at: self.at,
            disabled: false,
            password_hash: None,
        };
        self.tables
            .usernames
            .insert(names::key(&line.user).as_str(), id.0)?;
        self.save_user(id, &record)?;
        Ok(id)
    }
}
