//! One event made ready: written as JSON once, shared by all who hear it.

use crate::domain::event::Body;
use crate::domain::{Audience, Event, EventKind, MessageId, Position, RoomId, UserId};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::sync::{Arc, OnceLock};

pub struct Packet {
    /// None for signals, which are not in the log.
    pub seq: Option<Position>,
    /// Who has heard this, in its place, has heard every event up to here.
    pub upto: Position,
    pub name: &'static str,
    /// What happened, whom it concerns inside the node; None for signals.
    pub about: Option<About>,
    /// The JSON object that clients get.
    pub json: Bytes,
    prepared: OnceLock<Box<dyn Any + Send + Sync>>,
}

/// The part of an event that the node itself looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    pub kind: EventKind,
    pub audience: Audience,
    pub room: Option<RoomId>,
    pub message: Option<MessageId>,
    pub joined: Vec<(RoomId, UserId)>,
    pub left: Vec<(RoomId, UserId)>,
    pub changed: Vec<MessageId>,
}

#[derive(Serialize)]
struct Outside<'a> {
    seq: Position,
    #[serde(flatten)]
    body: &'a Body,
}

impl Packet {
    /// The events of one entry, in their order. The last one stands at the entry's end, so that who
    /// has heard it has heard all.
    pub fn events(events: &[Event]) -> Vec<Arc<Packet>> {
        let last = events.len().saturating_sub(1);
        let packets = events.iter().enumerate().map(|(at, event)| {
            let seq = if at == last {
                event.seq.end()
            } else {
                event.seq.event(event.n)
            };
            Arc::new(Packet::event(event, seq))
        });
        packets.collect()
    }

    fn event(event: &Event, seq: Position) -> Packet {
        let about = About {
            kind: event.body.kind(),
            audience: event.audience.clone(),
            room: event.body.room(),
            message: event.body.message(),
            joined: event.joined.clone(),
            left: event.left.clone(),
            changed: event.changed.clone(),
        };
        Packet::new(seq, about, body_json(seq, &event.body))
    }

    /// As it was told, with another body: what was said is not told again as it was, once it was
    /// changed or deleted.
    pub(super) fn with_body(&self, body: &Body) -> Option<Packet> {
        let (seq, about) = (self.seq?, self.about.clone()?);
        Some(Packet::new(seq, about, body_json(seq, body)))
    }

    pub(super) fn new(seq: Position, about: About, json: Bytes) -> Packet {
        let name = about.kind.as_str();
        Packet {
            seq: Some(seq),
            upto: seq,
            name,
            about: Some(about),
            json,
            prepared: OnceLock::new(),
        }
    }

    /// Something passing, such as that somebody types, said when all up to `upto` was published.
    pub fn signal(name: &'static str, json: Bytes, upto: Position) -> Packet {
        Packet {
            seq: None,
            upto,
            name,
            about: None,
            json,
            prepared: OnceLock::new(),
        }
    }

    /// A door's own form of this packet, made by the first receiver and shared by the others.
    /// One type only: the second one asked for would find the first's and is made anew.
    pub fn prepared<T: Clone + Send + Sync + 'static>(&self, make: impl Fn(&Packet) -> T) -> T {
        let held = self.prepared.get_or_init(|| Box::new(make(self)));
        held.downcast_ref::<T>()
            .cloned()
            .unwrap_or_else(|| make(self))
    }
}

fn body_json(seq: Position, body: &Body) -> Bytes {
    let json = serde_json::to_vec(&Outside { seq, body });
    // Plain structs with text keys have no way to fail.
    json.expect("events serialise").into()
}
