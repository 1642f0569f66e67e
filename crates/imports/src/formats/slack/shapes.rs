//! Slack's shapes, and its times.

use crate::mrkdwn::Names;
use crate::people::People;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

#[derive(Deserialize)]
pub struct User {
    pub id: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub deleted: bool,
    #[serde(default)]
    pub is_bot: bool,
    #[serde(default)]
    pub profile: Profile,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Profile {
    pub real_name: Option<String>,
    pub display_name: Option<String>,
    pub email: Option<String>,
}

#[derive(Deserialize)]
pub struct Channel {
    pub id: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub created: Value,
    #[serde(default)]
    pub members: Option<Vec<String>>,
    #[serde(default)]
    pub topic: Value,
    #[serde(default)]
    pub purpose: Value,
    #[serde(default)]
    pub is_archived: bool,
    /// In milliseconds.
    #[serde(default)]
    pub updated: Value,
    #[serde(default)]
    pub pins: Value,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct Post {
    pub subtype: Option<String>,
    pub hidden: Option<bool>,
    pub user: Option<String>,
    pub username: Option<String>,
    pub bot_id: Option<String>,
    pub bot_profile: Value,
    pub text: Option<String>,
    pub ts: String,
    pub thread_ts: Option<String>,
    pub reactions: Value,
    pub files: Value,
    pub file: Value,
    pub edited: Value,
    pub attachments: Value,
    pub blocks: Value,
    pub pinned_to: Value,
    pub comment: Value,
}

/// A channel on its way to being a room.
pub struct RoomPlan {
    pub id: String,
    pub room: String,
    pub kind: Option<&'static str>,
    pub people: Vec<String>,
    pub pins: HashSet<String>,
}

pub struct Directory {
    pub people: People,
    pub display: HashMap<String, String>,
    pub channels: HashMap<String, String>,
}

impl Names for Directory {
    fn user(&self, id: &str) -> Option<String> {
        self.people.find(id).cloned()
    }
    fn channel(&self, id: &str) -> Option<String> {
        self.channels.get(id).cloned()
    }
}

/// Seconds and microseconds, for the order; never a float.
pub fn stamp(ts: &str) -> (i64, u64) {
    let (seconds, rest) = ts.split_once('.').unwrap_or((ts, "0"));
    (
        seconds.parse().unwrap_or(i64::MAX),
        rest.parse().unwrap_or(0),
    )
}

/// The milliseconds of `1355517523.000005`.
pub fn ms_of_ts(ts: &str) -> Option<i64> {
    let (seconds, rest) = ts.split_once('.').unwrap_or((ts, "0"));
    let seconds: i64 = seconds.parse().ok()?;
    let micros: i64 = format!("{rest:0<6}").get(..6)?.parse().ok()?;
    // From 1990 to 2100: other numbers are no times of a chat.
    (631_152_000..4_102_444_800)
        .contains(&seconds)
        .then_some(seconds * 1000 + micros / 1000)
}

/// `created` is in seconds, as a number or a text.
pub fn ms(value: &Value) -> Option<i64> {
    let seconds = value.as_i64().or_else(|| value.as_str()?.parse().ok())?;
    (seconds > 0).then_some(seconds.saturating_mul(1000))
}
