//! Why a socket or a connection ended; one table.
use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The client left the namespace or closed the connection in an orderly way.
    Client,
    /// The server put the socket out; official clients do not come back by themselves.
    Server,
    /// The connection was lost.
    Transport,
    /// No answer to a ping.
    PingTimeout,
    /// The client broke the protocol.
    Protocol,
    /// The client sent more than it may.
    TooBig,
    /// The client did not read what waited for it.
    SlowConsumer,
    /// No namespace was joined in time.
    ConnectTimeout,
    /// The server is going away; clients come back.
    Shutdown,
}

impl Reason {
    pub const ALL: [Self; 9] = [
        Self::Client,
        Self::Server,
        Self::Transport,
        Self::PingTimeout,
        Self::Protocol,
        Self::TooBig,
        Self::SlowConsumer,
        Self::ConnectTimeout,
        Self::Shutdown,
    ];

    /// For logs, metrics and the reason of a WebSocket close.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Transport => "transport",
            Self::PingTimeout => "ping_timeout",
            Self::Protocol => "protocol",
            Self::TooBig => "too_big",
            Self::SlowConsumer => "slow_consumer",
            Self::ConnectTimeout => "connect_timeout",
            Self::Shutdown => "shutdown",
        }
    }

    /// The code of the WebSocket close frame (RFC 6455, 7.4.1).
    pub(super) fn close_code(self) -> u16 {
        match self {
            Self::Client
            | Self::Server
            | Self::Transport
            | Self::PingTimeout
            | Self::ConnectTimeout => 1000,
            Self::Protocol => 1002,
            Self::TooBig => 1009,
            Self::SlowConsumer => 1008,
            Self::Shutdown => 1012,
        }
    }

    /// Whether what still waits for the client is sent before the close.
    pub(super) fn flushes(self) -> bool {
        matches!(self, Self::Client | Self::Server | Self::Shutdown)
    }

    /// Whether the client may go on later as if nothing had happened. One that closes its
    /// connection without leaving its namespaces is not done with them.
    pub(super) fn is_loss(self) -> bool {
        self == Self::Client || self.invites_back()
    }

    /// Whether the last poll is answered by an error instead of the close packet. All clients come
    /// back after an error; python-socketio takes the packet for a farewell and never does.
    pub(super) fn invites_back(self) -> bool {
        matches!(
            self,
            Self::Transport | Self::PingTimeout | Self::SlowConsumer | Self::Shutdown
        )
    }

    /// Whether a client that polls may come once more for what it is owed. One that has closed by
    /// itself may have a poll on the way that its last post has overtaken.
    pub(super) fn lingers(self) -> bool {
        matches!(self, Self::Client | Self::Server | Self::Shutdown)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
