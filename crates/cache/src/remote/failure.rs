//! What a Redis answers when it does not do what it was asked, in sentences.

use super::super::CacheError;
use redis::{ConnectionInfo, ErrorKind, RedisError};
use std::fmt;

/// Why a Redis elsewhere cannot be used from the start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RemoteError {
    /// Not the address of a Redis.
    #[error(
        "the address of the Redis is not one ({0}); write it as redis://[[user]:password@]host[:port][/database]"
    )]
    Url(String),
    /// Nobody answers there, or not to us.
    #[error("{0}")]
    Unreachable(String),
    /// It lacks commands that are needed.
    #[error("the Redis at {place} is version {version}; 7.0 or a newer one is needed")]
    TooOld {
        /// Host and port.
        place: String,
        /// As it says itself.
        version: String,
    },
}

impl RemoteError {
    /// The text of an address may hold a password, so it is not repeated.
    pub fn url(error: &RedisError) -> RemoteError {
        RemoteError::Url(error.category().to_lowercase())
    }
}

/// Where a Redis is, without user and password.
#[derive(Clone, Debug)]
pub struct ServerAddress(String);

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ServerAddress {
    pub fn of(connection: &ConnectionInfo) -> ServerAddress {
        ServerAddress(connection.addr().to_string())
    }

    pub fn refuses_to_begin(&self, error: &RedisError) -> RemoteError {
        RemoteError::Unreachable(self.sentence(error))
    }

    pub fn unavailable(&self, why: &dyn fmt::Display) -> CacheError {
        CacheError::Unavailable(format!("the Redis at {self} {why}"))
    }

    pub fn failed(&self, error: &RedisError) -> CacheError {
        // Of several commands at once only the whole text tells what went wrong.
        let text = error.to_string();
        match error.code() {
            Some("WRONGTYPE") => CacheError::WrongType,
            Some("ERR") if text.contains("not an integer") => CacheError::NotAnInteger,
            Some("ERR") if text.contains("would overflow") => CacheError::Overflow,
            _ => CacheError::Unavailable(self.sentence(error)),
        }
    }

    fn sentence(&self, error: &RedisError) -> String {
        let detail = error.detail().unwrap_or_default();
        let why = match (error.code(), error.kind()) {
            (Some("NOAUTH"), _) => "wants a password; put it into its address".to_owned(),
            (Some("WRONGPASS"), _) | (_, ErrorKind::AuthenticationFailed) => {
                "refuses the user or the password of its address".to_owned()
            }
            (Some("NOPERM"), _) => {
                format!("does not let its user do everything that is needed: {detail}")
            }
            (Some("LOADING"), _) => "is still loading its data; try again".to_owned(),
            (Some("OOM"), _) => {
                "is full; raise its maxmemory or let it evict (maxmemory-policy)".to_owned()
            }
            (Some("MISCONF"), _) => {
                "cannot write to its disk and therefore takes no writes".to_owned()
            }
            (Some("READONLY"), _) => "is a replica; name the one that takes writes".to_owned(),
            _ if error.is_timeout() => "does not answer in time".to_owned(),
            _ if error.is_connection_refusal() => {
                "does not answer (connection refused); is it running?".to_owned()
            }
            _ if error.is_connection_dropped() => "closed the connection".to_owned(),
            _ => format!("answers with an error: {error}"),
        };
        format!("the Redis at {self} {why}")
    }
}
