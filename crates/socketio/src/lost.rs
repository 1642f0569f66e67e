//! Rooms of sockets whose line broke, until they come back.
use super::sid::Sid;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Beyond this the oldest are forgotten.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// What an entry takes beside the names of its rooms.
const ENTRY_BYTES: usize = 128;

/// Sockets that were in rooms and may come back, the oldest first.
#[derive(Debug)]
pub struct Lost {
    window: Duration,
    sockets: BTreeMap<u64, One>,
    by_id: HashMap<Sid, u64, ahash::RandomState>,
    next: u64,
    bytes: usize,
}

#[derive(Debug)]
struct One {
    id: Sid,
    since: Instant,
    rooms: BTreeSet<Arc<str>>,
}

impl One {
    fn size_bytes(&self) -> usize {
        let names: usize = self.rooms.iter().map(|name| name.len() + 32).sum();
        ENTRY_BYTES + names
    }
}

impl Lost {
    pub fn new(window: Duration) -> Self {
        Self {
            window,
            sockets: BTreeMap::new(),
            by_id: HashMap::default(),
            next: 0,
            bytes: 0,
        }
    }

    /// Keeps the rooms of a socket that is gone.
    pub fn keep(&mut self, id: Sid, rooms: BTreeSet<Arc<str>>, now: Instant) {
        self.take(id, now);
        let one = One {
            id,
            since: now,
            rooms,
        };
        self.bytes += one.size_bytes();
        self.by_id.insert(id, self.next);
        self.sockets.insert(self.next, one);
        self.next += 1;
        while self.bytes > MAX_BYTES {
            self.drop_oldest();
        }
    }

    /// The rooms of a socket that comes back in time.
    pub fn take(&mut self, id: Sid, now: Instant) -> BTreeSet<Arc<str>> {
        while self.is_stale(now) {
            self.drop_oldest();
        }
        let found = self.by_id.remove(&id);
        let one = found.and_then(|at| self.sockets.remove(&at));
        one.map_or_else(BTreeSet::new, |one| {
            self.bytes -= one.size_bytes();
            one.rooms
        })
    }

    fn is_stale(&self, now: Instant) -> bool {
        let oldest = self.sockets.first_key_value();
        oldest.is_some_and(|(_, one)| now - one.since > self.window)
    }

    fn drop_oldest(&mut self) {
        if let Some((_, one)) = self.sockets.pop_first() {
            self.by_id.remove(&one.id);
            self.bytes -= one.size_bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rooms(names: &[&str]) -> BTreeSet<Arc<str>> {
        names.iter().map(|&name| Arc::from(name)).collect()
    }

    #[test]
    fn rooms_wait_for_a_while() {
        let mut lost = Lost::new(Duration::from_secs(60));
        let [one, two] = [(); 2].map(|()| Sid::random().unwrap());
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        lost.keep(one, rooms(&["a", "b"]), at(0));
        lost.keep(two, rooms(&["c"]), at(40));
        assert_eq!(lost.take(one, at(60)), rooms(&["a", "b"]));
        assert_eq!(lost.take(one, at(60)), rooms(&[]), "once");
        assert_eq!(lost.take(two, at(101)), rooms(&[]), "too late");
        assert_eq!((lost.bytes, lost.by_id.len()), (0, 0));
    }

    #[test]
    fn the_oldest_make_room() {
        let mut lost = Lost::new(Duration::from_secs(60));
        let long = "x".repeat(MAX_BYTES / 3);
        let ids = [(); 4].map(|()| Sid::random().unwrap());
        let now = Instant::now();
        for id in ids {
            lost.keep(id, rooms(&[&long]), now);
        }
        assert!(lost.bytes <= MAX_BYTES);
        assert!(lost.take(ids[0], now).is_empty());
        assert_eq!(lost.take(ids[3], now).len(), 1);
    }
}
