//! Slack's payload, and Mattermost's, which is the same but for details.

use super::{BadPayload, Post, blocks, form_field, text, word};
use crate::mrkdwn::{NoNames, to_markdown};
use serde_json::Value;
use std::fmt::Write as _;

pub fn read(content_type: &str, body: &[u8]) -> Result<Post, BadPayload> {
    let is_form = content_type.starts_with("application/x-www-form-urlencoded")
        || body.starts_with(b"payload=");
    let payload = if is_form {
        form_field(body).ok_or(BadPayload::Invalid)?
    } else {
        std::str::from_utf8(body)
            .map_err(|_| BadPayload::Invalid)?
            .to_owned()
    };
    let is_json = is_form
        || content_type.contains("json")
        || payload.trim_start().starts_with('{') && !content_type.starts_with("text/plain");
    if !is_json {
        return Post::of(payload.trim().to_owned());
    }
    match serde_json::from_str(&payload) {
        Ok(value @ Value::Object(_)) => message(&value),
        _ => Err(BadPayload::Invalid),
    }
}

fn message(value: &Value) -> Result<Post, BadPayload> {
    let mut parts = Vec::new();
    let of_blocks = blocks::text_of(value.get("blocks"));
    if of_blocks.is_empty() {
        parts.push(to_markdown(&word(value, "/text"), &NoNames));
    } else {
        parts.push(of_blocks);
    }
    let attachments = value.get("attachments").and_then(Value::as_array);
    parts.extend(attachments.into_iter().flatten().map(attachment));
    parts.retain(|part| !part.trim().is_empty());
    let post = Post::of(parts.join("\n\n"))?;
    let username = text(value, "/username").trim();
    Ok(Post {
        username: (!username.is_empty()).then(|| username.to_owned()),
        ..post
    })
}

pub fn attachment(value: &Value) -> String {
    let marked = |path| to_markdown(&word(value, path), &NoNames);
    let mut lines = Vec::new();
    let mut push = |line: String| {
        if !line.trim().is_empty() {
            lines.push(line);
        }
    };
    push(marked("/pretext"));
    let author = super::link(text(value, "/author_name"), text(value, "/author_link"));
    push(author);
    let title = marked("/title");
    if !title.is_empty() {
        let title = super::link(&title, text(value, "/title_link"));
        push(format!("**{title}**"));
    }
    let of_blocks = blocks::text_of(value.get("blocks"));
    push(if of_blocks.is_empty() {
        marked("/text")
    } else {
        of_blocks
    });
    let mut fields = String::new();
    for field in value
        .get("fields")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let (title, body) = (word(field, "/title"), word(field, "/value"));
        let body = to_markdown(&body, &NoNames);
        let _ = if title.is_empty() {
            writeln!(fields, "{body}")
        } else {
            writeln!(fields, "**{title}**: {body}")
        };
    }
    push(fields.trim_end().to_owned());
    push(text(value, "/image_url").to_owned());
    push(marked("/footer"));
    if lines.is_empty() {
        return marked("/fallback");
    }
    lines.join("\n")
}
