//! What a namespace does with its sockets.
use super::ack::Ack;
use super::event::Event;
use super::reason::Reason;
use super::socket::Socket;
use serde_json::Value;
use serde_json::value::RawValue;
use std::pin::Pin;

pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The application side of one namespace.
///
/// All methods are called by the connection's own task, in the order in which its packets came,
/// and must not block. A future that they return is polled once before the next packet is looked
/// at, and then together with the others of that connection, so what must happen in order belongs
/// before its first `await` (or in the method itself); what comes later overlaps. At
/// [`super::Config::max_in_flight`] unfinished futures the connection is not read from.
/// Futures are dropped when the connection ends: work that must finish belongs to somebody else.
pub trait Handler: Send + Sync + 'static {
    /// Somebody wants in. Nothing else of the connection is read until this is answered, and
    /// nothing can be sent to the socket. A refusal becomes the client's `connect_error`.
    fn connect(
        &self,
        socket: &Socket,
        auth: Option<Box<RawValue>>,
    ) -> BoxFuture<Result<Welcome, Refusal>>;

    /// The client has been told that it is in; comes before its first event.
    fn connected(&self, _socket: &Socket) -> Work {
        Work::Done
    }

    /// An event. `ack` is there when the client asked for an answer.
    fn event(&self, socket: &Socket, event: Event, ack: Option<Ack>) -> Work;

    /// A socket that was connected is no more. Called once.
    fn disconnect(&self, _socket: &Socket, _reason: Reason) {}
}

/// How somebody is let in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Welcome {
    /// Connection state recovery, for clients that know it: the client keeps this name, takes the
    /// last text of each event's arguments as its position, and brings both as `pid` and `offset`
    /// of its next `auth`. Answered with the same name, it was recovered, and
    /// [`Socket::resume_as`] gives it back its id and its rooms.
    pub pid: Option<String>,
}

/// What is left to do when a handler's method returns.
pub enum Work {
    Done,
    Later(BoxFuture<()>),
}

impl Work {
    pub fn later(future: impl Future<Output = ()> + Send + 'static) -> Self {
        Self::Later(Box::pin(future))
    }
}

/// The data of a `connect_error`.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// `error.message` at the client.
    pub message: String,
    /// `error.data` at the client.
    pub data: Option<Value>,
}

impl Refusal {
    pub fn new(message: impl Into<String>, data: Option<Value>) -> Self {
        Self {
            message: message.into(),
            data,
        }
    }
}
