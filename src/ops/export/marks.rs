//! Lines that stand behind the messages: how far people have read, what they follow, saved, began to
//! write and chose; slash commands and words that search is taught.

use super::content::file_name;
use super::names::Names;
use super::{PAGE, whole};
use crate::domain::{FileId, MessageId, RoomId, UserId};
use crate::ops::mark_line::{MarkLine, RoomPart};
use crate::state::{FileRecord, Reader, StateError};

enum Next {
    /// What belongs to everybody behind this one.
    People(UserId),
    Follows((MessageId, UserId)),
    Server,
    End,
}

/// Some lines, and the files whose lines go before them.
#[derive(Default)]
pub struct Lines {
    pub files: Vec<(FileId, FileRecord)>,
    pub bytes: Vec<u8>,
}

pub struct Marks {
    /// Of one person alone.
    only: Option<UserId>,
    next: Next,
}

impl Marks {
    pub fn of_all() -> Marks {
        Marks {
            only: None,
            next: Next::People(UserId(0)),
        }
    }

    pub fn of(user: UserId) -> Marks {
        Marks {
            only: Some(user),
            next: Next::People(UserId(user.0.saturating_sub(1))),
        }
    }

    /// Some lines; nothing at the end.
    pub fn next_lines(
        &mut self,
        reader: &Reader,
        names: &mut Names,
    ) -> Result<Option<Lines>, StateError> {
        let mut lines = Lines::default();
        match self.next {
            Next::People(after) => {
                let user = reader.users_after(after, 1)?.pop();
                let user = user.filter(|user| self.only.is_none_or(|only| only == user.id));
                self.next = match user {
                    Some(user) => {
                        personal(reader, names, user.id, &mut lines)?;
                        Next::People(user.id)
                    }
                    None => Next::Follows((MessageId(0), UserId(0))),
                };
            }
            Next::Follows(after) => {
                let page = reader.follows_after(after, PAGE)?;
                self.next = match page.last() {
                    Some((root, user, _)) => Next::Follows((*root, *user)),
                    None => Next::Server,
                };
                for (root, user, follow) in page {
                    if self.only.is_some_and(|only| only != user) {
                        continue;
                    }
                    let Some(message) = names.message(reader, root)? else {
                        continue;
                    };
                    let read = match follow.read {
                        0 => None,
                        read => reader.reply_upto(root, read)?,
                    };
                    let read = read.map(|id| names.message(reader, id)).transpose()?;
                    put(
                        &mut lines,
                        &MarkLine::Follow {
                            message,
                            user: names.username(reader, user)?,
                            on: follow.on,
                            read: read.flatten(),
                        },
                    );
                }
            }
            Next::Server => {
                if self.only.is_none() {
                    server(reader, names, &mut lines)?;
                }
                self.next = Next::End;
            }
            Next::End => return Ok(None),
        }
        Ok(Some(lines))
    }
}

fn put(lines: &mut Lines, line: &MarkLine) {
    lines.bytes.extend(whole(line));
}

fn personal(
    reader: &Reader,
    names: &mut Names,
    id: UserId,
    lines: &mut Lines,
) -> Result<(), StateError> {
    let user = names.username(reader, id)?;
    let mut settings: serde_json::Value =
        serde_json::from_str(&reader.settings(id)?).unwrap_or_default();
    if settings.as_object().is_some_and(|all| !all.is_empty()) {
        let favourites = favourites(reader, names, &settings)?;
        if let Some(numbers) = settings.pointer_mut("/rooms/favourites") {
            *numbers = serde_json::Value::Array(Vec::new());
        }
        let user = user.clone();
        put(
            lines,
            &MarkLine::Settings {
                user,
                settings,
                favourites,
            },
        );
    }
    for (room, _) in reader.memberships(id)? {
        let Some(member) = reader.member(room, id)? else {
            continue;
        };
        let (read, Some(part)) = (member.read, names.room_part(reader, room)?) else {
            continue;
        };
        if let Some(last) = reader.message_upto(room, read.at, read.message)?
            && let Some(message) = names.message(reader, last)?
        {
            put(
                lines,
                &MarkLine::Read {
                    room: part,
                    user: user.clone(),
                    message,
                    set_back: read.is_set_back,
                },
            );
        }
    }
    for message in reader.mentions_read(id)? {
        if let Some(message) = names.message(reader, message)? {
            let user = user.clone();
            put(lines, &MarkLine::MentionRead { message, user });
        }
    }
    for (message, at) in reader.all_saved(id)? {
        if let Some(message) = names.message(reader, message)? {
            let (user, at) = (user.clone(), crate::domain::Timestamp(at));
            put(lines, &MarkLine::Save { message, user, at });
        }
    }
    unsent(reader, names, id, lines)
}

/// Rooms whose numbers mean nothing elsewhere.
fn favourites(
    reader: &Reader,
    names: &mut Names,
    settings: &serde_json::Value,
) -> Result<Vec<RoomPart>, StateError> {
    let mut parts = Vec::new();
    let kept = settings.pointer("/rooms/favourites");
    for id in kept.and_then(|kept| kept.as_array()).into_iter().flatten() {
        if let Some(id) = id.as_u64() {
            parts.extend(names.room_part(reader, RoomId(id))?);
        }
    }
    Ok(parts)
}

fn unsent(
    reader: &Reader,
    names: &mut Names,
    id: UserId,
    lines: &mut Lines,
) -> Result<(), StateError> {
    let user = names.username(reader, id)?;
    for (room, thread, draft) in reader.all_drafts(id)? {
        let Some(room) = names.room_part(reader, room)? else {
            continue;
        };
        let thread = thread.map(|root| names.message(reader, root)).transpose()?;
        if thread == Some(None) {
            continue;
        }
        put(
            lines,
            &MarkLine::Draft {
                room,
                user: user.clone(),
                thread: thread.flatten(),
                text: draft.text,
                at: draft.at,
            },
        );
    }
    for scheduled in reader.scheduled(id, None)? {
        let Some(room) = names.room_part(reader, scheduled.room_id)? else {
            continue;
        };
        let thread = scheduled.reply_to;
        let thread = thread.map(|root| names.message(reader, root)).transpose()?;
        let mentions = scheduled.mentions.into_iter();
        let mut files = Vec::with_capacity(scheduled.files.len());
        for file in &scheduled.files {
            if let Some(record) = reader.file_record(file.id)? {
                files.push(file_name(file.id));
                lines.files.push((file.id, record));
            }
        }
        put(
            lines,
            &MarkLine::Scheduled {
                room,
                user: user.clone(),
                thread: thread.flatten(),
                text: scheduled.text,
                mentions: mentions
                    .map(|user| names.username(reader, user))
                    .collect::<Result<_, _>>()?,
                send_at: scheduled.send_at,
                created_at: scheduled.created_at,
                failed: scheduled.failed,
                files,
            },
        );
    }
    Ok(())
}

fn server(reader: &Reader, names: &mut Names, lines: &mut Lines) -> Result<(), StateError> {
    for command in reader.all_slash_commands()? {
        put(
            lines,
            &MarkLine::Command {
                bot: names.username(reader, command.bot_id)?,
                name: command.name,
                description: command.description,
                usage: command.usage,
            },
        );
    }
    // Those of a file come with the file.
    for kept in reader
        .own_words()?
        .into_iter()
        .filter(|kept| !kept.from_file)
    {
        put(lines, &MarkLine::Word { word: kept.word });
    }
    Ok(())
}
