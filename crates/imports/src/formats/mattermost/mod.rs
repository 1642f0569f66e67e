//! Mattermost's bulk export: lines of JSON, plain or in a zip with `data/`.

mod post;

use crate::archive::Archive;
use crate::out::{ImportError, Message, Options, Out, Room};
use crate::people::People;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, Cursor, Read};
use std::path::Path;

const LINE_BYTES: u64 = 64 << 20;

pub fn read(path: &Path, options: &Options, out: &mut Out<'_>) -> Result<(), ImportError> {
    let mut magic = [0; 4];
    let read = File::open(path)?.read(&mut magic)?;
    if magic[..read].starts_with(b"PK") {
        let mut archive = Archive::open(path)?;
        let at = archive
            .names()
            .iter()
            .position(|name| name.ends_with(".jsonl"))
            .ok_or_else(|| ImportError::unusable("the archive holds no .jsonl file"))?;
        let lines = archive.read_at(at)?;
        return lines_of(Cursor::new(lines), Some(archive), options, out);
    }
    lines_of(crate::gzip::open(path)?, None, options, out)
}

#[derive(Default)]
struct Reading {
    people: People,
    /// (team, channel) to kind and room name.
    channels: HashMap<(String, String), (&'static str, String)>,
    /// How many messages one (channel, time) has had: they have no ids.
    ordinals: HashMap<(String, i64), u32>,
    /// Posts wait until all lines are read: they are ordered by time over all channels.
    posts: Vec<(i64, Message)>,
    members: HashMap<String, Vec<String>>,
    /// Channels that are archived, by team and name, and since when.
    archived: HashMap<(String, String), i64>,
    seen: usize,
}

fn lines_of(
    mut lines: impl BufRead,
    mut archive: Option<Archive>,
    options: &Options,
    out: &mut Out<'_>,
) -> Result<(), ImportError> {
    let mut reading = Reading::default();
    let mut line = Vec::new();
    let mut number = 0_u64;
    loop {
        line.clear();
        let read = lines
            .by_ref()
            .take(LINE_BYTES)
            .read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        number += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let Ok(value) = serde_json::from_slice::<Value>(&line) else {
            if number == 1 {
                return Err(ImportError::unusable(
                    "its first line is no JSON: it is no bulk export of Mattermost",
                ));
            }
            out.report.lose("lines that are no JSON");
            continue;
        };
        if number == 1 && value.get("type").and_then(Value::as_str) != Some("version") {
            return Err(ImportError::unusable(
                "its first line tells no version: it is no bulk export of Mattermost",
            ));
        }
        reading.line(&value, archive.as_mut(), options, out)?;
    }
    if reading.seen == 0 {
        return Err(ImportError::unusable(
            "it holds no users, channels or posts",
        ));
    }
    reading.rooms(out)?;
    reading.posts.sort_by_key(|(at, _)| *at);
    for (_, message) in std::mem::take(&mut reading.posts) {
        out.message(&message)?;
    }
    Ok(())
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or("")
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

impl Reading {
    fn line(
        &mut self,
        line: &Value,
        archive: Option<&mut Archive>,
        options: &Options,
        out: &mut Out<'_>,
    ) -> Result<(), ImportError> {
        let kind = text(line, "type");
        let value = line.get(kind).unwrap_or(&Value::Null);
        match kind {
            "user" | "bot" => {
                self.seen += 1;
                self.user(value, kind == "bot", options, out)?;
            }
            "channel" => {
                self.seen += 1;
                self.channel(value);
            }
            "post" => {
                self.seen += 1;
                let key = (
                    text(value, "team").to_owned(),
                    text(value, "channel").to_owned(),
                );
                let (kind, room) = match self.channels.get(&key) {
                    Some(found) => found.clone(),
                    None => {
                        out.report.lose(
                            "posts of channels that are not named (they come into public rooms)",
                        );
                        ("public", key.1.clone())
                    }
                };
                let place = format!("{}/{}", key.0, key.1);
                let base = Message {
                    room,
                    kind: (kind == "private").then_some("private"),
                    ..Message::default()
                };
                self.post(value, &place, base, archive, options, out)?;
            }
            "direct_post" => {
                self.seen += 1;
                let people = self.names(value, "channel_members", options);
                let place = format!("direct/{}", people.join(","));
                let mut base = Message {
                    people,
                    ..Message::default()
                };
                if base.people.len() > 8 {
                    base.room = crate::out::one_line(&base.people.join(", "), 80);
                    base.kind = Some("private");
                    base.people = Vec::new();
                }
                self.post(value, &place, base, archive, options, out)?;
            }
            "direct_channel" => {
                let mut people = self.names(value, "members", options);
                people.sort();
                people.dedup();
                if (1..=8).contains(&people.len()) {
                    out.room(&Room {
                        kind: "direct",
                        members: &people,
                        ..Room::default()
                    })?;
                }
            }
            "version" | "scheme" | "role" | "team" => {}
            "emoji" => out.report.lose("emoji of its own (their names stay)"),
            _ => out.report.lose("lines of an unknown kind"),
        }
        Ok(())
    }

    fn names(&mut self, value: &Value, field: &str, options: &Options) -> Vec<String> {
        let names = list(value, field).filter_map(|name| {
            name.as_str()
                .or_else(|| name.get("username").and_then(Value::as_str))
        });
        let names: Vec<String> = names.map(str::to_owned).collect();
        names
            .iter()
            .map(|name| self.people.name(name, name, options, &[]))
            .collect()
    }

    fn user(
        &mut self,
        value: &Value,
        is_bot: bool,
        options: &Options,
        out: &mut Out<'_>,
    ) -> Result<(), ImportError> {
        let username = text(value, "username");
        if username.is_empty() || self.people.find(username).is_some() {
            out.report.lose("users without a name, or there twice");
            return Ok(());
        }
        let name = self
            .people
            .name(username, username, options, &[text(value, "email")]);
        let whole = format!("{} {}", text(value, "first_name"), text(value, "last_name"));
        let display = [
            text(value, "nickname"),
            whole.trim(),
            text(value, "display_name"),
            username,
        ];
        let display = display
            .into_iter()
            .find(|text| !text.trim().is_empty())
            .unwrap_or(username);
        let mut more = Map::new();
        if value
            .get("delete_at")
            .and_then(Value::as_i64)
            .is_some_and(|at| at > 0)
        {
            more.insert("disabled".to_owned(), true.into());
        }
        if is_bot {
            more.insert("bot".to_owned(), true.into());
        }
        if text(value, "roles")
            .split(' ')
            .any(|role| role == "system_admin")
        {
            out.report.lose("administrators (they come as members)");
        }
        out.user(&name, display, more)?;
        for team in list(value, "teams") {
            for channel in list(team, "channels") {
                let key = format!("{}/{}", text(team, "name"), text(channel, "name"));
                self.members.entry(key).or_default().push(name.clone());
            }
        }
        Ok(())
    }

    fn channel(&mut self, value: &Value) {
        let key = (
            text(value, "team").to_owned(),
            text(value, "name").to_owned(),
        );
        let kind = if text(value, "type") == "P" {
            "private"
        } else {
            "public"
        };
        let wanted = match text(value, "display_name") {
            "" => key.1.clone(),
            name => crate::out::one_line(name, 80),
        };
        let is_taken = self
            .channels
            .values()
            .any(|(_, room)| room.to_lowercase() == wanted.to_lowercase());
        let room = if is_taken {
            format!("{wanted} ({})", key.0)
        } else {
            wanted
        };
        let archived_at = value.get("deleted_at").and_then(Value::as_i64);
        if let Some(at) = archived_at.filter(|at| *at > 0) {
            self.archived.insert(key.clone(), at);
        }
        let header = match text(value, "header") {
            "" => text(value, "purpose"),
            header => header,
        };
        self.members
            .entry(format!("\0{}/{}", key.0, key.1))
            .or_default()
            .push(header.to_owned());
        self.channels.insert(key, (kind, room));
    }

    fn rooms(&mut self, out: &mut Out<'_>) -> Result<(), ImportError> {
        let mut channels: Vec<_> = self.channels.iter().collect();
        channels.sort();
        for (channel, (kind, room)) in channels {
            let (team, name) = channel;
            let key = format!("{team}/{name}");
            let members = self.members.get(&key).cloned().unwrap_or_default();
            let topic = self
                .members
                .get(&format!("\0{key}"))
                .and_then(|topic| topic.first());
            out.room(&Room {
                room,
                kind,
                topic: topic.map_or("", String::as_str),
                created_at_ms: None,
                archived_at_ms: self.archived.get(channel).copied(),
                members: &members,
            })?;
        }
        Ok(())
    }
}
