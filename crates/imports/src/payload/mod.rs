//! What other programs send to an incoming webhook, as a message's text.

mod alerts;
mod blocks;
mod forges;
mod slack;

use serde_json::Value;
use std::fmt::Write as _;

pub(crate) use blocks::text_with as blocks_text;
pub(crate) use slack::attachment as attachment_text;

/// What a hook expects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Slack's and Mattermost's payload, or plain text.
    #[default]
    Slack,
    GitHub,
    GitLab,
    Alertmanager,
    Grafana,
}

impl std::str::FromStr for Format {
    type Err = ();
    fn from_str(text: &str) -> Result<Format, ()> {
        Ok(match text {
            "slack" | "mattermost" | "text" => Format::Slack,
            "github" => Format::GitHub,
            "gitlab" => Format::GitLab,
            "alertmanager" => Format::Alertmanager,
            "grafana" => Format::Grafana,
            _ => return Err(()),
        })
    }
}

/// Why a payload makes no message. The words are Slack's, which senders know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPayload {
    #[error("invalid_payload")]
    Invalid,
    #[error("no_text")]
    NoText,
}

/// What comes with a payload.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    pub format: Format,
    pub content_type: &'a str,
    /// The header that says what happened: `X-GitHub-Event`.
    pub event: &'a str,
}

/// What to post; `None`: nothing, and that is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    pub text: String,
    /// Who says it, where the sender chose a name.
    pub username: Option<String>,
}

/// Longer texts are cut.
const TEXT_CHARS: usize = 9_000;
const TEXT_BYTES: usize = 36_000;

/// Reads a payload.
pub fn read(context: Context<'_>, body: &[u8]) -> Result<Option<Post>, BadPayload> {
    let post = match context.format {
        Format::Slack => Some(slack::read(context.content_type, body)?),
        Format::GitHub => forges::github(context.event, &json(context.content_type, body)?)?,
        Format::GitLab => forges::gitlab(&json(context.content_type, body)?)?,
        Format::Alertmanager | Format::Grafana => {
            Some(alerts::read(&json(context.content_type, body)?)?)
        }
    };
    Ok(post.map(|post| Post {
        text: cut(post.text),
        ..post
    }))
}

impl Post {
    fn of(text: String) -> Result<Post, BadPayload> {
        if text.trim().is_empty() {
            return Err(BadPayload::NoText);
        }
        Ok(Post {
            text,
            username: None,
        })
    }
}

/// JSON, as a body or as the field `payload` of a form.
fn json(content_type: &str, body: &[u8]) -> Result<Value, BadPayload> {
    let parsed = if content_type.starts_with("application/x-www-form-urlencoded") {
        serde_json::from_str(&form_field(body).ok_or(BadPayload::Invalid)?)
    } else {
        serde_json::from_slice(body)
    };
    match parsed {
        Ok(value @ Value::Object(_)) => Ok(value),
        _ => Err(BadPayload::Invalid),
    }
}

fn form_field(body: &[u8]) -> Option<String> {
    let mut fields = form_urlencoded::parse(body);
    fields.find_map(|(name, value)| (name == "payload").then(|| value.into_owned()))
}

/// A text somewhere in a value; empty where it is not there.
fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or("")
}

/// A number or text somewhere in a value.
fn word(value: &Value, path: &str) -> String {
    match value.pointer(path) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(flag)) => flag.to_string(),
        _ => String::new(),
    }
}

fn link(label: &str, url: &str) -> String {
    let label = label.replace(['[', ']'], " ");
    match (label.trim(), url) {
        ("", url) => url.to_owned(),
        (label, "") => label.to_owned(),
        (label, url) => format!("[{label}]({url})"),
    }
}

/// The first line, for commits and comments.
fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim()
}

/// The first lines as a quotation.
fn quoted(text: &str) -> String {
    let mut out = String::new();
    for line in text.trim().lines().take(8) {
        let _ = write!(out, "\n> {line}");
    }
    out
}

fn cut(text: String) -> String {
    let mut end = text.len();
    if let Some((at, _)) = text.char_indices().nth(TEXT_CHARS) {
        end = at;
    }
    if end > TEXT_BYTES {
        end = (0..=TEXT_BYTES)
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(0);
    }
    if end == text.len() {
        return text;
    }
    format!("{}…", text[..end].trim_end())
}
