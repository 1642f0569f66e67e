//! What `import` can load again, as lines of JSON: public rooms, or everything, with accounts, private
//! and direct rooms, who is in them, files, and how far everybody has read; or one room, or one
//! person. Passwords, sessions, tokens, webhooks and invitations stay here.

pub mod asked;
mod content;
pub mod html;
mod marks;
mod message;
mod names;

pub use names::own_id;

use crate::domain::{
    MemberRole, MessageId, NotificationLevel, Refusal, Role, RoomId, RoomKind, Status, Timestamp,
    UserId,
};
use crate::files::Store;
use crate::state::{MessageKey, Reader, StateError};
use content::{Called, Coming, Contents};
use marks::Marks;
use names::Names;
use serde::Serialize;
use std::collections::VecDeque;

/// Rows read at a time.
const PAGE: usize = 1000;

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Public rooms: their messages alone.
    Public,
    All,
    Room(RoomId),
    /// What belongs to somebody, and what they wrote.
    Person(UserId),
}

impl Scope {
    /// Whether lines tell everything that there is.
    fn is_whole(self) -> bool {
        self != Scope::Public
    }

    /// As the command line names it.
    pub fn named(
        reader: &Reader,
        all: bool,
        room: Option<&str>,
        user: Option<&str>,
    ) -> Result<Scope, Refusal> {
        if let Some(name) = room {
            return Scope::room(reader, name).map(Scope::Room);
        }
        if let Some(name) = user {
            let account = reader.account_by_name(name)?;
            let account = account.ok_or_else(|| Refusal::not_found("user"))?;
            return Ok(Scope::Person(account.user.id));
        }
        Ok(if all { Scope::All } else { Scope::Public })
    }

    /// A room by its name, or by its id: direct rooms have no name.
    pub fn room(reader: &Reader, name: &str) -> Result<RoomId, Refusal> {
        if let Some(id) = reader.room_by_name(name)? {
            return Ok(id);
        }
        let id = name.parse().map(RoomId).ok();
        let id = id.filter(|id| matches!(reader.room_record(*id), Ok(Some(_))));
        id.ok_or_else(|| Refusal::not_found("room"))
    }
}

#[derive(Serialize)]
struct UserLine<'a> {
    r#type: &'static str,
    user: &'a str,
    display_name: &'a str,
    role: Role,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    disabled: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    bot: bool,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
}

#[derive(Serialize)]
struct RoomLine<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    room: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    topic: &'a str,
    kind: RoomKind,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    retention_days: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    archived_at: Option<Timestamp>,
    members: Vec<MemberLine>,
}

#[derive(Serialize)]
struct MemberLine {
    user: String,
    role: MemberRole,
    joined_at: Timestamp,
    notifications: NotificationLevel,
}

/// What comes next.
enum Stage {
    People(UserId),
    Rooms(std::vec::IntoIter<RoomId>),
    Messages(Option<MessageKey>),
    Written((RoomId, MessageId)),
    Marks(Box<Marks>),
    End,
}

/// Why an export ends before its end.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    State(#[from] StateError),
    #[error("the content of a file cannot be read: {0}")]
    File(#[from] std::io::Error),
}

/// What leaves a piece at a time.
pub enum Leaving {
    Lines(Box<Export>),
    Page(Box<html::RoomPage>),
}

impl Leaving {
    /// As [`Export::next_piece`].
    pub fn next_piece(&mut self) -> Result<Option<Vec<u8>>, ExportError> {
        match self {
            Leaving::Lines(export) => export.next_piece(),
            Leaving::Page(page) => page.next_piece(),
        }
    }
}

/// What waits to go out.
enum Out {
    Bytes(Vec<u8>),
    File(Box<Coming>),
}

/// One position of the state on its way out, a piece at a time.
pub struct Export {
    reader: Reader,
    scope: Scope,
    stage: Stage,
    names: Names,
    contents: Contents,
    queue: VecDeque<Out>,
}

impl Export {
    pub fn new(reader: Reader, epoch: u64, store: Store, scope: Scope) -> Export {
        Export {
            reader,
            scope,
            stage: match scope {
                Scope::Public => Stage::Messages(None),
                Scope::All => Stage::People(UserId(0)),
                Scope::Room(room) => Stage::Rooms(vec![room].into_iter()),
                Scope::Person(user) => Stage::People(UserId(user.0.saturating_sub(1))),
            },
            names: Names::new(epoch, scope == Scope::Public),
            contents: Contents::new(store),
            queue: VecDeque::new(),
        }
    }

    /// How many rooms are left out.
    pub fn rooms_left_out(&self) -> Result<u64, StateError> {
        match self.scope {
            Scope::Public => self.reader.closed_room_count(),
            Scope::All | Scope::Room(_) | Scope::Person(_) => Ok(0),
        }
    }

    /// Files whose content is lost, so far.
    pub fn lost_files(&self) -> u64 {
        self.contents.lost
    }

    /// The next lines; `None` at the end. Blocks.
    pub fn next_piece(&mut self) -> Result<Option<Vec<u8>>, ExportError> {
        loop {
            match self.queue.pop_front() {
                Some(Out::Bytes(bytes)) if bytes.is_empty() => {}
                Some(Out::Bytes(bytes)) => return Ok(Some(bytes)),
                Some(Out::File(mut coming)) => {
                    let (part, more) = coming.next_part()?;
                    if more {
                        self.queue.push_front(Out::File(coming));
                    }
                    return Ok(Some(part));
                }
                None if matches!(self.stage, Stage::End) => return Ok(None),
                None => self.step()?,
            }
        }
    }

    fn put(&mut self, line: Vec<u8>) {
        self.out(Out::Bytes(line));
    }

    fn step(&mut self) -> Result<(), StateError> {
        match &mut self.stage {
            Stage::People(after) => {
                let one = matches!(self.scope, Scope::Person(_));
                let users = self
                    .reader
                    .users_after(*after, if one { 1 } else { PAGE })?;
                match users.last() {
                    Some(last) if !one => *after = last.id,
                    _ => self.stage = Stage::Rooms(self.rooms()?.into_iter()),
                }
                for user in users {
                    self.user_line(user.id)?;
                }
            }
            Stage::Rooms(rooms) => match rooms.next() {
                Some(room) => self.room_line(room)?,
                None => {
                    self.stage = match self.scope {
                        Scope::Room(room) => Stage::Messages(Some(MessageKey {
                            room,
                            at: i64::MIN,
                            id: MessageId(0),
                        })),
                        Scope::Person(_) => Stage::Written((RoomId(0), MessageId(0))),
                        Scope::All | Scope::Public => Stage::Messages(None),
                    }
                }
            },
            Stage::Messages(after) => {
                let mut page = self.reader.all_messages(*after, PAGE)?;
                if let Scope::Room(room) = self.scope {
                    page.retain(|found| found.place.room == room);
                }
                match page.last() {
                    Some(last) => *after = Some(last.key()),
                    None if self.scope == Scope::All => {
                        self.stage = Stage::Marks(Box::new(Marks::of_all()));
                    }
                    None => self.stage = Stage::End,
                }
                for found in page {
                    self.message_line(found)?;
                }
            }
            Stage::Written(after) => {
                let Scope::Person(user) = self.scope else {
                    self.stage = Stage::End;
                    return Ok(());
                };
                let page = self.reader.written_by(user, *after, PAGE)?;
                match page.last() {
                    Some(last) => *after = *last,
                    None => self.stage = Stage::Marks(Box::new(Marks::of(user))),
                }
                for (_, id) in page {
                    if let Some(found) = self.reader.located(id)? {
                        self.message_line(found)?;
                    }
                }
            }
            Stage::Marks(marks) => {
                let lines = marks.next_lines(&self.reader, &mut self.names)?;
                match lines {
                    Some(lines) => {
                        for (id, file) in lines.files {
                            self.send_file(id, &file);
                        }
                        self.put(lines.bytes);
                    }
                    None => self.stage = Stage::End,
                }
            }
            Stage::End => {}
        }
        Ok(())
    }

    fn rooms(&self) -> Result<Vec<RoomId>, StateError> {
        Ok(match self.scope {
            Scope::Person(user) => {
                let rooms = self.reader.memberships(user)?;
                rooms.into_iter().map(|(room, _)| room).collect()
            }
            Scope::Room(room) => vec![room],
            Scope::All | Scope::Public => self.reader.room_ids()?,
        })
    }

    fn user_line(&mut self, id: UserId) -> Result<(), StateError> {
        let Some(record) = self.reader.user_record(id)? else {
            return Ok(());
        };
        let avatar = record.avatar.as_ref().and_then(|avatar| {
            let called = Called {
                name: "avatar",
                content: &avatar.content,
                created_at: None,
            };
            self.contents.send(format!("avatar-{id}"), &called)
        });
        let avatar = avatar.map(|(out, id)| {
            self.out(out);
            id
        });
        let owner = match record.bot_of {
            Some(owner) if owner != UserId(0) => Some(self.names.username(&self.reader, owner)?),
            _ => None,
        };
        let line = whole(&UserLine {
            r#type: "user",
            user: &record.username,
            display_name: &record.display_name,
            role: record.role,
            disabled: record.disabled,
            bot: record.bot_of.is_some(),
            created_at: record.created_at,
            status: record.status,
            avatar,
            owner,
        });
        self.put(line);
        Ok(())
    }

    /// One person's export tells nobody else's rooms.
    fn is_left_out(&self, kind: RoomKind, member: UserId) -> bool {
        matches!(self.scope, Scope::Person(user) if user != member) && kind != RoomKind::Direct
    }

    fn room_line(&mut self, id: RoomId) -> Result<(), StateError> {
        let Some(room) = self.reader.room_record(id)? else {
            return Ok(());
        };
        let mut members = Vec::new();
        let mut after = UserId(0);
        loop {
            let page = self.reader.member_records(id, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = last.0;
            for (user, member) in page {
                if self.is_left_out(room.kind, user) {
                    continue;
                }
                members.push(MemberLine {
                    user: self.names.username(&self.reader, user)?,
                    role: member.role,
                    joined_at: member.joined_at,
                    notifications: member.level,
                });
            }
        }
        let line = whole(&RoomLine {
            r#type: "room",
            room: &room.name,
            topic: &room.topic,
            kind: room.kind,
            created_at: room.created_at,
            retention_days: room.retention_days,
            archived_at: room.archived_at,
            members,
        });
        self.put(line);
        Ok(())
    }
}

/// A line with its end.
fn whole<T: Serialize>(line: &T) -> Vec<u8> {
    // Plain structs into memory have no way to fail.
    let mut bytes = serde_json::to_vec(line).expect("lines serialise");
    bytes.push(b'\n');
    bytes
}
