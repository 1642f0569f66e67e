//! The commands as callers use them: each one transaction.

use super::contract::{Answer, Cache, Creation, ScanPage, SetOptions, SetOutcome, Ttl};
use super::evict::is_own;
use super::keyspace::{in_range, shard_of};
use super::shard::{SHARDS, matching};
use super::{CacheError, Embedded, Limits, Selector, Subscription, Txn, ValueType};
use bytes::Bytes;

/// One of the databases of a cache.
#[derive(Clone, Copy)]
pub struct Db<'a> {
    cache: &'a Embedded,
    number: u8,
}

/// The answer of a command, and how far the log must be synced for it to be durable.
type Done<T> = (T, Option<u64>);

impl<'a> Db<'a> {
    /// Runs commands on one key as one atomic step.
    pub fn on<T>(self, key: &[u8], run: impl FnOnce(&mut Txn<'_>) -> T) -> Result<T, CacheError> {
        self.settle(self.run(self.cache.space.on(self.number, key), run))
    }

    /// Runs commands on several keys as one atomic step.
    pub fn on_all_of<T>(
        self,
        keys: &[&[u8]],
        run: impl FnOnce(&mut Txn<'_>) -> T,
    ) -> Result<T, CacheError> {
        self.settle(self.run(self.cache.space.on_all_of(self.number, keys), run))
    }

    /// Runs commands on keys that are not known before, as one atomic step, during which no time
    /// passes. Each shard is locked from when one of its keys is first touched until the end, or
    /// until [`Txn::let_go`].
    pub fn on_demand<T>(self, run: impl FnOnce(&mut Txn<'_>) -> T) -> Result<T, CacheError> {
        let _frozen = self.cache.space.clock.freeze();
        self.settle(self.run(self.cache.space.on_demand(self.number), run))
    }

    /// Runs commands on any keys as one atomic step; all other commands wait meanwhile.
    pub fn on_everything<T>(self, run: impl FnOnce(&mut Txn<'_>) -> T) -> Result<T, CacheError> {
        self.settle(self.run(self.cache.space.on_everything(self.number), run))
    }

    /// The value of a key.
    pub fn get(self, key: &[u8]) -> Result<Option<Bytes>, CacheError> {
        self.cache.space.on(self.number, key).get(key)
    }

    /// Sets a key to a string.
    pub fn set(
        self,
        key: &[u8],
        value: impl AsRef<[u8]>,
        options: SetOptions,
    ) -> Result<SetOutcome, CacheError> {
        self.make_room_for(key)?;
        self.on(key, |txn| txn.set(key, value, options))?
    }

    /// Removes keys; answers how many there were.
    pub fn del(self, keys: &[&[u8]]) -> Result<u64, CacheError> {
        self.on_all_of(keys, |txn| txn.del(keys))
    }

    /// How many of the keys exist.
    pub fn exists(self, keys: &[&[u8]]) -> u64 {
        self.cache.space.on_all_of(self.number, keys).exists(keys)
    }

    /// Gives a key a deadline (unix milliseconds).
    pub fn expire_at(self, key: &[u8], at_unix_ms: u64) -> Result<bool, CacheError> {
        self.on(key, |txn| txn.expire_at(key, at_unix_ms))
    }

    /// Takes a key's deadline away.
    pub fn persist(self, key: &[u8]) -> Result<bool, CacheError> {
        self.on(key, |txn| txn.persist(key))
    }

    /// How long a key will live.
    pub fn ttl(self, key: &[u8]) -> Ttl {
        self.cache.space.on(self.number, key).ttl(key)
    }

    /// Adds to a number.
    pub fn incr_by(self, key: &[u8], by: i64, creation: Creation) -> Result<i64, CacheError> {
        self.make_room_for(key)?;
        self.on(key, |txn| txn.incr_by(key, by, creation))?
    }

    /// Removes all keys of this database.
    pub fn flush(self) -> Result<(), CacheError> {
        self.on_everything(|txn| txn.flush_db())?
    }

    /// How many keys there are, with those whose deadline has just passed.
    pub fn len(self) -> u64 {
        let shards = self.cache.space.shards.iter();
        shards
            .map(|shard| shard.lock().len(self.number).0 as u64)
            .sum()
    }

    /// Whether there are no keys.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// A page of the keys that match a glob; see [`Cache::scan`]. Locks one shard at a time.
    pub fn scan(self, cursor: u64, pattern: &[u8], count: usize) -> ScanPage {
        self.scan_for(cursor, pattern, None, count)
    }

    /// As [`Db::scan`], for keys of one kind.
    pub fn scan_for(
        self,
        cursor: u64,
        pattern: &[u8],
        kind: Option<ValueType>,
        count: usize,
    ) -> ScanPage {
        let space = &self.cache.space;
        let mut page = ScanPage::default();
        let Ok(mut from) = u32::try_from(cursor) else {
            return page;
        };
        let mut left = count.max(1);
        let wanted = matching(pattern, kind, &space.clock);
        for shard in shard_of(from)..=u8::MAX {
            if left == 0 {
                page.cursor = u64::from(shard) << 24;
                return page;
            }
            let guard = space.shards[usize::from(shard)].lock();
            let (looked_at, next) = guard.scan(self.number, from, left, &wanted, &mut page.keys);
            if let Some(next) = next {
                page.cursor = u64::from(next);
                return page;
            }
            left = left.saturating_sub(looked_at);
            from = 0;
        }
        page
    }

    /// All keys that match a glob. Locks one shard at a time.
    pub fn keys(self, pattern: &[u8]) -> Vec<Bytes> {
        let space = &self.cache.space;
        let wanted = matching(pattern, None, &space.clock);
        let mut keys = Vec::new();
        for shard in &space.shards {
            let shard = shard.lock();
            let found = shard.slots(self.number).filter(|slot| wanted(slot));
            keys.extend(found.map(|slot| Bytes::copy_from_slice(slot.key())));
        }
        keys
    }

    /// Any key.
    pub fn random_key(self) -> Option<Bytes> {
        let space = &self.cache.space;
        let start = space.random() as usize;
        // Shards hold about as many keys each; a few dead ones are looked past.
        for step in 0..SHARDS {
            let shard = space.shards[start.wrapping_add(step) % SHARDS].lock();
            let found = shard.sample(self.number, space.random(), 64, &space.clock);
            if let Some(slot) = found {
                return Some(Bytes::copy_from_slice(slot.key()));
            }
        }
        None
    }

    /// The appliance's own keys are few, and it cannot do without.
    fn make_room_for(self, key: &[u8]) -> Result<(), CacheError> {
        if is_own(self.number, key) {
            return Ok(());
        }
        self.cache.space.make_room()
    }

    fn run<T>(self, mut txn: Txn<'_>, run: impl FnOnce(&mut Txn<'_>) -> T) -> Done<T> {
        let answer = run(&mut txn);
        (answer, txn.commit())
    }

    fn settle<T>(self, (answer, seq): Done<T>) -> Result<T, CacheError> {
        if let Some(log) = &self.cache.space.log {
            log.settle(seq)?;
        }
        Ok(answer)
    }

    fn later<T: Send + 'a>(self, (answer, seq): Done<Result<T, CacheError>>) -> Answer<'a, T> {
        Box::pin(async move {
            if let Some(log) = &self.cache.space.log {
                log.settled(seq).await?;
            }
            answer
        })
    }
}

impl Embedded {
    /// One of the databases, 0 to 15.
    pub fn db(&self, number: u8) -> Db<'_> {
        Db {
            cache: self,
            number: in_range(number),
        }
    }

    /// [`Db::get`] of database 0.
    pub fn get(&self, key: &[u8]) -> Result<Option<Bytes>, CacheError> {
        self.db(0).get(key)
    }

    /// [`Db::set`] of database 0.
    pub fn set(
        &self,
        key: &[u8],
        value: impl AsRef<[u8]>,
        options: SetOptions,
    ) -> Result<SetOutcome, CacheError> {
        self.db(0).set(key, value, options)
    }

    /// [`Db::del`] of database 0.
    pub fn del(&self, keys: &[&[u8]]) -> Result<u64, CacheError> {
        self.db(0).del(keys)
    }

    /// [`Db::exists`] of database 0.
    pub fn exists(&self, keys: &[&[u8]]) -> u64 {
        self.db(0).exists(keys)
    }

    /// [`Db::expire_at`] of database 0.
    pub fn expire_at(&self, key: &[u8], at_unix_ms: u64) -> Result<bool, CacheError> {
        self.db(0).expire_at(key, at_unix_ms)
    }

    /// [`Db::persist`] of database 0.
    pub fn persist(&self, key: &[u8]) -> Result<bool, CacheError> {
        self.db(0).persist(key)
    }

    /// [`Db::ttl`] of database 0.
    pub fn ttl(&self, key: &[u8]) -> Ttl {
        self.db(0).ttl(key)
    }

    /// [`Db::incr_by`] of database 0.
    pub fn incr_by(&self, key: &[u8], by: i64, creation: Creation) -> Result<i64, CacheError> {
        self.db(0).incr_by(key, by, creation)
    }

    /// [`Db::scan`] of database 0.
    pub fn scan(&self, cursor: u64, pattern: &[u8], count: usize) -> ScanPage {
        self.db(0).scan(cursor, pattern, count)
    }

    /// Sends to all subscribers of a channel; answers how many deliveries were made.
    pub fn publish(&self, channel: &[u8], payload: Bytes) -> u64 {
        self.space.hub.publish(channel, payload)
    }

    /// Sends to all subscribers of a sharded channel.
    pub fn publish_sharded(&self, channel: &[u8], payload: Bytes) -> u64 {
        self.space.hub.publish_sharded(channel, payload)
    }

    /// A subscription to nothing yet; [`Subscription::add`] makes it listen.
    pub fn subscription(&self) -> Subscription {
        self.space.hub.subscription(self.subscriber)
    }

    /// As [`Embedded::subscription`], with limits of its own.
    pub fn subscription_with(&self, limits: Limits) -> Subscription {
        self.space.hub.subscription(limits)
    }

    /// A subscription to some names.
    pub fn listen(&self, selector: Selector, names: &[&[u8]]) -> Subscription {
        let mut subscription = self.subscription();
        for name in names {
            subscription.add(selector, name);
        }
        subscription
    }

    /// A subscription of the house's own to patterns of channels and of sharded channels: no list of subscribers knows it, and only a
    /// count of exactly its name.
    pub fn tap(&self, patterns: &[&[u8]], sharded: &[&[u8]]) -> Subscription {
        self.space.hub.tap(self.subscriber, patterns, sharded)
    }

    /// Names that somebody listens to, of one kind, that match a glob.
    pub fn listened_to(&self, selector: Selector, pattern: &[u8]) -> Vec<Bytes> {
        self.space.hub.names(selector, pattern)
    }

    /// How many listen to a name.
    pub fn listeners(&self, selector: Selector, name: &[u8]) -> usize {
        self.space.hub.count(selector, name)
    }

    /// How many names of one kind somebody listens to.
    pub fn names_listened_to(&self, selector: Selector) -> usize {
        self.space.hub.len(selector)
    }
}

/// Each command has run when its method returns; only the wait for the disk is in the future.
impl Cache for Embedded {
    fn get<'a>(&'a self, key: &'a [u8]) -> Answer<'a, Option<Bytes>> {
        ready(Embedded::get(self, key))
    }

    fn set<'a>(
        &'a self,
        key: &'a [u8],
        value: Bytes,
        options: SetOptions,
    ) -> Answer<'a, SetOutcome> {
        let db = self.db(0);
        if let Err(error) = db.make_room_for(key) {
            return ready(Err(error));
        }
        db.later(db.run(self.space.on(0, key), |txn| txn.set(key, value, options)))
    }

    fn del<'a>(&'a self, keys: &'a [&'a [u8]]) -> Answer<'a, u64> {
        let db = self.db(0);
        db.later(db.run(self.space.on_all_of(0, keys), |txn| Ok(txn.del(keys))))
    }

    fn exists<'a>(&'a self, keys: &'a [&'a [u8]]) -> Answer<'a, u64> {
        ready(Ok(Embedded::exists(self, keys)))
    }

    fn expire_at<'a>(&'a self, key: &'a [u8], at_unix_ms: u64) -> Answer<'a, bool> {
        let db = self.db(0);
        db.later(db.run(self.space.on(0, key), |txn| {
            Ok(txn.expire_at(key, at_unix_ms))
        }))
    }

    fn persist<'a>(&'a self, key: &'a [u8]) -> Answer<'a, bool> {
        let db = self.db(0);
        db.later(db.run(self.space.on(0, key), |txn| Ok(txn.persist(key))))
    }

    fn ttl<'a>(&'a self, key: &'a [u8]) -> Answer<'a, Ttl> {
        ready(Ok(Embedded::ttl(self, key)))
    }

    fn incr_by<'a>(&'a self, key: &'a [u8], by: i64, creation: Creation) -> Answer<'a, i64> {
        let db = self.db(0);
        db.later(db.run(self.space.on(0, key), |txn| txn.incr_by(key, by, creation)))
    }

    fn scan<'a>(&'a self, cursor: u64, pattern: &'a [u8], count: usize) -> Answer<'a, ScanPage> {
        ready(Ok(Embedded::scan(self, cursor, pattern, count)))
    }

    fn publish<'a>(&'a self, channel: &'a [u8], payload: Bytes) -> Answer<'a, u64> {
        ready(Ok(Embedded::publish(self, channel, payload)))
    }

    fn subscribe<'a>(&'a self, channels: &'a [&'a [u8]]) -> Answer<'a, Subscription> {
        ready(Ok(self.listen(Selector::Channel, channels)))
    }

    fn psubscribe<'a>(&'a self, patterns: &'a [&'a [u8]]) -> Answer<'a, Subscription> {
        ready(Ok(self.listen(Selector::Pattern, patterns)))
    }
}

fn ready<'a, T: Send + 'a>(answer: Result<T, CacheError>) -> Answer<'a, T> {
    Box::pin(std::future::ready(answer))
}
