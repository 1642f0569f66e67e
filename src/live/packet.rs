//! One event made ready: written as JSON once, shared by all who hear it.

use crate::domain::event::Body;
use crate::domain::{Audience, Event, EventKind, MessageId, RoomId, Seq};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::sync::OnceLock;

pub struct Packet {
    /// None for signals, which are not in the log.
    pub seq: Option<Seq>,
    /// Who has heard this, in its place, has heard every event up to here.
    pub upto: Seq,
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
    /// Who joined or left, or founded the room.
    pub users: Vec<crate::domain::UserId>,
}

#[derive(Serialize)]
struct Outside<'a> {
    seq: Seq,
    #[serde(flatten)]
    body: &'a Body,
}

impl Packet {
    pub fn event(event: &Event) -> Packet {
        let json = serde_json::to_vec(&Outside {
            seq: event.seq,
            body: &event.body,
        })
        // Plain structs with text keys have no way to fail.
        .expect("events serialise");
        let users = match &event.body {
            Body::RoomCreated { user_ids, .. } => user_ids.clone(),
            Body::MemberJoined { user_id, .. } | Body::MemberLeft { user_id, .. } => vec![*user_id],
            Body::Message { .. }
            | Body::Reaction { .. }
            | Body::RoomUpdated { .. }
            | Body::RoomDeleted { .. }
            | Body::ReadMoved { .. }
            | Body::Pin { .. }
            | Body::UserUpdated { .. } => Vec::new(),
        };
        let about = About {
            kind: event.body.kind(),
            audience: event.audience.clone(),
            room: event.body.room(),
            message: event.body.message(),
            users,
        };
        Packet::new(event.seq, about, json.into())
    }

    fn new(seq: Seq, about: About, json: Bytes) -> Packet {
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
    pub fn signal(name: &'static str, json: Bytes, upto: Seq) -> Packet {
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

    /// As the journal keeps it; empty for an entry that nobody hears of.
    pub fn to_journal(&self) -> Bytes {
        let Some(about) = &self.about else {
            return Bytes::new();
        };
        let mut bytes = Vec::with_capacity(32 + self.json.len());
        // Plain structs into memory have no way to fail.
        rmp_serde::encode::write(&mut bytes, about).expect("events serialise");
        bytes.extend_from_slice(&self.json);
        bytes.into()
    }

    /// None for an entry that nobody hears of, and for one that cannot be read.
    pub fn from_journal(seq: Seq, bytes: &Bytes) -> Option<Packet> {
        if bytes.is_empty() {
            return None;
        }
        let mut rest: &[u8] = bytes;
        let about = About::deserialize(&mut rmp_serde::Deserializer::new(&mut rest)).ok()?;
        let json = bytes.slice(bytes.len() - rest.len()..);
        Some(Packet::new(seq, about, json))
    }
}
