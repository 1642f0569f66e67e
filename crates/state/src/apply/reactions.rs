//! Reactions: a row each, and an answer without the others, so that the thousandth costs what the
//! first did.

use super::{Stop, Work};
use crate::table::Readable;
use maru_domain::emoji::canonical;
use maru_domain::event::Body;
use maru_domain::{Audience, Code, MessageId, Outcome, Refusal, UserId, limits};

impl Work<'_, '_> {
    pub(super) fn react(&mut self, id: MessageId, emoji: &str, on: bool) -> Result<Outcome, Stop> {
        let user = self.person()?;
        let (_, mut found) = self.writable_message(id)?;
        let room_id = found.place.room;
        let older = if on {
            None
        } else {
            self.older_form(id, emoji, user)?
        };
        let emoji = older.as_deref().unwrap_or(emoji);
        let key = (id.0, emoji, user.0);
        let changed = self.tables.reactions.has(key)? != on;
        if changed && on {
            if self.is_new_emoji(id, emoji)?
                && self.emoji_count(id)? >= limits::REACTIONS_PER_MESSAGE
            {
                return Err(too_many_reactions().into());
            }
            self.tables.reactions.put(key, &self.seq.0)?;
        } else if changed {
            self.tables.reactions.remove(key)?;
        }
        let all = (id.0, "", 0)..(id.0 + 1, "", 0);
        let some = self
            .tables
            .reactions
            .range(all)?
            .next()
            .transpose()?
            .is_some();
        if found.record.has_reactions != some {
            found.record.has_reactions = some;
            self.save_message(&found)?;
        }
        if changed {
            let body = Body::Reaction {
                added: on,
                room_id,
                message_id: id,
                user_id: user,
                emoji: emoji.to_owned(),
            };
            self.tell(Audience::Room(room_id), body);
        }
        Ok(Outcome::Reacted {
            message: id,
            changed,
        })
    }

    /// The form in which an older version kept this reaction, before one emoji was one reaction.
    fn older_form(&self, id: MessageId, emoji: &str, user: UserId) -> Result<Option<String>, Stop> {
        if self.tables.reactions.has((id.0, emoji, user.0))? {
            return Ok(None);
        }
        let mut from = (String::new(), 0);
        loop {
            let rest = (id.0, from.0.as_str(), from.1)..(id.0 + 1, "", 0);
            let Some(((_, kept, _), _)) = self.tables.reactions.range(rest)?.next().transpose()?
            else {
                return Ok(None);
            };
            if kept != emoji
                && canonical(&kept).as_deref() == Some(emoji)
                && self.tables.reactions.has((id.0, &*kept, user.0))?
            {
                return Ok(Some(kept));
            }
            from = (kept, u64::MAX);
        }
    }

    fn is_new_emoji(&self, id: MessageId, emoji: &str) -> Result<bool, Stop> {
        let its = (id.0, emoji, 0)..=(id.0, emoji, u64::MAX);
        Ok(self
            .tables
            .reactions
            .range(its)?
            .next()
            .transpose()?
            .is_none())
    }

    /// Different emoji on the message, found by jumping from one to the next.
    fn emoji_count(&self, id: MessageId) -> Result<usize, Stop> {
        let (mut count, mut from) = (0, (String::new(), 0));
        while count <= limits::REACTIONS_PER_MESSAGE {
            let rest = (id.0, from.0.as_str(), from.1)..(id.0 + 1, "", 0);
            let Some(((_, emoji, _), _)) = self.tables.reactions.range(rest)?.next().transpose()?
            else {
                break;
            };
            count += 1;
            from = (emoji, u64::MAX);
        }
        Ok(count)
    }

    /// Takes all reactions off a message.
    pub(super) fn drop_reactions(&mut self, id: MessageId) -> Result<(), Stop> {
        let rows = self
            .tables
            .reactions
            .range((id.0, "", 0)..(id.0 + 1, "", 0))?;
        let keys = rows
            .map(|row| Ok(row?.0))
            .collect::<crate::Result<Vec<_>>>()?;
        for (id, emoji, user) in keys {
            self.tables.reactions.remove((id, emoji.as_str(), user))?;
        }
        Ok(())
    }
}

fn too_many_reactions() -> Refusal {
    Refusal {
        limit: Some(limits::REACTIONS_PER_MESSAGE as u64),
        ..Refusal::new(
            Code::Conflict,
            "This message has its limit of different reactions; use one of them.",
        )
    }
}
