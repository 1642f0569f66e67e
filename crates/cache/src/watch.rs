//! Who wants to know that a key has changed (`WATCH`).

use super::keyspace::{Keyspace, in_range, shard_of};
use super::values::position;
use super::{Embedded, Txn};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How long a lock is waited for, only to tidy up.
const PATIENCE: Duration = Duration::from_millis(20);

/// Keys that were watched together. Dropping it watches nothing any more.
pub struct Watch {
    space: Arc<Keyspace>,
    broken: Arc<AtomicBool>,
    keys: Vec<(u8, Box<[u8]>)>,
}

/// Those who watch a key, each in a database.
type Watchers = Vec<(u8, Weak<AtomicBool>)>;

/// The watched keys of one shard.
#[derive(Default)]
pub(super) struct Watched(HashMap<Box<[u8]>, Watchers, ahash::RandomState>);

impl Watched {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names that are watched, in any database.
    pub fn keys(&self) -> Vec<Box<[u8]>> {
        self.0.keys().cloned().collect()
    }

    /// Tells those who watch this key, once.
    pub fn changed(&mut self, db: u8, key: &[u8]) {
        let Some(watchers) = self.0.get_mut(key) else {
            return;
        };
        watchers.retain(|(watched_db, broken)| {
            if *watched_db == db
                && let Some(broken) = broken.upgrade()
            {
                broken.store(true, Ordering::Release);
            }
            *watched_db != db
        });
        if watchers.is_empty() {
            self.0.remove(key);
        }
    }

    /// Tells those who watch a key of this database for which this holds.
    pub fn changed_where(&mut self, db: u8, holds: impl Fn(&[u8]) -> bool) {
        let keys: Vec<Box<[u8]>> = self.0.keys().filter(|key| holds(key)).cloned().collect();
        for key in keys {
            self.changed(db, &key);
        }
    }

    fn add(&mut self, db: u8, key: &[u8], broken: &Arc<AtomicBool>) {
        let watchers = self.0.entry(key.into()).or_default();
        watchers.retain(|(_, other)| other.strong_count() > 0);
        watchers.push((db, Arc::downgrade(broken)));
    }

    fn remove(&mut self, db: u8, key: &[u8], broken: &Arc<AtomicBool>) {
        if let Some(watchers) = self.0.get_mut(key) {
            watchers.retain(|(watched_db, other)| {
                *watched_db != db || !std::ptr::eq(other.as_ptr(), Arc::as_ptr(broken))
            });
            if watchers.is_empty() {
                self.0.remove(key);
            }
        }
    }
}

impl Watch {
    /// Watches one more key, from this moment on.
    pub fn add(&mut self, db: u8, key: &[u8]) {
        let db = in_range(db);
        if self
            .keys
            .iter()
            .any(|(known_db, known)| *known_db == db && **known == *key)
        {
            return;
        }
        let mut txn = self.space.on(db, key);
        // What has ended already is gone before it is watched, and its removal is no change.
        txn.exists_now(key);
        txn.watched(key).add(db, key, &self.broken);
        drop(txn);
        self.keys.push((db, key.into()));
    }

    /// Whether nothing has changed; a key whose deadline has passed has.
    pub fn is_intact(&self) -> bool {
        for (db, key) in &self.keys {
            self.space.on(*db, key).exists_now(key);
        }
        !self.broken.load(Ordering::Acquire)
    }

    /// Whether a change has been seen; looks at no key, so it may be asked within a transaction.
    pub fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Acquire)
    }

    /// How many keys it watches.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether it watches nothing.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Watches nothing any more, and begins anew.
    pub fn clear(&mut self) {
        for (db, key) in std::mem::take(&mut self.keys) {
            let shard = &self.space.shards[usize::from(shard_of(position(&key)))];
            // What stays behind is found when the key is watched or changed again. A script of this
            // very thread may have the lock.
            if let Some(mut shard) = shard.try_lock_for(PATIENCE) {
                shard.watched.remove(db, &key, &self.broken);
            }
        }
        self.broken = Arc::default();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.clear();
    }
}

impl Embedded {
    /// A watch of nothing yet.
    pub fn watch(&self) -> Watch {
        Watch {
            space: self.space.clone(),
            broken: Arc::default(),
            keys: Vec::new(),
        }
    }
}

impl Txn<'_> {
    fn watched(&mut self, key: &[u8]) -> &mut Watched {
        &mut self.shard(key).0.watched
    }
}
