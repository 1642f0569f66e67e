//! A house of which search is told: a list of changes in memory.

use maru::domain::{MessageId, OwnWord, RoomId, Seq, UserId};
use maru::search::{
    Change, Doc, DocumentSource, Documents, Has, Hit, Position, Query, Readable, ResultPage,
    Search, SearchError, Step,
};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

pub const PUBLIC: RoomId = RoomId(1);

#[derive(Default)]
pub struct House {
    told: Mutex<Told>,
    /// How often everything was asked for.
    pub builds: AtomicUsize,
    failing: AtomicBool,
    failures: AtomicUsize,
    words: Mutex<Vec<OwnWord>>,
}

#[derive(Default)]
struct Told {
    epoch: u64,
    /// Changes of the entries after `kept_from`.
    changes: Vec<Change>,
    kept_from: u64,
}

impl House {
    pub fn new() -> Arc<House> {
        Arc::default()
    }

    pub fn tell(&self, change: Change) -> Seq {
        let mut told = self.told.lock().expect("lock");
        told.changes.push(change);
        Seq(told.kept_from + told.changes.len() as u64)
    }

    /// A message in a public room.
    pub fn say(&self, text: &str) -> MessageId {
        self.say_in(PUBLIC, true, text)
    }

    pub fn say_in(&self, room: RoomId, public: bool, text: &str) -> MessageId {
        let mut told = self.told.lock().expect("lock");
        let seq = Seq(told.kept_from + told.changes.len() as u64 + 1);
        let doc = doc(seq, room, public, text);
        let id = doc.id;
        told.changes.push(Change::Put(doc));
        id
    }

    pub fn head_seq(&self) -> Seq {
        self.head().seq
    }

    /// The next entry's place.
    pub fn next(&self) -> Seq {
        self.head_seq().next()
    }

    pub fn set_epoch(&self, epoch: u64) {
        self.told.lock().expect("lock").epoch = epoch;
    }

    /// Nothing can be read for a while.
    pub fn set_failing(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
    }

    pub fn failures(&self) -> usize {
        self.failures.load(Ordering::SeqCst)
    }

    /// Each as JSON.
    pub fn teach(&self, words: &[&str]) {
        let words = words.iter().map(|word| {
            let word: OwnWord = serde_json::from_str(word).expect(word);
            word.checked().expect("a word")
        });
        *self.words.lock().expect("lock") = words.collect();
    }

    pub fn builds(&self) -> usize {
        self.builds.load(Ordering::SeqCst)
    }
}

pub fn doc(seq: Seq, room: RoomId, public: bool, text: &str) -> Doc {
    Doc {
        id: MessageId(seq.id()),
        room,
        author: UserId(7),
        public,
        sent_at_ms: 1_700_000_000_000 + seq.0 as i64 * 1000,
        text: text.into(),
        has: Has::NOTHING,
        mentions: Vec::new(),
        files: Vec::new(),
    }
}

impl DocumentSource for House {
    fn head(&self) -> Position {
        let told = self.told.lock().expect("lock");
        Position {
            epoch: told.epoch,
            seq: Seq(told.kept_from + told.changes.len() as u64),
        }
    }

    fn changes_since(&self, after: Position, max: usize) -> io::Result<Step> {
        if self.failing.load(Ordering::SeqCst) {
            self.failures.fetch_add(1, Ordering::SeqCst);
            return Err(io::Error::other("not now"));
        }
        let told = self.told.lock().expect("lock");
        if after.epoch != told.epoch || after.seq.0 < told.kept_from {
            return Ok(Step::Gone);
        }
        let start = (after.seq.0 - told.kept_from) as usize;
        let changes: Vec<Change> = told.changes.iter().skip(start).take(max).cloned().collect();
        Ok(Step::Changes {
            upto: Position {
                epoch: told.epoch,
                seq: Seq(after.seq.0 + changes.len() as u64),
            },
            changes,
        })
    }

    fn words(&self) -> io::Result<Vec<OwnWord>> {
        Ok(self.words.lock().expect("lock").clone())
    }

    fn everything(&self) -> io::Result<(Position, Documents)> {
        self.builds.fetch_add(1, Ordering::SeqCst);
        let position = self.head();
        let mut docs: BTreeMap<u64, Doc> = BTreeMap::new();
        for change in &self.told.lock().expect("lock").changes {
            match change {
                Change::Put(doc) => {
                    docs.insert(doc.id.0, doc.clone());
                }
                Change::Delete(id) => {
                    docs.remove(&id.0);
                }
                Change::DeleteRoom(room) => docs.retain(|_, doc| doc.room != *room),
            }
        }
        Ok((position, Box::new(docs.into_values().map(Ok))))
    }
}

pub fn start(dir: &Path, house: &Arc<House>) -> Search {
    let search = Search::start(dir.join("index"), house.clone()).expect("starts");
    settle(&search, house);
    search
}

/// Waits until the index has caught up.
pub fn settle(search: &Search, house: &Arc<House>) {
    while !search.wait_visible(house.head().seq, std::time::Duration::from_millis(20)) {
        std::thread::yield_now();
    }
}

pub fn everybody() -> Readable {
    Readable {
        public: true,
        rooms: Vec::new(),
    }
}

pub fn query(text: &str) -> Query {
    Query {
        text: text.to_owned(),
        limit: 100,
        ..Query::default()
    }
}

pub fn ask(search: &Search, text: &str) -> Result<ResultPage, SearchError> {
    search.query(&query(text), &everybody())
}

/// Ids of the hits, in order of id.
pub fn found(search: &Search, text: &str) -> Vec<MessageId> {
    let page = ask(search, text).expect("answers");
    assert!(!page.partial);
    let mut ids: Vec<MessageId> = page.hits.iter().map(|h: &Hit| h.id).collect();
    assert_eq!(page.total as usize, ids.len().max(page.total as usize));
    ids.sort_unstable();
    ids
}
