//! The cache of another process: a Redis (7.0 or newer), or the Redis port of another Maru.
//!
//! - [`Remote`] speaks [`Cache`] over one connection that all calls share and that comes back by
//!   itself; a call while it is away fails at once with [`CacheError::Unavailable`].
//! - `listening` keeps a second connection for all subscriptions of this process, and listens anew
//!   to all names when that one comes back. What is sent meanwhile is lost, as with any subscriber
//!   of a Redis.
//! - `tail` follows a stream that others fill, over a connection of its own.
//! - `failure` makes sentences of what a Redis answers. They name the place, never the password.
mod failure;
mod listening;
mod tail;

use super::contract::{
    Answer, Cache, Condition, Creation, Lifetime, ScanPage, SetOptions, SetOutcome, Ttl,
};
use super::{CacheError, Limits, Selector, Subscription};
use bytes::Bytes;
pub use failure::RemoteError;
use failure::ServerAddress;
use listening::Listening;
use parking_lot::RwLock;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, FromRedisValue, Pipeline, Value, cmd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
pub use tail::{Entry, Tail};

/// A Redis that has not answered after this long counts as away.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);
/// After so many answers in a row that did not come, the connection is made anew: one that leads
/// nowhere looks alive for long.
const LOST: u32 = 2;
/// `PEXPIRETIME`, and `NX` together with `GET`, came with this version.
const OLDEST: (u32, u32) = (7, 0);

/// A Redis elsewhere. Clones share its connections.
pub struct Remote {
    place: ServerAddress,
    connection: RwLock<ConnectionManager>,
    /// The address as it is now: another one after a failover.
    current: Current,
    /// Answers in a row that did not come.
    lost: AtomicU32,
    listening: Listening,
}

/// Tells the Redis's address anew; may block.
pub type Current = Arc<dyn Fn() -> Option<Client> + Send + Sync>;

fn settings() -> ConnectionManagerConfig {
    ConnectionManagerConfig::new()
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE))
        .set_pipeline_buffer_size(1024)
        // A call that finds nobody there says so; the next one tries again.
        .set_number_of_retries(0)
}

impl Remote {
    /// Connects, and fails if nobody answers there, or somebody too old, or not to this password.
    ///
    /// `url`: `redis://[[user]:password@]host[:port][/database]` or `redis+unix:///path`.
    pub async fn open(url: &str) -> Result<Remote, RemoteError> {
        let client = Client::open(url).map_err(|error| RemoteError::url(&error))?;
        let place = ServerAddress::of(client.get_connection_info());
        let connected = ConnectionManager::new_with_config(client.clone(), settings()).await;
        let connection = connected.map_err(|error| place.refuses_to_begin(&error))?;
        let same = client.clone();
        let current: Current = Arc::new(move || Some(same.clone()));
        let remote = Remote::over(connection, place, current);
        remote.expect_new_enough().await?;
        Ok(remote)
    }

    /// As [`Remote::open`], of a Redis that need not be there yet: calls fail until it is.
    pub fn later(current: Current) -> Result<Remote, RemoteError> {
        let client = current().or_else(|| Client::open("redis://localhost:1").ok());
        let client = client.ok_or_else(|| RemoteError::Url("no address".to_owned()))?;
        let place = ServerAddress::of(client.get_connection_info());
        let connection = ConnectionManager::new_lazy_with_config(client, settings());
        let connection = connection.map_err(|error| place.refuses_to_begin(&error))?;
        Ok(Remote::over(connection, place, current))
    }

    fn over(connection: ConnectionManager, place: ServerAddress, current: Current) -> Remote {
        Remote {
            listening: Listening::begin(Arc::clone(&current), place.clone()),
            place,
            connection: RwLock::new(connection),
            current,
            lost: AtomicU32::new(0),
        }
    }

    /// Notes how a call went; a connection that leads nowhere, or to a replica, is left.
    fn went<T>(&self, answered: redis::RedisResult<T>) -> Result<T, CacheError> {
        let error = match answered {
            Ok(answer) => {
                self.lost.store(0, Ordering::Relaxed);
                return Ok(answer);
            }
            Err(error) => error,
        };
        let is_elsewhere = matches!(
            error.code(),
            Some("READONLY" | "MASTERDOWN" | "NOREPLICAS" | "UNBLOCKED")
        );
        let is_lost = error.is_timeout() && self.lost.fetch_add(1, Ordering::Relaxed) + 1 >= LOST;
        if is_elsewhere || is_lost || error.is_connection_refusal() {
            self.lost.store(0, Ordering::Relaxed);
            let fresh = (self.current)().and_then(|client| {
                ConnectionManager::new_lazy_with_config(client, settings()).ok()
            });
            if let Some(fresh) = fresh {
                *self.connection.write() = fresh;
            }
        }
        Err(self.place.failed(&error))
    }

    /// How much may wait for each subscriber.
    pub fn with_limits(mut self, limits: Limits) -> Remote {
        self.listening.limits = limits;
        self
    }

    async fn expect_new_enough(&self) -> Result<(), RemoteError> {
        let asked = self.ask::<String>(cmd("INFO").arg("server")).await;
        let info = asked.map_err(|error| RemoteError::Unreachable(error.to_string()))?;
        let version = info
            .lines()
            .find_map(|line| line.strip_prefix("redis_version:"))
            .unwrap_or_default();
        let mut numbers = version.split('.').map_while(|part| part.parse().ok());
        let known = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        if known < OLDEST {
            return Err(RemoteError::TooOld {
                place: self.place.to_string(),
                version: version.to_owned(),
            });
        }
        Ok(())
    }

    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, CacheError> {
        let mut connection = self.connection.read().clone();
        let answered = command.query_async(&mut connection).await;
        self.went(answered)
    }

    /// Commands that nobody interrupts.
    async fn ask_atomically<T: FromRedisValue>(
        &self,
        commands: &Pipeline,
    ) -> Result<T, CacheError> {
        let mut connection = self.connection.read().clone();
        let answered = commands.query_async(&mut connection).await;
        self.went(answered)
    }

    /// Hears patterns, and names without a star as what they are: those who count the subscribers
    /// of a name count this process. `sharded` are names of sharded channels.
    pub async fn hear(
        &self,
        names: &[String],
        sharded: &[String],
    ) -> Result<Subscription, CacheError> {
        let exact = names.iter().filter(|name| !name.contains('*'));
        let exact: Vec<&[u8]> = exact.map(String::as_bytes).collect();
        let mut subscription = self.subscribed(Selector::Channel, &exact).await?;
        for name in names.iter().filter(|name| name.contains('*')) {
            subscription.add(Selector::Pattern, name.as_bytes());
        }
        for name in sharded {
            subscription.add(Selector::Sharded, name.as_bytes());
        }
        let settled = self.listening.settled().await;
        settled.map_err(|error| self.place.unavailable(&error))?;
        Ok(subscription)
    }

    /// As `publish`, to a sharded channel.
    pub async fn publish_sharded(&self, channel: &[u8], payload: Bytes) -> Result<u64, CacheError> {
        self.ask(cmd("SPUBLISH").arg(channel).arg(&payload[..]))
            .await
    }

    /// The sharded channels that somebody listens to.
    pub async fn sharded_channels(&self, pattern: &str) -> Result<Vec<Bytes>, CacheError> {
        self.ask(cmd("PUBSUB").arg("SHARDCHANNELS").arg(pattern))
            .await
    }

    /// Follows a stream.
    pub fn tail(&self, key: &str) -> Tail {
        Tail::new(Arc::clone(&self.current), self.place.clone(), key)
    }

    async fn subscribed(
        &self,
        selector: Selector,
        names: &[&[u8]],
    ) -> Result<Subscription, CacheError> {
        let listening = self.listening.listen(selector, names).await;
        listening.map_err(|error| self.place.unavailable(&error))
    }
}

impl Cache for Remote {
    fn get<'a>(&'a self, key: &'a [u8]) -> Answer<'a, Option<Bytes>> {
        Box::pin(async move { self.ask(cmd("GET").arg(key)).await })
    }

    /// Everything in a Redis is as volatile as the Redis is.
    fn set<'a>(
        &'a self,
        key: &'a [u8],
        value: Bytes,
        options: SetOptions,
    ) -> Answer<'a, SetOutcome> {
        Box::pin(async move {
            let mut command = cmd("SET");
            command.arg(key).arg(&value[..]);
            match options.condition {
                Condition::Any => {}
                Condition::IfAbsent => drop(command.arg("NX")),
                Condition::IfPresent => drop(command.arg("XX")),
            }
            if options.previous {
                command.arg("GET");
            }
            match options.lifetime {
                Lifetime::Forever => {}
                // Zero is refused; one has passed as well.
                Lifetime::Until(at_unix_ms) => drop(command.arg("PXAT").arg(at_unix_ms.max(1))),
                Lifetime::Keep => drop(command.arg("KEEPTTL")),
            }
            let answer: Value = self.ask(&command).await?;
            if !options.previous {
                let stored = answer != Value::Nil;
                let previous = None;
                return Ok(SetOutcome { stored, previous });
            }
            let previous: Option<Bytes> = redis::from_redis_value(answer)
                .map_err(|error| self.place.failed(&error.into()))?;
            let stored = match options.condition {
                Condition::Any => true,
                Condition::IfAbsent => previous.is_none(),
                Condition::IfPresent => previous.is_some(),
            };
            Ok(SetOutcome { stored, previous })
        })
    }

    fn del<'a>(&'a self, keys: &'a [&'a [u8]]) -> Answer<'a, u64> {
        Box::pin(async move { self.count("DEL", keys).await })
    }

    fn exists<'a>(&'a self, keys: &'a [&'a [u8]]) -> Answer<'a, u64> {
        Box::pin(async move { self.count("EXISTS", keys).await })
    }

    fn expire_at<'a>(&'a self, key: &'a [u8], at_unix_ms: u64) -> Answer<'a, bool> {
        Box::pin(async move { self.ask(cmd("PEXPIREAT").arg(key).arg(at_unix_ms)).await })
    }

    fn persist<'a>(&'a self, key: &'a [u8]) -> Answer<'a, bool> {
        Box::pin(async move { self.ask(cmd("PERSIST").arg(key)).await })
    }

    fn ttl<'a>(&'a self, key: &'a [u8]) -> Answer<'a, Ttl> {
        Box::pin(async move {
            let mut both = redis::pipe();
            both.atomic().cmd("PTTL").arg(key);
            both.cmd("PEXPIRETIME").arg(key);
            let (left_ms, at_unix_ms): (i64, i64) = self.ask_atomically(&both).await?;
            Ok(match (u64::try_from(left_ms), u64::try_from(at_unix_ms)) {
                (Ok(left_ms), Ok(at_unix_ms)) => Ttl::Left {
                    left_ms,
                    at_unix_ms,
                },
                _ if left_ms == -1 => Ttl::Forever,
                _ => Ttl::Missing,
            })
        })
    }

    fn incr_by<'a>(&'a self, key: &'a [u8], by: i64, creation: Creation) -> Answer<'a, i64> {
        Box::pin(async move {
            let Some(at_unix_ms) = creation.expires_at_ms else {
                return self.ask(cmd("INCRBY").arg(key).arg(by)).await;
            };
            let mut both = redis::pipe();
            both.atomic().cmd("SET").arg(key).arg(0);
            both.arg("PXAT").arg(at_unix_ms.max(1)).arg("NX").ignore();
            both.cmd("INCRBY").arg(key).arg(by);
            let (sum,) = self.ask_atomically(&both).await?;
            Ok(sum)
        })
    }

    fn scan<'a>(&'a self, cursor: u64, pattern: &'a [u8], count: usize) -> Answer<'a, ScanPage> {
        Box::pin(async move {
            let mut command = cmd("SCAN");
            command.arg(cursor).arg("MATCH").arg(pattern);
            command.arg("COUNT").arg(count.max(1));
            let (cursor, keys) = self.ask(&command).await?;
            Ok(ScanPage { cursor, keys })
        })
    }

    fn publish<'a>(&'a self, channel: &'a [u8], payload: Bytes) -> Answer<'a, u64> {
        Box::pin(async move {
            // What was subscribed or given up here before is so there, too.
            let settled = self.listening.settled().await;
            settled.map_err(|error| self.place.unavailable(&error))?;
            self.ask(cmd("PUBLISH").arg(channel).arg(&payload[..]))
                .await
        })
    }

    fn subscribe<'a>(&'a self, channels: &'a [&'a [u8]]) -> Answer<'a, Subscription> {
        Box::pin(self.subscribed(Selector::Channel, channels))
    }

    fn psubscribe<'a>(&'a self, patterns: &'a [&'a [u8]]) -> Answer<'a, Subscription> {
        Box::pin(self.subscribed(Selector::Pattern, patterns))
    }
}

impl Remote {
    async fn count(&self, command: &str, keys: &[&[u8]]) -> Result<u64, CacheError> {
        match keys {
            [] => Ok(0),
            keys => self.ask(cmd(command).arg(keys)).await,
        }
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        self.listening.close();
    }
}
