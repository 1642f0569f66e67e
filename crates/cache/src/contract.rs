//! What every cache promises, in this process or another.

use super::{CacheError, Subscription};
use bytes::Bytes;
use std::future::Future;
use std::pin::Pin;

/// The answer of a cache, later.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, CacheError>> + Send + 'a>>;

/// Keys with a time to live, and publish/subscribe.
///
/// - Each call is atomic: no other call sees or interrupts the middle of it. Calls on one key are
///   seen by everybody in one order; a call that has been answered is seen by all later ones.
/// - Deadlines are absolute, in milliseconds since 1970 (UTC). A key is gone from its deadline on,
///   for every call, whether or not its memory has been freed. A deadline that has passed removes
///   the key at once.
/// - A write may survive a restart, unless it was asked to be volatile; how much can be lost is the
///   implementation's to say.
/// - A failed call changed nothing, except [`CacheError::NotDurable`] and
///   [`CacheError::Unavailable`], after which the change may or may not have happened.
///   Only `get`, `exists`, `ttl`, `scan`, `del`, `persist`, `expire_at` and a `set` without
///   conditions may be repeated blindly.
/// - Messages of one channel reach all its subscribers in one order. A subscriber that does not
///   keep up is closed with a reason and never holds up a publisher; what it missed is lost.
pub trait Cache: Send + Sync + 'static {
    /// The value of a key.
    fn get<'a>(&'a self, key: &'a [u8]) -> Answer<'a, Option<Bytes>>;

    /// Sets a key to a string, whatever it held.
    fn set<'a>(
        &'a self,
        key: &'a [u8],
        value: Bytes,
        options: SetOptions,
    ) -> Answer<'a, SetOutcome>;

    /// Removes keys; answers how many there were.
    fn del<'a>(&'a self, keys: &'a [&'a [u8]]) -> Answer<'a, u64>;

    /// How many of the keys exist; a key named twice counts twice.
    fn exists<'a>(&'a self, keys: &'a [&'a [u8]]) -> Answer<'a, u64>;

    /// Gives a key a deadline (unix milliseconds); `false` if there is no such key.
    fn expire_at<'a>(&'a self, key: &'a [u8], at_unix_ms: u64) -> Answer<'a, bool>;

    /// Takes a key's deadline away; `false` if there is no such key or no deadline.
    fn persist<'a>(&'a self, key: &'a [u8]) -> Answer<'a, bool>;

    /// How long a key will live.
    fn ttl<'a>(&'a self, key: &'a [u8]) -> Answer<'a, Ttl>;

    /// Adds to a number; a missing key counts as 0 and is made with the options' deadline.
    /// The deadline of an existing key stays. Answers the sum.
    fn incr_by<'a>(&'a self, key: &'a [u8], by: i64, creation: Creation) -> Answer<'a, i64>;

    /// A page of the keys that match a glob. Start with cursor 0; cursor 0 in the answer is the end.
    /// `count` is how many keys to look at, roughly. A key that exists from the first to the last
    /// page is returned, once (a cache elsewhere may name it again); one that comes or goes in
    /// between may be missing.
    fn scan<'a>(&'a self, cursor: u64, pattern: &'a [u8], count: usize) -> Answer<'a, ScanPage>;

    /// Sends to all subscribers of a channel; answers how many deliveries were made. A cache
    /// elsewhere counts all subscribers of one name in one process as one.
    fn publish<'a>(&'a self, channel: &'a [u8], payload: Bytes) -> Answer<'a, u64>;

    /// Hears channels by their exact names.
    fn subscribe<'a>(&'a self, channels: &'a [&'a [u8]]) -> Answer<'a, Subscription>;

    /// Hears channels by globs.
    fn psubscribe<'a>(&'a self, patterns: &'a [&'a [u8]]) -> Answer<'a, Subscription>;
}

/// How long a key that is being set shall live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lifetime {
    /// Without a deadline; an earlier one is forgotten.
    #[default]
    Forever,
    /// Until this unix millisecond.
    Until(u64),
    /// With the deadline that the key has, if any.
    Keep,
}

/// Whether to set at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// Always.
    #[default]
    Any,
    /// Only if there is no such key (`NX`).
    IfAbsent,
    /// Only if there is such a key (`XX`).
    IfPresent,
}

/// Options of [`Cache::set`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SetOptions {
    /// The key's deadline.
    pub lifetime: Lifetime,
    /// Whether to set at all.
    pub condition: Condition,
    /// Answer what the key held before; fails if that was not a string.
    pub previous: bool,
    /// Need not survive a restart.
    pub volatile: bool,
}

impl SetOptions {
    /// Lives until this unix millisecond.
    pub fn until(at_unix_ms: u64) -> SetOptions {
        SetOptions {
            lifetime: Lifetime::Until(at_unix_ms),
            ..SetOptions::default()
        }
    }
}

/// The answer of [`Cache::set`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetOutcome {
    /// The condition held and the key was set.
    pub stored: bool,
    /// What the key held before, if that was asked for.
    pub previous: Option<Bytes>,
}

/// How a counter begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Creation {
    /// Deadline in unix milliseconds.
    pub expires_at_ms: Option<u64>,
    /// Need not survive a restart.
    pub volatile: bool,
}

/// How long a key will live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ttl {
    /// There is no such key.
    Missing,
    /// It has no deadline.
    Forever,
    /// It has one.
    Left {
        /// Milliseconds from now, by the clock that does not jump.
        left_ms: u64,
        /// The deadline as it was set, in unix milliseconds.
        at_unix_ms: u64,
    },
}

/// The answer of [`Cache::scan`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanPage {
    /// Where to go on; 0 when there is no more. Always below 2^53.
    pub cursor: u64,
    /// The keys.
    pub keys: Vec<Bytes>,
}
