//! The polling transport: GET waits for packets, POST brings some.
use super::answers::{Answer, Fault, error, fault, plain};
use super::session::{Session, State};
use super::websocket::WebSocket;
use crate::config::Config;
use crate::packet::payload::{self, Owned};
use crate::reason::Reason;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::StatusCode;
use hyper::body::Body;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::time::Instant;

/// Clients' clocks are this coarse: who counts the same time as the server may come so early.
const GRAIN: Duration = Duration::from_millis(2);

/// Packets of one answer to a client that is not known to take any number: python-engineio breaks
/// the connection at more. Far away, every answer costs the whole way there and back.
const MAX_PACKETS: u64 = 16;

const CLOSE: &[u8] = b"1";
const NOOP: &[u8] = b"6";

/// What a session holds for as long as it polls.
pub struct Polling {
    /// When it was last answered, or brought something.
    seen: Instant,
    /// A GET waits.
    waiting: bool,
    getter: Option<Waker>,
    /// Brought by a POST, which is answered when the task has taken all of it.
    pub inbox: VecDeque<Owned>,
    poster: Option<Waker>,
    /// A WebSocket has come for this session.
    pub upgrade: Upgrade,
    /// A ping is unanswered; the session ends then, also if its task is a little late.
    pub pong_by: Option<Instant>,
    /// The last GET has been answered: nobody else will come.
    pub dismissed: bool,
}

#[derive(Default)]
pub enum Upgrade {
    #[default]
    None,
    Begun,
    /// The probe was answered: GETs are sent away, so that the client can switch.
    Probed,
    /// The client has switched; the task takes over.
    Done(Box<WebSocket>),
}

impl Default for Polling {
    fn default() -> Self {
        Self {
            seen: Instant::now(),
            waiting: false,
            getter: None,
            inbox: VecDeque::new(),
            poster: None,
            upgrade: Upgrade::None,
            pong_by: None,
            dismissed: false,
        }
    }
}

impl Polling {
    /// Whether a heartbeat must have been missed. The client's absence counts, however late a busy
    /// server would have sent its ping.
    fn is_overdue(&self, config: &Config) -> bool {
        let now = Instant::now() + GRAIN;
        let absent = !self.waiting && now - self.seen >= config.ping_interval + config.ping_timeout;
        absent || self.pong_by.is_some_and(|by| by <= now)
    }

    /// Something has changed that a waiting GET wants to know.
    pub fn wake_getter(&mut self) {
        if let Some(getter) = self.getter.take() {
            getter.wake();
        }
    }

    pub fn wake_poster(&mut self) {
        if let Some(poster) = self.poster.take() {
            poster.wake();
        }
    }
}

/// Answers a GET. Dropped unanswered, its client has gone, and so has the session.
pub async fn get(session: Arc<Session>) -> Answer {
    let late = {
        let mut state = session.state().lock();
        // Also before the session's task has seen that it is over.
        let over = state.closing.is_some_and(|reason| !reason.lingers());
        let Some(polling) = &mut state.polling else {
            return fault(Fault::Request);
        };
        if polling.dismissed || over {
            return fault(Fault::Session);
        }
        if matches!(polling.upgrade, Upgrade::Done(_)) {
            return fault(Fault::Request);
        }
        if polling.is_overdue(session.config()) {
            drop(state);
            session.close(Reason::PingTimeout);
            return fault(Fault::Session);
        }
        if std::mem::replace(&mut polling.waiting, true) {
            drop(state);
            session.close(Reason::Protocol);
            return fault(Fault::Request);
        }
        matches!(polling.upgrade, Upgrade::Begun)
    };
    let mut guard = Getting {
        session: &session,
        answered: false,
    };
    let body = poll_fn(|cx| poll_get(&session, late, cx)).await;
    guard.answered = true;
    match body {
        Err(wrong) => fault(wrong),
        Ok(body) => {
            let mut answer = plain(StatusCode::OK, "");
            *answer.body_mut() = Bytes::from(body).into();
            answer
        }
    }
}

struct Getting<'a> {
    session: &'a Arc<Session>,
    answered: bool,
}

impl Drop for Getting<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.session.close(Reason::Transport);
        }
    }
}

/// `late`: the GET came after the WebSocket, so a client that switched without waiting for its
/// probe should not have sent it.
fn poll_get(session: &Session, late: bool, cx: &mut Context<'_>) -> Poll<Result<Vec<u8>, Fault>> {
    let mut state = session.state().lock();
    let closing = state.closing;
    let stage = state.polling.as_ref().map(|polling| &polling.upgrade);
    let (switched, probed) = match stage {
        None | Some(Upgrade::Done(_)) => (true, true),
        Some(Upgrade::Probed) => (false, true),
        Some(Upgrade::None | Upgrade::Begun) => (false, false),
    };
    if switched && late && closing.is_none() {
        return Poll::Ready(Err(Fault::Request));
    }
    let mut body = Vec::new();
    if !switched {
        take_payload(session, &mut state, &mut body);
    }
    if body.is_empty() && !probed && closing.is_none() {
        if let Some(polling) = &mut state.polling {
            polling.getter = Some(cx.waker().clone());
        }
        return Poll::Pending;
    }
    // The close comes in an answer of its own: official clients look at it before the packets
    // that came with it.
    let last = closing.filter(|_| body.is_empty());
    if let Some(polling) = &mut state.polling {
        polling.waiting = false;
        polling.seen = Instant::now();
        polling.dismissed = last.is_some();
    }
    if last.is_some() {
        session.task().wake();
    }
    if last.is_some_and(Reason::invites_back) {
        return Poll::Ready(Err(Fault::Session));
    }
    if body.is_empty() {
        let bye = last.is_some_and(|reason| reason != Reason::Client);
        payload::push(&mut body, if bye { CLOSE } else { NOOP }, false);
    }
    Poll::Ready(Ok(body))
}

/// As much as an answer may hold, at least one packet if there is one.
fn take_payload(session: &Session, state: &mut State, body: &mut Vec<u8>) {
    let config = session.config();
    let max = config.max_payload_bytes;
    let most = if session.handshake().is_javascript() {
        u64::MAX
    } else {
        MAX_PACKETS
    };
    let was_behind = state.is_behind(config);
    let mut messages = 0;
    state.outbox.drain(|message| {
        let (packet, binary) = (message.packet(), message.is_binary());
        let fits = body.is_empty()
            || messages < most && body.len() + payload::encoded_len(packet, binary) <= max;
        if fits {
            payload::push(body, packet, binary);
            messages += 1;
        }
        fits
    });
    session.wake_drained(state);
    if was_behind && !state.is_behind(config) {
        state.nudged = true;
        session.task().wake();
    }
    session.shared().metrics.sent(messages, body.len());
}

/// Answers a POST when its packets have been taken.
pub async fn post<B>(session: Arc<Session>, body: B) -> Answer
where
    B: Body<Data = Bytes> + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let config = session.config();
    let too_large = || {
        session.close(Reason::TooBig);
        error(StatusCode::PAYLOAD_TOO_LARGE, 3, "Payload too large")
    };
    // What is announced is not waited for.
    if body.size_hint().lower() > config.max_payload_bytes as u64 {
        return too_large();
    }
    let body = Limited::new(body, config.max_payload_bytes).collect();
    let body = match tokio::time::timeout(config.ping_interval + config.ping_timeout, body).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(cause)) if cause.is::<LengthLimitError>() => return too_large(),
        Ok(Err(_)) | Err(_) => {
            session.close(Reason::Transport);
            return fault(Fault::Request);
        }
    };
    let Ok(packets) = payload::parse(&body) else {
        session.close(Reason::Protocol);
        return fault(Fault::Request);
    };
    if let Err(wrong) = deliver(&session, packets) {
        return fault(wrong);
    }
    match poll_fn(|cx| poll_taken(&session, cx)).await {
        Some(Reason::Protocol | Reason::TooBig) => fault(Fault::Request),
        _ => plain(StatusCode::OK, "ok"),
    }
}

fn deliver(session: &Session, packets: Vec<Owned>) -> Result<(), Fault> {
    let mut state = session.state().lock();
    if state.closing.is_some() {
        return Err(Fault::Session);
    }
    let Some(polling) = &mut state.polling else {
        return Err(Fault::Request);
    };
    if !polling.inbox.is_empty() {
        drop(state);
        session.close(Reason::Protocol);
        return Err(Fault::Request);
    }
    polling.inbox = packets.into();
    polling.seen = Instant::now();
    drop(state);
    session.nudge();
    Ok(())
}

/// Ready when the inbox is empty, or with the reason for which the session was closed.
fn poll_taken(session: &Session, cx: &mut Context<'_>) -> Poll<Option<Reason>> {
    let mut state = session.state().lock();
    if let Some(reason) = state.closing {
        return Poll::Ready(Some(reason));
    }
    match &mut state.polling {
        Some(polling) if !polling.inbox.is_empty() => {
            polling.poster = Some(cx.waker().clone());
            Poll::Pending
        }
        Some(_) | None => Poll::Ready(None),
    }
}
