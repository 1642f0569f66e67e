//! What was said since the last commit: searched in memory, so that nothing waits for a commit.

use super::entry::{nouns, says_something};
use super::grams::grams;
use crate::analyzer::Analysis;
use crate::document::{Change, Doc, Has};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Changes that are not committed yet.
#[derive(Clone, Debug, Default)]
pub struct Recent {
    docs: BTreeMap<u64, Arc<RecentDoc>>,
    /// Messages that the last commit may have in an older form, or that are gone.
    masked: HashSet<u64>,
    masked_rooms: HashSet<u64>,
}

/// A message with everything that is looked up of it.
#[derive(Debug)]
pub struct RecentDoc {
    pub id: u64,
    pub room: u64,
    pub author: u64,
    /// Everybody may read it.
    pub public: bool,
    pub sent_at_ms: i64,
    pub has: Has,
    pub mentions: Vec<u64>,
    /// Positions of each word.
    pub words: HashMap<String, Vec<u32>>,
    pub senses: HashSet<String>,
    /// As the index has them.
    pub grams: HashSet<String>,
    /// What it is about.
    pub nouns: Vec<String>,
    /// Tokens of the fields, as the index counts them.
    pub word_count: u32,
}

impl Recent {
    pub fn apply(&mut self, change: &Change, analysed: Option<RecentDoc>) {
        match change {
            Change::Put(doc) => {
                self.masked.insert(doc.id.0);
                self.docs
                    .extend(analysed.map(|doc| (doc.id, Arc::new(doc))));
            }
            Change::Delete(id) => {
                self.masked.insert(id.0);
                self.docs.remove(&id.0);
            }
            Change::DeleteRoom(room) => {
                self.masked_rooms.insert(room.0);
                self.docs.retain(|_, doc| doc.room != room.0);
            }
        }
    }

    pub fn docs(&self) -> impl Iterator<Item = &RecentDoc> {
        self.docs.values().map(|doc| &**doc)
    }

    /// The latest first.
    pub fn latest(&self) -> impl Iterator<Item = &Arc<RecentDoc>> {
        self.docs.values().rev()
    }

    pub fn len(&self) -> usize {
        self.masked.len() + self.masked_rooms.len()
    }

    pub fn newest_id(&self) -> u64 {
        self.docs.keys().next_back().copied().unwrap_or(0)
    }

    /// Whether what the last commit has of a message still holds.
    pub fn leaves(&self, id: u64, room: u64) -> bool {
        !self.masked.contains(&id) && !self.masked_rooms.contains(&room)
    }
}

impl RecentDoc {
    /// `has` with what the text shows.
    pub fn new(doc: &Doc, has: Has, analysis: &Analysis) -> RecentDoc {
        let words = analysis.words.iter().filter(|word| says_something(word));
        let words: Vec<_> = words.map(|w| (w.term.clone(), w.position)).collect();
        RecentDoc {
            id: doc.id.0,
            room: doc.room.0,
            author: doc.author.0,
            public: doc.public,
            sent_at_ms: doc.sent_at_ms,
            has,
            mentions: doc.mentions.iter().map(|person| person.0).collect(),
            word_count: words.len() as u32,
            words: positions(words.into_iter()),
            senses: analysis.senses.iter().cloned().collect(),
            grams: grams(&doc.searched(), &analysis.pairs).collect(),
            nouns: nouns(&analysis.words)
                .into_iter()
                .map(str::to_owned)
                .collect(),
        }
    }
}

fn positions(terms: impl Iterator<Item = (String, u32)>) -> HashMap<String, Vec<u32>> {
    let mut positions: HashMap<String, Vec<u32>> = HashMap::new();
    for (term, at) in terms {
        positions.entry(term).or_default().push(at);
    }
    positions
}
