//! What `import` can load again, as lines of JSON: public rooms, or everything, with accounts, private
//! and direct rooms and who is in them. Passwords and sessions stay here.

use crate::domain::{MemberRole, MessageId, Role, RoomId, RoomKind, Timestamp, UserId};
use crate::state::{Located, MessageKey, Reader, StateError};
use serde::Serialize;
use std::collections::BTreeMap;

/// Rows read at a time.
const PAGE: usize = 1000;

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    room: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<RoomKind>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    people: &'a [String],
    user: &'a str,
    sent_at: Timestamp,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reactions: Vec<ReactionLine>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pinned: bool,
}

#[derive(Serialize)]
struct ReactionLine {
    emoji: String,
    users: Vec<String>,
}

#[derive(Serialize)]
struct UserLine<'a> {
    r#type: &'static str,
    user: &'a str,
    display_name: &'a str,
    role: Role,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    disabled: bool,
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
    members: Vec<MemberLine>,
}

#[derive(Serialize)]
struct MemberLine {
    user: String,
    role: MemberRole,
}

struct Person {
    username: String,
    display_name: Option<String>,
}

struct Room {
    name: String,
    kind: RoomKind,
    /// Of a direct room.
    people: Vec<String>,
}

/// What comes next.
enum Stage {
    People(UserId),
    Rooms(std::vec::IntoIter<RoomId>),
    Messages(Option<MessageKey>),
}

/// One position of the state on its way out, a piece at a time.
pub struct Export {
    reader: Reader,
    epoch: u64,
    all: bool,
    stage: Stage,
    rooms: BTreeMap<RoomId, Option<Room>>,
    people: BTreeMap<UserId, Person>,
    pub lines: u64,
}

impl Export {
    pub fn new(reader: Reader, epoch: u64, all: bool) -> Export {
        Export {
            reader,
            epoch,
            all,
            stage: if all {
                Stage::People(UserId(0))
            } else {
                Stage::Messages(None)
            },
            rooms: BTreeMap::new(),
            people: BTreeMap::new(),
            lines: 0,
        }
    }

    /// How many rooms are left out.
    pub fn rooms_left_out(&self) -> Result<u64, StateError> {
        if self.all {
            return Ok(0);
        }
        self.reader.closed_room_count()
    }

    /// The next lines; `None` at the end.
    pub fn next_piece(&mut self) -> Result<Option<Vec<u8>>, StateError> {
        let mut piece = Vec::new();
        match &mut self.stage {
            Stage::People(after) => {
                let users = self.reader.users_after(*after, PAGE)?;
                match users.last() {
                    Some(last) => *after = last.id,
                    None => self.stage = Stage::Rooms(self.reader.room_ids()?.into_iter()),
                }
                for user in users {
                    let line = UserLine {
                        r#type: "user",
                        user: &user.username,
                        display_name: &user.display_name,
                        role: user.role,
                        disabled: user.disabled,
                    };
                    self.write(&line, &mut piece);
                }
            }
            Stage::Rooms(rooms) => match rooms.next() {
                Some(room) => self.room_line(room, &mut piece)?,
                None => self.stage = Stage::Messages(None),
            },
            Stage::Messages(after) => {
                let page = self.reader.all_messages(*after, PAGE)?;
                let Some(last) = page.last() else {
                    return Ok(None);
                };
                *after = Some(last.key());
                for found in page {
                    if !found.record.deleted {
                        self.message_line(found, &mut piece)?;
                    }
                }
            }
        }
        Ok(Some(piece))
    }

    fn write<T: Serialize>(&mut self, line: &T, piece: &mut Vec<u8>) {
        // Plain structs into memory have no way to fail.
        serde_json::to_writer(&mut *piece, line).expect("lines serialise");
        piece.push(b'\n');
        self.lines += 1;
    }

    fn room_line(&mut self, id: RoomId, piece: &mut Vec<u8>) -> Result<(), StateError> {
        let Some(room) = self.reader.room_record(id)? else {
            return Ok(());
        };
        let mut members = Vec::new();
        let mut after = UserId(0);
        loop {
            let page = self.reader.members_after(id, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = last.user.id;
            members.extend(page.into_iter().map(|member| MemberLine {
                user: member.user.username,
                role: member.role,
            }));
        }
        let line = RoomLine {
            r#type: "room",
            room: &room.name,
            topic: &room.topic,
            kind: room.kind,
            created_at: room.created_at,
            members,
        };
        self.write(&line, piece);
        Ok(())
    }

    fn message_line(&mut self, found: Located, piece: &mut Vec<u8>) -> Result<(), StateError> {
        self.know_room(found.place.room)?;
        let Some(Some(_)) = self.rooms.get(&found.place.room) else {
            return Ok(());
        };
        let own = name(self.epoch, found.id);
        let message = self.reader.view(found)?;
        self.know_person(message.author.id)?;
        let reply_to = match message.reply_to {
            Some(root) => self.name_of(root)?,
            None => None,
        };
        let mut reactions = Vec::new();
        for reaction in if self.all {
            message.reactions
        } else {
            Vec::new()
        } {
            let mut users = Vec::with_capacity(reaction.user_ids.len());
            for user in reaction.user_ids {
                self.know_person(user)?;
                users.extend(self.people.get(&user).map(|person| person.username.clone()));
            }
            reactions.push(ReactionLine {
                emoji: reaction.emoji,
                users,
            });
        }
        let (Some(Some(room)), Some(person)) = (
            self.rooms.get(&message.room_id),
            self.people.get(&message.author.id),
        ) else {
            return Ok(());
        };
        let line = Line {
            id: message.external_id.as_deref().unwrap_or(&own),
            room: (room.kind != RoomKind::Direct).then_some(&room.name),
            kind: self.all.then_some(room.kind),
            people: &room.people,
            user: &person.username,
            sent_at: message.sent_at,
            text: &message.text,
            display_name: person.display_name.as_deref(),
            edited_at: message.edited_at,
            reply_to,
            reactions,
            pinned: self.all && message.pinned,
        };
        serde_json::to_writer(&mut *piece, &line).expect("lines serialise");
        piece.push(b'\n');
        self.lines += 1;
        Ok(())
    }

    fn know_room(&mut self, id: RoomId) -> Result<(), StateError> {
        if self.rooms.contains_key(&id) {
            return Ok(());
        }
        // One that was deleted may still have messages on their way out.
        let record = self.reader.room_record(id)?;
        let record = record.filter(|room| self.all || room.kind == RoomKind::Public);
        let room = match record {
            Some(record) => {
                let mut people = Vec::new();
                if record.kind == RoomKind::Direct {
                    let members = self.reader.members_after(id, UserId(0), PAGE)?;
                    people.extend(members.into_iter().map(|member| member.user.username));
                }
                Some(Room {
                    name: record.name,
                    kind: record.kind,
                    people,
                })
            }
            None => None,
        };
        self.rooms.insert(id, room);
        Ok(())
    }

    fn know_person(&mut self, id: UserId) -> Result<(), StateError> {
        if !self.people.contains_key(&id) {
            let user = self
                .reader
                .user(id)?
                .ok_or_else(|| StateError::missing("users", id))?;
            let display_name = (user.display_name != user.username).then_some(user.display_name);
            let username = user.username;
            let person = Person {
                username,
                display_name,
            };
            self.people.insert(id, person);
        }
        Ok(())
    }

    /// The id by which a line names a message that it answers.
    fn name_of(&self, id: MessageId) -> Result<Option<String>, StateError> {
        let message = self.reader.message(id)?.filter(|message| !message.deleted);
        Ok(message.map(|message| message.external_id.unwrap_or_else(|| name(self.epoch, id))))
    }
}

/// A message's name outside: no other server gives the same.
fn name(epoch: u64, id: MessageId) -> String {
    format!("maru-{epoch:x}-{id}")
}

/// The message's id, if this name was given here.
pub fn own_id(name: &str, epoch: u64) -> Option<u64> {
    let (theirs, id) = name.strip_prefix("maru-")?.split_once('-')?;
    (u64::from_str_radix(theirs, 16).ok()? == epoch).then(|| id.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_again_here_and_nowhere_else() {
        let given = name(0xabc, MessageId(8192));
        assert_eq!(own_id(&given, 0xabc), Some(8192));
        for (other, epoch) in [
            (given.as_str(), 1),
            ("8192", 0xabc),
            ("maru-abc-x", 0xabc),
            ("maru-", 0),
        ] {
            assert_eq!(own_id(other, epoch), None, "{other}");
        }
    }
}
