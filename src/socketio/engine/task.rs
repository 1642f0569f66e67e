//! The one task of a session: reads, drives, writes, watches the clock.
use super::application::{Driver, Flow, Received};
use super::session::Session;
use super::websocket::{Next, WebSocket};
use crate::socketio::packet::engine::Packet;
use crate::socketio::reason::Reason;
use crate::socketio::wire::{Item, Message};
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, ready};
use tokio::time::{Instant, Sleep, sleep_until};

static PING: LazyLock<Message> = LazyLock::new(|| Message::text("2"));

/// Runs until the session is over and the client has hung up or had its time.
pub struct SessionTask {
    session: Arc<Session>,
    driver: Box<dyn Driver>,
    transport: WebSocket,
    /// The next of all the things that are waited for.
    sleep: Pin<Box<Sleep>>,
    heartbeat: Heartbeat,
    phase: Phase,
}

#[derive(Clone, Copy)]
enum Heartbeat {
    PingAt(Instant),
    PongBy(Instant),
}

#[derive(Clone, Copy)]
enum Phase {
    Open,
    /// Writing what is owed, then the close frame.
    Flushing {
        by: Instant,
        said: bool,
    },
    /// Waiting for the client to hang up.
    Leaving {
        by: Instant,
    },
    Over,
}

impl SessionTask {
    pub fn websocket(session: Arc<Session>, transport: WebSocket) -> Self {
        let driver = session.shared().application.open(&session);
        let ping_at = Instant::now() + session.shared().config.ping_interval;
        Self {
            session,
            driver,
            transport,
            sleep: Box::pin(sleep_until(ping_at)),
            heartbeat: Heartbeat::PingAt(ping_at),
            phase: Phase::Open,
        }
    }

    fn poll_open(&mut self, cx: &mut Context<'_>) -> Result<(), Reason> {
        loop {
            {
                let mut state = self.session.state().lock();
                (state.asleep, state.nudged) = (false, false);
                if let Some(reason) = state.closing {
                    return Err(reason);
                }
            }
            if self.driver.poll(cx)? == Flow::Read {
                self.read(cx)?;
            }
            self.watch(cx)?;
            let blocked = match self.transport.poll_write(cx, &self.session) {
                Poll::Ready(written) => {
                    written.map_err(|_| Reason::Transport)?;
                    false
                }
                Poll::Pending => true,
            };
            let mut state = self.session.state().lock();
            if let Some(reason) = state.closing {
                return Err(reason);
            }
            if !state.nudged && (blocked || state.outbox.is_empty()) {
                state.asleep = !blocked;
                return Ok(());
            }
        }
    }

    fn read(&mut self, cx: &mut Context<'_>) -> Result<(), Reason> {
        let Self {
            session,
            driver,
            transport,
            heartbeat,
            ..
        } = self;
        let shared = session.shared();
        // The task's own context serves the driver as well: both live in this task.
        let waker = cx.waker().clone();
        transport.poll_read(cx, shared.config.max_payload_bytes, |item| {
            let cx = &mut Context::from_waker(&waker);
            let message = match item {
                Item::Text(text) => match Packet::parse(text).map_err(|_| Reason::Protocol)? {
                    Packet::Text(text) => Received::Text(text),
                    Packet::Pong => {
                        heartbeat.pong(shared.config.ping_interval);
                        return Ok(Next::Read);
                    }
                    Packet::Close => return Err(Reason::Client),
                    Packet::Noop | Packet::Upgrade => return Ok(Next::Read),
                    Packet::Ping(_) | Packet::Binary(_) => return Err(Reason::Protocol),
                },
                Item::Binary(data) => Received::Binary(data),
                Item::Close => return Err(Reason::Transport),
                Item::Ping(_) | Item::Pong => return Ok(Next::Read),
            };
            shared.metrics.received();
            driver.message(cx, message)?;
            Ok(match driver.flow() {
                Flow::Read => Next::Read,
                Flow::Hold => Next::Hold,
            })
        })
    }

    /// Looks at the clock, and has it wake the task in time.
    fn watch(&mut self, cx: &mut Context<'_>) -> Result<(), Reason> {
        loop {
            let deadline = self.driver.deadline();
            let heartbeat = self.heartbeat.at();
            let next = deadline.map_or(heartbeat, |deadline| deadline.min(heartbeat));
            if !self.poll_sleep(cx, next) {
                return Ok(());
            }
            if deadline.is_some_and(|deadline| deadline <= next) {
                self.driver.expired()?;
            }
            if heartbeat <= next {
                self.beat()?;
            }
        }
    }

    fn beat(&mut self) -> Result<(), Reason> {
        match self.heartbeat {
            Heartbeat::PongBy(_) => Err(Reason::PingTimeout),
            Heartbeat::PingAt(_) => {
                let by = Instant::now() + self.session.shared().config.ping_timeout;
                self.heartbeat = Heartbeat::PongBy(by);
                // A refusal has closed the session, which the next look at its state finds.
                let _ = self.session.send(std::slice::from_ref(&*PING));
                Ok(())
            }
        }
    }

    /// Whether `at` has come; otherwise the task is woken then.
    fn poll_sleep(&mut self, cx: &mut Context<'_>, at: Instant) -> bool {
        if self.sleep.deadline() != at {
            self.sleep.as_mut().reset(at);
        }
        self.sleep.as_mut().poll(cx).is_ready()
    }

    /// Tells everybody that the session is over.
    fn end(&mut self, reason: Reason) {
        self.session.close(reason);
        self.driver.closed(reason);
        self.session.shared().forget(&self.session, reason);
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            match self.phase {
                Phase::Flushing { by, said } => {
                    if self.poll_sleep(cx, by) {
                        return Poll::Ready(());
                    }
                    if ready!(self.transport.poll_write(cx, &self.session)).is_err() {
                        return Poll::Ready(());
                    }
                    self.phase = if said {
                        Phase::Leaving { by }
                    } else {
                        Phase::Flushing { by, said: true }
                    };
                    if !said {
                        let reason = self
                            .session
                            .state()
                            .lock()
                            .closing
                            .unwrap_or(Reason::Transport);
                        self.transport.begin_close(reason);
                    }
                }
                Phase::Leaving { by } => {
                    if self.poll_sleep(cx, by) {
                        return Poll::Ready(());
                    }
                    return self.transport.poll_goodbye(cx);
                }
                Phase::Open | Phase::Over => return Poll::Ready(()),
            }
        }
    }
}

impl Heartbeat {
    fn at(self) -> Instant {
        match self {
            Self::PingAt(at) | Self::PongBy(at) => at,
        }
    }

    fn pong(&mut self, ping_interval: std::time::Duration) {
        *self = Self::PingAt(Instant::now() + ping_interval);
    }
}

impl Future for SessionTask {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        this.session.task().register(cx.waker());
        if matches!(this.phase, Phase::Open) {
            let Err(reason) = this.poll_open(cx) else {
                return Poll::Pending;
            };
            let by = Instant::now() + this.session.shared().config.close_timeout;
            this.phase = Phase::Flushing { by, said: false };
            this.end(reason);
        }
        ready!(this.poll_flush(cx));
        this.phase = Phase::Over;
        Poll::Ready(())
    }
}

/// A handler's panic, or the end of the runtime, is the end of the session as well.
impl Drop for SessionTask {
    fn drop(&mut self) {
        if matches!(self.phase, Phase::Open) {
            self.phase = Phase::Over;
            self.end(Reason::Server);
        }
    }
}
