//! When sessions were last used: in the cache, so that nodes share it and a
//! restart keeps it. It is told to the minute, not to the request.

use crate::cache::{Handle, SetOptions};
use crate::domain::Timestamp;
use bytes::Bytes;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

const PREFIX: &str = "maru:used:";
/// The cache is told no more often.
const PAUSE_MS: i64 = 60_000;
/// Longer than any session lasts.
const KEPT_MS: i64 = 400 * 24 * 3_600 * 1_000;
/// Sessions whose last telling is remembered; without it the cache is told again.
const REMEMBERED: usize = 50_000;

/// Clones are the same.
#[derive(Clone)]
pub struct LastUse {
    cache: Handle,
    told: Arc<Mutex<HashMap<u64, i64>>>,
}

impl LastUse {
    pub fn new(cache: Handle) -> LastUse {
        LastUse {
            cache,
            told: Arc::default(),
        }
    }

    /// It was used now. Waits for nothing; a cache that is away loses it.
    pub fn note(&self, id: u64, now: Timestamp) {
        {
            let mut told = self.told.lock();
            let last = told.get(&id).copied().unwrap_or(i64::MIN);
            if now.0.saturating_sub(last) < PAUSE_MS {
                return;
            }
            if told.len() >= REMEMBERED {
                told.clear();
            }
            told.insert(id, now.0);
        }
        let cache = self.cache.clone();
        tokio::spawn(async move {
            let until = u64::try_from(now.0.saturating_add(KEPT_MS)).unwrap_or(0);
            let value = Bytes::from(now.0.to_string());
            let (key, until) = (key(id), SetOptions::until(until));
            if let Err(error) = cache.set(key.as_bytes(), value, until).await {
                tracing::debug!(%error, "the last use of a session is not kept");
            }
        });
    }

    /// When it was used last; `None` where that is not known.
    pub async fn of(&self, id: u64) -> Option<Timestamp> {
        let told = self.told.lock().get(&id).copied();
        let kept = self.cache.get(key(id).as_bytes()).await.ok().flatten();
        let kept = kept.and_then(|kept| std::str::from_utf8(&kept).ok()?.parse::<i64>().ok());
        told.max(kept).map(Timestamp)
    }
}

fn key(id: u64) -> String {
    format!("{PREFIX}{id}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::{Embedded, Options};

    /// In the year 2033: the cache keeps nothing whose time is over.
    const NOW: i64 = 2_000_000_000_000;

    #[tokio::test]
    async fn the_last_use_is_known_to_the_minute_and_kept() {
        let cache = Arc::new(Embedded::open(Options::default()).expect("a cache"));
        let used = LastUse::new(Handle::Embedded(cache.clone()));
        assert_eq!(used.of(7).await, None);
        used.note(7, Timestamp(NOW));
        used.note(7, Timestamp(NOW + PAUSE_MS - 1));
        assert_eq!(used.of(7).await, Some(Timestamp(NOW)));
        used.note(7, Timestamp(NOW + PAUSE_MS));
        assert_eq!(used.of(7).await, Some(Timestamp(NOW + PAUSE_MS)));
        assert_eq!(used.of(8).await, None);
        // Another process knows what the cache was told.
        let later = LastUse::new(Handle::Embedded(cache));
        for _ in 0..1_000 {
            if later.of(7).await == Some(Timestamp(NOW + PAUSE_MS)) {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("the cache was not told");
    }
}
