//! Lines of an export of everything that tell more than people, rooms and messages: written by
//! `export`, read by `import`.

use crate::domain::history::{ImportedMark, RoomName};
use crate::domain::{OwnWord, Timestamp};
use serde::{Deserialize, Serialize};

/// A room by its name, or a direct one by its people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomPart {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub room: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<String>,
}

/// `message`, `read` and `thread` are ids of lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MarkLine {
    Read {
        #[serde(flatten)]
        room: RoomPart,
        user: String,
        message: String,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        set_back: bool,
    },
    Follow {
        message: String,
        user: String,
        on: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        read: Option<String>,
    },
    MentionRead {
        message: String,
        user: String,
    },
    Save {
        message: String,
        user: String,
        at: Timestamp,
    },
    Draft {
        #[serde(flatten)]
        room: RoomPart,
        user: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thread: Option<String>,
        text: String,
        at: Timestamp,
    },
    Scheduled {
        #[serde(flatten)]
        room: RoomPart,
        user: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thread: Option<String>,
        text: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<String>,
        send_at: Timestamp,
        created_at: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failed: Option<String>,
        /// Ids of files whose lines came before.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<String>,
    },
    Settings {
        user: String,
        settings: serde_json::Value,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        favourites: Vec<RoomPart>,
    },
    Command {
        name: String,
        bot: String,
        #[serde(default)]
        description: String,
        #[serde(default)]
        usage: String,
    },
    Word {
        #[serde(flatten)]
        word: OwnWord,
    },
}

impl From<RoomPart> for RoomName {
    fn from(RoomPart { room, people }: RoomPart) -> RoomName {
        RoomName { room, people }
    }
}

impl From<MarkLine> for ImportedMark {
    fn from(line: MarkLine) -> ImportedMark {
        match line {
            MarkLine::Read {
                room,
                user,
                message,
                set_back,
            } => ImportedMark::Read {
                room: room.into(),
                user,
                message,
                set_back,
            },
            MarkLine::Follow {
                message,
                user,
                on,
                read,
            } => ImportedMark::Follow {
                message,
                user,
                on,
                read,
            },
            MarkLine::MentionRead { message, user } => ImportedMark::MentionRead { user, message },
            MarkLine::Save { message, user, at } => ImportedMark::Save { message, user, at },
            MarkLine::Draft {
                room,
                user,
                thread,
                text,
                at,
            } => ImportedMark::Draft {
                room: room.into(),
                user,
                thread,
                text,
                at,
            },
            MarkLine::Scheduled {
                room,
                user,
                thread,
                text,
                mentions,
                send_at,
                created_at,
                failed,
                // They are given to it when it is loaded.
                files: _,
            } => ImportedMark::Scheduled {
                room: room.into(),
                user,
                thread,
                text,
                mentions,
                send_at,
                created_at,
                failed,
                files: Vec::new(),
            },
            MarkLine::Settings {
                user,
                settings,
                favourites,
            } => ImportedMark::Settings {
                user,
                json: settings.to_string(),
                favourites: favourites.into_iter().map(RoomName::from).collect(),
            },
            MarkLine::Command {
                name,
                bot,
                description,
                usage,
            } => ImportedMark::SlashCommand {
                name,
                bot,
                description,
                usage,
            },
            MarkLine::Word { word } => ImportedMark::Word(word),
        }
    }
}
