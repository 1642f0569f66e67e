//! Telling one observer which keys change, whoever changes them.

use super::shard::Shard;
use super::{Embedded, Txn};
use parking_lot::Mutex;
use std::sync::Arc;
use std::thread::ThreadId;

/// Keys that have changed and that the observer has not taken yet.
pub struct Changes {
    keys: Mutex<Vec<Changed>>,
    /// The observer's thread needs no bell: it looks after each of its commands.
    home: ThreadId,
    bell: Box<dyn Fn() + Send + Sync>,
}

/// A key that has changed, in some database.
pub struct Changed {
    pub key: Box<[u8]>,
    /// By a command on the observer's thread, and not because its time was over.
    pub by_observer: bool,
}

impl Changes {
    fn new(bell: impl Fn() + Send + Sync + 'static) -> Arc<Changes> {
        Arc::new(Changes {
            keys: Mutex::default(),
            home: std::thread::current().id(),
            bell: Box::new(bell),
        })
    }

    /// What has changed, in that order.
    pub fn take(&self) -> Vec<Changed> {
        std::mem::take(&mut self.keys.lock())
    }

    pub(super) fn add(&self, key: &[u8], ended: bool) {
        let is_home = std::thread::current().id() == self.home;
        let mut keys = self.keys.lock();
        let rings = keys.is_empty() && !is_home;
        keys.push(Changed {
            key: key.into(),
            by_observer: is_home && !ended,
        });
        drop(keys);
        if rings {
            (self.bell)();
        }
    }
}

impl Embedded {
    /// Begins to collect which keys change, for the thread that calls; in place of any observer
    /// before. The bell is rung, from other threads, when there is something to take.
    pub fn observe(&self, bell: impl Fn() + Send + Sync + 'static) -> Arc<Changes> {
        let changes = Changes::new(bell);
        self.each_shard(|shard| shard.changes = Some(changes.clone()));
        changes
    }

    /// Collects no longer.
    pub fn observe_no_more(&self) {
        self.each_shard(|shard| shard.changes = None);
    }

    fn each_shard(&self, change: impl Fn(&mut Shard)) {
        for shard in &self.space.shards {
            change(&mut shard.lock());
        }
    }
}

impl Txn<'_> {
    /// [`Embedded::observe`], for a transaction on everything.
    pub fn observe(&mut self, bell: impl Fn() + Send + Sync + 'static) -> Arc<Changes> {
        let changes = Changes::new(bell);
        for shard in self.guards() {
            shard.changes = Some(changes.clone());
        }
        changes
    }
}
