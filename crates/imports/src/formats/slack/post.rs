//! From a post to a message.

use super::shapes::{Directory, Post, RoomPlan, ms_of_ts};
use crate::archive::Archive;
use crate::emoji;
use crate::mrkdwn::to_markdown;
use crate::out::{ImportError, Message, Options, Out};
use crate::payload::blocks_text;
use serde_json::{Map, Value};
use std::collections::HashSet;

#[expect(clippy::too_many_arguments, reason = "one step of one loop")]
pub fn message(
    archive: &mut Archive,
    prefix: &str,
    places: &[(String, RoomPlan)],
    at: usize,
    post: Post,
    directory: &mut Directory,
    roots: &mut HashSet<(usize, String)>,
    options: &Options,
    out: &mut Out<'_>,
) -> Result<(), ImportError> {
    let place = &places[at].1;
    let subtype = post.subtype.as_deref().unwrap_or("");
    match subtype {
        "" | "file_share" | "thread_broadcast" | "me_message" | "bot_message" | "file_comment"
        | "reply_broadcast" => {}
        "tombstone" => {
            out.report.lose("messages that were deleted");
            return Ok(());
        }
        other => {
            out.report
                .lose(format!("notes of the system ({})", other.escape_debug()));
            return Ok(());
        }
    }
    if post.hidden == Some(true) {
        out.report.lose("hidden messages");
        return Ok(());
    }
    let Some(sent_at_ms) = ms_of_ts(&post.ts) else {
        out.report.lose("messages with a time that cannot be");
        return Ok(());
    };
    let user = author(&post, directory, options, out)?;
    let mut text = to_markdown(post.text.as_deref().unwrap_or(""), directory);
    if text.trim().is_empty() {
        text = blocks_text(Some(&post.blocks), directory);
    }
    if subtype == "me_message" && !text.is_empty() {
        text = format!("_{text}_");
    }
    for attachment in post.attachments.as_array().into_iter().flatten() {
        // Previews of links repeat what is behind the link.
        if attachment.get("from_url").is_none() {
            let more = crate::payload::attachment_text(attachment);
            if !more.is_empty() {
                text = format!("{text}\n\n{more}").trim_start().to_owned();
            }
        }
    }
    let id = |ts: &str| format!("slack:{}:{ts}", place.id);
    let mut files = Vec::new();
    let listed = post.files.as_array().into_iter().flatten();
    let single = post.file.is_object().then_some(&post.file);
    for file in listed.chain(single) {
        match file_of(archive, prefix, file, &user, options, out)? {
            Some(id) => files.push(id),
            None => {
                let name = file
                    .get("name")
                    .or_else(|| file.get("title"))
                    .and_then(Value::as_str);
                let name = crate::out::one_line(name.unwrap_or("a file"), 200);
                text = format!("{text}\n📎 {name}").trim_start().to_owned();
            }
        }
    }
    let reply_to = post.thread_ts.as_deref().filter(|root| *root != post.ts);
    if let Some(root) = reply_to
        && !roots.contains(&(at, root.to_owned()))
    {
        stub(place, root, sent_at_ms, &id(root), directory, options, out)?;
        roots.insert((at, root.to_owned()));
    }
    if post.thread_ts.as_deref() == Some(post.ts.as_str()) {
        roots.insert((at, post.ts.clone()));
    }
    let reactions = reactions(&post.reactions, directory, options);
    let pinned = place.pins.contains(&post.ts)
        || post.pinned_to.as_array().is_some_and(|rooms| {
            rooms
                .iter()
                .any(|room| room == &Value::from(place.id.as_str()))
        });
    out.message(&Message {
        id: id(&post.ts),
        room: place.room.clone(),
        kind: place.kind,
        people: place.people.clone(),
        user,
        sent_at_ms,
        text,
        edited_at_ms: post
            .edited
            .get("ts")
            .and_then(Value::as_str)
            .and_then(ms_of_ts),
        reply_to: reply_to.map(id),
        reactions,
        pinned,
        files,
    })?;
    Ok(())
}

/// Threads whose beginning is not in the export keep together all the same.
fn stub(
    place: &RoomPlan,
    root: &str,
    reply_ms: i64,
    id: &str,
    directory: &mut Directory,
    options: &Options,
    out: &mut Out<'_>,
) -> Result<(), ImportError> {
    out.report
        .lose("beginnings of threads (a note stands in their place)");
    let user = directory.people.name("slack", "slack", options, &[]);
    out.message(&Message {
        id: id.to_owned(),
        room: place.room.clone(),
        kind: place.kind,
        people: place.people.clone(),
        user,
        sent_at_ms: ms_of_ts(root).unwrap_or(reply_ms),
        text: "(The beginning of this thread is not in the export.)".to_owned(),
        ..Message::default()
    })?;
    Ok(())
}

fn author(
    post: &Post,
    directory: &mut Directory,
    options: &Options,
    out: &mut Out<'_>,
) -> Result<String, ImportError> {
    let comment = post.comment.get("user").and_then(Value::as_str);
    if let Some(id) = post.user.as_deref().or(comment).filter(|id| !id.is_empty()) {
        if let Some(name) = directory.people.find(id) {
            return Ok(name.clone());
        }
        // Guests of other workspaces are known only as authors.
        let wanted = post.username.clone().unwrap_or_else(|| id.to_owned());
        let name = directory.people.name(id, &wanted, options, &[]);
        out.user(&name, &wanted, Map::new())?;
        return Ok(name);
    }
    let profile = post.bot_profile.get("name").and_then(Value::as_str);
    let wanted = post
        .username
        .as_deref()
        .or(profile)
        .filter(|name| !name.trim().is_empty());
    let wanted = wanted.unwrap_or("bot").to_owned();
    let id = format!("bot:{}:{wanted}", post.bot_id.as_deref().unwrap_or(""));
    if let Some(name) = directory.people.find(&id) {
        return Ok(name.clone());
    }
    let name = directory.people.name(&id, &wanted, options, &[]);
    let mut more = Map::new();
    more.insert("bot".to_owned(), true.into());
    out.user(&name, &wanted, more)?;
    Ok(name)
}

fn reactions(
    value: &Value,
    directory: &mut Directory,
    options: &Options,
) -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    for reaction in value.as_array().into_iter().flatten() {
        let Some(name) = reaction.get("name").and_then(Value::as_str) else {
            continue;
        };
        let users = reaction
            .get("users")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let users: Vec<String> = users
            .filter_map(Value::as_str)
            .map(|id| directory.people.name(id, id, options, &[]))
            .collect();
        if !users.is_empty() && !name.is_empty() && name.len() < 50 {
            all.push((emoji::sign(name), users));
        }
    }
    all
}

/// The file's line, where the archive has its content.
fn file_of(
    archive: &mut Archive,
    prefix: &str,
    file: &Value,
    user: &str,
    options: &Options,
    out: &mut Out<'_>,
) -> Result<Option<String>, ImportError> {
    let text = |name: &str| file.get(name).and_then(Value::as_str).unwrap_or("");
    let id = text("id");
    let folder = format!("{prefix}__uploads/{id}/");
    let found = if id.is_empty() {
        None
    } else {
        archive
            .names()
            .iter()
            .position(|name| name.starts_with(&folder) && !name.ends_with('/'))
    };
    let Some(at) = found else {
        let address = match text("url_private_download") {
            "" => text("url_private"),
            address => address,
        };
        let is_there = !matches!(text("mode"), "hidden_by_limit" | "tombstone" | "external")
            && !matches!(text("file_access"), "access_denied" | "file_not_found");
        if let Some(fetch) = options
            .fetch
            .as_ref()
            .filter(|_| is_there && !address.is_empty())
        {
            match (fetch.0)(address) {
                Ok(content) => {
                    let id = format!("slack:{id}");
                    out.file(&id, text("name"), user, &content)?;
                    return Ok(Some(id));
                }
                Err(why) => {
                    out.report
                        .lose(format!("files that could not be fetched: {why}"));
                    return Ok(None);
                }
            }
        }
        let why = match (text("mode"), text("file_access")) {
            ("hidden_by_limit", _) => "files that Slack hides on a free plan",
            ("tombstone", _) => "files that were deleted",
            ("external", _) => "files that lie elsewhere",
            (_, "access_denied" | "file_not_found") => "files that Slack gives to nobody",
            _ => "files that are not in the archive (their names are in the text)",
        };
        out.report.lose(why);
        return Ok(None);
    };
    let name = match text("name") {
        "" => archive.names()[at]
            .rsplit('/')
            .next()
            .unwrap_or("file")
            .to_owned(),
        name => name.to_owned(),
    };
    let content = archive.read_at(at)?;
    let id = format!("slack:{id}");
    out.file(&id, &name, user, &content)?;
    Ok(Some(id))
}
