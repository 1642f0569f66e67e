//! How do Redis clients use the cache? RESP2 and RESP3 over a port of their own; the only room that
//! knows RESP, and nothing of chat.
//!
//! - [`request`] reads what clients ask from bytes, [`out`] writes what they are answered.
//! - [`mod@commands`] is the table, one file for each noun; [`table`] says what a row means, [`index`]
//!   looks it up, [`syntax`] reads the line on arguments. Everything that is told about commands comes
//!   from there.
//! - [`gate`] decides whether a request may be run, [`dispatch`] runs it, [`transaction`] several as
//!   one step. A handler gets a [`call::Call`], and the keyspace's [`Txn`](maru_cache::Txn) on the
//!   keys of its row.
//! - [`server`] is the loop: one thread that owns the [`world`] of all clients. [`sockets`] are what it
//!   waits for, [`connection`] is one
//!   client's bytes, [`waits`] who waits for which key, [`wakes`] how other threads wake the loop.
//! - [`scripting`] runs scripts and functions in Lua.
//! - [`access`] finds the keys of a request and what is done with them.
//! - [`elsewhere`]: streams that are no keys, and who reads them.
//! - [`acl`], [`settings`], [`slowlog`], [`tracking`]: what clients can ask for besides.
//!
//! Each turn of the loop reads every socket that has something, runs all whole requests, and then
//! writes once to each client that has been answered or told something.
mod access;
mod acl;
mod awaited;
mod call;
mod client;
mod commands;
mod connection;
mod dispatch;
mod elsewhere;
mod failure;
mod figures;
mod gate;
mod index;
mod inline;
mod latency;
mod number;
mod out;
mod redact;
mod request;
mod scripting;
mod server;
mod settings;
mod slowlog;
mod sockets;
mod syntax;
mod table;
mod tracking;
mod transaction;
mod waits;
mod wakes;
mod weight;
mod world;

pub use elsewhere::{Done, Elsewhere, Reader, Reply};
pub use request::{Argument, Bounds, Malformed, Parser, Step};

use maru_cache::Embedded;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

/// Clients at the same time, unless the system allows fewer open files.
const MAX_CLIENTS: usize = 10_000;

/// Of the thread that serves: scripts may write and read values that are nested deeply.
const STACK_BYTES: usize = 64 << 20;

/// How to serve.
#[derive(Clone)]
pub struct Options {
    /// Of the default user; `None` asks for none.
    pub password: Option<Vec<u8>>,
    /// Clients at the same time.
    pub max_clients: usize,
    /// Who keeps streams that are no keys.
    pub elsewhere: Option<Arc<dyn Elsewhere>>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            password: None,
            max_clients: MAX_CLIENTS,
            elsewhere: None,
        }
    }
}

/// Why the door does not open.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The system refused a socket or a thread.
    #[error("the Redis port cannot be served: {0}")]
    Io(#[from] std::io::Error),
    /// Anybody on the network could read and change the cache.
    #[error(
        "{0} is not a loopback address, so the Redis port needs a password; put one into a file and name it with \
         --resp-password-file, or listen on 127.0.0.1"
    )]
    Exposed(std::net::SocketAddr),
}

/// The open door; dropping it closes it and all its connections.
pub struct Door {
    wakes: Arc<wakes::Wakes>,
    thread: Option<JoinHandle<()>>,
}

impl Door {
    /// Serves a cache on a listening socket, on a thread of its own.
    pub fn open(
        listener: TcpListener,
        cache: Arc<Embedded>,
        options: Options,
    ) -> Result<Door, StartError> {
        let address = listener.local_addr()?;
        if options.password.is_none() && !address.ip().to_canonical().is_loopback() {
            return Err(StartError::Exposed(address));
        }
        let wakes = Arc::new(wakes::Wakes::new()?);
        let server = server::Prepared::new(listener, cache, options, wakes.clone())?;
        let thread = std::thread::Builder::new()
            .name("resp".into())
            .stack_size(STACK_BYTES)
            .spawn(move || server.run())?;
        Ok(Door {
            wakes,
            thread: Some(thread),
        })
    }

    /// Closes the door and waits until its thread has ended.
    pub fn close(self) {
        drop(self);
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.wakes.stop.store(true, Ordering::SeqCst);
        self.wakes.ring();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the Redis port's thread panicked");
        }
    }
}

/// A row of the command table, as it is told to people and to tests.
#[derive(Clone, Debug)]
pub struct CommandInfo {
    /// As `COMMAND DOCS` groups them.
    pub group: &'static str,
    /// `get`, `client|list`.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// Arguments with the name; at least `-arity` if negative.
    pub arity: i32,
    /// Whether it is one of a command's subcommands.
    pub is_subcommand: bool,
}

/// All commands, each followed by its subcommands. The README has this list.
pub fn commands() -> Vec<CommandInfo> {
    let rows = index::Table::get().rows().iter();
    rows.map(|row| CommandInfo {
        group: row.group,
        name: &row.full_name,
        summary: row.command.summary,
        arity: row.command.arity,
        is_subcommand: row.is_subcommand,
    })
    .collect()
}
