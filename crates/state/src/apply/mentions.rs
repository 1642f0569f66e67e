//! Whom a text names. A name ends where the longest name of a member ends, so `@철수님` names 철수.

use super::{Stop, Work};
use crate::read::Lookup;
use crate::table::Readable;
use maru_domain::{MentionRange, RoomId, UserId, limits, mention, names};
use std::ops::Bound;

/// More people of one name are not even looked at.
const NAMESAKES_SEEN: usize = 1_000;

/// Who is named, and where.
#[derive(Default)]
pub(super) struct Named {
    pub users: Vec<UserId>,
    pub ranges: Vec<MentionRange>,
}

/// What stood behind the `@`s of a text, by key, with whom it meant.
pub(super) fn labels(text: &str, ranges: &[MentionRange]) -> Vec<(String, UserId)> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let label = |range: &MentionRange| {
        let name = units.get(range.start as usize + 1..range.end as usize)?;
        Some((names::key(&String::from_utf16_lossy(name)), range.user_id))
    };
    ranges.iter().filter_map(label).collect()
}

/// The text behind an `@` in the form of name keys.
struct Rest<'a> {
    text: &'a str,
    key: String,
    /// For the end of each character in `key`: its end in `text`.
    ends: Vec<(usize, usize)>,
}

impl<'a> Rest<'a> {
    fn new(text: &'a str) -> Rest<'a> {
        let mut ends = Vec::new();
        let (mut key_end, mut end) = (0, 0);
        for c in text.chars().take_while(|&c| c != '\n') {
            end += c.len_utf8();
            if end > limits::NAME_BYTES {
                break;
            }
            key_end += c.to_lowercase().map(char::len_utf8).sum::<usize>();
            ends.push((key_end, end));
        }
        let line = ends.last().map_or(0, |&(_, end)| end);
        Rest {
            text,
            key: text[..line].to_lowercase(),
            ends,
        }
    }

    /// Where a name with this key ends in the text, if it may end there.
    fn end_of(&self, key: &str) -> Option<usize> {
        let at = self.ends.binary_search_by_key(&key.len(), |&(k, _)| k);
        let (_, end) = *self.ends.get(at.ok()?)?;
        mention::ends(self.text, end).then_some(end)
    }
}

/// People whom a name means, and where it ends. The greater one counts.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Match {
    end: usize,
    kind: MentionForm,
    users: Vec<UserId>,
}

/// Of two names of one length the later kind counts.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum MentionForm {
    DisplayName,
    Username,
    /// It stood in the message before it was edited.
    Before,
    /// The author chose this person.
    Chosen,
}

impl Work<'_, '_> {
    /// Of several people with one name, those in `chosen` are meant. `before` has the names that
    /// the message had until now: they go on to mean the same people, whatever these are called.
    pub(super) fn mentioned(
        &self,
        room: RoomId,
        text: &str,
        chosen: &[UserId],
        before: &[(String, UserId)],
    ) -> Result<Named, Stop> {
        let mut named = Named::default();
        let (mut done, mut units) = (0, 0);
        for at in mention::marks(text) {
            if at < done {
                continue;
            }
            if named.ranges.len() >= limits::MENTIONS_PER_MESSAGE {
                break;
            }
            let rest = Rest::new(&text[at + 1..]);
            let Some(found) = self.longest(room, &rest, chosen, before)? else {
                continue;
            };
            let start = units + utf16(&text[done..at]);
            let end = start + 1 + utf16(&rest.text[..found.end]);
            (done, units) = (at + 1 + found.end, end);
            for user_id in found.users {
                named.ranges.push(MentionRange {
                    start,
                    end,
                    user_id,
                });
                if !named.users.contains(&user_id) {
                    named.users.push(user_id);
                }
            }
        }
        Ok(named)
    }

    fn longest(
        &self,
        room: RoomId,
        rest: &Rest<'_>,
        chosen: &[UserId],
        before: &[(String, UserId)],
    ) -> Result<Option<Match>, Stop> {
        let old = before
            .iter()
            .filter(|(key, _)| !key.is_empty() && rest.key.starts_with(key))
            .filter_map(|(key, user)| {
                Some(Match {
                    end: rest.end_of(key)?,
                    kind: MentionForm::Before,
                    users: vec![*user],
                })
            });
        let all = [
            old.max(),
            self.by_username(room, rest, chosen)?,
            self.by_display_name(room, rest, chosen)?,
        ];
        Ok(all.into_iter().flatten().max())
    }

    fn by_username(
        &self,
        room: RoomId,
        rest: &Rest<'_>,
        chosen: &[UserId],
    ) -> Result<Option<Match>, Stop> {
        let table = &self.tables.usernames;
        let below = |bound: Bound<&str>| {
            let row = table.range((Bound::Unbounded, bound))?.next_back();
            Ok(row.transpose()?.map(|(key, _)| key))
        };
        longest_prefix(&rest.key, below, |key| {
            let Some(end) = rest.end_of(key) else {
                return Ok(None);
            };
            let Some(user) = table.get(key)?.map(UserId) else {
                return Ok(None);
            };
            let kind = if chosen.contains(&user) {
                MentionForm::Chosen
            } else {
                MentionForm::Username
            };
            let users = vec![user];
            let member = self.tables.is_member(room, user)?;
            Ok(member.then_some(Match { end, kind, users }))
        })
    }

    fn by_display_name(
        &self,
        room: RoomId,
        rest: &Rest<'_>,
        chosen: &[UserId],
    ) -> Result<Option<Match>, Stop> {
        let table = &self.tables.display_names;
        let below = |bound: Bound<&str>| {
            let bound = match bound {
                Bound::Included(name) => Bound::Included((name, u64::MAX)),
                Bound::Excluded(name) => Bound::Excluded((name, 0)),
                Bound::Unbounded => Bound::Unbounded,
            };
            let row = table.range((Bound::Unbounded, bound))?.next_back();
            Ok(row.transpose()?.map(|((key, _), _)| key))
        };
        longest_prefix(&rest.key, below, |key| {
            let Some(end) = rest.end_of(key) else {
                return Ok(None);
            };
            let mut members = Vec::new();
            let namesakes = table.range((key, 0)..=(key, u64::MAX))?;
            for row in namesakes.take(NAMESAKES_SEEN) {
                let user = UserId(row?.0.1);
                if self.tables.is_member(room, user)? {
                    members.push(user);
                }
            }
            let (picked, others): (Vec<_>, Vec<_>) =
                members.into_iter().partition(|user| chosen.contains(user));
            let (kind, mut users) = if picked.is_empty() {
                (MentionForm::DisplayName, others)
            } else {
                (MentionForm::Chosen, picked)
            };
            users.truncate(limits::NAMESAKES);
            Ok((!users.is_empty()).then_some(Match { end, kind, users }))
        })
    }
}

/// Asks `taken` for each key that `text` begins with, the longest first, until one is. `below`
/// gives the greatest key within a bound. A key that is no prefix shares its beginning with every
/// prefix below it, so this takes a few steps, not one for each letter.
fn longest_prefix<T>(
    text: &str,
    below: impl Fn(Bound<&str>) -> Result<Option<String>, Stop>,
    taken: impl Fn(&str) -> Result<Option<T>, Stop>,
) -> Result<Option<T>, Stop> {
    let mut next = below(Bound::Included(text))?;
    while let Some(key) = next {
        let shared = shared_bytes(&key, text);
        if shared == 0 {
            break;
        }
        if shared < key.len() {
            next = below(Bound::Included(&text[..shared]))?;
            continue;
        }
        if let Some(found) = taken(&key)? {
            return Ok(Some(found));
        }
        next = below(Bound::Excluded(&key))?;
    }
    Ok(None)
}

/// How many bytes both begin with, in whole characters.
fn shared_bytes(a: &str, b: &str) -> usize {
    let same = a.chars().zip(b.chars()).take_while(|(x, y)| x == y);
    same.map(|(c, _)| c.len_utf8()).sum()
}

fn utf16(text: &str) -> u32 {
    // A message's length is bounded far below.
    text.encode_utf16().count() as u32
}
