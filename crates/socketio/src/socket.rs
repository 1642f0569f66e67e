//! One client in one namespace.
use super::ack::{AckError, Owed, Reply};
use super::engine::{SendError, Session};
use super::frame::Frame;
use super::handshake::Handshake;
use super::namespace::Namespace;
use super::reason::Reason;
use super::sid::Sid;
use bytes::Bytes;
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use std::any::Any;
use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// A handle; clones are the same socket. Works from any thread and never blocks.
/// Whoever holds one keeps a little memory of a closed connection alive.
#[derive(Clone)]
pub struct Socket(Arc<Inner>);

struct Inner {
    id: Sid,
    /// The id of an earlier life, and that the client may come back again.
    resumed: OnceLock<Sid>,
    recoverable: AtomicBool,
    session: Arc<Session>,
    namespace: Arc<Namespace>,
    stage: AtomicU8,
    data: OnceLock<Arc<dyn Any + Send + Sync>>,
    owed: Owed,
    rooms: Mutex<BTreeSet<Arc<str>>>,
}

const CONNECTING: u8 = 0;
const OPEN: u8 = 1;
const CLOSED: u8 = 2;

impl Socket {
    pub(super) fn new(id: Sid, session: Arc<Session>, namespace: Arc<Namespace>) -> Self {
        Self(Arc::new(Inner {
            id,
            resumed: OnceLock::new(),
            recoverable: AtomicBool::new(false),
            session,
            namespace,
            stage: AtomicU8::new(CONNECTING),
            data: OnceLock::new(),
            owed: Owed::default(),
            rooms: Mutex::default(),
        }))
    }

    pub fn id(&self) -> Sid {
        *self.0.resumed.get().unwrap_or(&self.0.id)
    }

    /// Makes this the same socket as an earlier one, whose line broke: it has its id, and the rooms
    /// that it was in. For [`super::Handler::connect`], which must know that the client is the same;
    /// false when it is too late.
    pub fn resume_as(&self, id: Sid) -> bool {
        self.0.stage.load(Ordering::Acquire) == CONNECTING && self.0.resumed.set(id).is_ok()
    }

    /// The namespace's name, `/` for the main one.
    pub fn namespace(&self) -> &str {
        self.0.namespace.name()
    }

    pub fn handshake(&self) -> &Handshake {
        self.0.session.handshake()
    }

    /// Sends a prepared frame of this namespace.
    pub fn send_frame(&self, frame: &Frame) -> Result<(), SendError> {
        if self.0.stage.load(Ordering::Acquire) != OPEN {
            return Err(SendError::Closed);
        }
        frame.messages(|messages| self.0.session.send(messages))
    }

    /// As [`Socket::send_frame`], for one who says the same to many; [`Socket::flush`] must follow.
    pub fn queue_frame(&self, frame: &Frame) -> Result<(), SendError> {
        if self.0.stage.load(Ordering::Acquire) != OPEN {
            return Err(SendError::Closed);
        }
        frame.messages(|messages| self.0.session.queue(messages))
    }

    /// Writes what was queued, without waiting and as a rule without waking the socket's task.
    pub fn flush(&self) {
        self.0.session.flush();
    }

    /// Sends it only if nothing else waits for the client; tells whether it did.
    pub fn send_volatile(&self, frame: &Frame) -> bool {
        self.0.stage.load(Ordering::Acquire) == OPEN
            && frame.messages(|messages| self.0.session.send_volatile(messages))
    }

    /// Sends an event with one argument.
    pub fn emit<T: Serialize + ?Sized>(&self, name: &str, arg: &T) -> Result<(), SendError> {
        match Frame::event(self.namespace(), name, arg) {
            Ok(frame) => self.send_frame(&frame),
            Err(error) => {
                tracing::error!(%error, name, "an event cannot be written as JSON");
                Err(SendError::Closed)
            }
        }
    }

    /// Sends an event and waits for the client's answer. The event is sent by the call itself.
    pub fn emit_with_ack<T: Serialize + ?Sized>(
        &self,
        name: &str,
        arg: &T,
        timeout: Duration,
    ) -> impl Future<Output = Result<Reply, AckError>> + Send + 'static + use<T> {
        let sent = to_raw_value(arg)
            .map_err(|_| AckError::Json)
            .and_then(|arg| self.question(name, &[arg], &[], timeout))
            .and_then(|(frame, reply)| match self.send_frame(&frame) {
                Ok(()) => Ok(reply),
                Err(_) => Err(AckError::Closed),
            });
        async move { sent?.await }
    }

    /// An event that wants an answer, and the answer. The caller sends the frame, to this socket
    /// alone; the time begins when the answer is waited for.
    pub fn question<A: Borrow<RawValue>>(
        &self,
        name: &str,
        args: &[A],
        attachments: &[Bytes],
        timeout: Duration,
    ) -> Result<
        (
            Frame,
            impl Future<Output = Result<Reply, AckError>> + Send + 'static + use<A>,
        ),
        AckError,
    > {
        let max = self.0.session.config().max_pending_acks;
        let (id, receiver) = self.0.owed.expect(max)?;
        let owed = Expected {
            socket: self.clone(),
            id,
        };
        let frame = Frame::event_asking(self.namespace(), name, args, attachments, Some(id));
        let frame = frame.map_err(|_| AckError::Json)?;
        let reply = async move {
            let _owed = owed;
            match tokio::time::timeout(timeout, receiver).await {
                Ok(reply) => reply.map_err(|_| AckError::Closed),
                Err(_) => Err(AckError::Timeout),
            }
        };
        Ok((frame, reply))
    }

    /// Puts the client out of the namespace; official clients do not come back by themselves.
    /// `close` ends the whole connection. What was sent before still arrives.
    pub fn disconnect(&self, close: bool) {
        if self.0.stage.load(Ordering::Acquire) == OPEN {
            if let Ok(frame) = Frame::control::<()>(b'1', self.namespace(), None) {
                let _ = self.send_frame(&frame);
            }
            self.0.stage.store(CLOSED, Ordering::Release);
        }
        if close {
            self.0.session.close(Reason::Server)
        } else {
            self.0.session.nudge()
        }
    }

    /// Ends the connection as if it had broken: official clients come back.
    pub fn close(&self, reason: Reason) {
        self.0.session.close(reason);
    }

    /// Whether something can be sent right now.
    pub fn is_open(&self) -> bool {
        self.0.stage.load(Ordering::Acquire) == OPEN && self.0.session.is_open()
    }

    /// What waits to be written to the connection.
    pub fn queued_bytes(&self) -> usize {
        self.0.session.queued_bytes()
    }

    /// Waits until at most `bytes` wait to be written: how a long history is sent without
    /// filling the queue.
    pub async fn drained(&self, bytes: usize) -> Result<(), SendError> {
        self.0.session.drained(bytes).await
    }

    /// Attaches the application's own data, once; false if some is there already.
    pub fn set_data(&self, data: Arc<dyn Any + Send + Sync>) -> bool {
        self.0.data.set(data).is_ok()
    }

    /// The application's data, if it is of this type.
    pub fn data<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.0.data.get()?.downcast_ref()
    }

    /// Enters a room; a closed socket does not.
    pub fn join(&self, room: &str) {
        self.0.namespace.join(self, room);
    }

    pub fn leave(&self, room: &str) {
        self.0.namespace.leave(self, room);
    }

    /// The rooms it is in, sorted.
    pub fn rooms(&self) -> Vec<Arc<str>> {
        self.0.rooms.lock().iter().cloned().collect()
    }

    pub(super) fn rooms_mut(&self) -> &Mutex<BTreeSet<Arc<str>>> {
        &self.0.rooms
    }

    pub(super) fn owed(&self) -> &Owed {
        &self.0.owed
    }

    pub(super) fn home(&self) -> &Arc<Namespace> {
        &self.0.namespace
    }

    pub(super) fn open(&self, recoverable: bool) {
        self.0.recoverable.store(recoverable, Ordering::Release);
        self.0.stage.store(OPEN, Ordering::Release);
    }

    pub(super) fn is_same(&self, other: &Socket) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// It was disconnected and its driver has not yet been told.
    pub(super) fn is_closed(&self) -> bool {
        self.0.stage.load(Ordering::Acquire) == CLOSED
    }

    /// The driver's last word: no rooms, no answers.
    /// With the whole connection lost, one that can come back finds its rooms again.
    pub(super) fn end(&self, lost: bool) {
        self.0.stage.store(CLOSED, Ordering::Release);
        let recoverable = self.0.recoverable.load(Ordering::Acquire);
        self.0.namespace.remove(self, lost && recoverable);
        self.0.owed.clear();
    }
}

/// An answer that somebody waits for; nobody does any more when this is dropped.
struct Expected {
    socket: Socket,
    id: u64,
}

impl Drop for Expected {
    fn drop(&mut self) {
        self.socket.0.owed.forget(self.id);
    }
}

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Socket")
            .field("id", &self.0.id)
            .field("namespace", &self.namespace())
            .finish()
    }
}
