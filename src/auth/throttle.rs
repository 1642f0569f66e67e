//! Limits for those who flood. Nobody is locked out.
//!
//! Counters live in the cache, volatile: a restart forgives. In a cluster all nodes count together.

use crate::cache::{CacheError, Clock, Creation, Handle};
use std::net::IpAddr;
use std::time::Duration;

/// Come back later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts; try again in {} s", retry_after_s(*.retry_after))]
pub struct Throttled {
    /// How long to wait.
    pub retry_after: Duration,
}

impl Throttled {
    /// For the `Retry-After` header: whole seconds, at least one.
    pub fn retry_after_s(self) -> u64 {
        retry_after_s(self.retry_after)
    }
}

fn retry_after_s(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1000).max(1) as u64
}

/// Not now, or not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThrottleError {
    /// Come back later.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The counters cannot be read; the caller decides whether that means yes or no.
    #[error(transparent)]
    Cache(#[from] CacheError),
}

/// So many in so long, for each of those who are told apart by a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Part of the counters' keys.
    pub name: &'static str,
    /// How many.
    pub count: u32,
    /// In how long.
    pub per: Duration,
}

/// Failed sign-ins from one address.
pub const SIGN_IN_BY_ADDRESS: Limit = Limit {
    name: "sign-in",
    count: 20,
    per: Duration::from_secs(60),
};
/// New accounts from one address.
pub const SIGN_UP_BY_ADDRESS: Limit = Limit {
    name: "sign-up",
    count: 20,
    per: Duration::from_secs(3600),
};

/// All counters of one cache.
#[derive(Clone)]
pub struct Throttle {
    pub(super) cache: Handle,
    pub(super) clock: Clock,
}

impl Throttle {
    /// With the clock that the cache uses.
    pub fn new(cache: Handle, clock: Clock) -> Throttle {
        Throttle { cache, clock }
    }

    /// Counts one use of a limit, and refuses it if there have been too many. Counts of the window
    /// before fade out evenly, so there is no moment at which everything is allowed again.
    pub async fn take(&self, limit: &Limit, key: &str) -> Result<(), ThrottleError> {
        let per_ms = (limit.per.as_millis() as u64).max(1);
        let now_ms = self.clock.unix_ms();
        let (window, into_ms) = (now_ms / per_ms, now_ms % per_ms);
        let counter = |window: u64| window_key(limit, key, window);
        let creation = Creation {
            expires_at_ms: Some((window + 2) * per_ms),
            volatile: true,
        };
        let current = counter(window);
        let now = self.cache.incr_by(current.as_bytes(), 1, creation).await?;
        let before = match self
            .cache
            .get(counter(window.saturating_sub(1)).as_bytes())
            .await?
        {
            Some(text) => std::str::from_utf8(&text)
                .ok()
                .and_then(|n| n.parse::<i64>().ok())
                .unwrap_or(0),
            None => 0,
        };
        let (now, before, count) = (
            now.max(0) as u64,
            before.max(0) as u64,
            u64::from(limit.count),
        );
        let fading = before.saturating_mul(per_ms - into_ms) / per_ms;
        if now.saturating_add(fading) <= count {
            return Ok(());
        }
        self.cache.incr_by(current.as_bytes(), -1, creation).await?;
        let retry_after_ms = if now > count {
            per_ms - into_ms
        } else {
            // When has enough of the window before faded?
            let keep_ms = (count - now).saturating_mul(per_ms) / before.max(1);
            (per_ms - into_ms).saturating_sub(keep_ms)
        };
        let retry_after = Duration::from_millis(retry_after_ms.max(1));
        Err(Throttled { retry_after }.into())
    }

    /// The latest use did not count after all.
    pub async fn give_back(&self, limit: &Limit, key: &str) -> Result<(), CacheError> {
        let per_ms = (limit.per.as_millis() as u64).max(1);
        let window = self.clock.unix_ms() / per_ms;
        let creation = Creation {
            expires_at_ms: Some((window + 2) * per_ms),
            volatile: true,
        };
        let key = window_key(limit, key, window);
        self.cache.incr_by(key.as_bytes(), -1, creation).await?;
        Ok(())
    }
}

fn window_key(limit: &Limit, key: &str, window: u64) -> String {
    format!("maru:throttle:{}:{window}:{key}", limit.name)
}

/// Those who share an address, or an IPv6 network of the size that is handed out to one customer.
pub fn neighbourhood(address: IpAddr) -> String {
    match network(address) {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// The first address of that network.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6([a, b, c, d, 0, 0, 0, 0].into())
        }
        address => address,
    }
}
