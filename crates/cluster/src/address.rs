//! Where the Redis is, and who it is right now.

use crate::link::{Fault, Link, PATIENCE};
use redis::{Client, ConnectionInfo, IntoConnectionInfo, RedisConnectionInfo};
use std::fmt;

/// Not the address of a Redis. The text may hold a password, so it is not repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the address of the Redis is not one ({0}); write it as redis://[[user]:password@]host[:port][/database], \
     redis+unix:///path or redis+sentinel://[[user]:password@]host:port,host:port/name[/database]"
)]
pub struct BadAddress(String);

/// A Redis by its address, or by the name that Sentinels know it by. Clones are the same.
#[derive(Clone)]
pub struct Address(Reached);

#[derive(Clone)]
enum Reached {
    Direct(Client),
    Sentinel {
        sentinels: Vec<Client>,
        name: String,
        redis: RedisConnectionInfo,
    },
}

impl Address {
    pub fn parse(url: &str) -> Result<Address, BadAddress> {
        match url.strip_prefix("redis+sentinel://") {
            Some(rest) => sentinel(rest),
            None => Ok(Address(Reached::Direct(client(url)?))),
        }
    }

    /// Opens a connection; of a Redis behind Sentinels to the one that takes writes now.
    pub fn connect(&self) -> Result<Link, Fault> {
        match &self.0 {
            Reached::Direct(client) => Link::open(client),
            Reached::Sentinel {
                sentinels,
                name,
                redis,
            } => Link::open(&current(sentinels, name, redis)?),
        }
    }

    /// The address as it is now, for clients of another kind.
    pub fn client(&self) -> Result<Client, Fault> {
        match &self.0 {
            Reached::Direct(client) => Ok(client.clone()),
            Reached::Sentinel {
                sentinels,
                name,
                redis,
            } => current(sentinels, name, redis),
        }
    }
}

/// Without user and password.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reached::Direct(client) => client.get_connection_info().addr().fmt(f),
            Reached::Sentinel { name, .. } => write!(f, "{name} (by Sentinel)"),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn client(url: &str) -> Result<Client, BadAddress> {
    Client::open(url).map_err(|error| BadAddress(error.category().to_lowercase()))
}

/// `[[user]:password@]host:port,host:port/name[/database]`
fn sentinel(rest: &str) -> Result<Address, BadAddress> {
    let bad = |what: &str| BadAddress(what.to_owned());
    let (login, rest) = match rest.rsplit_once('@') {
        Some((login, rest)) => (format!("{login}@"), rest),
        None => (String::new(), rest),
    };
    let (hosts, path) = rest
        .split_once('/')
        .ok_or_else(|| bad("the name that the Sentinels know it by is missing"))?;
    let (name, database) = path.split_once('/').unwrap_or((path, "0"));
    if name.is_empty() || hosts.is_empty() {
        return Err(bad("the Sentinels or the name is missing"));
    }
    // Who signs in to the Redis need not be known to the Sentinels.
    let login = client(&format!("redis://{login}localhost/{database}"))?;
    let sentinels = hosts.split(',').map(|host| {
        if host.contains(':') {
            client(&format!("redis://{host}"))
        } else {
            client(&format!("redis://{host}:26379"))
        }
    });
    Ok(Address(Reached::Sentinel {
        sentinels: sentinels.collect::<Result<_, _>>()?,
        name: name.to_owned(),
        redis: login.get_connection_info().redis_settings().clone(),
    }))
}

fn current(sentinels: &[Client], name: &str, redis: &RedisConnectionInfo) -> Result<Client, Fault> {
    let mut last = Fault::away("no Sentinel answers");
    for sentinel in sentinels {
        match ask(sentinel, name) {
            Ok((host, port)) => {
                let info = (host.as_str(), port).into_connection_info();
                let client = info
                    .map(|info: ConnectionInfo| info.set_redis_settings(redis.clone()))
                    .and_then(Client::open);
                return client.map_err(|error| Fault::of(&error));
            }
            Err(fault) => last = fault,
        }
    }
    Err(last)
}

fn ask(sentinel: &Client, name: &str) -> Result<(String, u16), Fault> {
    let connection = sentinel.get_connection_with_timeout(PATIENCE);
    let mut connection = connection.map_err(|error| Fault::of(&error))?;
    let timed = connection.set_read_timeout(Some(PATIENCE));
    timed.map_err(|error| Fault::of(&error))?;
    let found: Option<(String, u16)> = redis::cmd("SENTINEL")
        .arg("get-master-addr-by-name")
        .arg(name)
        .query(&mut connection)
        .map_err(|error| Fault::of(&error))?;
    found.ok_or_else(|| Fault::away("the Sentinels do not know the Redis's name"))
}

/// Whether an address is this machine's alone.
pub fn is_loopback(address: &str) -> bool {
    let host = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_all_kinds() {
        for good in [
            "redis://127.0.0.1:6379",
            "redis://user:word@host/2",
            "redis+unix:///tmp/sock",
            "redis+sentinel://a:1,b:2/main",
            "redis+sentinel://:word@a,b/main/3",
        ] {
            assert!(Address::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://x",
            "redis+sentinel://a:1",
            "redis+sentinel:///main",
            "x",
        ] {
            let error = Address::parse(bad).expect_err(bad).to_string();
            assert!(error.contains("redis+sentinel://"), "{error}");
        }
        let shown = Address::parse("redis://user:word@host/2").expect("good");
        assert!(!shown.to_string().contains("word"), "{shown}");
    }

    #[test]
    fn addresses_of_one_machine() {
        for local in [
            "http://127.0.0.1:8080",
            "http://[::1]:8080",
            "localhost:1",
            "http://127.9.9.9:1",
        ] {
            assert!(is_loopback(local), "{local}");
        }
        for remote in [
            "http://10.0.0.1:8080",
            "http://chat:8080",
            "http://[fd00::1]:1",
        ] {
            assert!(!is_loopback(remote), "{remote}");
        }
    }
}
