//! Engine.IO 4: sessions that carry messages over WebSocket or polling. Knows nothing of Socket.IO.
mod answers;
mod application;
mod cors;
mod outbox;
mod polling;
mod server;
mod session;
mod task;
mod transport;
mod upgrade;
mod websocket;

pub use application::{Application, Driver, Flow, Received};
pub use server::{Authorize, Engine, HttpRefusal};
pub use session::{SendError, Session};
