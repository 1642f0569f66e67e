//! Every limit of the engine, with its default.
use std::time::Duration;

/// How a server behaves; the defaults are those of the protocol documents where they name one.
#[derive(Debug, Clone)]
pub struct Config {
    /// The exact path that is served, ending in a slash; the same without the slash is served, too.
    pub path: String,
    /// Silence before a ping.
    pub ping_interval: Duration,
    /// How long a ping may stay unanswered.
    pub ping_timeout: Duration,
    /// A connection that has joined no namespace by then is closed.
    pub connect_timeout: Duration,
    /// A probe that was not followed by an upgrade by then is closed; polling goes on.
    pub upgrade_timeout: Duration,
    /// Largest message of a client, and largest body of a polling request or answer.
    pub max_payload_bytes: usize,
    /// What may wait for one reader; who stays beyond it is closed as `slow_consumer`.
    pub max_queued_bytes: usize,
    /// What may wait for one reader for a moment: a busy client reads a burst late, but reads it.
    pub max_burst_bytes: usize,
    /// How long more than `max_queued_bytes` may wait.
    pub burst_timeout: Duration,
    /// What all messages that wait may take, each counted once; beyond it there are no bursts.
    pub max_held_bytes: usize,
    /// Messages that may wait for one reader, however small.
    pub max_queued_messages: usize,
    /// Binary attachments of one event.
    pub max_attachments: usize,
    /// Handlers' futures of one connection; at the bound it is not read from.
    pub max_in_flight: usize,
    /// Acknowledgements that one socket may owe the server.
    pub max_pending_acks: usize,
    /// Namespaces that one connection may join.
    pub max_namespaces: usize,
    /// Open sessions; more get 503.
    pub max_sessions: usize,
    /// How long the rooms of a socket whose line broke are kept for its return.
    pub recovery_window: Duration,
    /// How long a closed connection may take to read what it is still owed.
    pub close_timeout: Duration,
    /// Origins that browsers may call from; their preflight is answered. Empty: the page's own origin.
    pub cors: Cors,
    /// Request headers that a [`super::Handshake`] remembers, in lower case. The others are forgotten,
    /// because every idle connection would pay for them.
    pub kept_headers: Vec<&'static str>,
}

/// Which foreign pages a browser lets talk to this server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Cors {
    /// None: no CORS header is sent.
    #[default]
    SameOrigin,
    /// These, with credentials.
    Origins(Vec<String>),
    /// Every one, without credentials.
    Any,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            path: "/socket.io/".into(),
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            connect_timeout: Duration::from_secs(45),
            upgrade_timeout: Duration::from_secs(10),
            max_payload_bytes: 64 * 1024,
            max_queued_bytes: 1024 * 1024,
            max_burst_bytes: 4 * 1024 * 1024,
            burst_timeout: Duration::from_secs(5),
            max_held_bytes: 128 * 1024 * 1024,
            max_queued_messages: 32 * 1024,
            max_attachments: 10,
            max_in_flight: 256,
            max_pending_acks: 1024,
            max_namespaces: 8,
            max_sessions: 100_000,
            recovery_window: Duration::from_secs(120),
            close_timeout: Duration::from_secs(2),
            cors: Cors::SameOrigin,
            kept_headers: vec![
                "authorization",
                "cookie",
                "origin",
                "user-agent",
                "x-forwarded-for",
            ],
        }
    }
}

impl Config {
    /// Whether this server answers at `path`.
    pub fn serves(&self, path: &str) -> bool {
        path == self.path || self.path.strip_suffix('/') == Some(path)
    }
}
