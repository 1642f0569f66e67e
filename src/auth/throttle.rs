//! Delays for those who guess, limits for those who flood. Nobody is locked out.
//!
//! Counters live in the cache, volatile: a restart forgives. In a cluster all nodes count together.

use crate::cache::{CacheError, Clock, Condition, Creation, Handle, SetOptions, Ttl};
use bytes::Bytes;
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
/// Messages of one author.
pub const POSTS_BY_USER: Limit = Limit {
    name: "post",
    count: 600,
    per: Duration::from_secs(60),
};

/// Wrong passwords an account may have before delays begin.
const QUICK_FAILURES: i64 = 5;
const LONGEST_DELAY_MS: u64 = 60_000;
/// After so long without an attempt, an account's failures are forgotten.
const MEMORY_MS: u64 = 15 * 60_000;

/// All counters of one cache.
#[derive(Clone)]
pub struct Throttle {
    cache: Handle,
    clock: Clock,
}

/// An attempt to sign in that may go on; its outcome is to be told.
#[must_use = "tell how it went: succeeded() or failed()"]
pub struct Attempt<'a> {
    throttle: &'a Throttle,
    account: String,
    address: String,
}

impl Throttle {
    /// With the clock that the cache uses.
    pub fn new(cache: Handle, clock: Clock) -> Throttle {
        Throttle { cache, clock }
    }

    /// Before a password is looked at. The attempt is counted as a failure at once, so that many at
    /// the same time count as well as one after the other.
    ///
    /// `account`: the name as it was typed; names that differ only in case are one.
    pub async fn begin(
        &self,
        account: &str,
        address: IpAddr,
    ) -> Result<Attempt<'_>, ThrottleError> {
        let account = account.chars().take(64).collect::<String>().to_lowercase();
        let address = neighbourhood(address);
        let wait_key = format!("maru:throttle:wait:{account}");
        self.expect_no_wait(&wait_key).await?;
        self.take(&SIGN_IN_BY_ADDRESS, &address).await?;

        let attempt = Attempt {
            throttle: self,
            account,
            address,
        };
        let now_ms = self.clock.unix_ms();
        let failures_key = attempt.failures_key();
        let creation = Creation {
            expires_at_ms: Some(now_ms + MEMORY_MS),
            volatile: true,
        };
        let failures = self
            .cache
            .incr_by(failures_key.as_bytes(), 1, creation)
            .await?;
        self.cache
            .expire_at(failures_key.as_bytes(), now_ms + MEMORY_MS)
            .await?;
        if failures >= QUICK_FAILURES {
            let doublings = (failures - QUICK_FAILURES).min(6) as u32;
            let delay_ms = (1000 << doublings).min(LONGEST_DELAY_MS);
            let options = SetOptions {
                condition: Condition::IfAbsent,
                volatile: true,
                ..SetOptions::until(now_ms + delay_ms)
            };
            let first = self
                .cache
                .set(wait_key.as_bytes(), Bytes::new(), options)
                .await?;
            if !first.stored {
                // Somebody else was quicker; this attempt never happened.
                attempt.forget_address().await?;
                self.expect_no_wait(&wait_key).await?;
                let retry_after = Duration::from_millis(delay_ms);
                return Err(Throttled { retry_after }.into());
            }
        }
        Ok(attempt)
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

    async fn expect_no_wait(&self, wait_key: &str) -> Result<(), ThrottleError> {
        match self.cache.ttl(wait_key.as_bytes()).await? {
            Ttl::Left { left_ms, .. } => {
                let retry_after = Duration::from_millis(left_ms.max(1));
                Err(Throttled { retry_after }.into())
            }
            Ttl::Missing | Ttl::Forever => Ok(()),
        }
    }
}

impl Attempt<'_> {
    /// The password was right: the account's failures are forgotten, and the address has used nothing.
    pub async fn succeeded(self) -> Result<(), CacheError> {
        let wait_key = format!("maru:throttle:wait:{}", self.account);
        let keys = [self.failures_key(), wait_key];
        self.throttle
            .cache
            .del(&[keys[0].as_bytes(), keys[1].as_bytes()])
            .await?;
        self.forget_address().await
    }

    /// The password was wrong; that has been counted already.
    pub fn failed(self) {}

    /// Neither: the password was never looked at, because the server was busy.
    pub async fn abandoned(self) -> Result<(), CacheError> {
        let creation = Creation {
            expires_at_ms: Some(self.throttle.clock.unix_ms() + MEMORY_MS),
            volatile: true,
        };
        let cache = &self.throttle.cache;
        cache
            .incr_by(self.failures_key().as_bytes(), -1, creation)
            .await?;
        self.forget_address().await
    }

    async fn forget_address(&self) -> Result<(), CacheError> {
        let per_ms = SIGN_IN_BY_ADDRESS.per.as_millis() as u64;
        let window = self.throttle.clock.unix_ms() / per_ms;
        let creation = Creation {
            expires_at_ms: Some((window + 2) * per_ms),
            volatile: true,
        };
        let key = window_key(&SIGN_IN_BY_ADDRESS, &self.address, window);
        self.throttle
            .cache
            .incr_by(key.as_bytes(), -1, creation)
            .await?;
        Ok(())
    }

    fn failures_key(&self) -> String {
        format!("maru:throttle:failures:{}", self.account)
    }
}

fn window_key(limit: &Limit, key: &str, window: u64) -> String {
    format!("maru:throttle:{}:{window}:{key}", limit.name)
}

/// Those who share an address, or an IPv6 network of the size that is handed out to one customer.
pub fn neighbourhood(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}
