//! Who waits for which key, first come first served, and until when.

use super::call::Wait;
use maru_cache::ValueType;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Instant;

/// A client: where it is, and which it is.
pub type Who = (usize, u64);

/// More than any [`ValueType`] as a number.
const KINDS: usize = ValueType::Stream as usize + 1;

/// All clients that wait for keys.
#[derive(Default)]
pub struct Waits {
    by_key: HashMap<(u8, Vec<u8>), VecDeque<Who>, ahash::RandomState>,
    deadlines: BTreeSet<(Instant, u64, usize)>,
    /// Clients that wait, with or without a deadline.
    count: usize,
    /// How many of them wait for something of a kind, by [`ValueType`].
    by_kind: [usize; KINDS],
    /// Keys that were changed while somebody waited for them.
    ready: Vec<(u8, Vec<u8>)>,
}

impl Waits {
    pub fn add(&mut self, who: Who, db: u8, wait: &Wait) {
        if let Some(kind) = wait.kind {
            self.by_kind[kind as usize] += 1;
        }
        for key in &wait.keys {
            let line = self.by_key.entry((db, key.clone())).or_default();
            // A key that was named twice is waited for once.
            if !line.contains(&who) {
                line.push_back(who);
            }
        }
        if let Some(until) = wait.until {
            self.deadlines.insert((until, who.1, who.0));
        }
        self.count += 1;
    }

    pub fn remove(&mut self, who: Who, db: u8, wait: &Wait) {
        if let Some(kind) = wait.kind {
            self.by_kind[kind as usize] -= 1;
        }
        for key in &wait.keys {
            let key = (db, key.clone());
            if let Some(line) = self.by_key.get_mut(&key) {
                line.retain(|other| *other != who);
                if line.is_empty() {
                    self.by_key.remove(&key);
                }
            }
        }
        if let Some(until) = wait.until {
            self.deadlines.remove(&(until, who.1, who.0));
        }
        self.count = self.count.saturating_sub(1);
    }

    /// How many clients wait.
    pub fn len(&self) -> usize {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether somebody waits for a key.
    pub fn is_awaited(&self, db: u8, key: &[u8]) -> bool {
        self.by_key.contains_key(&(db, key.to_vec()))
    }

    /// A key holds something new of one of these kinds: whoever waits for it is looked at, in the
    /// order in which keys were first filled. Kinds that nobody waits for, for any key, fill none.
    pub fn filled(&mut self, db: u8, key: &[u8], kinds: [Option<ValueType>; 2]) {
        let is_wanted =
            |kind: &Option<ValueType>| kind.is_some_and(|kind| self.by_kind[kind as usize] > 0);
        if kinds.iter().any(is_wanted) {
            self.changed(db, key);
        }
    }

    /// A key may have been filled.
    fn changed(&mut self, db: u8, key: &[u8]) {
        let key = (db, key.to_vec());
        if self.by_key.contains_key(&key) && !self.ready.contains(&key) {
            self.ready.push(key);
        }
    }

    /// Any key may have been changed.
    pub fn all_changed(&mut self) {
        self.ready = self.by_key.keys().cloned().collect();
    }

    /// Keys may have been changed, a while ago.
    pub fn were_changed(&mut self, keys: &[(u8, Vec<u8>)]) {
        keys.iter().for_each(|(db, key)| self.changed(*db, key));
    }

    /// Keys to look at, in the order in which they were changed.
    pub fn take_ready(&mut self) -> Vec<(u8, Vec<u8>)> {
        std::mem::take(&mut self.ready)
    }

    /// Who waits for a key, in the order in which they came.
    pub fn line(&self, key: &(u8, Vec<u8>)) -> Vec<Who> {
        self.by_key
            .get(key)
            .map_or_else(Vec::new, |line| line.iter().copied().collect())
    }

    /// The next deadline.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(until, ..)| *until)
    }

    /// A client whose time has run out.
    pub fn overdue(&self, now: Instant) -> Option<Who> {
        let (until, id, token) = self.deadlines.first()?;
        (*until <= now).then_some((*token, *id))
    }
}
