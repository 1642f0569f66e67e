//! What a client missed, read from the journal of events.

use super::packet::{About, Packet};
use crate::domain::{Audience, EventKind, RoomId, Seq, UserId};
use crate::log::{LogError, LogReader, ReadLimit};
use std::collections::HashMap;
use std::sync::Arc;

/// The client's position is of no use: it starts over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Resync {
    #[error("the history of events is another one since")]
    OtherEpoch,
    #[error("the position is too old")]
    TooOld,
    #[error("the position is not reached yet")]
    Ahead,
}

/// The events in `(since, until]` that one user may hear, in order.
pub struct Missed {
    user: UserId,
    rooms: HashMap<RoomId, Seq>,
    next: Seq,
    until: Seq,
    source: Source,
}

enum Source {
    Nothing,
    /// The hub still had them all.
    Memory(std::vec::IntoIter<Arc<Packet>>),
    Journal(LogReader),
}

const CHUNK: ReadLimit = ReadLimit {
    entries: 1_024,
    size_bytes: 256 << 10,
};

impl Missed {
    pub(super) fn nothing(user: UserId) -> Missed {
        Missed::new(user, Vec::new(), Seq(0), Seq(0), Source::Nothing)
    }

    pub(super) fn from_memory(
        user: UserId,
        rooms: Vec<(RoomId, Seq)>,
        packets: Vec<Arc<Packet>>,
    ) -> Missed {
        Missed::new(
            user,
            rooms,
            Seq(0),
            Seq(0),
            Source::Memory(packets.into_iter()),
        )
    }

    pub(super) fn from_journal(
        user: UserId,
        rooms: Vec<(RoomId, Seq)>,
        since: Seq,
        until: Seq,
        journal: LogReader,
    ) -> Missed {
        Missed::new(user, rooms, since.next(), until, Source::Journal(journal))
    }

    fn new(
        user: UserId,
        rooms: Vec<(RoomId, Seq)>,
        next: Seq,
        until: Seq,
        source: Source,
    ) -> Missed {
        Missed {
            user,
            rooms: rooms.into_iter().collect(),
            next,
            until,
            source,
        }
    }

    /// Whether [`Missed::next_batch`] reads from the disk.
    pub fn reads_disk(&self) -> bool {
        matches!(self.source, Source::Journal(_))
    }

    /// The next few packets; None at the end. An error means that the client has to start over.
    pub fn next_batch(&mut self) -> Result<Option<Vec<Arc<Packet>>>, LogError> {
        match &mut self.source {
            Source::Nothing => Ok(None),
            Source::Memory(packets) => {
                let packets = std::mem::take(packets);
                self.source = Source::Nothing;
                let (user, rooms) = (self.user, &self.rooms);
                Ok(Some(packets.filter(|p| may_hear(user, rooms, p)).collect()))
            }
            Source::Journal(journal) => {
                if self.next > self.until {
                    return Ok(None);
                }
                let entries = journal.read(self.next, CHUNK)?;
                let Some(last) = entries.last() else {
                    return Ok(None);
                };
                self.next = last.seq.next();
                let until = self.until;
                let (user, rooms) = (self.user, &self.rooms);
                Ok(Some(
                    entries
                        .iter()
                        .take_while(|entry| entry.seq <= until)
                        .filter_map(|entry| Packet::from_journal(entry.seq, &entry.payload))
                        .filter(|packet| may_hear(user, rooms, packet))
                        .map(Arc::new)
                        .collect(),
                ))
            }
        }
    }
}

/// Whether somebody who is in `rooms` now, since the positions given, may hear a past event.
fn may_hear(user: UserId, rooms: &HashMap<RoomId, Seq>, packet: &Packet) -> bool {
    let (Some(about), Some(seq)) = (&packet.about, packet.seq) else {
        return false;
    };
    let in_room = |room: &RoomId| rooms.get(room).is_some_and(|joined| *joined <= seq);
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
