//! Previews of links, and what messages said before they were edited: kept beside the message, gone
//! with it.

use super::{Stop, Work};
use crate::read::Located;
use crate::records::{OldTextRecord, PreviewsRecord};
use crate::table::Readable;
use maru_domain::event::EventKind;
use maru_domain::{Actor, MessageId, Outcome, Preview, PreviewCommand, Refusal, RoomKind, limits};

impl Work<'_, '_> {
    pub(super) fn preview(&mut self, command: &PreviewCommand) -> Result<Outcome, Stop> {
        match command {
            PreviewCommand::Set { message, previews } => self.set_previews(*message, previews),
            PreviewCommand::Hide { message } => self.hide_previews(*message),
        }
    }

    /// What the server found. The message may say something else by now, or hide them.
    fn set_previews(&mut self, id: MessageId, previews: &[Preview]) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let mut found = self.readable_message(id)?;
        let held = self.tables.previews.get(id.0)?.unwrap_or_default();
        let previews: Vec<Preview> = previews
            .iter()
            .filter(|preview| found.record.text.contains(&preview.url))
            .cloned()
            .collect();
        if held.hidden || held.previews == previews {
            return self.unchanged(found);
        }
        self.hold_pictures(&previews)?;
        self.drop_pictures(&held.previews)?;
        found.record.has_previews = !previews.is_empty();
        if previews.is_empty() {
            self.tables.previews.remove(id.0)?;
        } else {
            let record = PreviewsRecord {
                hidden: false,
                previews,
            };
            self.tables.previews.put(id.0, &record)?;
        }
        self.save_message(&found)?;
        self.tell_changed(found, EventKind::MessageUpdated)
    }

    /// By its author, or by who may delete it.
    fn hide_previews(&mut self, id: MessageId) -> Result<Outcome, Stop> {
        let (room, member, mut found) = self.visible_message(id)?;
        let own = self.actor == Actor::User(found.record.author);
        if !own && (room.kind == RoomKind::Direct || !self.manages(&room, member.as_ref())?) {
            let text = "Only its author or an owner of the room may take previews off a message.";
            return Err(Refusal::forbidden(text).into());
        }
        if found.record.deleted {
            return Err(Refusal::not_found("message").into());
        }
        let held = self.tables.previews.get(id.0)?.unwrap_or_default();
        self.drop_pictures(&held.previews)?;
        let hidden = PreviewsRecord {
            hidden: true,
            previews: Vec::new(),
        };
        self.tables.previews.put(id.0, &hidden)?;
        if !found.record.has_previews {
            return self.unchanged(found);
        }
        found.record.has_previews = false;
        self.save_message(&found)?;
        self.tell_changed(found, EventKind::MessageUpdated)
    }

    /// After an edit; does not save the message.
    pub(super) fn drop_previews_of_gone_links(&mut self, found: &mut Located) -> Result<(), Stop> {
        if !found.record.has_previews {
            return Ok(());
        }
        let mut held = self.tables.previews.get(found.id.0)?.unwrap_or_default();
        let text = &found.record.text;
        let (stay, gone) = held
            .previews
            .into_iter()
            .partition(|preview| text.contains(&preview.url));
        held.previews = stay;
        self.drop_pictures(&gone)?;
        found.record.has_previews = !held.previews.is_empty();
        if found.record.has_previews {
            self.tables.previews.put(found.id.0, &held)?;
        } else {
            self.tables.previews.remove(found.id.0)?;
        }
        Ok(())
    }

    fn hold_pictures(&mut self, previews: &[Preview]) -> Result<(), Stop> {
        for picture in previews.iter().filter_map(|one| one.picture.as_ref()) {
            self.hold_content(&picture.content, picture.size)?;
        }
        Ok(())
    }

    fn drop_pictures(&mut self, previews: &[Preview]) -> Result<(), Stop> {
        for picture in previews.iter().filter_map(|one| one.picture.as_ref()) {
            self.drop_content(&picture.content, picture.size)?;
        }
        Ok(())
    }

    pub(super) fn keep_old_text(&mut self, found: &Located) -> Result<(), Stop> {
        let id = found.id.0;
        let all = (id, 0)..=(id, u64::MAX);
        let rows = self.tables.old_texts.range(all)?.map(|row| Ok(row?.0));
        let keys = rows.collect::<crate::Result<Vec<_>>>()?;
        if keys.len() >= limits::OLD_TEXTS
            && let Some(oldest) = keys.first()
        {
            self.tables.old_texts.remove(*oldest)?;
        }
        let record = &found.record;
        let sent = record
            .sent_at
            .unwrap_or(maru_domain::Timestamp(found.place.at));
        let old = OldTextRecord {
            text: record.text.clone(),
            since: record.edited_at.unwrap_or(sent),
        };
        self.tables.old_texts.put((id, self.seq.0), &old)?;
        Ok(())
    }

    /// The message goes, or what it said.
    pub(super) fn drop_beside(&mut self, found: &Located) -> Result<(), Stop> {
        let id = found.id.0;
        if let Some(held) = self.tables.previews.get(id)? {
            self.drop_pictures(&held.previews)?;
            self.tables.previews.remove(id)?;
        }
        if found.record.edited_at.is_some() {
            let all = (id, 0)..=(id, u64::MAX);
            let rows = self.tables.old_texts.range(all)?.map(|row| Ok(row?.0));
            for key in rows.collect::<crate::Result<Vec<_>>>()? {
                self.tables.old_texts.remove(key)?;
            }
        }
        Ok(())
    }
}
