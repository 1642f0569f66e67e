//! One of the caches, for those who do not care which.

use super::{
    Cache, CacheError, Creation, Embedded, ScanPage, SetOptions, SetOutcome, Subscription, Ttl,
};
use bytes::Bytes;
use std::sync::Arc;

/// A cache in this process, read without boxing, or one elsewhere. The promises are [`Cache`]'s.
#[derive(Clone)]
pub enum Handle {
    /// Here.
    Embedded(Arc<Embedded>),
    /// In another process.
    Remote(Arc<dyn Cache>),
}

impl Handle {
    /// Whether other processes write to it as well.
    pub fn is_shared(&self) -> bool {
        matches!(self, Handle::Remote(_))
    }

    /// The value of a key.
    pub async fn get(&self, key: &[u8]) -> Result<Option<Bytes>, CacheError> {
        match self {
            Handle::Embedded(cache) => Embedded::get(cache, key),
            Handle::Remote(cache) => cache.get(key).await,
        }
    }

    /// Sets a key to a string.
    pub async fn set(
        &self,
        key: &[u8],
        value: Bytes,
        options: SetOptions,
    ) -> Result<SetOutcome, CacheError> {
        self.cache().set(key, value, options).await
    }

    /// Removes keys; answers how many there were.
    pub async fn del(&self, keys: &[&[u8]]) -> Result<u64, CacheError> {
        self.cache().del(keys).await
    }

    /// Gives a key a deadline (unix milliseconds).
    pub async fn expire_at(&self, key: &[u8], at_unix_ms: u64) -> Result<bool, CacheError> {
        self.cache().expire_at(key, at_unix_ms).await
    }

    /// How long a key will live.
    pub async fn ttl(&self, key: &[u8]) -> Result<Ttl, CacheError> {
        match self {
            Handle::Embedded(cache) => Ok(Embedded::ttl(cache, key)),
            Handle::Remote(cache) => cache.ttl(key).await,
        }
    }

    /// Adds to a number; answers the sum.
    pub async fn incr_by(
        &self,
        key: &[u8],
        by: i64,
        creation: Creation,
    ) -> Result<i64, CacheError> {
        self.cache().incr_by(key, by, creation).await
    }

    /// A page of the keys that match a glob.
    pub async fn scan(
        &self,
        cursor: u64,
        pattern: &[u8],
        count: usize,
    ) -> Result<ScanPage, CacheError> {
        self.cache().scan(cursor, pattern, count).await
    }

    /// All keys that match a glob, each at least once; one that comes or goes meanwhile may be
    /// missing.
    pub async fn keys(&self, pattern: &[u8]) -> Result<Vec<Bytes>, CacheError> {
        const PAGE: usize = 1000;
        let cache = match self {
            // Pages would look at every key several times.
            Handle::Embedded(cache) => return Ok(cache.db(0).keys(pattern)),
            Handle::Remote(cache) => cache,
        };
        let mut keys = Vec::new();
        let mut cursor = 0;
        loop {
            let page = cache.scan(cursor, pattern, PAGE).await?;
            keys.extend(page.keys);
            cursor = page.cursor;
            if cursor == 0 {
                return Ok(keys);
            }
        }
    }

    /// Sends to all subscribers of a channel.
    pub async fn publish(&self, channel: &[u8], payload: Bytes) -> Result<u64, CacheError> {
        self.cache().publish(channel, payload).await
    }

    /// Hears channels by their exact names.
    pub async fn subscribe(&self, channels: &[&[u8]]) -> Result<Subscription, CacheError> {
        self.cache().subscribe(channels).await
    }

    fn cache(&self) -> &dyn Cache {
        match self {
            Handle::Embedded(cache) => &**cache,
            Handle::Remote(cache) => &**cache,
        }
    }
}

impl From<Arc<Embedded>> for Handle {
    fn from(cache: Arc<Embedded>) -> Handle {
        Handle::Embedded(cache)
    }
}
