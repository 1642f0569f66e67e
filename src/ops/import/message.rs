//! A message's line.

use crate::domain::history::{Imported, ImportedNames};
use crate::domain::{Call, RoomKind, Timestamp};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;

/// What kind of line it is; a message where it says nothing.
#[derive(Debug, Deserialize, Default, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Type {
    #[default]
    Message,
    User,
    Room,
    File,
    Read,
    Follow,
    MentionRead,
    Save,
    Draft,
    Scheduled,
    Settings,
    Command,
    Word,
}

/// What a message's line says. Only the first five are needed, `room` not where `people` name a
/// direct room; the others are what `export` writes.
#[derive(Deserialize)]
pub struct Line {
    id: Id,
    #[serde(default)]
    room: Option<String>,
    user: String,
    sent_at: Timestamp,
    text: String,
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    edited_at: Option<Timestamp>,
    #[serde(default)]
    reply_to: Option<Id>,
    #[serde(default)]
    kind: Option<RoomKind>,
    #[serde(default)]
    people: Vec<String>,
    #[serde(default)]
    reactions: Vec<Reaction>,
    #[serde(default)]
    pinned: bool,
    /// Ids of files whose lines came before.
    #[serde(default)]
    pub files: Vec<Id>,
    #[serde(default, rename = "type")]
    _type: Type,
    #[serde(default)]
    live: bool,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    also_in_room: bool,
    #[serde(default)]
    calls: Option<Call>,
    #[serde(default)]
    client_id: Option<String>,
    /// User names; where it is left out, the text is read for names.
    #[serde(default)]
    mentions: Option<Vec<String>>,
    #[serde(default)]
    mention_ranges: Vec<Range>,
    #[serde(default)]
    earlier: Vec<Earlier>,
    #[serde(default)]
    pinned_by: Option<String>,
    #[serde(default)]
    pinned_at: Option<Timestamp>,
    #[serde(flatten)]
    pub others: BTreeMap<String, IgnoredAny>,
}

#[derive(Deserialize)]
struct Earlier {
    text: String,
    since: Timestamp,
}

#[derive(Deserialize)]
struct Range {
    user: String,
    start: u32,
    end: u32,
}

#[derive(Deserialize)]
struct Reaction {
    emoji: String,
    users: Vec<String>,
}

/// Many tools write their ids as numbers.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a text or a whole number")]
pub enum Id {
    Text(String),
    Number(u64),
}

impl Id {
    pub fn into_text(self) -> String {
        match self {
            Id::Text(text) => text,
            Id::Number(number) => number.to_string(),
        }
    }
}

impl Line {
    pub fn message(self) -> Result<Imported, String> {
        let room = match self.room {
            Some(room) => room,
            None if self.people.is_empty() => return Err("missing field `room`".to_owned()),
            None => String::new(),
        };
        let earlier = self.earlier.into_iter();
        let reactions = self.reactions.into_iter();
        let ranges = self.mention_ranges.into_iter();
        let named = self.mentions.map(|users| ImportedNames {
            users,
            ranges: ranges
                .map(|range| (range.user, range.start, range.end))
                .collect(),
        });
        Ok(Imported {
            external_id: self.id.into_text(),
            room,
            user: self.user,
            sent_at: self.sent_at,
            text: self.text,
            display_name: self.display_name,
            edited_at: self.edited_at,
            reply_to: self.reply_to.map(Id::into_text),
            kind: self.kind,
            people: self.people,
            reactions: reactions.map(|one| (one.emoji, one.users)).collect(),
            pinned: self.pinned,
            files: Vec::new(),
            live: self.live,
            deleted: self.deleted,
            also_in_room: self.also_in_room,
            calls: self.calls,
            client_id: self.client_id,
            named,
            earlier: earlier.map(|old| (old.text, old.since)).collect(),
            pin: self.pinned_by.zip(self.pinned_at),
        })
    }
}
