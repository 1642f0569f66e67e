//! What an export of everything tells beside people, rooms and messages.

use super::{imported_name, imported_names};
use crate::file::NewFile;
use crate::program::SlashCommand;
use crate::words::OwnWord;
use crate::{Refusal, Timestamp, UserId, limits, names, text};
use serde::{Deserialize, Serialize};

/// A room by its name, or a direct one by its people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomName {
    pub room: String,
    pub people: Vec<String>,
}

/// Messages are named by their external ids; people by their user names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ImportedMark {
    /// How far somebody has read in a room.
    Read {
        room: RoomName,
        user: String,
        message: String,
        /// It was put back to here on purpose.
        set_back: bool,
    },
    /// Somebody's side of the thread below a message.
    Follow {
        message: String,
        user: String,
        on: bool,
        /// The last reply that was read.
        read: Option<String>,
    },
    Save {
        message: String,
        user: String,
        at: Timestamp,
    },
    Draft {
        room: RoomName,
        user: String,
        thread: Option<String>,
        text: String,
        at: Timestamp,
    },
    Scheduled {
        room: RoomName,
        user: String,
        thread: Option<String>,
        text: String,
        mentions: Vec<String>,
        send_at: Timestamp,
        created_at: Timestamp,
        failed: Option<String>,
        /// Their contents are kept already. With files, the text may be empty.
        #[serde(default)]
        files: Vec<NewFile>,
    },
    /// What somebody chose, as a JSON object, with the rooms that stand on top of the list.
    Settings {
        user: String,
        json: String,
        favourites: Vec<RoomName>,
    },
    SlashCommand {
        name: String,
        bot: String,
        description: String,
        usage: String,
    },
    Word(OwnWord),
    /// Somebody has read in a thread what names them, and not the room so far.
    MentionRead {
        user: String,
        message: String,
    },
}

impl RoomName {
    pub fn checked(self) -> Result<RoomName, Refusal> {
        Ok(RoomName {
            room: if self.people.is_empty() {
                names::room_name(self.room)?
            } else {
                String::new()
            },
            people: imported_names(self.people)?,
        })
    }
}

impl ImportedMark {
    /// The ids of the messages that have to be there for it to mean something.
    pub fn messages(&self) -> impl Iterator<Item = &str> {
        let (first, second) = match self {
            ImportedMark::Read { message, .. }
            | ImportedMark::Save { message, .. }
            | ImportedMark::MentionRead { message, .. } => (Some(message), None),
            ImportedMark::Follow { message, read, .. } => (Some(message), read.as_ref()),
            ImportedMark::Draft { thread, .. } | ImportedMark::Scheduled { thread, .. } => {
                (thread.as_ref(), None)
            }
            ImportedMark::Settings { .. }
            | ImportedMark::SlashCommand { .. }
            | ImportedMark::Word(_) => (None, None),
        };
        first.into_iter().chain(second).map(String::as_str)
    }

    pub fn checked(self) -> Result<ImportedMark, Refusal> {
        let has_files = matches!(&self, ImportedMark::Scheduled { files, .. } if !files.is_empty());
        self.checked_beside(has_files)
    }

    /// As [`ImportedMark::checked`], where it is known already whether there will be files.
    pub fn checked_beside(self, has_files: bool) -> Result<ImportedMark, Refusal> {
        let name = |user: String| Ok::<_, Refusal>(imported_name(user)?.0);
        Ok(match self {
            ImportedMark::Read {
                room,
                user,
                message,
                set_back,
            } => ImportedMark::Read {
                room: room.checked()?,
                user: name(user)?,
                message: text::nfc(message),
                set_back,
            },
            ImportedMark::Follow {
                message,
                user,
                on,
                read,
            } => ImportedMark::Follow {
                message: text::nfc(message),
                user: name(user)?,
                on,
                read: read.map(text::nfc),
            },
            ImportedMark::Save { message, user, at } => ImportedMark::Save {
                message: text::nfc(message),
                user: name(user)?,
                at,
            },
            ImportedMark::Draft {
                room,
                user,
                thread,
                text: said,
                at,
            } => ImportedMark::Draft {
                room: room.checked()?,
                user: name(user)?,
                thread: thread.map(text::nfc),
                text: text::message(said)?,
                at,
            },
            ImportedMark::Scheduled {
                room,
                user,
                thread,
                text: said,
                mentions,
                send_at,
                created_at,
                failed,
                files,
            } => ImportedMark::Scheduled {
                room: room.checked()?,
                user: name(user)?,
                thread: thread.map(text::nfc),
                text: if has_files {
                    text::caption(said)?
                } else {
                    text::message(said)?
                },
                mentions: imported_names(mentions)?,
                send_at,
                created_at,
                failed,
                files: files
                    .into_iter()
                    .take(limits::FILES_PER_MESSAGE)
                    .map(NewFile::checked)
                    .collect::<Result<_, _>>()?,
            },
            ImportedMark::Settings {
                user,
                json,
                favourites,
            } => {
                if json.len() > limits::SETTINGS_BYTES {
                    return Err(Refusal::too_long(
                        "settings",
                        limits::SETTINGS_BYTES,
                        "bytes",
                    ));
                }
                ImportedMark::Settings {
                    user: name(user)?,
                    json,
                    favourites: favourites
                        .into_iter()
                        .map(RoomName::checked)
                        .collect::<Result<_, _>>()?,
                }
            }
            ImportedMark::SlashCommand {
                name: command,
                bot,
                description,
                usage,
            } => {
                let command = SlashCommand {
                    name: command,
                    bot_id: UserId(0),
                    description,
                    usage,
                };
                let command = command.checked()?;
                ImportedMark::SlashCommand {
                    name: command.name,
                    bot: name(bot)?,
                    description: command.description,
                    usage: command.usage,
                }
            }
            ImportedMark::Word(word) => ImportedMark::Word(word.checked()?),
            ImportedMark::MentionRead { user, message } => ImportedMark::MentionRead {
                user: name(user)?,
                message: text::nfc(message),
            },
        })
    }
}
