//! A person's account emptied, and on choice what they wrote.

use super::users::tell_user;
use super::{Stop, Work};
use crate::read::{Located, Lookup};
use crate::table::Readable;
use maru_domain::{MessageId, Outcome, Role, RoomId, UserId, limits, names};

impl Work<'_, '_> {
    /// Name, status, settings, password, sessions and files that no message carries go; the account
    /// stays as a place for what they wrote, under a name that says nothing, and signs in no more.
    pub(super) fn erase_user(&mut self, id: UserId) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let mut record = self.user_record(id)?;
        self.need_another_admin(id, &record)?;
        self.drop_sessions(id, None)?;
        self.unname_user(id, &record.username)?;
        let name = format!("erased-{id}");
        self.name_user(id, &name)?;
        if let Some(until) = record.status.as_ref().and_then(|status| status.until) {
            self.tables.status_ends.remove((until.0, id.0))?;
        }
        record.username.clone_from(&name);
        record.display_name = name;
        record.role = Role::Member;
        record.disabled = true;
        record.password_hash = None;
        record.status = None;
        if let Some(avatar) = record.avatar.take() {
            self.drop_content(&avatar.content, avatar.size)?;
        }
        self.erase_unsent(id)?;
        self.save_user(id, &record)?;
        self.tables.settings.remove(id.0)?;
        self.drop_factors(id)?;
        self.drop_email(id)?;
        let mut identities = Vec::new();
        for row in self.tables.identities.rows()? {
            let (key, record) = row?;
            if record.user == id {
                identities.push(key);
            }
        }
        for key in identities {
            self.tables.identities.remove(key.as_str())?;
        }
        let saved = self.tables.saved.range((id.0, 0)..=(id.0, u64::MAX))?;
        for key in saved
            .map(|row| Ok(row?.0))
            .collect::<crate::Result<Vec<_>>>()?
        {
            self.tables.saved.remove(key)?;
        }
        let user = record.view(id);
        tell_user(self, user.clone());
        Ok(Outcome::User(user))
    }

    fn unname_user(&mut self, id: UserId, name: &str) -> Result<(), Stop> {
        let (key, alike) = (names::key(name), names::likeness(name));
        self.tables.usernames.remove(key.as_str())?;
        // Of two that older versions let look alike the first has the row.
        if self.tables.usernames_alike.get(alike.as_str())? == Some(id.0) {
            self.tables.usernames_alike.remove(alike.as_str())?;
        }
        Ok(())
    }

    /// Deletes a part of what somebody wrote, as they could themselves. Tells where to go on.
    pub(super) fn erase_messages(
        &mut self,
        user: UserId,
        after: Option<(RoomId, MessageId)>,
    ) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let from = after.map_or((user.0, 0, 0), |(room, id)| {
            (user.0, room.0, id.0.saturating_add(1))
        });
        let rows = self
            .tables
            .authored
            .range(from..=(user.0, u64::MAX, u64::MAX))?;
        let keys = rows.take(limits::ERASE_MESSAGES).map(|row| Ok(row?.0));
        let keys = keys.collect::<crate::Result<Vec<_>>>()?;
        let last = keys
            .last()
            .map(|(_, room, id)| (RoomId(*room), MessageId(*id)));
        let mut removed = 0;
        for (_, _, id) in &keys {
            let Some(found) = self.tables.located(MessageId(*id))? else {
                continue;
            };
            // What is left of rooms that were deleted goes by itself.
            let is_there = self.tables.room_record(found.place.room)?.is_some();
            if is_there && !found.record.deleted {
                self.delete_message(found)?;
                removed += 1;
            }
        }
        Ok(Outcome::Erased {
            removed,
            next: last.filter(|_| keys.len() == limits::ERASE_MESSAGES),
        })
    }

    /// What hangs on a message: files, reactions, mentions, its pin.
    pub(super) fn erase_content(&mut self, found: &Located) -> Result<(), Stop> {
        self.drop_files(found)?;
        self.drop_reactions(found.id)?;
        self.drop_beside(found)?;
        let named = found.record.mentions.clone();
        self.drop_mentions(found, &named)?;
        let room = found.place.room.0;
        self.tables.calls.remove((room, found.id.0))?;
        self.tables.pins.remove((room, found.id.0))?;
        Ok(())
    }
}
