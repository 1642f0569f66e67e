//! One Engine.IO session: what every thread may touch of it. Its task is in [`super::task`].
use super::outbox::Outbox;
use super::polling::{Polling, Upgrade};
use super::server::Shared;
use super::websocket::{CHUNK_BYTES, with_scratch};
use crate::config::Config;
use crate::handshake::Handshake;
use crate::reason::Reason;
use crate::sid::Sid;
use crate::wire::Message;
use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// The message was not queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    #[error("the connection is closed")]
    Closed,
    /// The connection is being closed for it.
    #[error("the reader is too slow: its queue is full")]
    SlowConsumer,
}

/// A client's session, over whatever transport. Cheap to hold, safe to use from any thread;
/// nothing here blocks.
pub struct Session {
    id: Sid,
    shared: Arc<Shared>,
    handshake: Handshake,
    state: Mutex<State>,
    /// The session's own task.
    task: AtomicWaker,
}

/// Who writes what was queued.
enum Wake {
    Task,
    /// The caller, by [`Session::flush`], where the session's socket can be written to from here.
    Flush,
}

#[derive(Default)]
pub(super) struct State {
    pub outbox: Outbox,
    /// Set once; the task sees to the rest.
    pub closing: Option<Reason>,
    /// The task wants to be woken by the next message. It has written all there was.
    pub asleep: bool,
    /// Where [`Session::flush`] writes while the task sleeps: a WebSocket's plain TCP connection.
    pub tcp_stream: Option<Arc<TcpStream>>,
    /// What such a write has begun, for the task to finish before anything else.
    pub unwritten: Vec<u8>,
    /// Somebody called [`Session::nudge`] since the task looked.
    pub nudged: bool,
    /// Those who wait for the queue to be this short, or (`None`) for the end.
    pub waiting: Vec<(Option<usize>, Waker)>,
    /// There while the session polls.
    pub polling: Option<Box<Polling>>,
}

impl Session {
    pub(super) fn new(shared: Arc<Shared>, id: Sid, handshake: Handshake, polls: bool) -> Self {
        let polling = polls.then(Box::default);
        let state = State {
            polling,
            ..State::default()
        };
        Self {
            id,
            shared,
            handshake,
            state: Mutex::new(state),
            task: AtomicWaker::new(),
        }
    }

    pub fn id(&self) -> Sid {
        self.id
    }

    pub fn handshake(&self) -> &Handshake {
        &self.handshake
    }

    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(super) fn state(&self) -> &Mutex<State> {
        &self.state
    }

    pub(super) fn task(&self) -> &AtomicWaker {
        &self.task
    }

    /// Queues messages, all or none, and wakes the task that writes them. A full queue closes the
    /// session as `slow_consumer`.
    pub fn send(&self, messages: &[Message]) -> Result<(), SendError> {
        self.push(messages, Wake::Task)
    }

    /// As [`Session::send`], for one who says the same to many: written by [`Session::flush`],
    /// which the caller must call after the last message. No task wakes for a message then, and
    /// what gathered in between leaves in one write.
    pub fn queue(&self, messages: &[Message]) -> Result<(), SendError> {
        self.push(messages, Wake::Flush)
    }

    fn push(&self, messages: &[Message], wake: Wake) -> Result<(), SendError> {
        let config = &self.shared.config;
        let mut state = self.state.lock();
        if state.closing.is_some() {
            return Err(SendError::Closed);
        }
        if !state.outbox.push(messages, config) {
            drop(state);
            self.close(Reason::SlowConsumer);
            return Err(SendError::SlowConsumer);
        }
        if let Some(polling) = &mut state.polling {
            polling.wake_getter();
        }
        let flushed_later = matches!(wake, Wake::Flush) && state.tcp_stream.is_some();
        let wake = !flushed_later && std::mem::take(&mut state.asleep);
        drop(state);
        if wake {
            self.task.wake();
        }
        Ok(())
    }

    /// Writes what is queued, without waiting: on this thread while the task sleeps, otherwise the
    /// task does it. What the kernel does not take now is left to the task.
    pub fn flush(&self) {
        let mut state = self.state.lock();
        if !state.asleep || state.closing.is_some() || state.outbox.is_empty() {
            return;
        }
        let Some(stream) = state.tcp_stream.clone() else {
            return;
        };
        let state = &mut *state;
        with_scratch(|chunk| {
            chunk.clear();
            let messages = state.outbox.collect(chunk, CHUNK_BYTES);
            self.shared.metrics.sent(messages, chunk.len());
            // The task meets an error again, and says why the session ends.
            let written = stream.try_write(chunk).unwrap_or(0);
            state.unwritten.extend_from_slice(&chunk[written..]);
        });
        self.wake_drained(state);
        if !state.unwritten.is_empty() || !state.outbox.is_empty() {
            state.asleep = false;
            self.task.wake();
        }
    }

    /// Queues messages unless something already waits; tells whether it did.
    pub fn send_volatile(&self, messages: &[Message]) -> bool {
        self.queued_bytes() == 0 && self.send(messages).is_ok()
    }

    /// What is sent from now on reaches a WebSocket in a segment of its own, a moment later.
    /// By polling a client takes whole payloads anyway.
    pub fn pause(&self) {
        let mut state = self.state.lock();
        if state.polling.is_none() && state.closing.is_none() {
            state.outbox.pause_here();
        }
    }

    /// Ends the session. The first reason stands.
    pub fn close(&self, reason: Reason) {
        let mut state = self.state.lock();
        if state.closing.is_some() {
            return;
        }
        state.closing = Some(reason);
        state.outbox.resume();
        if !reason.flushes() {
            state.outbox.clear();
        }
        if let Some(polling) = &mut state.polling {
            polling.wake_getter();
            polling.wake_poster();
        }
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(|(_, waker)| waker.wake());
        self.task.wake();
    }

    pub fn is_open(&self) -> bool {
        self.state.lock().closing.is_none()
    }

    /// What waits to be written.
    pub fn queued_bytes(&self) -> usize {
        self.state.lock().outbox.bytes()
    }

    /// Whether so much waits to be written that the client should not cause more of it now.
    pub fn is_behind(&self) -> bool {
        self.state.lock().is_behind(self.config())
    }

    /// Has the driver polled soon.
    pub fn nudge(&self) {
        self.state.lock().nudged = true;
        self.task.wake();
    }

    /// Waits until at most `bytes` are queued: how a long history is sent without filling the queue.
    pub async fn drained(&self, bytes: usize) -> Result<(), SendError> {
        poll_fn(|cx| {
            let mut state = self.state.lock();
            if state.closing.is_some() {
                return Poll::Ready(Err(SendError::Closed));
            }
            if state.outbox.bytes() <= bytes {
                return Poll::Ready(Ok(()));
            }
            state.wait(Some(bytes), cx);
            Poll::Pending
        })
        .await
    }

    /// Waits until the session is being closed.
    pub async fn closed(&self) {
        poll_fn(|cx| {
            let mut state = self.state.lock();
            if state.closing.is_some() {
                return Poll::Ready(());
            }
            state.wait(None, cx);
            Poll::Pending
        })
        .await;
    }

    /// Tells those who poll until when a pong may come.
    pub(super) fn pong_by(&self, by: Option<Instant>) {
        if let Some(polling) = &mut self.state.lock().polling {
            polling.pong_by = by;
        }
    }

    /// Gives back what a handle that somebody still holds would keep.
    pub(super) fn clear(&self) {
        let mut state = self.state.lock();
        state.outbox.clear();
        state.tcp_stream = None;
        state.unwritten = Vec::new();
        let polling = state.polling.take();
        drop(state);
        if let Some(mut polling) = polling {
            polling.wake_getter();
            polling.wake_poster();
        }
    }

    /// Wakes those whom the shorter queue satisfies.
    pub(super) fn wake_drained(&self, state: &mut State) {
        if state.waiting.is_empty() {
            return;
        }
        let bytes = state.outbox.bytes();
        state.waiting.retain(|(below, waker)| {
            let wait = below.is_none_or(|below| bytes > below);
            if !wait {
                waker.wake_by_ref();
            }
            wait
        });
    }
}

impl State {
    /// Half of the queue is left to what others say. A client that switches to its WebSocket waits
    /// for its post to be answered, and does not poll meanwhile, so it is never held back.
    pub fn is_behind(&self, config: &Config) -> bool {
        let switches = self
            .polling
            .as_ref()
            .is_some_and(|polling| matches!(polling.upgrade, Upgrade::Probed | Upgrade::Done(_)));
        !switches && self.outbox.bytes() > config.max_queued_bytes / 2
    }

    fn wait(&mut self, below: Option<usize>, cx: &mut Context<'_>) {
        self.waiting
            .retain(|(other, waker)| *other != below || !waker.will_wake(cx.waker()));
        self.waiting.push((below, cx.waker().clone()));
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
