//! History from elsewhere: the lines of a file, as they go into the log.

mod mark;

pub use mark::{ImportedMark, RoomName};

use super::file::NewFile;
use super::{
    Call, MemberRole, NotificationLevel, Refusal, Role, RoomKind, Status, Timestamp, ink, limits,
    names, text,
};
use serde::{Deserialize, Serialize};

/// One line of history from elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Imported {
    /// The same id twice is one message.
    pub external_id: String,
    pub room: String,
    pub user: String,
    pub sent_at: Timestamp,
    pub text: String,
    #[serde(default)]
    pub display_name: Option<String>,
    #[serde(default)]
    pub edited_at: Option<Timestamp>,
    /// The external id of the message it answers, which must be there already.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// Where it is told, the room is made of this kind, and has to be of it.
    #[serde(default)]
    pub kind: Option<RoomKind>,
    /// The people of a direct room, which has no name.
    #[serde(default)]
    pub people: Vec<String>,
    #[serde(default)]
    pub reactions: Vec<(String, Vec<String>)>,
    #[serde(default)]
    pub pinned: bool,
    /// Their contents are kept already. With files, the text may be empty.
    #[serde(default)]
    pub files: Vec<NewFile>,
    /// It was written there, not imported: it has a number in its room, is unread for who has not read
    /// it, and tells whom it names. Means nothing where newer messages are in the room already.
    #[serde(default)]
    pub live: bool,
    /// Only its place is left.
    #[serde(default)]
    pub deleted: bool,
    #[serde(default)]
    pub also_in_room: bool,
    #[serde(default)]
    pub calls: Option<Call>,
    #[serde(default)]
    pub client_id: Option<String>,
    /// Whom it names; where nothing is told, the text is read for names.
    #[serde(default)]
    pub named: Option<ImportedNames>,
    /// Who pinned it, and when.
    #[serde(default)]
    pub pin: Option<(String, Timestamp)>,
    /// What it said before edits, oldest first, and since when.
    #[serde(default)]
    pub earlier: Vec<(String, Timestamp)>,
}

/// Whom a text names, and where: as a mention's range has it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportedNames {
    pub users: Vec<String>,
    pub ranges: Vec<(String, u32, u32)>,
}

/// A person of a file of history.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportedUser {
    pub user: String,
    pub display_name: Option<String>,
    pub role: Role,
    pub disabled: bool,
    #[serde(default)]
    pub bot: bool,
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    #[serde(default)]
    pub status: Option<Status>,
    #[serde(default)]
    pub avatar: Option<NewFile>,
    /// Whose bot it is.
    #[serde(default)]
    pub owner: Option<String>,
}

/// A room of a file of history, with who is in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportedRoom {
    pub room: String,
    pub topic: String,
    pub kind: RoomKind,
    pub created_at: Option<Timestamp>,
    pub members: Vec<(String, MemberRole)>,
    /// Of the members, in their order.
    #[serde(default)]
    pub details: Vec<ImportedMember>,
    #[serde(default)]
    pub retention_days: Option<u32>,
    #[serde(default)]
    pub archived_at: Option<Timestamp>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportedMember {
    pub joined_at: Option<Timestamp>,
    pub notifications: NotificationLevel,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum HistoryLine {
    Message(Box<Imported>),
    User(ImportedUser),
    Room(ImportedRoom),
    Mark(ImportedMark),
}

/// What became of a line of history.
#[derive(Clone, Debug, PartialEq)]
pub enum LineOutcome {
    Created,
    /// It was there already, the same.
    Repeated,
    /// Something else is there under its id; the field that differs first.
    Differs(&'static str),
    /// What it tells of is not here.
    Unplaced,
    Refused(Refusal),
}

impl Imported {
    /// The line with its texts normalised. Spaces in user names become `_`; the name as it was
    /// written stays the display name.
    pub fn checked(self) -> Result<Imported, Refusal> {
        let has_files = !self.files.is_empty();
        self.checked_beside(has_files)
    }

    /// As [`Imported::checked`], where it is known already whether there will be files.
    pub fn checked_beside(self, has_files: bool) -> Result<Imported, Refusal> {
        if self.external_id.is_empty() {
            return Err(Refusal::empty("id"));
        }
        if self.external_id.len() > limits::EXTERNAL_ID_BYTES {
            return Err(Refusal::too_long("id", limits::EXTERNAL_ID_BYTES, "bytes"));
        }
        let (user, written) = imported_name(self.user)?;
        let display_name = match self.display_name {
            Some(name) => Some(names::display_name(name)?),
            None => (user != written).then_some(written),
        };
        let room = if self.people.is_empty() {
            names::room_name(self.room)?
        } else {
            String::new()
        };
        Ok(Imported {
            external_id: text::nfc(self.external_id),
            room,
            user,
            sent_at: self.sent_at,
            text: match (self.deleted, has_files) {
                (true, _) => String::new(),
                (false, true) => text::caption(self.text)?,
                (false, false) => text::message(self.text)?,
            },
            display_name,
            edited_at: self.edited_at,
            reply_to: self.reply_to.map(text::nfc),
            kind: self.kind,
            people: imported_names(self.people)?,
            reactions: self
                .reactions
                .into_iter()
                .map(|(emoji, people)| Ok((text::emoji(emoji)?, imported_names(people)?)))
                .collect::<Result<_, Refusal>>()?,
            pinned: self.pinned,
            files: self
                .files
                .into_iter()
                .take(limits::FILES_PER_MESSAGE)
                .map(NewFile::checked)
                .collect::<Result<_, _>>()?,
            live: self.live,
            deleted: self.deleted,
            also_in_room: self.also_in_room,
            calls: self.calls,
            client_id: self.client_id,
            named: self.named.map(ImportedNames::checked).transpose()?,
            earlier: self.earlier,
            pin: match self.pin {
                Some((user, at)) => Some((imported_name(user)?.0, at)),
                None => None,
            },
        })
    }
}

impl ImportedNames {
    fn checked(self) -> Result<ImportedNames, Refusal> {
        let ranges = self.ranges.into_iter();
        Ok(ImportedNames {
            users: imported_names(self.users)?,
            ranges: ranges
                .take(limits::MENTIONS_PER_MESSAGE)
                .map(|(user, start, end)| Ok((imported_name(user)?.0, start, end)))
                .collect::<Result<_, Refusal>>()?,
        })
    }
}

impl HistoryLine {
    pub fn checked(self) -> Result<HistoryLine, Refusal> {
        Ok(match self {
            HistoryLine::Message(line) => HistoryLine::Message(Box::new(line.checked()?)),
            HistoryLine::User(line) => {
                let (user, written) = imported_name(line.user)?;
                let display_name = match line.display_name {
                    Some(name) => Some(names::display_name(name)?),
                    None => (user != written).then_some(written),
                };
                HistoryLine::User(ImportedUser {
                    user,
                    display_name,
                    status: line.status.map(Status::checked).transpose()?.flatten(),
                    avatar: line.avatar.map(NewFile::checked).transpose()?,
                    owner: line
                        .owner
                        .map(|name| Ok::<_, Refusal>(imported_name(name)?.0))
                        .transpose()?,
                    ..line
                })
            }
            HistoryLine::Room(line) => {
                let room = match line.kind {
                    RoomKind::Direct => String::new(),
                    RoomKind::Public | RoomKind::Private => names::room_name(line.room)?,
                };
                let members = line
                    .members
                    .into_iter()
                    .map(|(name, role)| Ok((imported_name(name)?.0, role)))
                    .collect::<Result<_, Refusal>>()?;
                HistoryLine::Room(ImportedRoom {
                    room,
                    topic: names::topic(line.topic)?,
                    members,
                    ..line
                })
            }
            HistoryLine::Mark(mark) => HistoryLine::Mark(mark.checked()?),
        })
    }
}

fn imported_names(people: Vec<String>) -> Result<Vec<String>, Refusal> {
    people
        .into_iter()
        .map(|name| Ok(imported_name(name)?.0))
        .collect()
}

/// A user name for a name from elsewhere, and that name as it was written.
fn imported_name(name: String) -> Result<(String, String), Refusal> {
    let name = text::without_direction(&name);
    let written = text::line("user", name, limits::USERNAME_GRAPHEMES, limits::NAME_BYTES)?;
    // Emoji in a name are joined and coloured by characters without ink.
    let user: String = written
        .chars()
        .filter(|&c| !ink::is_ignorable(c))
        .map(|c| {
            if ink::is_blank(c) || "@#/\\:;,<>\"'`&?%".contains(c) {
                '_'
            } else {
                c
            }
        })
        .collect();
    Ok((names::username(user)?, written))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_elsewhere_find_a_place() {
        for (written, user, shown) in [
            ("김 철수", "김_철수", "김 철수"),
            ("철수❤\u{fe0f}", "철수❤", "철수❤\u{fe0f}"),
            (
                "👨\u{200d}👩\u{200d}👧 가족",
                "👨👩👧_가족",
                "👨\u{200d}👩\u{200d}👧 가족",
            ),
            ("\u{2068}kim\u{2069}", "kim", "kim"),
            ("\u{202a}+82 10-1234\u{202c}", "+82_10-1234", "+82 10-1234"),
            ("\u{feff}kim", "kim", "kim"),
            ("김\u{2800}철수", "김_철수", "김\u{2800}철수"),
            ("a/b@c", "a_b_c", "a/b@c"),
        ] {
            let found = imported_name(written.into());
            assert_eq!(found, Ok((user.into(), shown.into())), "{written}");
        }
        assert!(imported_name("\u{3164}".into()).is_err());
    }
}
