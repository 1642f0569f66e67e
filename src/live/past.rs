//! What a client missed, read from the journal of events.

use super::kept::{self, Lost};
use super::packet::{About, Packet};
use crate::domain::event::Body;
use crate::domain::{Audience, EventKind, Position, RoomId, Seq, UserId};
use crate::log::{LogError, LogReader, ReadLimit};
use crate::state::{Reader, Snapshot, StateError};
use std::collections::HashMap;
use std::sync::Arc;

/// The client's position is of no use: it starts over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Resync {
    #[error("the history of events is another one since")]
    OtherEpoch,
    #[error("the position is older than everything that is kept")]
    TooOld,
    #[error("the position is not reached yet")]
    Ahead,
}

/// What was missed cannot be told: the client has to start over.
#[derive(Debug, thiserror::Error)]
pub enum MissedError {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Lost(#[from] Lost),
    #[error(transparent)]
    State(#[from] StateError),
}

/// The events in `(since, until]` that one user may hear, in order.
pub struct Missed {
    user: UserId,
    rooms: HashMap<RoomId, Seq>,
    source: PastEvents,
}

enum PastEvents {
    Nothing,
    /// The hub still had them all.
    Memory {
        packets: Vec<Arc<Packet>>,
        state: Snapshot,
    },
    Journal {
        journal: LogReader,
        state: Snapshot,
        since: Position,
        next: Seq,
        until: Position,
    },
}

const CHUNK: ReadLimit = ReadLimit {
    entries: 1_024,
    size_bytes: 256 << 10,
};

impl Missed {
    pub(super) fn nothing(user: UserId) -> Missed {
        Missed::new(user, Vec::new(), PastEvents::Nothing)
    }

    pub(super) fn from_memory(
        user: UserId,
        rooms: Vec<(RoomId, Seq)>,
        packets: Vec<Arc<Packet>>,
        state: Snapshot,
    ) -> Missed {
        Missed::new(user, rooms, PastEvents::Memory { packets, state })
    }

    pub(super) fn from_journal(
        user: UserId,
        rooms: Vec<(RoomId, Seq)>,
        (since, until): (Position, Position),
        journal: LogReader,
        state: Snapshot,
    ) -> Missed {
        let source = PastEvents::Journal {
            journal,
            state,
            since,
            next: since.next_entry(),
            until,
        };
        Missed::new(user, rooms, source)
    }

    fn new(user: UserId, rooms: Vec<(RoomId, Seq)>, source: PastEvents) -> Missed {
        Missed {
            user,
            rooms: rooms.into_iter().collect(),
            source,
        }
    }

    /// Whether [`Missed::next_batch`] reads from the disk.
    pub fn reads_disk(&self) -> bool {
        matches!(self.source, PastEvents::Journal { .. })
    }

    /// The next few packets; None at the end. An error means that the client has to start over.
    pub fn next_batch(&mut self) -> Result<Option<Vec<Arc<Packet>>>, MissedError> {
        let (packets, state) = match &mut self.source {
            PastEvents::Nothing => return Ok(None),
            PastEvents::Memory { packets, state } => {
                let (packets, state) = (std::mem::take(packets), state.clone());
                self.source = PastEvents::Nothing;
                (packets, state)
            }
            PastEvents::Journal {
                journal,
                state,
                since,
                next,
                until,
            } => {
                if *next > until.entry() {
                    return Ok(None);
                }
                let entries = journal.read(*next, CHUNK)?;
                let Some(last) = entries.last() else {
                    return Ok(None);
                };
                *next = last.seq.next();
                let mut packets = Vec::new();
                for entry in entries {
                    packets.extend(kept::decode(entry.seq, &entry.payload)?);
                }
                let (since, until) = (Some(*since), Some(*until));
                packets.retain(|packet| packet.seq > since && packet.seq <= until);
                (packets.into_iter().map(Arc::new).collect(), state.clone())
            }
        };
        let mut heard = Vec::with_capacity(packets.len());
        let reader = state.read()?;
        for packet in packets {
            if may_hear(self.user, &self.rooms, &packet) {
                heard.extend(as_it_is_now(&reader, packet)?);
            }
        }
        Ok(Some(heard))
    }
}

/// Whether somebody who is in `rooms` now, since the positions given, may hear a past event.
fn may_hear(user: UserId, rooms: &HashMap<RoomId, Seq>, packet: &Packet) -> bool {
    let (Some(about), Some(seq)) = (&packet.about, packet.seq) else {
        return false;
    };
    let in_room = |room: &RoomId| rooms.get(room).is_some_and(|joined| *joined <= seq.entry());
    match &about.audience {
        Audience::Everyone => true,
        Audience::Room(room) => in_room(room),
        Audience::RoomAnd(room, other) => *other == user || in_room(room),
        Audience::Users(users) => users.contains(&user) && still_matters(about, rooms),
    }
}

/// A room made for somebody who has left it since is not news to them.
fn still_matters(about: &About, rooms: &HashMap<RoomId, Seq>) -> bool {
    match (about.kind, about.room) {
        (EventKind::RoomCreated, Some(room)) => rooms.contains_key(&room),
        _ => true,
    }
}

/// A text that was changed or deleted since is not told again; the event keeps its place.
fn as_it_is_now(reader: &Reader, packet: Arc<Packet>) -> Result<Option<Arc<Packet>>, StateError> {
    let Some(about) = &packet.about else {
        return Ok(None);
    };
    let (EventKind::MessageCreated | EventKind::MessageUpdated, Some(id)) =
        (about.kind, about.message)
    else {
        return Ok(Some(packet));
    };
    let Some(found) = reader.located(id)? else {
        // The room is gone, which is told, too.
        return Ok(None);
    };
    if !found.record.deleted && found.record.edited_at.is_none() {
        return Ok(Some(packet));
    }
    let body = Body::Message {
        kind: about.kind,
        room_id: found.place.room,
        message_id: id,
        message: Box::new(reader.view(found)?),
    };
    Ok(packet.with_body(&body).map(Arc::new))
}
