//! One connection to the Redis, for one thread. No call on it waits for long.

use crate::scripts::Script;
use redis::{Client, Cmd, Connection, ErrorKind, RedisError, Value, cmd};
use std::time::{Duration, Instant};

/// A Redis that has not answered after this long counts as away.
pub const PATIENCE: Duration = Duration::from_millis(800);

/// Why the Redis did not do what it was asked. The sentences name neither place nor password:
/// they are for everybody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It may have been done, or may be done later.
    #[error("the Redis {0}")]
    Away(String),
    /// It was not done.
    #[error("the Redis {0}")]
    Refused(String),
}

impl Fault {
    pub fn away(why: &str) -> Fault {
        Fault::Away(format!("is not reachable: {why}"))
    }

    pub fn refused(why: impl Into<String>) -> Fault {
        Fault::Refused(why.into())
    }

    pub fn of(error: &RedisError) -> Fault {
        let detail = error.detail().unwrap_or_default();
        let refused = |why: &str| Fault::Refused(why.to_owned());
        match (error.code(), error.kind()) {
            (Some("NOAUTH"), _) => refused("wants a password; put it into --redis-url"),
            (Some("WRONGPASS"), _) | (_, ErrorKind::AuthenticationFailed) => {
                refused("refuses the user or the password of --redis-url")
            }
            (Some("NOPERM"), _) => Fault::Refused(format!(
                "does not let its user do everything that is needed: {detail}"
            )),
            (Some("LOADING"), _) => refused("is still loading its data"),
            (Some("OOM"), _) => refused("is out of memory: raise its maxmemory"),
            (Some("MISCONF"), _) => refused("cannot write to its disk and takes no writes"),
            (Some("READONLY"), _) => refused("is a replica and takes no writes"),
            (Some("NOREPLICAS"), _) => refused("has too few replicas and takes no writes"),
            (Some("MASTERDOWN"), _) => refused("is a replica that has lost its master"),
            (Some("UNBLOCKED"), _) => Fault::Away("has become a replica".to_owned()),
            (Some("WRONGTYPE"), _) => {
                refused("holds something else than a stream under the name maru:log")
            }
            (Some("BUSY"), _) => refused("is busy with somebody's script"),
            _ if error.is_timeout() => Fault::Away("does not answer in time".to_owned()),
            _ if error.is_connection_refusal() => {
                Fault::Away("does not answer (connection refused)".to_owned())
            }
            _ if error.is_io_error() || error.is_connection_dropped() => {
                Fault::Away("has closed the connection".to_owned())
            }
            (Some(_), _) => Fault::Refused(format!("answers with an error: {error}")),
            (None, _) => Fault::Away(format!("cannot be understood: {error}")),
        }
    }
}

/// Which server answers, and which history it has: both change with a restart, the second one when
/// a replica takes over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    pub run: String,
    pub history: String,
}

impl Identity {
    pub fn parse(text: &str) -> Identity {
        let (run, history) = text.split_once('/').unwrap_or_default();
        Identity {
            run: run.to_owned(),
            history: history.to_owned(),
        }
    }

    pub fn text(&self) -> String {
        format!("{}/{}", self.run, self.history)
    }
}

pub struct Link {
    connection: Connection,
    /// As it was when it was asked last.
    pub server: Server,
}

/// What a server says of itself.
#[derive(Clone, Debug, Default)]
pub struct Server {
    pub identity: Identity,
    pub version: String,
    pub is_replica: bool,
    pub is_loading: bool,
    pub policy: String,
    pub max_memory: u64,
    pub appends: bool,
    /// The port of another Maru.
    pub is_maru: bool,
    pub text: String,
}

impl Link {
    pub fn open(client: &Client) -> Result<Link, Fault> {
        let info = client.get_connection_info().clone();
        let settings = info.tcp_settings().clone().set_nodelay(true);
        let client = Client::open(info.set_tcp_settings(settings));
        let began = Instant::now();
        let connection = client
            .and_then(|client| client.get_connection_with_timeout(PATIENCE))
            .map_err(|error| Fault::of(&error))?;
        let mut link = Link {
            connection,
            server: Server::default(),
        };
        // Both steps together: a server that is stopped still lets in.
        let rest = PATIENCE.saturating_sub(began.elapsed());
        link.wait_for(rest.max(PATIENCE / 4))?;
        link.look_again()?;
        link.wait_for(PATIENCE)?;
        Ok(link)
    }

    /// Asks the server anew what it is: it may become a replica and a master again, or be told to
    /// evict, on one and the same connection.
    pub fn look_again(&mut self) -> Result<(), Fault> {
        let text: String = self.ask(cmd("INFO").arg("everything"))?;
        self.server = Server::read(&text);
        Ok(())
    }

    /// How long an answer may take from now on.
    pub fn wait_for(&mut self, patience: Duration) -> Result<(), Fault> {
        let set = self.connection.set_read_timeout(Some(patience));
        set.and_then(|()| self.connection.set_write_timeout(Some(PATIENCE)))
            .map_err(|error| Fault::of(&error))
    }

    pub fn ask<T: redis::FromRedisValue>(&mut self, command: &Cmd) -> Result<T, Fault> {
        command
            .query(&mut self.connection)
            .map_err(|error| Fault::of(&error))
    }

    /// Commands in one go; nobody interrupts them.
    pub fn ask_all(&mut self, commands: &redis::Pipeline) -> Result<Vec<Value>, Fault> {
        commands
            .query(&mut self.connection)
            .map_err(|error| Fault::of(&error))
    }

    /// Runs a script, which the Redis is told in full only when it does not know it.
    pub fn run(
        &mut self,
        script: &Script,
        keys: &[&str],
        arguments: &[&[u8]],
    ) -> Result<Value, Fault> {
        let command = |name: &str, body: &str| {
            let mut command = cmd(name);
            command.arg(body).arg(keys.len()).arg(keys);
            for argument in arguments {
                command.arg(*argument);
            }
            command
        };
        let known: Result<Value, RedisError> =
            command("EVALSHA", &script.digest).query(&mut self.connection);
        match known {
            Err(error) if error.code() == Some("NOSCRIPT") => {
                self.ask(&command("EVAL", script.text))
            }
            answered => answered.map_err(|error| Fault::of(&error)),
        }
    }
}

impl Server {
    fn read(info: &str) -> Server {
        let value = |name: &str| -> String {
            let lines = info.lines().filter_map(|line| line.split_once(':'));
            let found = lines.into_iter().find(|(key, _)| *key == name);
            found.map_or(String::new(), |(_, value)| value.trim().to_owned())
        };
        Server {
            identity: Identity {
                run: value("run_id"),
                history: value("master_replid"),
            },
            version: value("redis_version"),
            is_replica: value("role") == "slave",
            is_loading: value("loading") == "1",
            policy: value("maxmemory_policy"),
            max_memory: value("maxmemory").parse().unwrap_or(0),
            appends: value("aof_enabled") == "1",
            is_maru: !value("maru_version").is_empty(),
            text: info.to_owned(),
        }
    }

    /// Why this server cannot hold the log of a cluster, whatever is in it.
    pub fn unfit(&self) -> Option<String> {
        let mut numbers = self
            .version
            .split('.')
            .map_while(|part| part.parse::<u32>().ok());
        let known = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        if known < (7, 0) {
            return Some(format!(
                "is version {}; 7.0 or a newer one is needed, or Valkey",
                self.version
            ));
        }
        self.policy.starts_with("allkeys-").then(|| {
            format!(
                "evicts by {}, which would throw the whole log away when its memory is full; set maxmemory-policy to noeviction",
                self.policy
            )
        })
    }
}
