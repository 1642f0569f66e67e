//! Who is told of a message.

use crate::domain::{
    Message, MessageId, NotificationLevel, Refusal, Room, RoomKind, Timestamp, UserId,
};
use crate::engine::Engine;
use crate::state::records::PushRecord;
use serde::{Deserialize, Serialize};

/// A text is cut there: with all around it, it has to fit into one push.
const TEXT_BYTES: usize = 2_000;
const DAY_MIN: i64 = 24 * 60;

/// What one person's browsers are told.
#[derive(Debug, PartialEq)]
pub struct Push {
    pub user: UserId,
    pub to: Vec<PushRecord>,
    /// Names the room: of several pushes that were not delivered yet, only the last one is kept.
    pub topic: String,
    /// Somebody was named, or it was said to them alone.
    pub is_urgent: bool,
    pub body: Body,
}

/// The JSON that the app's service worker reads.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Body {
    pub room_id: crate::domain::RoomId,
    pub message_id: MessageId,
    /// Empty in a conversation of two.
    pub room: String,
    pub author: String,
    /// Left out where the reader wants texts to be private.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    pub language: String,
}

/// What of somebody's settings counts here; the web app writes them.
#[derive(Debug, Deserialize)]
#[serde(default)]
struct Wishes {
    notify: String,
    notify_when: String,
    notify_text: String,
    quiet: String,
    quiet_from: String,
    quiet_to: String,
    utc_offset_minutes: i64,
    language: String,
}

impl Default for Wishes {
    fn default() -> Wishes {
        Wishes {
            notify: "all".into(),
            notify_when: "away".into(),
            notify_text: "show".into(),
            quiet: "off".into(),
            quiet_from: "22:00".into(),
            quiet_to: "08:00".into(),
            utc_offset_minutes: 0,
            language: "system".into(),
        }
    }
}

pub fn of(
    engine: &Engine,
    id: MessageId,
    is_here: &(dyn Fn(UserId) -> bool + Send + Sync),
    now: Timestamp,
) -> Result<Vec<Push>, Refusal> {
    let read = engine.read()?;
    let Some(message) = read.message(id)?.filter(|message| !message.deleted) else {
        return Ok(Vec::new());
    };
    let mut pushes = Vec::new();
    for user in read.push_users()? {
        if user == message.author.id {
            continue;
        }
        let Some(room) = read.room(user, message.room_id)? else {
            continue;
        };
        let wishes: Wishes = serde_json::from_str(&read.settings(user)?).unwrap_or_default();
        let Some(is_urgent) = wants(&wishes, &room, &message, user, now) else {
            continue;
        };
        if wishes.notify_when != "always" && is_here(user) {
            continue;
        }
        let enabled = read.user(user)?.is_some_and(|user| !user.disabled);
        let to = read.pushes(user)?;
        if !enabled || to.is_empty() {
            continue;
        }
        pushes.push(Push {
            user,
            to,
            topic: format!("room-{}", room.id.0),
            is_urgent,
            body: body(&wishes, &room, &message, user),
        });
    }
    Ok(pushes)
}

/// Whether somebody wants to be told; and if so, whether at once.
fn wants(
    wishes: &Wishes,
    room: &Room,
    message: &Message,
    user: UserId,
    now: Timestamp,
) -> Option<bool> {
    let mine = room.me.as_ref()?;
    if mine.last_read_id >= message.id || wishes.notify == "none" || is_quiet(wishes, now) {
        return None;
    }
    let named = message.mentions.contains(&user);
    let direct = room.kind == RoomKind::Direct;
    let wanted = match mine.notifications {
        NotificationLevel::None => false,
        NotificationLevel::Mentions => named,
        NotificationLevel::All => named || direct || wishes.notify == "all",
    };
    wanted.then_some(named || direct)
}

/// By the clock of whoever is told.
fn is_quiet(wishes: &Wishes, now: Timestamp) -> bool {
    if wishes.quiet != "on" {
        return false;
    }
    let (Some(from), Some(to)) = (minutes(&wishes.quiet_from), minutes(&wishes.quiet_to)) else {
        return false;
    };
    let offset = wishes.utc_offset_minutes.clamp(-DAY_MIN, DAY_MIN);
    let clock = (now.0.div_euclid(60_000) + offset).rem_euclid(DAY_MIN);
    if from <= to {
        (from..to).contains(&clock)
    } else {
        clock >= from || clock < to
    }
}

/// `22:30` since midnight.
fn minutes(clock: &str) -> Option<i64> {
    let (hours, minutes) = clock.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 60 + minutes)
}

fn body(wishes: &Wishes, room: &Room, message: &Message, user: UserId) -> Body {
    let alone = room.kind == RoomKind::Direct && room.member_count <= 2;
    let names = || {
        let others = room.members.iter().filter(|member| member.id != user);
        let names: Vec<&str> = others.map(|member| member.display_name.as_str()).collect();
        names.join(", ")
    };
    Body {
        room_id: room.id,
        message_id: message.id,
        room: match room.kind {
            RoomKind::Direct if alone => String::new(),
            RoomKind::Direct => names(),
            RoomKind::Public | RoomKind::Private => room.name.clone(),
        },
        author: message.author.display_name.clone(),
        text: (wishes.notify_text != "hide").then(|| shortened(&message.text)),
        language: wishes.language.clone(),
    }
}

fn shortened(text: &str) -> String {
    if text.len() <= TEXT_BYTES {
        return text.to_owned();
    }
    let end = (0..=TEXT_BYTES)
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0);
    format!("{}…", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(from: &str, to: &str, offset: i64, clock: (i64, i64)) -> bool {
        let wishes = Wishes {
            quiet: "on".into(),
            quiet_from: from.into(),
            quiet_to: to.into(),
            utc_offset_minutes: offset,
            ..Wishes::default()
        };
        let (hours, minutes) = clock;
        is_quiet(&wishes, Timestamp((hours * 60 + minutes) * 60_000))
    }

    #[test]
    fn quiet_hours_go_by_the_readers_clock() {
        assert!(quiet("22:00", "08:00", 0, (23, 0)));
        assert!(!quiet("22:00", "08:00", 0, (8, 0)));
        // 14:00 in Greenwich is 23:00 in Seoul.
        assert!(quiet("22:00", "08:00", 540, (14, 0)));
        assert!(!quiet("22:00", "08:00", 540, (12, 0)));
        assert!(quiet("12:00", "13:00", -60, (13, 30)));
        assert!(!quiet("bad", "13:00", 0, (12, 30)));
    }

    #[test]
    fn long_texts_are_cut_between_letters() {
        assert_eq!(shortened("짧은 글"), "짧은 글");
        let cut = shortened(&"가".repeat(2_000));
        assert!(cut.len() <= TEXT_BYTES + "…".len() && cut.ends_with('…'));
    }

    #[test]
    fn what_the_app_writes_is_read_and_the_rest_left_alone() {
        let json = r#"{"theme":"dark","notify":"mentions","quiet":"on","quiet_from":"21:00"}"#;
        let wishes: Wishes = serde_json::from_str(json).expect("reads");
        assert_eq!((&*wishes.notify, &*wishes.quiet_to), ("mentions", "08:00"));
    }
}
