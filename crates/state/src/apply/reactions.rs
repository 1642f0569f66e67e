//! Reactions.

use super::{Done, Stop, Work};
use maru_domain::event::Body;
use maru_domain::{Audience, MessageId, Outcome, Reaction, limits};

impl Work<'_, '_> {
    pub(super) fn react(&mut self, id: MessageId, emoji: &str, on: bool) -> Result<Done, Stop> {
        let user = self.person()?;
        let (room_id, _, _, mut record) = self.joined_message(id)?;
        let at = record.reactions.iter().position(|r| r.emoji == emoji);
        let changed = match (at, on) {
            (Some(at), true) => {
                let users = &mut record.reactions[at].user_ids;
                let new = !users.contains(&user);
                if new {
                    users.push(user);
                }
                new
            }
            (None, true) => {
                if record.reactions.len() >= limits::REACTIONS_PER_MESSAGE {
                    return Err(Self::too_many_reactions().into());
                }
                let reaction = Reaction {
                    emoji: emoji.to_owned(),
                    user_ids: vec![user],
                };
                record.reactions.push(reaction);
                true
            }
            (Some(at), false) => {
                let users = &mut record.reactions[at].user_ids;
                let before = users.len();
                users.retain(|&other| other != user);
                let gone = users.len() < before;
                if users.is_empty() {
                    record.reactions.remove(at);
                }
                gone
            }
            (None, false) => false,
        };
        if changed {
            self.save_message(room_id, id, &record)?;
        }
        let message = self.message_view(room_id, id, record)?;
        let outcome = Outcome::Message {
            message,
            created: changed,
        };
        if !changed {
            return Ok(Done::quietly(outcome));
        }
        let body = Body::Reaction {
            added: on,
            room_id,
            message_id: id,
            user_id: user,
            emoji: emoji.to_owned(),
        };
        Ok(Done::telling(outcome, Audience::Room(room_id), body))
    }
}
