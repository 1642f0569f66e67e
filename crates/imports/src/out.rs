//! What readers give: lines of JSON in the form that `maru import` loads, and a report.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Why a file cannot be read at all. What is wrong with single messages is counted in the report.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// The whole file is not what it is said to be.
    #[error("{0}")]
    Unusable(String),
}

impl ImportError {
    pub fn unusable(text: impl Into<String>) -> ImportError {
        ImportError::Unusable(text.into())
    }
}

/// How the content behind an address comes here, where somebody wants it fetched: what came, or why
/// nothing did. This crate knows no network.
#[derive(Clone)]
pub struct Fetch(pub Arc<Fetcher>);

type Fetcher = dyn Fn(&str) -> Result<Vec<u8>, String> + Send + Sync;

impl std::fmt::Debug for Fetch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fetch")
    }
}

/// What a reader is told.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The room into which files of one room go; another name than the file's own.
    pub room: Option<String>,
    /// From names or ids of the file to user names here.
    pub users: BTreeMap<String, String>,
    /// The meaning of a CSV file's columns, in their order.
    pub columns: Vec<String>,
    /// Minutes east of UTC, for files that tell times without a zone.
    pub utc_offset_minutes: Option<i32>,
    /// What the file is called, where its path does not tell.
    pub name: Option<String>,
    /// Go on although much of the file is not understood.
    pub force: bool,
    /// Fetch what the file only has the address of.
    pub fetch: Option<Fetch>,
}

/// What would come, and what would be lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub users: u64,
    pub rooms: u64,
    pub messages: u64,
    pub replies: u64,
    pub reactions: u64,
    pub files: u64,
    pub pins: u64,
    /// What has no place here, and how often: a few words each.
    pub lost: BTreeMap<String, u64>,
}

impl Report {
    /// Kinds of losses come from the file, too: their number is bounded.
    const KINDS: usize = 200;

    pub fn lose(&mut self, what: impl Into<String>) {
        let what = what.into();
        if self.lost.len() < Report::KINDS || self.lost.contains_key(&what) {
            *self.lost.entry(what).or_default() += 1;
        } else {
            *self.lost.entry("others".to_owned()).or_default() += 1;
        }
    }
}

/// Where lines go.
pub struct Out<'a> {
    write: &'a mut dyn Write,
    pub report: Report,
}

/// A message as it becomes a line.
#[derive(Clone, Debug, Default)]
pub struct Message {
    pub id: String,
    /// Empty in a direct room.
    pub room: String,
    /// `private` where it is not public.
    pub kind: Option<&'static str>,
    pub people: Vec<String>,
    pub user: String,
    pub sent_at_ms: i64,
    pub text: String,
    pub edited_at_ms: Option<i64>,
    pub reply_to: Option<String>,
    /// (emoji, user names)
    pub reactions: Vec<(String, Vec<String>)>,
    pub pinned: bool,
    /// Ids of files whose lines came before.
    pub files: Vec<String>,
}

/// A room with who is in it.
#[derive(Clone, Debug, Default)]
pub struct Room<'a> {
    /// Empty in a direct room.
    pub room: &'a str,
    /// `public`, `private` or `direct`.
    pub kind: &'a str,
    pub topic: &'a str,
    pub created_at_ms: Option<i64>,
    pub archived_at_ms: Option<i64>,
    pub members: &'a [String],
}

/// Texts are split before they reach the limit of a message.
const TEXT_CHARS: usize = 9_500;
const TEXT_BYTES: usize = 38_000;
/// Pieces of a file's content in one line.
const PIECE_BYTES: usize = 384 << 10;

impl<'a> Out<'a> {
    pub fn new(write: &'a mut dyn Write) -> Out<'a> {
        Out {
            write,
            report: Report::default(),
        }
    }

    fn line(&mut self, line: &Value) -> io::Result<()> {
        serde_json::to_writer(&mut *self.write, line)?;
        self.write.write_all(b"\n")
    }

    pub fn user(
        &mut self,
        user: &str,
        display_name: &str,
        more: Map<String, Value>,
    ) -> io::Result<()> {
        let mut line = Map::new();
        line.insert("type".to_owned(), "user".into());
        line.insert("user".to_owned(), user.into());
        let display_name = one_line(display_name, 64);
        if !display_name.is_empty() {
            line.insert("display_name".to_owned(), display_name.into());
        }
        line.extend(more);
        self.report.users += 1;
        self.line(&line.into())
    }

    pub fn room(&mut self, of: &Room<'_>) -> io::Result<()> {
        let Room {
            room, kind, topic, ..
        } = of;
        let members: Vec<Value> = of
            .members
            .iter()
            .map(|user| json!({ "user": user }))
            .collect();
        let mut line = json!({ "type": "room", "kind": kind, "members": members });
        if *kind != "direct" {
            line["room"] = (*room).into();
            line["topic"] = one_line(topic, 500).into();
        }
        if let Some(at) = of.created_at_ms.and_then(rfc3339) {
            line["created_at"] = at.into();
        }
        if let Some(at) = of.archived_at_ms.and_then(rfc3339) {
            line["archived_at"] = at.into();
        }
        self.report.rooms += 1;
        self.line(&line)
    }

    /// A file's content, in pieces; its id is named by the message that carries it.
    pub fn file(&mut self, id: &str, name: &str, user: &str, content: &[u8]) -> io::Result<()> {
        let name = one_line(name, 200);
        let mut pieces = content.chunks(PIECE_BYTES).peekable();
        let parts = content.len().div_ceil(PIECE_BYTES).max(1);
        for part in 0..parts {
            let piece = pieces.next().unwrap_or_default();
            let line = json!({
                "type": "file", "id": id, "name": name, "user": user,
                "part": part, "parts": parts, "data": base64(piece),
            });
            self.line(&line)?;
        }
        self.report.files += 1;
        Ok(())
    }

    pub fn message(&mut self, message: &Message) -> io::Result<()> {
        let Some(sent_at) = rfc3339(message.sent_at_ms) else {
            self.report.lose("messages with a time that cannot be");
            return Ok(());
        };
        let parts = split(message.text.trim_end());
        let parts = match (parts.is_empty(), message.files.is_empty()) {
            (true, true) => {
                self.report.lose("messages without a text");
                return Ok(());
            }
            (true, false) => vec![""],
            _ => parts,
        };
        for (n, part) in parts.iter().enumerate() {
            let id = match n {
                0 => message.id.clone(),
                n => format!("{}:{}", message.id, n + 1),
            };
            let mut line = json!({
                "id": id, "user": message.user, "sent_at": sent_at, "text": part,
            });
            if message.people.is_empty() {
                line["room"] = message.room.as_str().into();
                if let Some(kind) = message.kind {
                    line["kind"] = kind.into();
                }
            } else {
                line["people"] = message.people.clone().into();
            }
            if let Some(root) = &message.reply_to {
                line["reply_to"] = root.as_str().into();
            }
            if n == 0 {
                self.details(message, &mut line);
            }
            self.line(&line)?;
        }
        self.report.messages += 1;
        self.report.replies += u64::from(message.reply_to.is_some());
        Ok(())
    }

    fn details(&mut self, message: &Message, line: &mut Value) {
        if let Some(at) = message.edited_at_ms.and_then(rfc3339) {
            line["edited_at"] = at.into();
        }
        if !message.reactions.is_empty() {
            let reactions = message.reactions.iter();
            let reactions: Vec<Value> = reactions
                .map(|(emoji, users)| json!({ "emoji": emoji, "users": users }))
                .collect();
            self.report.reactions += reactions.len() as u64;
            line["reactions"] = reactions.into();
        }
        if message.pinned {
            line["pinned"] = true.into();
            self.report.pins += 1;
        }
        if !message.files.is_empty() {
            line["files"] = message.files.clone().into();
        }
    }
}

/// A text in parts that a message can hold; none where it is blank.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.trim().is_empty() {
        let mut end = rest
            .char_indices()
            .nth(TEXT_CHARS)
            .map_or(rest.len(), |(at, _)| at);
        if end > TEXT_BYTES {
            end = (0..=TEXT_BYTES)
                .rev()
                .find(|at| rest.is_char_boundary(*at))
                .unwrap_or(end);
        }
        if end < rest.len() {
            // Between lines or words, where there are some.
            let head = &rest[..end];
            let at = head.rfind('\n').or_else(|| head.rfind(' '));
            end = at.filter(|at| *at > end / 2).map_or(end, |at| at + 1);
        }
        parts.push(&rest[..end]);
        rest = &rest[end..];
    }
    parts
}

/// A time in UTC; `None` outside of the years that can be written.
pub fn rfc3339(ms: i64) -> Option<String> {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000).ok()?;
    at.format(&Rfc3339).ok()
}

/// The milliseconds of a time in RFC 3339.
pub fn ms_of(text: &str) -> Option<i64> {
    let at = OffsetDateTime::parse(text.trim(), &Rfc3339).ok()?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok()
}

/// On one line and short.
pub fn one_line(text: &str, max_chars: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    line.chars()
        .filter(|c| !c.is_control())
        .take(max_chars)
        .collect()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let all = [0, 1, 2].map(|at| u32::from(group.get(at).copied().unwrap_or(0)));
        let bits = all[0] << 16 | all[1] << 8 | all[2];
        for at in 0..4 {
            if at <= group.len() {
                out.push(LETTERS[(bits >> (18 - 6 * at) & 63) as usize] as char);
            } else {
                out.push('=');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_split_and_nothing_is_lost() {
        let text = "낱말 ".repeat(20_000);
        let parts = split(&text);
        assert_eq!(parts.concat(), text);
        assert!(parts.iter().all(|part| part.len() <= TEXT_BYTES));
        assert!(split(" \n ").is_empty());
    }

    #[test]
    fn base64_of_all_lengths() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
