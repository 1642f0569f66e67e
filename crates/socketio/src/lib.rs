//! Engine.IO 4 and Socket.IO 5, of our own, on hyper and tokio-tungstenite. Knows nothing of chat.
//!
//! - [`packet`]: packets from bytes and to bytes; no sockets.
//! - [`wire`]: WebSocket frames; messages framed once and shared by all receivers.
//! - [`engine`]: sessions, transports, heartbeat, the HTTP door.
//! - [`interop`]: what emitters of the ecosystem publish, from bytes.
//! - [`Server`]: namespaces on sessions; a [`Handler`] for each, talking through [`Socket`]s.
//!
//! One session is one task. It reads, calls the handler, drives the futures the handler returned,
//! and writes all that waits for the client in one write. Any thread may queue a [`Frame`] for any
//! socket without waiting; a client whose queue is full is closed as `slow_consumer`.
mod ack;
mod client;
mod config;
pub mod engine;
mod event;
mod frame;
mod handler;
mod handshake;
pub mod interop;
mod lost;
mod metrics;
mod namespace;
pub mod packet;
mod reason;
mod server;
mod sid;
mod socket;
pub mod wire;

pub use ack::{Ack, AckError, Reply};
pub use config::{Config, Cors};
pub use engine::{HttpRefusal, SendError};
pub use event::Event;
pub use frame::Frame;
pub use handler::{BoxFuture, Handler, Refusal, Welcome, Work};
pub use handshake::{Handshake, HandshakeHead};
pub use metrics::{Figures, Metrics};
pub use namespace::{Audience, Namespace};
pub use reason::Reason;
pub use server::{Builder, Server};
pub use sid::Sid;
pub use socket::Socket;
