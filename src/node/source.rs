//! Where search learns what was said: the journal of events for what is new, the state for all of it.

use crate::domain::{EventKind, File, MessageId, OwnWord, RoomId, RoomKind, Seq};
use crate::live::{Packet, kept};
use crate::log::{LogError, LogReader, ReadLimit};
use crate::search::{Change, Doc, DocumentSource, Documents, Has, Position, Step};
use crate::state::records::MessageRecord;
use crate::state::{Located, MessageKey, Reader, Snapshot, StateError};
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

const CHUNK_BYTES: usize = 4 << 20;
/// Messages that are read from the state at a time.
const PAGE: usize = 1_000;

pub struct Journal {
    state: Snapshot,
    journal: LogReader,
    epoch: u64,
    /// The last position that was seen, for the moments in which the state cannot say.
    seen: AtomicU64,
}

impl Journal {
    pub fn new(state: Snapshot, journal: LogReader, epoch: u64, seq: Seq) -> Journal {
        Journal {
            state,
            journal,
            epoch,
            seen: AtomicU64::new(seq.0),
        }
    }

    fn at(&self, seq: Seq) -> Position {
        Position {
            epoch: self.epoch,
            seq,
        }
    }
}

impl DocumentSource for Journal {
    fn head(&self) -> Position {
        if let Ok(reader) = self.state.read() {
            self.seen.fetch_max(reader.seq().0, Ordering::AcqRel);
        }
        self.at(Seq(self.seen.load(Ordering::Acquire)))
    }

    fn changes_since(&self, after: Position, max: usize) -> io::Result<Step> {
        let known = after.epoch == self.epoch && after.seq.next() >= self.journal.first_seq();
        if !known {
            return Ok(Step::Gone);
        }
        // The state is applied before the journal is written: a rebuilt index may stand in between.
        if after.seq >= self.journal.last_seq() {
            return Ok(Step::Changes {
                changes: Vec::new(),
                upto: after,
            });
        }
        let limit = ReadLimit {
            entries: max,
            size_bytes: CHUNK_BYTES,
        };
        let entries = self.journal.read(after.seq.next(), limit).map_err(of_log)?;
        let Some(last) = entries.last().map(|entry| entry.seq) else {
            return Ok(Step::Changes {
                changes: Vec::new(),
                upto: after,
            });
        };
        // The journal is written after the state, so the state has all of it.
        let reader = self.state.read().map_err(of_state)?;
        let mut rooms = Rooms::default();
        let mut changes = Changes::default();
        for entry in &entries {
            match kept::decode(entry.seq, &entry.payload) {
                Ok(packets) => packets.iter().for_each(|packet| changes.note(packet)),
                Err(lost) => {
                    tracing::warn!(%lost, "the index is built anew");
                    return Ok(Step::Gone);
                }
            }
        }
        let changes = changes.resolve(&reader, &mut rooms).map_err(of_state)?;
        Ok(Step::Changes {
            changes,
            upto: self.at(last),
        })
    }

    fn words(&self) -> io::Result<Vec<OwnWord>> {
        let reader = self.state.read().map_err(of_state)?;
        let words = reader.own_words().map_err(of_state)?;
        Ok(words.into_iter().map(|kept| kept.word).collect())
    }

    fn everything(&self) -> io::Result<(Position, Documents)> {
        let reader = self.state.read().map_err(of_state)?;
        let at = self.at(reader.seq());
        let all = Everything {
            reader,
            rooms: Rooms::default(),
            after: None,
            page: Vec::new().into_iter(),
            done: false,
        };
        Ok((at, Box::new(all)))
    }
}

/// What the entries were about: a message that changed several times is indexed once.
#[derive(Default)]
struct Changes {
    messages: BTreeSet<MessageId>,
    deleted_rooms: Vec<RoomId>,
}

impl Changes {
    fn note(&mut self, packet: &Packet) {
        let Some(about) = &packet.about else { return };
        self.messages.extend(&about.changed);
        match about.kind {
            EventKind::MessageCreated
            | EventKind::ThreadUpdated
            | EventKind::MessageUpdated
            | EventKind::MessageDeleted
            | EventKind::ReactionAdded
            | EventKind::ReactionRemoved
            | EventKind::PinAdded
            | EventKind::PinRemoved => {
                if let Some(message) = about.message {
                    self.messages.insert(message);
                }
            }
            EventKind::RoomDeleted => self.deleted_rooms.extend(about.room),
            EventKind::RoomCreated
            | EventKind::RoomUpdated
            | EventKind::MemberJoined
            | EventKind::MemberLeft
            | EventKind::ReadMoved
            | EventKind::SettingsUpdated
            | EventKind::DraftUpdated
            | EventKind::ScheduledUpdated
            | EventKind::HistoryChanged
            | EventKind::UserUpdated => {}
        }
    }

    /// As the state has them now. A room that was deleted comes last: nothing is said in it again.
    fn resolve(self, reader: &Reader, rooms: &mut Rooms) -> Result<Vec<Change>, StateError> {
        let mut changes = Vec::with_capacity(self.messages.len() + self.deleted_rooms.len());
        for id in self.messages {
            let doc = match reader.located(id)? {
                Some(found) => rooms.document(reader, found)?,
                None => None,
            };
            changes.push(doc.map_or(Change::Delete(id), Change::Put));
        }
        changes.extend(self.deleted_rooms.into_iter().map(Change::DeleteRoom));
        Ok(changes)
    }
}

/// Whether a room is public, asked once for each.
#[derive(Default)]
struct Rooms(HashMap<RoomId, Option<bool>, ahash::RandomState>);

impl Rooms {
    fn document(&mut self, reader: &Reader, found: Located) -> Result<Option<Doc>, StateError> {
        let Located { id, place, record } = found;
        let room = place.room;
        let public = match self.0.get(&room) {
            Some(public) => *public,
            None => {
                let kind = reader.room_record(room)?.map(|room| room.kind);
                let public = kind.map(|kind| kind == RoomKind::Public);
                self.0.insert(room, public);
                public
            }
        };
        let public = match public {
            Some(public) if !record.deleted => public,
            _ => return Ok(None),
        };
        let files = if record.has_files {
            reader.files_of(id)?
        } else {
            Vec::new()
        };
        Ok(Some(Doc {
            id,
            room,
            author: record.author,
            public,
            sent_at_ms: place.at,
            has: features(&record, &files),
            mentions: record.mentions,
            text: record.text.into(),
            files: files.into_iter().map(|file| file.name).collect(),
        }))
    }
}

fn features(record: &MessageRecord, files: &[File]) -> Has {
    let is_image = |file: &File| file.mime.starts_with("image/");
    [
        (!files.is_empty(), Has::FILE),
        (files.iter().any(is_image), Has::IMAGE),
        (record.has_thread || record.reply_to.is_some(), Has::THREAD),
        (record.has_reactions, Has::REACTION),
        (record.pinned, Has::PIN),
        (!record.mentions.is_empty(), Has::MENTION),
        (record.reply_to.is_some(), Has::REPLY),
    ]
    .into_iter()
    .filter(|(has, _)| *has)
    .fold(Has::NOTHING, |all, (_, one)| all.and(one))
}

/// Every message of one snapshot.
struct Everything {
    reader: Reader,
    rooms: Rooms,
    after: Option<MessageKey>,
    page: std::vec::IntoIter<Located>,
    done: bool,
}

impl Iterator for Everything {
    type Item = io::Result<Doc>;

    fn next(&mut self) -> Option<io::Result<Doc>> {
        loop {
            if let Some(found) = self.page.next() {
                self.after = Some(found.key());
                match self.rooms.document(&self.reader, found) {
                    Ok(Some(doc)) => return Some(Ok(doc)),
                    Ok(None) => continue,
                    Err(error) => return Some(Err(of_state(error))),
                }
            }
            if self.done {
                return None;
            }
            match self.reader.all_messages(self.after, PAGE) {
                Ok(page) => {
                    self.done = page.is_empty();
                    self.page = page.into_iter();
                }
                Err(error) => {
                    self.done = true;
                    return Some(Err(of_state(error)));
                }
            }
        }
    }
}

fn of_log(error: LogError) -> io::Error {
    io::Error::other(error)
}

fn of_state(error: StateError) -> io::Error {
    io::Error::other(error)
}
