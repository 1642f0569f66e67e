//! What runs on top of sessions: Socket.IO, or an echo.
use super::session::Session;
use crate::reason::Reason;
use std::sync::Arc;
use std::task::Context;
use tokio::time::Instant;

/// A message of a client.
#[derive(Debug, Clone, Copy)]
pub enum Received<'a> {
    Text(&'a str),
    Binary(&'a [u8]),
}

/// Whether the connection is to be read from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    Read,
    /// Not until the driver was polled again and says otherwise: the client feels backpressure.
    Hold,
}

/// Opens one driver for each session.
pub trait Application: Send + Sync + 'static {
    fn open(&self, session: &Arc<Session>) -> Box<dyn Driver>;
}

/// The upper half of one session, called by the session's own task alone.
pub trait Driver: Send {
    /// One message; messages come in order. An error ends the session.
    fn message(&mut self, cx: &mut Context<'_>, message: Received<'_>) -> Result<(), Reason>;

    /// Drives what is in flight, registering `cx`.
    fn poll(&mut self, cx: &mut Context<'_>) -> Result<Flow, Reason>;

    /// Whether more may be read right now; asked after each message.
    fn flow(&self) -> Flow;

    /// When [`Driver::expired`] wants to be called.
    fn deadline(&self) -> Option<Instant>;

    fn expired(&mut self) -> Result<(), Reason>;

    /// The session has ended; nothing else is called after this.
    fn closed(&mut self, reason: Reason);
}
