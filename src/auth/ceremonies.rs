//! What is kept between two requests of one act: in the cache, for a few minutes, taken once.

use super::random::{self, NoRandomness};
use super::throttle::Throttle;
use crate::cache::{CacheError, Clock, Handle, SetOptions};
use bytes::Bytes;

/// As long as browsers are told to wait.
const LIFETIME_MS: u64 = 5 * 60 * 1000;

/// Clones are the same; in a cluster all nodes keep together.
#[derive(Clone)]
pub struct Ceremonies {
    cache: Handle,
    clock: Clock,
}

#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    #[error(transparent)]
    Random(#[from] NoRandomness),
    #[error(transparent)]
    Cache(#[from] CacheError),
}

impl Throttle {
    /// In the same cache.
    pub fn ceremonies(&self) -> Ceremonies {
        Ceremonies {
            cache: self.cache.clone(),
            clock: self.clock.clone(),
        }
    }
}

impl Ceremonies {
    /// Keeps what was begun; the name under which it is taken.
    pub async fn keep(&self, purpose: &str, kept: Vec<u8>) -> Result<String, CeremonyError> {
        let name = random::id()?;
        let options = SetOptions {
            volatile: true,
            ..SetOptions::until(self.clock.unix_ms() + LIFETIME_MS)
        };
        let key = key(purpose, &name);
        self.cache.set(key.as_bytes(), kept.into(), options).await?;
        Ok(name)
    }

    /// Nobody takes it a second time.
    pub async fn take(&self, purpose: &str, name: &str) -> Result<Option<Bytes>, CacheError> {
        let key = key(purpose, name);
        let found = self.cache.get(key.as_bytes()).await?;
        let was_there = self.cache.del(&[key.as_bytes()]).await? == 1;
        Ok(found.filter(|_| was_there))
    }
}

fn key(purpose: &str, name: &str) -> String {
    format!("maru:ceremony:{purpose}:{name}")
}
