//! Slack's export: a zip with `users.json`, `channels.json` and a folder of days for each channel.
//!
//! Messages come in the order of time over all channels, a day at a time, so that a reply follows
//! its root. Nothing but a broken archive stops the import; the rest is counted.

mod post;
mod shapes;

use crate::archive::Archive;
use crate::mrkdwn::to_markdown;
use crate::out::{ImportError, Options, Out, Room};
use crate::people::People;
use serde_json::{Map, Value};
use shapes::{Channel, Directory, Post, RoomPlan, User, ms, stamp};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

/// Reads the archive.
pub fn read(path: &Path, options: &Options, out: &mut Out<'_>) -> Result<(), ImportError> {
    let mut archive = Archive::open(path)?;
    let prefix = root(&archive)?;
    let mut directory = users(&mut archive, &prefix, options, out)?;
    let places = channels(&mut archive, &prefix, options, &mut directory, out)?;
    let days = days(&archive, &prefix, &places, out);
    let mut roots: HashSet<(usize, String)> = HashSet::new();
    for (_, files) in days {
        let mut posts: Vec<(usize, Post)> = Vec::new();
        for (place, at) in files {
            let bytes = archive.read_at(at)?;
            match serde_json::from_slice::<Vec<Value>>(&bytes) {
                Ok(values) => {
                    for value in values {
                        match serde_json::from_value::<Post>(value) {
                            Ok(post) => posts.push((place, post)),
                            Err(_) => out.report.lose("messages that are not in Slack's form"),
                        }
                    }
                }
                Err(_) => out.report.lose(format!(
                    "days that are no JSON ({})",
                    archive.names()[at].escape_debug()
                )),
            }
        }
        posts.sort_by_key(|(_, post)| stamp(&post.ts));
        for (place, post) in posts {
            post::message(
                &mut archive,
                &prefix,
                &places,
                place,
                post,
                &mut directory,
                &mut roots,
                options,
                out,
            )?;
        }
    }
    Ok(())
}

/// Some tools pack the export in a folder of its own.
fn root(archive: &Archive) -> Result<String, ImportError> {
    let found = archive.names().iter().find_map(|name| {
        let head = name
            .strip_suffix("channels.json")
            .or_else(|| name.strip_suffix("users.json"))?;
        (head.is_empty() || head.ends_with('/')).then(|| head.to_owned())
    });
    let grid = archive
        .names()
        .iter()
        .any(|name| name.starts_with("teams/"));
    match found {
        Some(head) if !(grid && head.starts_with("teams/")) => Ok(head),
        _ if grid => Err(ImportError::unusable(
            "this is an export of an Enterprise Grid with several teams; split it, and import each team",
        )),
        _ => Err(ImportError::unusable(
            "it holds neither users.json nor channels.json: it is no export of Slack",
        )),
    }
}

fn json<T: serde::de::DeserializeOwned>(
    archive: &mut Archive,
    name: &str,
    out: &mut Out<'_>,
) -> Result<Vec<T>, ImportError> {
    let Some(bytes) = archive.read(name)? else {
        return Ok(Vec::new());
    };
    let values: Vec<Value> = serde_json::from_slice(&bytes).map_err(|error| {
        ImportError::unusable(format!("{name} in the archive is broken: {error}"))
    })?;
    let mut all = Vec::with_capacity(values.len());
    for value in values {
        match serde_json::from_value(value) {
            Ok(one) => all.push(one),
            Err(_) => out
                .report
                .lose(format!("entries of {name} that are not in Slack's form")),
        }
    }
    Ok(all)
}

fn users(
    archive: &mut Archive,
    prefix: &str,
    options: &Options,
    out: &mut Out<'_>,
) -> Result<Directory, ImportError> {
    let mut directory = Directory {
        people: People::default(),
        display: HashMap::new(),
        channels: HashMap::new(),
    };
    for user in json::<User>(archive, &format!("{prefix}users.json"), out)? {
        if directory.people.find(&user.id).is_some() {
            out.report.lose("users that are there twice");
            continue;
        }
        let email = user.profile.email.unwrap_or_default();
        let name = directory
            .people
            .name(&user.id, &user.name, options, &[&email]);
        let display = [user.profile.display_name, user.profile.real_name];
        let display = display
            .into_iter()
            .flatten()
            .find(|text| !text.trim().is_empty());
        let display = display.unwrap_or_else(|| user.name.clone());
        directory.display.insert(user.id.clone(), display.clone());
        let mut more = Map::new();
        if user.deleted {
            more.insert("disabled".to_owned(), true.into());
        }
        if user.is_bot {
            more.insert("bot".to_owned(), true.into());
        }
        out.user(&name, &display, more)?;
    }
    Ok(directory)
}

fn channels(
    archive: &mut Archive,
    prefix: &str,
    options: &Options,
    directory: &mut Directory,
    out: &mut Out<'_>,
) -> Result<Vec<(String, RoomPlan)>, ImportError> {
    let mut places: Vec<(String, RoomPlan)> = Vec::new();
    let mut groups: HashMap<Vec<String>, usize> = HashMap::new();
    for (file, kind) in [
        ("channels", "public"),
        ("groups", "private"),
        ("dms", "direct"),
        ("mpims", "direct"),
    ] {
        for channel in json::<Channel>(archive, &format!("{prefix}{file}.json"), out)? {
            let mut members = Vec::new();
            for id in channel.members.iter().flatten() {
                members.push(directory.people.name(id, id, options, &[]));
            }
            members.sort();
            members.dedup();
            // A direct room is of few people.
            let kind = if kind == "direct" && members.len() > 8 {
                "private"
            } else {
                kind
            };
            let folder = match file {
                "dms" => channel.id.clone(),
                _ if channel.name.is_empty() => channel.id.clone(),
                _ => channel.name.clone(),
            };
            let room = match kind {
                "direct" => String::new(),
                _ => {
                    let name = if channel.name.is_empty() {
                        &channel.id
                    } else {
                        &channel.name
                    };
                    crate::out::one_line(name, 80)
                }
            };
            let mut pins: HashSet<String> = HashSet::new();
            for pin in channel.pins.as_array().into_iter().flatten() {
                pins.extend(pin.get("id").and_then(Value::as_str).map(str::to_owned));
            }
            if kind == "direct" {
                if members.is_empty() {
                    out.report.lose("direct rooms without people");
                    continue;
                }
                // The same people twice are one room here.
                let is_new = groups.insert(members.clone(), places.len()).is_none();
                if is_new {
                    out.room(&Room {
                        kind,
                        created_at_ms: ms(&channel.created),
                        members: &members,
                        ..Room::default()
                    })?;
                }
            } else {
                let text = |value: &Value| {
                    value
                        .get("value")
                        .and_then(Value::as_str)
                        .unwrap_or("")
                        .to_owned()
                };
                let topic = [text(&channel.topic), text(&channel.purpose)];
                let topic = topic
                    .into_iter()
                    .find(|text| !text.trim().is_empty())
                    .unwrap_or_default();
                let topic = to_markdown(&topic, directory);
                let created_at_ms = ms(&channel.created);
                out.room(&Room {
                    room: &room,
                    kind,
                    topic: &topic,
                    created_at_ms,
                    // Slack tells no time of it; the last change is the nearest one.
                    archived_at_ms: channel
                        .is_archived
                        .then(|| channel.updated.as_i64().or(created_at_ms).unwrap_or(0)),
                    members: &members,
                })?;
                directory.channels.insert(channel.id.clone(), room.clone());
            }
            places.push((
                folder,
                RoomPlan {
                    id: channel.id,
                    room,
                    kind: (kind == "private").then_some("private"),
                    people: if kind == "direct" {
                        members
                    } else {
                        Vec::new()
                    },
                    pins,
                },
            ));
        }
    }
    if places.is_empty() {
        return Err(ImportError::unusable("the archive names no channels"));
    }
    Ok(places)
}

/// The files of all channels by day: (place, position in the archive).
fn days(
    archive: &Archive,
    prefix: &str,
    places: &[(String, RoomPlan)],
    out: &mut Out<'_>,
) -> BTreeMap<String, Vec<(usize, usize)>> {
    let by_folder: HashMap<&str, usize> = places
        .iter()
        .enumerate()
        .map(|(at, (folder, _))| (folder.as_str(), at))
        .collect();
    let mut days: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
    for (at, name) in archive.names().iter().enumerate() {
        let Some((folder, file)) = name
            .strip_prefix(prefix)
            .and_then(|rest| rest.rsplit_once('/'))
        else {
            continue;
        };
        let Some(day) = file.strip_suffix(".json") else {
            continue;
        };
        match by_folder.get(folder) {
            Some(place) => days.entry(day.to_owned()).or_default().push((*place, at)),
            None if folder.starts_with("__") => {}
            None => out.report.lose("days of channels that are not named"),
        }
    }
    days
}
