//! Whom a text names. A name ends where the longest member name ends, so `@철수님` names 철수.

use super::{Stop, Work};
use crate::domain::{RoomId, UserId, limits};
use crate::state::read::Lookup;

impl Work<'_, '_> {
    pub(super) fn mentioned(&self, room: RoomId, text: &str) -> Result<Vec<UserId>, Stop> {
        let mut found: Vec<UserId> = Vec::new();
        for (at, _) in text.match_indices('@') {
            // An address such as a@b names nobody.
            let inside_word = text[..at]
                .chars()
                .next_back()
                .is_some_and(char::is_alphanumeric);
            if inside_word || found.len() == limits::MENTIONS_PER_MESSAGE {
                continue;
            }
            if let Some(user) = self.longest_name(room, &text[at + 1..])?
                && !found.contains(&user)
            {
                found.push(user);
            }
        }
        Ok(found)
    }

    fn longest_name(&self, room: RoomId, text: &str) -> Result<Option<UserId>, Stop> {
        let word = text
            .char_indices()
            .take_while(|&(_, c)| !c.is_whitespace() && c != '@')
            .take(limits::USERNAME_GRAPHEMES);
        let ends: Vec<usize> = word.map(|(i, c)| i + c.len_utf8()).collect();
        for &end in ends.iter().rev() {
            if let Some(user) = self.tables.user_named(&text[..end])?
                && self.tables.member_record(room, user)?.is_some()
            {
                return Ok(Some(user));
            }
        }
        Ok(None)
    }
}
