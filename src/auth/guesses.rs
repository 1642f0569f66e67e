//! Who guesses passwords is slowed down; whose password it is, is not.
//!
//! The delay binds an account together with where the failures come from: a device that signed in
//! to it before, else the address. So failures elsewhere never keep an owner out. While many
//! addresses fail at one account, each that never signed in to it has a single quick try.
//!
//! Counters live in the cache, volatile: a restart forgives. Addresses that signed in are kept.

use super::throttle::{SIGN_IN_BY_ADDRESS, Throttle, ThrottleError, Throttled, neighbourhood};
use crate::cache::{CacheError, Condition, Creation, SetOptions, Ttl};
use crate::domain::{SessionId, UserId, names};
use bytes::Bytes;
use std::net::IpAddr;
use std::time::Duration;

/// Wrong passwords in a row before delays begin.
const QUICK_FAILURES: i64 = 5;
/// The same from an address that signed in to the account before.
const QUICK_FAILURES_WHERE_KNOWN: i64 = 10;
/// Failures from unknown addresses after which an account is being guessed at by many.
const FAILURES_OF_STRANGERS: i64 = 100;
const SHORTEST_DELAY_MS: u64 = 1_000;
const LONGEST_DELAY_MS: u64 = 60_000;
/// After so long without an attempt, failures are forgotten.
const MEMORY_MS: u64 = 15 * 60_000;
/// After so long without a sign-in, an address is a stranger's again.
const KNOWN_MS: u64 = 180 * 24 * 3_600_000;

/// Whose password is guessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Account<'a> {
    /// The account, in whatever spelling it was found.
    Known(UserId),
    /// No account has this name; it is treated as if one did.
    Missing(&'a str),
}

/// Where a guess comes from, as far as its maker cannot choose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuessOrigin<'a> {
    /// Somebody who is signed in confirms a password.
    Session(SessionId),
    /// A device that signed in to this account before, by the name it was given then.
    Device(&'a str),
    Address(IpAddr),
}

/// An attempt to sign in that may go on; its outcome is to be told.
#[must_use = "tell how it went: succeeded() or failed()"]
pub struct Attempt<'a> {
    throttle: &'a Throttle,
    account: String,
    place: String,
    /// The neighbourhood of an address, whose own limit has been used.
    address: Option<String>,
    /// Counted among the failures of strangers.
    is_stranger: bool,
}

impl Throttle {
    /// Before a password is looked at. The attempt is counted as a failure at once, so that many at
    /// the same time count as well as one after the other.
    pub async fn begin(
        &self,
        account: Account<'_>,
        source: GuessOrigin<'_>,
    ) -> Result<Attempt<'_>, ThrottleError> {
        let account = account.key();
        let (place, address) = match source {
            GuessOrigin::Session(session) => (format!("session:{session}"), None),
            GuessOrigin::Device(device) => (format!("device:{device}"), None),
            GuessOrigin::Address(address) => {
                let address = neighbourhood(address);
                (format!("address:{address}"), Some(address))
            }
        };
        let is_known = match &address {
            None => true,
            Some(address) => self.knows(&account, address).await?,
        };
        let attempt = Attempt {
            throttle: self,
            account,
            place,
            is_stranger: !is_known,
            address,
        };
        attempt.expect_no_wait().await?;
        if let Some(address) = &attempt.address {
            self.take(&SIGN_IN_BY_ADDRESS, address).await?;
        }
        attempt.count().await?;
        Ok(attempt)
    }

    /// Whose wrong codes count together: those of strangers, who know the password, or those of a
    /// device or an address where a code was right before, whose owner they must not keep out.
    pub async fn circle(
        &self,
        user: UserId,
        source: &GuessOrigin<'_>,
    ) -> Result<String, CacheError> {
        Ok(match source {
            GuessOrigin::Session(session) => format!("{user}:session:{session}"),
            GuessOrigin::Device(device) => format!("{user}:device:{device}"),
            GuessOrigin::Address(address) => {
                let address = neighbourhood(*address);
                let key = passed_key(user, &address);
                match self.cache.ttl(key.as_bytes()).await? {
                    Ttl::Missing => user.to_string(),
                    _ => format!("{user}:address:{address}"),
                }
            }
        })
    }

    /// A code was right here.
    pub async fn passed(&self, user: UserId, source: &GuessOrigin<'_>) -> Result<(), CacheError> {
        if let GuessOrigin::Address(address) = source {
            let key = passed_key(user, &neighbourhood(*address));
            let options = SetOptions::until(self.clock.unix_ms() + KNOWN_MS);
            self.cache
                .set(key.as_bytes(), Bytes::new(), options)
                .await?;
        }
        Ok(())
    }

    async fn knows(&self, account: &str, address: &str) -> Result<bool, CacheError> {
        let found = self
            .cache
            .ttl(known_key(account, address).as_bytes())
            .await?;
        Ok(found != Ttl::Missing)
    }
}

impl Account<'_> {
    fn key(&self) -> String {
        match self {
            Account::Known(user) => format!("user:{user}"),
            Account::Missing(name) => {
                let short: String = name.chars().take(64).collect();
                format!("name:{}", names::likeness(&short))
            }
        }
    }
}

impl Attempt<'_> {
    async fn count(&self) -> Result<(), ThrottleError> {
        let failures = self.add(&self.failures_key(), 1).await?;
        let mut quick = QUICK_FAILURES;
        let mut shortest_ms = SHORTEST_DELAY_MS;
        if self.is_stranger {
            if self.add(&self.strangers_key(), 1).await? > FAILURES_OF_STRANGERS {
                quick = 1;
                shortest_ms = LONGEST_DELAY_MS;
            }
        } else {
            quick = QUICK_FAILURES_WHERE_KNOWN;
        }
        if failures < quick {
            return Ok(());
        }
        let doublings = (failures - quick).min(6) as u32;
        let delay_ms = (shortest_ms << doublings).min(LONGEST_DELAY_MS);
        let options = SetOptions {
            condition: Condition::IfAbsent,
            volatile: true,
            ..SetOptions::until(self.throttle.clock.unix_ms() + delay_ms)
        };
        let wait_key = self.wait_key();
        let cache = &self.throttle.cache;
        let first = cache
            .set(wait_key.as_bytes(), Bytes::new(), options)
            .await?;
        if first.stored {
            return Ok(());
        }
        // Somebody else was quicker; this attempt never happened.
        self.give_back_address().await?;
        self.expect_no_wait().await?;
        let retry_after = Duration::from_millis(delay_ms);
        Err(Throttled { retry_after }.into())
    }

    /// The password was right: failures from here are forgotten, the address is known from now on
    /// and has used nothing.
    pub async fn succeeded(self) -> Result<(), CacheError> {
        let keys = [self.failures_key(), self.wait_key()];
        let cache = &self.throttle.cache;
        cache.del(&[keys[0].as_bytes(), keys[1].as_bytes()]).await?;
        self.give_back_stranger().await?;
        self.give_back_address().await?;
        if let Some(address) = &self.address {
            let until_ms = self.throttle.clock.unix_ms() + KNOWN_MS;
            let key = known_key(&self.account, address);
            let options = SetOptions::until(until_ms);
            cache.set(key.as_bytes(), Bytes::new(), options).await?;
        }
        Ok(())
    }

    /// The password was wrong; that has been counted already.
    pub fn failed(self) {}

    /// Neither: the password was never looked at, because the server was busy.
    pub async fn abandoned(self) -> Result<(), CacheError> {
        self.add(&self.failures_key(), -1).await?;
        self.give_back_stranger().await?;
        self.give_back_address().await
    }

    async fn give_back_stranger(&self) -> Result<(), CacheError> {
        if self.is_stranger {
            self.add(&self.strangers_key(), -1).await?;
        }
        Ok(())
    }

    async fn give_back_address(&self) -> Result<(), CacheError> {
        match &self.address {
            Some(address) => self.throttle.give_back(&SIGN_IN_BY_ADDRESS, address).await,
            None => Ok(()),
        }
    }

    async fn expect_no_wait(&self) -> Result<(), ThrottleError> {
        match self.throttle.cache.ttl(self.wait_key().as_bytes()).await? {
            Ttl::Left { left_ms, .. } => {
                let retry_after = Duration::from_millis(left_ms.max(1));
                Err(Throttled { retry_after }.into())
            }
            Ttl::Missing | Ttl::Forever => Ok(()),
        }
    }

    /// Adds to a counter, which lives on from now.
    async fn add(&self, key: &str, by: i64) -> Result<i64, CacheError> {
        let until_ms = self.throttle.clock.unix_ms() + MEMORY_MS;
        let creation = Creation {
            expires_at_ms: Some(until_ms),
            volatile: true,
        };
        let cache = &self.throttle.cache;
        let count = cache.incr_by(key.as_bytes(), by, creation).await?;
        cache.expire_at(key.as_bytes(), until_ms).await?;
        Ok(count)
    }

    fn failures_key(&self) -> String {
        format!("maru:throttle:failures:{}:{}", self.account, self.place)
    }

    fn wait_key(&self) -> String {
        format!("maru:throttle:wait:{}:{}", self.account, self.place)
    }

    fn strangers_key(&self) -> String {
        format!("maru:throttle:strangers:{}", self.account)
    }
}

fn passed_key(user: UserId, address: &str) -> String {
    format!("maru:passed:{user}:{address}")
}

fn known_key(account: &str, address: &str) -> String {
    format!("maru:known:{account}:{address}")
}
