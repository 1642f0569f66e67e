//! One line of history: JSON to a typed record that keeps the limits.

use crate::domain::command::Imported;
use crate::domain::{Refusal, Timestamp};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;

/// What a line says. Only the first five are needed; the others are what `export` writes.
#[derive(Deserialize)]
struct Line {
    id: Id,
    room: String,
    user: String,
    sent_at: Timestamp,
    text: String,
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    edited_at: Option<Timestamp>,
    #[serde(default)]
    reply_to: Option<Id>,
    #[serde(flatten)]
    others: BTreeMap<String, IgnoredAny>,
}

/// Many tools write their ids as numbers.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a text or a whole number")]
enum Id {
    Text(String),
    Number(u64),
}

impl Id {
    fn into_text(self) -> String {
        match self {
            Id::Text(text) => text,
            Id::Number(number) => number.to_string(),
        }
    }
}

/// A line that can be loaded.
#[derive(Debug)]
pub struct Parsed {
    pub record: Imported,
    /// Fields of the line that mean nothing here and are left out.
    pub others: Vec<String>,
}

/// The record of a line, or why it cannot be loaded.
pub fn parse(line: &[u8]) -> Result<Parsed, String> {
    let line: Line = serde_json::from_slice(line).map_err(|error| json_reason(&error))?;
    let record = Imported {
        external_id: line.id.into_text(),
        room: line.room,
        user: line.user,
        sent_at: line.sent_at,
        text: line.text,
        display_name: line.display_name,
        edited_at: line.edited_at,
        reply_to: line.reply_to.map(Id::into_text),
    };
    let record = record
        .checked()
        .map_err(|refusal: Refusal| refusal.message.into_owned())?;
    Ok(Parsed {
        record,
        others: line.others.into_keys().collect(),
    })
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

    const GOOD: &str = r#"{"id":"7","room":"hall","user":"kim","sent_at":"2003-11-21T00:00:07+09:00","text":"안녕"}"#;

    #[test]
    fn a_good_line() {
        let parsed = parse(GOOD.as_bytes()).expect("good");
        assert_eq!(parsed.record.external_id, "7");
        assert_eq!(
            parsed.record.sent_at.to_string(),
            "2003-11-20T15:00:07.000Z"
        );
        assert!(parsed.others.is_empty());
    }

    #[test]
    fn numbers_are_ids_and_other_fields_are_named() {
        let line = GOOD.replace(r#""id":"7""#, r#""id":7,"rating":[{"a":1}],"reply_to":6"#);
        let parsed = parse(line.as_bytes()).expect("good");
        assert_eq!(parsed.record.external_id, "7");
        assert_eq!(parsed.record.reply_to.as_deref(), Some("6"));
        assert_eq!(parsed.others, ["rating"]);
    }

    #[test]
    fn the_reason_names_what_is_wrong() {
        let long = format!(r#""text":"{}""#, "가".repeat(10_001));
        for (from, to, reason) in [
            (GOOD, "not json", "not JSON"),
            (GOOD, "", "not JSON"),
            (GOOD, "[1]", "invalid"),
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
