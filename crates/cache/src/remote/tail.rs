//! A stream that others fill, followed over a connection of its own.

use super::super::CacheError;
use super::failure::ServerAddress;
use super::{Current, PATIENCE};
use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, FromRedisValue, RedisResult, Value, cmd};
use std::time::Duration;

/// A read waits so long for news.
const BLOCK: Duration = Duration::from_secs(2);
/// Entries of one read.
const COUNT: usize = 500;

/// An entry of a stream: its id and its fields.
pub type Entry = (String, Vec<(Bytes, Bytes)>);

/// The reader of one stream. It knows where it is, also while the Redis is away.
pub struct Tail {
    current: Current,
    place: ServerAddress,
    key: String,
    after: Option<String>,
    connection: Option<MultiplexedConnection>,
}

impl Tail {
    pub(super) fn new(current: Current, place: ServerAddress, key: &str) -> Tail {
        Tail {
            current,
            place,
            key: key.to_owned(),
            after: None,
            connection: None,
        }
    }

    /// The last entries that are there now, the oldest first, at most so many; [`Tail::next`] goes on
    /// behind them.
    pub async fn last(&mut self, count: usize) -> Result<Vec<Entry>, CacheError> {
        let mut command = cmd("XREVRANGE");
        command.arg(&self.key).arg("+").arg("-");
        command.arg("COUNT").arg(count);
        let answer: Value = self.ask(&command).await?;
        let mut entries = entries(answer).unwrap_or_default();
        entries.reverse();
        let last = entries.last().map(|(id, _)| id.clone());
        self.after = Some(last.unwrap_or_else(|| "0-0".to_owned()));
        Ok(entries)
    }

    /// What came behind the last entry; empty if nothing came for a while.
    pub async fn next(&mut self) -> Result<Vec<Entry>, CacheError> {
        let after = self.after.clone().unwrap_or_else(|| "0-0".to_owned());
        let mut command = cmd("XREAD");
        command.arg("COUNT").arg(COUNT);
        command.arg("BLOCK").arg(BLOCK.as_millis() as u64);
        command.arg("STREAMS").arg(&self.key).arg(&after);
        let answer: Value = self.ask(&command).await?;
        let found = match answer {
            Value::Array(mut streams) if streams.len() == 1 => match streams.pop() {
                Some(Value::Array(mut both)) if both.len() == 2 => both.pop().and_then(entries),
                _ => None,
            },
            _ => None,
        };
        let found = found.unwrap_or_default();
        match found.last() {
            Some((id, _)) => self.after = Some(id.clone()),
            None => self.look().await?,
        }
        Ok(found)
    }

    /// A position above the end would wait for ever: a stream that was made anew is read from its
    /// beginning.
    async fn look(&mut self) -> Result<(), CacheError> {
        let mut command = cmd("XREVRANGE");
        command.arg(&self.key).arg("+").arg("-").arg("COUNT").arg(1);
        let answer: Value = self.ask(&command).await?;
        let end = entries(answer).unwrap_or_default().pop();
        let number = |id: &str| {
            let (ms, number) = id.split_once('-')?;
            Some((ms.parse::<u64>().ok()?, number.parse::<u64>().ok()?))
        };
        if let (Some((end, _)), Some(after)) = (end, &self.after)
            && number(&end) < number(after)
        {
            tracing::warn!(
                stream = self.key,
                "the stream was made anew; it is read from its beginning"
            );
            self.after = Some("0-0".to_owned());
        }
        Ok(())
    }

    async fn ask<T: FromRedisValue>(&mut self, command: &redis::Cmd) -> Result<T, CacheError> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                let connected = self.connect().await;
                connected.map_err(|error| self.place.failed(&error))?
            }
        };
        let answered: RedisResult<T> = command.query_async(&mut connection).await;
        // After an error a new one is made.
        let answer = answered.map_err(|error| self.place.failed(&error))?;
        self.connection = Some(connection);
        Ok(answer)
    }

    async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let current = self.current.clone();
        let client = tokio::task::spawn_blocking(move || current()).await;
        let Some(client) = client.ok().flatten() else {
            return Err(std::io::Error::from(std::io::ErrorKind::NotConnected).into());
        };
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(BLOCK + PATIENCE));
        let connection = client.get_multiplexed_async_connection_with_config(&config);
        connection.await
    }
}

fn entries(answer: Value) -> Option<Vec<Entry>> {
    let Value::Array(entries) = answer else {
        return None;
    };
    let text = |value| match value {
        Value::BulkString(bytes) => Some(Bytes::from(bytes)),
        _ => None,
    };
    let entry = |entry| {
        let Value::Array(both) = entry else {
            return None;
        };
        let [id, Value::Array(words)] = <[Value; 2]>::try_from(both).ok()? else {
            return None;
        };
        let id = String::from_utf8(text(id)?.to_vec()).ok()?;
        let words: Vec<Bytes> = words.into_iter().map(text).collect::<Option<_>>()?;
        let pairs = words.chunks_exact(2);
        let fields = pairs.map(|pair| (pair[0].clone(), pair[1].clone()));
        Some((id, fields.collect()))
    };
    entries.into_iter().map(entry).collect()
}
