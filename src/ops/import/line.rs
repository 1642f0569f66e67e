//! One line of history: JSON to a typed record that keeps the limits.

use super::message::{Id, Line, Type};
use crate::domain::history::{
    HistoryLine, ImportedMark, ImportedMember, ImportedRoom, ImportedUser,
};
use crate::domain::{MemberRole, NotificationLevel, Refusal, Role, RoomKind, Status, Timestamp};
use crate::ops::mark_line::MarkLine;
use serde::Deserialize;

#[derive(Deserialize)]
struct Typed {
    #[serde(default, rename = "type")]
    kind: Type,
}

#[derive(Deserialize)]
struct UserLine {
    user: String,
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    role: Role,
    #[serde(default)]
    disabled: bool,
    #[serde(default)]
    bot: bool,
    #[serde(default)]
    created_at: Option<Timestamp>,
    #[serde(default)]
    status: Option<Status>,
    /// The id of a file whose line came before.
    #[serde(default)]
    avatar: Option<String>,
    /// Of a bot.
    #[serde(default)]
    owner: Option<String>,
}

/// A part of a file's content.
#[derive(Debug, Deserialize)]
pub struct FilePiece {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub part: u64,
    #[serde(default = "one")]
    pub parts: u64,
    /// In base64.
    #[serde(default)]
    pub data: String,
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// The id of a file whose content it has, too.
    #[serde(default)]
    pub same_as: Option<String>,
}

fn one() -> u64 {
    1
}

#[derive(Deserialize)]
struct RoomLine {
    #[serde(default)]
    room: String,
    #[serde(default)]
    topic: String,
    #[serde(default)]
    kind: RoomKind,
    #[serde(default)]
    created_at: Option<Timestamp>,
    #[serde(default)]
    members: Vec<Member>,
    #[serde(default)]
    retention_days: Option<u32>,
    #[serde(default)]
    archived_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Member {
    user: String,
    #[serde(default)]
    role: MemberRole,
    #[serde(default)]
    joined_at: Option<Timestamp>,
    #[serde(default)]
    notifications: NotificationLevel,
}

/// What a line is.
#[derive(Debug)]
pub enum Record {
    /// With the ids of the files that it carries.
    Line(HistoryLine, Vec<String>),
    File(FilePiece),
}

/// A line that can be loaded.
#[derive(Debug)]
pub struct Parsed {
    pub record: Record,
    /// Fields of the line that mean nothing here and are left out.
    pub others: Vec<String>,
}

/// The record of a line, or why it cannot be loaded.
pub fn parse(line: &[u8]) -> Result<Parsed, String> {
    let reason = |error: serde_json::Error| json_reason(&error);
    if std::str::from_utf8(line).is_err() {
        return Err("it is not JSON: its bytes are no UTF-8; save the file as UTF-8".to_owned());
    }
    // serde reads an array as an object's fields in order; a line is an object.
    if line.trim_ascii_start().first() == Some(&b'[') {
        return Err("it is a JSON array, not an object with fields".to_owned());
    }
    let typed: Typed = serde_json::from_slice(line).map_err(reason)?;
    let mut others = Vec::new();
    let record = match typed.kind {
        Type::Message => {
            let mut line: Line = serde_json::from_slice(line).map_err(reason)?;
            others = std::mem::take(&mut line.others).into_keys().collect();
            let files: Vec<String> = std::mem::take(&mut line.files)
                .into_iter()
                .map(Id::into_text)
                .collect();
            let line = line.message()?;
            let has_files = !files.is_empty();
            let line = line
                .checked_beside(has_files)
                .map_err(|refusal: Refusal| refusal.message.into_owned())?;
            let line = HistoryLine::Message(Box::new(line));
            return Ok(Parsed {
                record: Record::Line(line, files),
                others,
            });
        }
        Type::User => {
            let line: UserLine = serde_json::from_slice(line).map_err(reason)?;
            let files = line.avatar.into_iter().collect();
            let user = HistoryLine::User(ImportedUser {
                user: line.user,
                display_name: line.display_name,
                role: line.role,
                disabled: line.disabled,
                bot: line.bot,
                created_at: line.created_at,
                status: line.status,
                avatar: None,
                owner: line.owner,
            });
            let user = user
                .checked()
                .map_err(|refusal: Refusal| refusal.message.into_owned())?;
            let record = Record::Line(user, files);
            return Ok(Parsed { record, others });
        }
        Type::File => {
            let piece: FilePiece = serde_json::from_slice(line).map_err(reason)?;
            let record = Record::File(piece);
            return Ok(Parsed { record, others });
        }
        Type::Room => {
            let line: RoomLine = serde_json::from_slice(line).map_err(reason)?;
            let details = line.members.iter().map(|member| ImportedMember {
                joined_at: member.joined_at,
                notifications: member.notifications,
            });
            let details = details.collect();
            let members = line.members.into_iter();
            HistoryLine::Room(ImportedRoom {
                room: line.room,
                topic: line.topic,
                kind: line.kind,
                created_at: line.created_at,
                members: members.map(|member| (member.user, member.role)).collect(),
                details,
                retention_days: line.retention_days,
                archived_at: line.archived_at,
            })
        }
        Type::Read
        | Type::Follow
        | Type::MentionRead
        | Type::Save
        | Type::Draft
        | Type::Scheduled
        | Type::Settings
        | Type::Command
        | Type::Word => {
            let mut line: MarkLine = serde_json::from_slice(line).map_err(reason)?;
            let files = match &mut line {
                MarkLine::Scheduled { files, .. } => std::mem::take(files),
                _ => Vec::new(),
            };
            let mark = ImportedMark::from(line).checked_beside(!files.is_empty());
            let mark = mark.map_err(|refusal: Refusal| refusal.message.into_owned())?;
            let record = Record::Line(HistoryLine::Mark(mark), files);
            return Ok(Parsed { record, others });
        }
    };
    let record = record
        .checked()
        .map_err(|refusal: Refusal| refusal.message.into_owned())?;
    let record = Record::Line(record, Vec::new());
    Ok(Parsed { record, others })
}

fn json_reason(error: &serde_json::Error) -> String {
    use serde_json::error::Category;
    // The parser counts lines within this one line: that would only confuse.
    let text = error.to_string();
    let reason = text.split(" at line 1 column ").next().unwrap_or(&text);
    match error.classify() {
        Category::Data => reason.to_owned(),
        Category::Syntax | Category::Eof | Category::Io => format!("it is not JSON: {reason}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::history::Imported;

    const GOOD: &str = r#"{"id":"7","room":"hall","user":"kim","sent_at":"2003-11-21T00:00:07+09:00","text":"안녕"}"#;

    fn said(parsed: &Parsed) -> &Imported {
        match &parsed.record {
            Record::Line(HistoryLine::Message(line), _) => line,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn people_and_rooms_have_lines_too() {
        let line = r#"{"type":"user","user":"kim","role":"admin"}"#;
        let parsed = parse(line.as_bytes()).expect("good");
        assert!(
            matches!(parsed.record, Record::Line(HistoryLine::User(user), _) if user.role == Role::Admin)
        );
        let line = r#"{"type":"room","kind":"direct","members":[{"user":"kim"},{"user":"lee"}]}"#;
        let parsed = parse(line.as_bytes()).expect("good");
        assert!(
            matches!(parsed.record, Record::Line(HistoryLine::Room(room), _) if room.members.len() == 2)
        );
        assert!(parse(br#"{"type":"room"}"#).is_err(), "a room has a name");
    }

    #[test]
    fn a_good_line() {
        let parsed = parse(GOOD.as_bytes()).expect("good");
        let record = said(&parsed);
        assert_eq!(record.external_id, "7");
        assert_eq!(record.sent_at.to_string(), "2003-11-20T15:00:07.000Z");
        assert!(parsed.others.is_empty());
    }

    #[test]
    fn numbers_are_ids_and_other_fields_are_named() {
        let line = GOOD.replace(r#""id":"7""#, r#""id":7,"rating":[{"a":1}],"reply_to":6"#);
        let parsed = parse(line.as_bytes()).expect("good");
        assert_eq!(said(&parsed).external_id, "7");
        assert_eq!(said(&parsed).reply_to.as_deref(), Some("6"));
        assert_eq!(parsed.others, ["rating"]);
    }

    #[test]
    fn the_reason_names_what_is_wrong() {
        let long = format!(r#""text":"{}""#, "가".repeat(10_001));
        for (from, to, reason) in [
            (GOOD, "not json", "not JSON"),
            (GOOD, "", "not JSON"),
            (GOOD, "[1]", "not an object"),
            (r#","text":"안녕""#, "", "missing field `text`"),
            (r#""7""#, "7.5", "whole number"),
            ("2003-11-21T00:00:07+09:00", "yesterday", "RFC 3339"),
            (r#""text":"안녕""#, r#""text":" ""#, "text"),
            (r#""text":"안녕""#, long.as_str(), "10000"),
            (r#""7""#, r#""""#, "`id` is empty"),
            (r#""hall""#, r#""""#, "name"),
        ] {
            let line = GOOD.replace(from, to);
            let error = parse(line.as_bytes()).expect_err(&line);
            assert!(error.contains(reason), "{line}: {error}");
            assert!(!error.contains("line 1"), "{error}");
        }
    }

    #[test]
    fn bytes_that_are_no_text() {
        let mut line = GOOD.as_bytes().to_vec();
        let at = line.len() - 4;
        line[at] = 0xff;
        assert!(parse(&line).expect_err("broken").contains("JSON"));
    }
}
