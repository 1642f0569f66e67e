//! DiscordChatExporter's JSON: one file a channel, or a zip or folder of them.

use crate::archive::Archive;
use crate::emoji;
use crate::gzip;
use crate::out::{ImportError, Message, Options, Out, Room, ms_of};
use crate::people::People;
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::path::Path;

const FILE_BYTES: u64 = 1 << 30;

pub fn read(path: &Path, options: &Options, out: &mut Out<'_>) -> Result<(), ImportError> {
    let mut reading = Reading::default();
    if path.is_dir() {
        let mut files: Vec<_> = std::fs::read_dir(path)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
            .collect();
        files.sort();
        for file in files {
            reading.file(&whole(&file)?, options, out)?;
        }
    } else if crate::is_zip(path)? {
        let mut archive = Archive::open(path)?;
        for at in 0..archive.names().len() {
            if archive.names()[at].ends_with(".json") {
                let bytes = archive.read_at(at)?;
                reading.file(&bytes, options, out)?;
            }
        }
    } else {
        reading.file(&whole(path)?, options, out)?;
    }
    if !reading.found {
        return Err(ImportError::unusable(
            "it holds no channel of DiscordChatExporter",
        ));
    }
    reading.messages.sort_by_key(|message| message.sent_at_ms);
    for message in reading.messages {
        out.message(&message)?;
    }
    Ok(())
}

fn whole(path: &Path) -> Result<Vec<u8>, ImportError> {
    gzip::read(path, FILE_BYTES)?.ok_or_else(|| {
        ImportError::unusable("it is larger than 1 GiB; export the channel in parts (--partition)")
    })
}

#[derive(Default)]
struct Reading {
    people: People,
    told: HashSet<String>,
    rooms: HashSet<String>,
    messages: Vec<Message>,
    found: bool,
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or("")
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

impl Reading {
    fn file(
        &mut self,
        bytes: &[u8],
        options: &Options,
        out: &mut Out<'_>,
    ) -> Result<(), ImportError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let value: Value = serde_json::from_slice(bytes).map_err(|error| {
            ImportError::unusable(format!(
                "it is no whole JSON ({error}); copy it again, or export it again as JSON"
            ))
        })?;
        let (Some(channel), Some(_)) = (value.get("channel"), value.get("messages")) else {
            return Err(ImportError::unusable(
                "it holds no `channel` and `messages`: it is no export of DiscordChatExporter",
            ));
        };
        self.found = true;
        let kind = text(channel, "/type");
        let is_direct = kind.starts_with("Direct");
        let room = options.room.clone().unwrap_or_else(|| {
            let name = text(channel, "/name");
            crate::out::one_line(if name.is_empty() { "discord" } else { name }, 80)
        });
        // A direct chat's people are known from its messages only.
        let mut people = Vec::new();
        if is_direct && options.room.is_none() {
            for message in list(&value, "messages") {
                let name =
                    self.author(message.get("author").unwrap_or(&Value::Null), options, out)?;
                if !people.contains(&name) {
                    people.push(name);
                }
            }
            people.sort();
            if people.len() > 8 {
                people.clear();
            }
        }
        let private = is_direct && people.is_empty();
        if people.is_empty() && self.rooms.insert(room.clone()) {
            let kind = if private { "private" } else { "public" };
            out.room(&Room {
                room: &room,
                kind,
                topic: text(channel, "/topic"),
                ..Room::default()
            })?;
        }
        let base = Message {
            room,
            kind: private.then_some("private"),
            people,
            ..Message::default()
        };
        for message in list(&value, "messages") {
            self.message(message, &base, options, out)?;
        }
        Ok(())
    }

    fn author(
        &mut self,
        author: &Value,
        options: &Options,
        out: &mut Out<'_>,
    ) -> Result<String, ImportError> {
        let (id, name) = (text(author, "/id"), text(author, "/name"));
        let user = self.people.name(id, name, options, &[]);
        if self.told.insert(id.to_owned()) {
            let display = match text(author, "/nickname") {
                "" => name,
                nickname => nickname,
            };
            let mut more = Map::new();
            if author.get("isBot") == Some(&Value::Bool(true)) {
                more.insert("bot".to_owned(), true.into());
            }
            out.user(&user, display, more)?;
        }
        Ok(user)
    }

    fn message(
        &mut self,
        value: &Value,
        base: &Message,
        options: &Options,
        out: &mut Out<'_>,
    ) -> Result<(), ImportError> {
        match text(value, "/type") {
            "Default"
            | "Reply"
            | "ThreadStarterMessage"
            | "ChatInputCommand"
            | "ContextMenuCommand"
            | ""
            | "0"
            | "19"
            | "20" => {}
            _ => {
                out.report.lose("notes of the system");
                return Ok(());
            }
        }
        let Some(sent_at_ms) = ms_of(text(value, "/timestamp")) else {
            out.report.lose("messages with a time that cannot be");
            return Ok(());
        };
        let user = self.author(value.get("author").unwrap_or(&Value::Null), options, out)?;
        let mut words = self.mentions(text(value, "/content"), value);
        for embed in list(value, "embeds") {
            let title = text(embed, "/title");
            let description = text(embed, "/description");
            // Previews of links in the text say nothing new.
            if words.is_empty() && !(title.is_empty() && description.is_empty()) {
                words = format!("**{title}**\n{description}");
            }
        }
        for attachment in list(value, "attachments") {
            out.report.lose("files (their names are in the text)");
            words = format!("{words}\n📎 {}", text(attachment, "/fileName"))
                .trim_start()
                .to_owned();
        }
        for sticker in list(value, "stickers") {
            words = format!("{words}\n({})", text(sticker, "/name"))
                .trim_start()
                .to_owned();
        }
        let mut reactions: Vec<(String, Vec<String>)> = Vec::new();
        for reaction in list(value, "reactions") {
            let mut users = Vec::new();
            for user in list(reaction, "users") {
                users.push(self.author(user, options, out)?);
            }
            if users.is_empty() {
                out.report.lose("reactions without who reacted");
                continue;
            }
            let (name, id) = (text(reaction, "/emoji/name"), text(reaction, "/emoji/id"));
            let sign = if id.is_empty() {
                name.to_owned()
            } else {
                emoji::sign(name)
            };
            reactions.push((sign, users));
        }
        let id = |id: &str| format!("discord:{id}");
        let reply = text(value, "/reference/messageId");
        self.messages.push(Message {
            id: id(text(value, "/id")),
            user,
            sent_at_ms,
            text: words,
            edited_at_ms: ms_of(text(value, "/timestampEdited")),
            reply_to: (!reply.is_empty()).then(|| id(reply)),
            reactions,
            pinned: value.get("isPinned") == Some(&Value::Bool(true)),
            ..base.clone()
        });
        Ok(())
    }

    /// `<@1>` where the exporter left it.
    fn mentions(&self, content: &str, value: &Value) -> String {
        let mut text = content.to_owned();
        for user in list(value, "mentions") {
            let id = self::text(user, "/id");
            let name = self
                .people
                .find(id)
                .cloned()
                .unwrap_or_else(|| self::text(user, "/name").to_owned());
            for form in [format!("<@{id}>"), format!("<@!{id}>")] {
                text = text.replace(&form, &format!("@{name}"));
            }
        }
        text
    }
}
