//! Commands that look at all keys of the database, as parts of a step on everything; alone,
//! [`Db`](super::super::Db) has them without holding all locks at once.

use super::super::keyspace::shard_of;
use super::super::shard::matching;
use super::super::{ScanPage, Txn, ValueType};
use bytes::Bytes;

impl Txn<'_> {
    /// A page of the keys that match a glob and hold a kind of value; see
    /// [`super::super::Cache::scan`]. The transaction must be on everything.
    pub fn scan(
        &mut self,
        cursor: u64,
        pattern: &[u8],
        kind: Option<ValueType>,
        count: usize,
    ) -> ScanPage {
        let mut page = ScanPage::default();
        let Ok(mut from) = u32::try_from(cursor) else {
            return page;
        };
        let (db, space) = (self.db(), self.space);
        let wanted = matching(pattern, kind, &space.clock);
        let mut left = count.max(1);
        let first = shard_of(from);
        for (index, shard) in self.shards().filter(|(index, _)| *index >= first) {
            if left == 0 {
                page.cursor = u64::from(index) << 24;
                return page;
            }
            let (looked_at, next) = shard.scan(db, from, left, &wanted, &mut page.keys);
            if let Some(next) = next {
                page.cursor = u64::from(next);
                return page;
            }
            left = left.saturating_sub(looked_at);
            from = 0;
        }
        page
    }

    /// All keys that match a glob. The transaction must be on everything.
    pub fn keys(&mut self, pattern: &[u8]) -> Vec<Bytes> {
        let (db, space) = (self.db(), self.space);
        let wanted = matching(pattern, None, &space.clock);
        let mut keys = Vec::new();
        for (_, shard) in self.shards() {
            let found = shard.slots(db).filter(|slot| wanted(slot));
            keys.extend(found.map(|slot| Bytes::copy_from_slice(slot.key())));
        }
        keys
    }

    /// Any key. The transaction must be on everything.
    pub fn random_key(&mut self) -> Option<Bytes> {
        let keys = self.keys(b"*");
        let at = self.any_below(keys.len());
        keys.into_iter().nth(at)
    }
}
