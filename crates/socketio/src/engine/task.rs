//! The one task of a session: reads, drives, writes, watches the clock.
use super::application::{Driver, Flow};
use super::session::Session;
use super::transport::{Input, Transport};
use super::websocket::Next;
use crate::reason::Reason;
use crate::wire::Message;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// How long an answer that was to be read by itself stays alone.
const PAUSE: Duration = Duration::from_millis(10);

/// How much a client's post may be ahead of the poll that it sent at the same time.
const OVERTAKEN: Duration = Duration::from_millis(100);

/// A timer this much behind is only coarse, and the schedule stands.
const GRAIN: Duration = Duration::from_millis(5);

static PING: LazyLock<Message> = LazyLock::new(|| Message::text("2"));

/// Runs until the session is over and the client has hung up or had its time.
pub struct SessionTask {
    session: Arc<Session>,
    driver: Box<dyn Driver>,
    transport: Transport,
    /// The next of all the things that are waited for.
    sleep: Pin<Box<Sleep>>,
    heartbeat: Heartbeat,
    /// When a pause of the outbox ends.
    resume_at: Option<Instant>,
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
    pub fn new(session: Arc<Session>, transport: Transport) -> Self {
        session.shared().task_begins();
        let driver = session.shared().application.open(&session);
        let ping_at = Instant::now() + session.shared().config.ping_interval;
        if let Transport::WebSocket(websocket) = &transport {
            session.state().lock().tcp_stream = websocket.tcp_stream().cloned();
        }
        Self {
            session,
            driver,
            transport,
            sleep: Box::pin(sleep_until(ping_at)),
            heartbeat: Heartbeat::PingAt(ping_at),
            resume_at: None,
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
            let held = self.driver.flow() == Flow::Hold;
            let blocked = match self.transport.poll_write(cx, &self.session) {
                Poll::Ready(written) => {
                    written.map_err(|_| Reason::Transport)?;
                    false
                }
                Poll::Pending => true,
            };
            // It was read from no further because too much waited for it, which has gone now.
            if held && !blocked && self.driver.flow() == Flow::Read {
                continue;
            }
            let mut state = self.session.state().lock();
            if let Some(reason) = state.closing {
                return Err(reason);
            }
            let paused = state.outbox.is_paused();
            if paused && self.resume_at.is_none() {
                self.resume_at = Some(Instant::now() + PAUSE);
                continue;
            }
            if !state.nudged && (blocked || paused || state.outbox.is_empty()) {
                state.asleep = !blocked && !paused;
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
        // The driver lives in the same task as the transport, and so is woken by the same waker.
        let waker = cx.waker().clone();
        transport.poll_read(cx, session, |input| match input {
            Input::Pong => {
                heartbeat.pong(shared.config.ping_interval);
                session.pong_by(None);
                Ok(Next::Read)
            }
            Input::Message(message) => {
                shared.metrics.received();
                driver.message(&mut Context::from_waker(&waker), message)?;
                Ok(match driver.flow() {
                    Flow::Read => Next::Read,
                    Flow::Hold => Next::Hold,
                })
            }
        })
    }

    /// Looks at the clock, and has it wake the task in time.
    fn watch(&mut self, cx: &mut Context<'_>) -> Result<(), Reason> {
        loop {
            let deadline = self.driver.deadline();
            let heartbeat = self.heartbeat.at();
            let next = deadline.map_or(heartbeat, |deadline| deadline.min(heartbeat));
            let next = self.resume_at.map_or(next, |resume| resume.min(next));
            if !self.poll_sleep(cx, next) {
                return Ok(());
            }
            if deadline.is_some_and(|deadline| deadline <= next) {
                self.driver.expired()?;
            }
            if heartbeat <= next {
                self.beat()?;
            }
            if self.resume_at.is_some_and(|resume| resume <= next) {
                self.resume_at = None;
                self.session.state().lock().outbox.resume();
            }
        }
    }

    fn beat(&mut self) -> Result<(), Reason> {
        match self.heartbeat {
            Heartbeat::PongBy(_) => Err(Reason::PingTimeout),
            Heartbeat::PingAt(at) => {
                let now = Instant::now();
                let pinged_at = if now < at + GRAIN { at } else { now };
                let by = pinged_at + self.session.shared().config.ping_timeout;
                self.heartbeat = Heartbeat::PongBy(by);
                self.session.pong_by(Some(by));
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
        let shared = self.session.shared();
        shared.metrics.closed(reason);
        if !(matches!(self.transport, Transport::Polling) && reason.lingers()) {
            shared.forget(&self.session);
        }
    }

    /// Gives the client what it is owed, for a while.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let (Phase::Flushing { by, .. } | Phase::Leaving { by }) = self.phase else {
                return Poll::Ready(());
            };
            if self.poll_sleep(cx, by) {
                return Poll::Ready(());
            }
            let Transport::WebSocket(transport) = &mut self.transport else {
                return self.poll_dismissed();
            };
            let Phase::Flushing { said, .. } = self.phase else {
                return transport.poll_goodbye(cx);
            };
            if ready!(transport.poll_write(cx, &self.session)).is_err() {
                return Poll::Ready(());
            }
            if said {
                self.phase = Phase::Leaving { by };
            } else {
                let reason = self
                    .session
                    .state()
                    .lock()
                    .closing
                    .unwrap_or(Reason::Transport);
                transport.begin_close(reason);
                self.phase = Phase::Flushing { by, said: true };
            }
        }
    }

    /// A client that polls is owed one more answer if something is to reach it.
    fn poll_dismissed(&self) -> Poll<()> {
        let state = self.session.state().lock();
        let owed = state.closing.is_some_and(Reason::lingers);
        let dismissed = state
            .polling
            .as_ref()
            .is_none_or(|polling| polling.dismissed);
        if dismissed || !owed {
            Poll::Ready(())
        } else {
            Poll::Pending
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
            let wait = this.session.shared().config.close_timeout;
            let wait = match reason {
                Reason::Client => wait.min(OVERTAKEN),
                _ => wait,
            };
            let by = Instant::now() + wait;
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
        self.session.shared().forget(&self.session);
        self.session.clear();
        self.session.shared().task_ends();
    }
}
