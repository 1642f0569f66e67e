//! Slack's blocks, as far as they are text.

use super::{link, text};
use crate::mrkdwn::{Names, NoNames, to_markdown};
use serde_json::Value;

/// Blocks within blocks are followed so far.
const DEPTH: usize = 16;

/// The text of a list of blocks; empty where there is none.
pub fn text_of(blocks: Option<&Value>) -> String {
    text_with(blocks, &NoNames)
}

/// As [`text_of`], with names for the ids in it.
pub fn text_with(blocks: Option<&Value>, names: &impl Names) -> String {
    let blocks = blocks.and_then(Value::as_array).into_iter().flatten();
    let parts: Vec<String> = blocks
        .map(|value| block(value, names))
        .filter(|part| !part.trim().is_empty())
        .collect();
    parts.join("\n\n")
}

fn block(value: &Value, names: &impl Names) -> String {
    let list = |name: &str| {
        value
            .get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    match text(value, "/type") {
        "header" => match text(value, "/text/text") {
            "" => String::new(),
            title => format!("**{title}**"),
        },
        "section" => {
            let mut lines: Vec<String> = value
                .get("text")
                .map(|t| object(t, names))
                .into_iter()
                .collect();
            lines.extend(list("fields").map(|field| object(field, names)));
            lines.extend(value.get("accessory").map(button));
            lines.retain(|line| !line.is_empty());
            lines.join("\n")
        }
        "context" => {
            let parts: Vec<String> = list("elements").map(|part| object(part, names)).collect();
            parts.join(" ")
        }
        "divider" => "---".to_owned(),
        "image" => {
            let title = match text(value, "/title/text") {
                "" => text(value, "/alt_text"),
                title => title,
            };
            link(title, text(value, "/image_url"))
        }
        "actions" => {
            let parts: Vec<String> = list("elements").map(button).collect();
            parts.join(" ").trim().to_owned()
        }
        "rich_text" => {
            let parts: Vec<String> = list("elements")
                .map(|part| rich(part, names, DEPTH))
                .collect();
            parts.join("\n")
        }
        _ => String::new(),
    }
}

/// A text object: mrkdwn or plain.
fn object(value: &Value, names: &impl Names) -> String {
    match text(value, "/type") {
        "plain_text" => text(value, "/text").to_owned(),
        "image" => text(value, "/alt_text").to_owned(),
        _ => to_markdown(text(value, "/text"), names),
    }
}

fn button(value: &Value) -> String {
    match text(value, "/url") {
        "" => String::new(),
        url => link(text(value, "/text/text"), url),
    }
}

fn rich(value: &Value, names: &impl Names, depth: usize) -> String {
    if depth == 0 {
        return String::new();
    }
    let parts = || {
        value
            .get("elements")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let inner = || -> String { parts().map(|part| rich(part, names, depth - 1)).collect() };
    match text(value, "/type") {
        "rich_text_section" => inner(),
        "rich_text_preformatted" => format!("```\n{}\n```", inner().trim_end()),
        "rich_text_quote" => {
            let lines: Vec<String> = inner().lines().map(|line| format!("> {line}")).collect();
            lines.join("\n")
        }
        "rich_text_list" => {
            let ordered = text(value, "/style") == "ordered";
            let items = parts().enumerate().map(|(n, part)| {
                let item = rich(part, names, depth - 1);
                if ordered {
                    format!("{}. {item}", n + 1)
                } else {
                    format!("- {item}")
                }
            });
            items.collect::<Vec<_>>().join("\n")
        }
        "text" => styled(value, text(value, "/text")),
        "link" => link(text(value, "/text"), text(value, "/url")),
        "user" => {
            let id = text(value, "/user_id");
            format!("@{}", names.user(id).unwrap_or_else(|| id.to_owned()))
        }
        "channel" => {
            let id = text(value, "/channel_id");
            format!("#{}", names.channel(id).unwrap_or_else(|| id.to_owned()))
        }
        "broadcast" => format!("@{}", text(value, "/range")),
        "emoji" => format!(":{}:", text(value, "/name")),
        _ => String::new(),
    }
}

fn styled(value: &Value, words: &str) -> String {
    let is = |style: &str| value.pointer(&format!("/style/{style}")) == Some(&Value::Bool(true));
    let sign = if is("code") {
        "`"
    } else if is("bold") {
        "**"
    } else if is("italic") {
        "_"
    } else if is("strike") {
        "~~"
    } else {
        return words.to_owned();
    };
    if words.trim().is_empty() {
        return words.to_owned();
    }
    format!("{sign}{words}{sign}")
}
