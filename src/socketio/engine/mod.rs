//! Engine.IO 4: sessions that carry messages over WebSocket or polling. Knows nothing of Socket.IO.
mod application;
mod outbox;
mod server;
mod session;
mod task;
mod websocket;

pub use application::{Application, Driver, Flow, Received};
pub use server::{Authorize, Engine, HttpRefusal};
pub use session::{SendError, Session};
