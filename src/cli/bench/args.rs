//! What `maru bench` is asked to do.
use std::path::PathBuf;
use std::time::Duration;

/// Put a Socket.IO chat server under load and measure it
///
/// Every client is a Socket.IO connection over WebSocket. Posts go out as `message.send` with an
/// acknowledgement, and every `message.created` that arrives is counted. Against Maru the
/// rooms are made over its HTTP API and deleted afterwards; against another server with the same
/// events use --no-setup.
#[derive(Debug, Clone, clap::Args)]
pub struct BenchArgs {
    /// The server
    #[arg(default_value = "http://127.0.0.1:8080")]
    pub url: String,

    /// Another node of the same cluster, any number of times: clients are spread over all nodes, posts
    /// go to the first, and what comes on the others is timed apart
    #[arg(long, value_name = "URL", conflicts_with = "idle")]
    pub also: Vec<String>,

    /// Connections
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=60_000))]
    pub clients: u32,

    /// Rooms, posted to in turn. All clients are in all rooms, as they share one account; with
    /// --no-setup client n asks to be in room n modulo this
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub rooms: u32,

    /// Posts in all
    #[arg(long, default_value_t = 10_000)]
    pub messages: u32,

    /// Posts in flight at once, spread over as many clients
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub window: u32,

    /// Posts per second, evenly spaced, instead of as fast as acknowledgements come
    #[arg(long)]
    pub rate: Option<f64>,

    /// Size of a message's text in bytes
    #[arg(long, default_value_t = 220, value_parser = clap::value_parser!(u32).range(21..=4_000))]
    pub size: u32,

    /// Only connect, and measure the server's memory
    #[arg(long)]
    pub idle: bool,

    /// Only search, so many times one after the other, for words of what is there; every other
    /// time for one that was posted a moment before
    #[arg(long, conflicts_with_all = ["idle", "no_setup", "rate"])]
    pub searches: Option<u32>,

    /// How long idle connections are held before memory is read
    #[arg(long, default_value = "2s", value_parser = humantime::parse_duration)]
    pub hold: Duration,

    /// Give up when nothing has happened for this long
    #[arg(long, default_value = "20s", value_parser = humantime::parse_duration)]
    pub timeout: Duration,

    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,

    /// Account to use; without one, a new account is signed up
    #[arg(long)]
    pub user: Option<String>,

    /// File whose first line is the account's password
    #[arg(long, requires = "user")]
    pub password_file: Option<PathBuf>,

    /// Token to use instead of an account
    #[arg(long, env = "MARU_TOKEN", hide_env_values = true, conflicts_with_all = ["user", "password_file"])]
    pub token: Option<String>,

    /// Another server with the same events: no account, no rooms over HTTP
    #[arg(long)]
    pub no_setup: bool,

    /// Process whose memory is read; found by itself when the server runs on this machine
    #[arg(long)]
    pub pid: Option<u32>,

    /// Path of the Socket.IO server
    #[arg(long, default_value = "/socket.io/")]
    pub path: String,
}
