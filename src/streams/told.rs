//! Answers as Redis gives them.

use crate::cache::StreamId;
use crate::domain::{Position, RoomId};
use crate::resp::Reply;
use bytes::Bytes;

/// An event.
#[derive(Clone, Debug)]
pub struct Entry {
    pub at: Position,
    pub name: &'static str,
    pub room: Option<RoomId>,
    pub json: Bytes,
}

impl Entry {
    pub fn id(&self) -> StreamId {
        id_of(self.at)
    }
}

pub fn id_of(at: Position) -> StreamId {
    StreamId { ms: at.0, seq: 0 }
}

pub fn text(text: impl Into<Vec<u8>>) -> Reply {
    Reply::Text(text.into())
}

pub fn id(id: StreamId) -> Reply {
    text(id.to_string())
}

pub fn count(count: usize) -> Reply {
    Reply::Integer(i64::try_from(count).unwrap_or(i64::MAX))
}

/// `seq`, `type`, `room_id` where it is about a room, `data` as the event's JSON.
pub fn entry(entry: &Entry) -> Reply {
    let mut fields = vec![
        text("seq"),
        text(entry.at.to_string()),
        text("type"),
        text(entry.name),
    ];
    if let Some(room) = entry.room {
        fields.extend([text("room_id"), text(room.to_string())]);
    }
    fields.extend([text("data"), text(entry.json.to_vec())]);
    Reply::Array(vec![id(entry.id()), Reply::Array(fields)])
}

pub fn entries(entries: &[Entry]) -> Reply {
    Reply::Array(entries.iter().map(entry).collect())
}

pub fn map(pairs: Vec<(&str, Reply)>) -> Reply {
    let pairs = pairs.into_iter();
    Reply::Map(pairs.map(|(name, value)| (text(name), value)).collect())
}
