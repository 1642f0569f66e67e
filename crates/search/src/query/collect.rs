//! Collects the page: what the caller may read and asked for, the best of it, and how much.

use super::{Query, Readable, Sort};
use crate::index::{Fields, Opened, Recent, RecentDoc, SegmentColumns};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::sync::Arc;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::{DocId, Score, SegmentReader};

/// A message of today counts so much more than one of long ago.
const NEW_BONUS: f32 = 0.15;
/// After this time half of the bonus is gone.
const NEW_HALF_MS: f32 = 30.0 * 24.0 * 3600.0 * 1000.0;
/// Scores are compared in steps of a thousandth: additions in another order give the same step.
const SCORE_STEPS: f32 = 1000.0;

/// Order of hits: score or time, then id. Greater comes first.
pub type Key = (u64, u64);

/// Which messages count. Decided for every match, before it is counted.
#[derive(Clone)]
pub struct Filter {
    public: bool,
    /// Whose private rooms count, sorted.
    rooms: Arc<[u64]>,
    room: Option<u64>,
    author: Option<u64>,
    after_ms: i64,
    before_ms: i64,
    has: u8,
    upto_id: u64,
    /// Whoever must be named.
    mentions: Option<u64>,
    /// Only these.
    among: Option<Arc<HashSet<u64>>>,
    /// Changes after the commit that is asked.
    recent: Option<Arc<Recent>>,
}

impl Filter {
    pub fn new(query: &Query, readable: &Readable, upto_id: u64) -> Filter {
        Filter {
            upto_id,
            room: query.room.map(|r| r.0),
            author: query.author.map(|a| a.0),
            after_ms: query.after_ms.unwrap_or(i64::MIN),
            before_ms: query.before_ms.unwrap_or(i64::MAX),
            has: query.has.0,
            mentions: query.mentions.map(|person| person.0),
            among: query.among.as_ref().map(|ids| {
                let ids = ids.iter().map(|id| id.0);
                Arc::new(ids.collect())
            }),
            ..Filter::readable(readable)
        }
    }

    /// Everything that everybody may read.
    pub fn public() -> Filter {
        Filter::readable(&Readable {
            public: true,
            rooms: Vec::new(),
        })
    }

    /// Everything that the caller may read.
    pub fn readable(readable: &Readable) -> Filter {
        let mut rooms: Vec<u64> = readable.rooms.iter().map(|room| room.0).collect();
        rooms.sort_unstable();
        Filter {
            public: readable.public,
            rooms: rooms.into(),
            room: None,
            author: None,
            after_ms: i64::MIN,
            before_ms: i64::MAX,
            has: 0,
            upto_id: u64::MAX,
            mentions: None,
            among: None,
            recent: None,
        }
    }

    /// Leaves out what was changed after the commit.
    pub fn after(self, recent: &Arc<Recent>) -> Filter {
        Filter {
            recent: (recent.len() > 0).then(|| recent.clone()),
            ..self
        }
    }

    /// The same decision for a message in memory.
    pub fn admits(&self, doc: &RecentDoc) -> bool {
        let readable = if doc.public {
            self.public
        } else {
            self.rooms.binary_search(&doc.room).is_ok()
        };
        readable
            && self.room.is_none_or(|room| doc.room == room)
            && self.author.is_none_or(|author| doc.author == author)
            && self
                .mentions
                .is_none_or(|person| doc.mentions.contains(&person))
            && doc.has.0 & self.has == self.has
            && self
                .among
                .as_ref()
                .is_none_or(|among| among.contains(&doc.id))
            && (self.after_ms..self.before_ms).contains(&doc.sent_at_ms)
            && doc.id <= self.upto_id
    }
}

/// The columns of a segment, for a filter.
pub struct Columns {
    filter: Filter,
    columns: Arc<SegmentColumns>,
}

impl Columns {
    pub fn of(
        opened: &Opened,
        segment: &SegmentReader,
        filter: Filter,
    ) -> tantivy::Result<Columns> {
        Ok(Columns {
            filter,
            columns: opened.columns.of(segment)?,
        })
    }

    pub fn id(&self, doc: DocId) -> u64 {
        self.columns.id.get_val(doc)
    }

    /// Whether the caller may read the message and asked for it.
    pub fn admit(&self, doc: DocId) -> bool {
        let filter = &self.filter;
        let has = self.columns.has.get_val(doc);
        let readable = if has & Fields::PUBLIC != 0 {
            filter.public
        } else {
            let room = self.columns.room.get_val(doc);
            filter.rooms.binary_search(&room).is_ok()
        };
        readable
            && filter
                .room
                .is_none_or(|room| self.columns.room.get_val(doc) == room)
            && filter
                .author
                .is_none_or(|author| self.columns.author.get_val(doc) == author)
            && has as u8 & filter.has == filter.has
            && self.in_time(doc)
            && self.id(doc) <= filter.upto_id
            && filter
                .recent
                .as_ref()
                .is_none_or(|recent| recent.leaves(self.id(doc), self.columns.room.get_val(doc)))
    }

    fn in_time(&self, doc: DocId) -> bool {
        let filter = &self.filter;
        if (filter.after_ms, filter.before_ms) == (i64::MIN, i64::MAX) {
            return true;
        }
        let sent_at_ms = self.columns.sent_at_ms.get_val(doc);
        filter.after_ms <= sent_at_ms && sent_at_ms < filter.before_ms
    }
}

pub struct TopPage<'a> {
    pub opened: &'a Opened,
    pub filter: Filter,
    pub sort: Sort,
    pub limit: usize,
    /// Only what comes after this.
    pub after: Option<Key>,
    pub as_of_ms: i64,
}

/// The greatest keys in order, and the number of all matches.
pub struct Top {
    pub total: u64,
    pub keys: Vec<Key>,
}

impl Collector for TopPage<'_> {
    type Fruit = Top;
    type Child = SegmentPage;

    fn for_segment(&self, _: u32, segment: &SegmentReader) -> tantivy::Result<SegmentPage> {
        Ok(SegmentPage {
            columns: Columns::of(self.opened, segment, self.filter.clone())?,
            sort: self.sort,
            limit: self.limit,
            after: self.after.unwrap_or((u64::MAX, u64::MAX)),
            as_of_ms: self.as_of_ms,
            total: 0,
            heap: BinaryHeap::with_capacity(self.limit + 1),
        })
    }

    fn requires_scoring(&self) -> bool {
        self.sort == Sort::Relevance
    }

    fn merge_fruits(&self, fruits: Vec<Top>) -> tantivy::Result<Top> {
        let total = fruits.iter().map(|f| f.total).sum();
        let mut keys: Vec<Key> = fruits.into_iter().flat_map(|f| f.keys).collect();
        keys.sort_unstable_by_key(|key| Reverse(*key));
        keys.truncate(self.limit);
        Ok(Top { total, keys })
    }
}

pub struct SegmentPage {
    columns: Columns,
    sort: Sort,
    limit: usize,
    after: Key,
    as_of_ms: i64,
    total: u64,
    heap: BinaryHeap<Reverse<Key>>,
}

impl SegmentPage {
    fn key(&self, doc: DocId, score: Score) -> Key {
        let sent_at_ms = self.columns.columns.sent_at_ms.get_val(doc);
        let id = self.columns.id(doc);
        key(self.sort, self.as_of_ms, sent_at_ms, score, id)
    }
}

/// Where a message stands among others.
pub fn key(sort: Sort, as_of_ms: i64, sent_at_ms: i64, score: Score, id: u64) -> Key {
    let first = match sort {
        // Before 1970 is before everything.
        Sort::Newest => u64::try_from(sent_at_ms).unwrap_or(0),
        Sort::Relevance => {
            let age_ms = as_of_ms.saturating_sub(sent_at_ms).max(0) as f32;
            let newness = (-age_ms / NEW_HALF_MS).exp2();
            (score * (1.0 + NEW_BONUS * newness) * SCORE_STEPS) as u64
        }
    };
    (first, id)
}

impl SegmentCollector for SegmentPage {
    type Fruit = Top;

    fn collect(&mut self, doc: DocId, score: Score) {
        if !self.columns.admit(doc) {
            return;
        }
        self.total += 1;
        let key = self.key(doc, score);
        if key >= self.after {
            return;
        }
        if self.heap.len() < self.limit {
            self.heap.push(Reverse(key));
        } else if let Some(mut least) = self.heap.peek_mut()
            && least.0 < key
        {
            *least = Reverse(key);
        }
    }

    fn harvest(self) -> Top {
        Top {
            total: self.total,
            keys: self.heap.into_iter().map(|key| key.0).collect(),
        }
    }
}

/// The score that a key stands for.
pub fn score_of(key: Key) -> f32 {
    key.0 as f32 / SCORE_STEPS
}
