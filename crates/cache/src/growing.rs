//! Transactions on keys that are not known before: they lock as they go.

use super::Txn;
use super::keyspace::Keyspace;

impl<'a> Txn<'a> {
    /// Locks nothing yet, and each shard when one of its keys is touched.
    pub(super) fn growing(space: &'a Keyspace, db: u8) -> Txn<'a> {
        let mut txn = Txn::new(space, db, []);
        txn.grows = true;
        txn
    }

    /// Locks all shards, for what looks at all keys.
    pub fn lock_all(&mut self) {
        for index in 0..=u8::MAX {
            if let Err(at) = self.find(index) {
                self.lock(index, at);
            }
        }
    }

    /// Gives the locks back, if nothing has been changed so far: what was read may change from here
    /// on. Nothing, for a transaction that was opened for certain keys.
    pub fn let_go(&mut self) {
        if self.grows && self.effects.is_empty() {
            for (_, shard) in &mut self.guards {
                self.space.count(shard);
            }
            self.guards.clear();
            self.several = None;
            self.counted = None;
        }
    }

    pub(super) fn find(&self, index: u8) -> Result<usize, usize> {
        self.guards
            .binary_search_by_key(&index, |(index, _)| *index)
    }

    pub(super) fn lock(&mut self, index: u8, at: usize) {
        self.several
            .get_or_insert_with(|| self.space.several.lock());
        let guard = self.space.shards[usize::from(index)].lock();
        self.guards.insert(at, (index, guard));
    }
}
