//! Acknowledgements, both ways.
use super::engine::SendError;
use super::frame::Frame;
use super::socket::Socket;
use bytes::Bytes;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Borrow;
use std::collections::HashMap;
use tokio::sync::oneshot;

/// The right to answer one event, once.
#[derive(Debug)]
pub struct Ack {
    socket: Socket,
    id: u64,
}

impl Ack {
    pub(super) fn new(socket: Socket, id: u64) -> Self {
        Self { socket, id }
    }

    /// Answers with one argument.
    pub fn send<T: Serialize + ?Sized>(self, arg: &T) -> Result<(), SendError> {
        self.finish(Frame::ack_with(self.socket.namespace(), self.id, arg))
    }

    /// Answers with any number of arguments and attachments.
    pub fn send_raw<A: Borrow<RawValue>>(
        self,
        args: &[A],
        attachments: &[Bytes],
    ) -> Result<(), SendError> {
        self.finish(Frame::ack(
            self.socket.namespace(),
            self.id,
            args,
            attachments,
        ))
    }

    fn finish(&self, frame: serde_json::Result<Frame>) -> Result<(), SendError> {
        // What cannot be JSON is a bug of the caller; the client must not wait for ever.
        let frame = frame.map_err(|error| {
            tracing::error!(%error, "an acknowledgement cannot be written as JSON");
            SendError::Closed
        })?;
        self.socket.send_frame(&frame)
    }
}

/// No answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AckError {
    #[error("no acknowledgement came in time")]
    Timeout,
    #[error("the socket is closed")]
    Closed,
    #[error("the event cannot be written as JSON")]
    Json,
    #[error("too many acknowledgements are owed by this socket")]
    TooMany,
}

/// A client's answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub args: Vec<Box<RawValue>>,
    pub attachments: Vec<Bytes>,
}

impl Reply {
    /// Argument `at` as a type. A missing one is read as `null`.
    pub fn arg<'de, T: Deserialize<'de>>(&'de self, at: usize) -> serde_json::Result<T> {
        serde_json::from_str(self.args.get(at).map_or("null", |arg| arg.get()))
    }
}

/// The answers that one socket owes. Most sockets never owe any.
#[derive(Debug, Default)]
pub(super) struct Owed(Mutex<Option<Box<Table>>>);

#[derive(Debug, Default)]
struct Table {
    next: u64,
    waiting: HashMap<u64, oneshot::Sender<Reply>>,
}

impl Owed {
    pub fn expect(&self, max: usize) -> Result<(u64, oneshot::Receiver<Reply>), AckError> {
        let mut table = self.0.lock();
        let table = table.get_or_insert_default();
        if table.waiting.len() >= max {
            return Err(AckError::TooMany);
        }
        let id = table.next;
        table.next += 1;
        let (sender, receiver) = oneshot::channel();
        table.waiting.insert(id, sender);
        Ok((id, receiver))
    }

    pub fn settle(&self, id: u64, reply: Reply) {
        let waiting = self
            .0
            .lock()
            .as_mut()
            .and_then(|table| table.waiting.remove(&id));
        if let Some(waiting) = waiting {
            // Whoever waited may have given up.
            let _ = waiting.send(reply);
        }
    }

    pub fn forget(&self, id: u64) {
        if let Some(table) = self.0.lock().as_mut() {
            table.waiting.remove(&id);
        }
    }

    /// Everybody who waits is told that nothing will come.
    pub fn clear(&self) {
        *self.0.lock() = None;
    }
}
