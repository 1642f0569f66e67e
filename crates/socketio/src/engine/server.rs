//! The door: HTTP requests to sessions.
use super::answers::{Answer, Fault, accept_key, error, fault, plain, switching};
use super::application::Application;
use super::session::Session;
use super::task::SessionTask;
use super::transport::Transport;
use super::websocket::WebSocket;
use super::{polling, upgrade};
use crate::config::Config;
use crate::handshake::{Handshake, HandshakeHead, Query, wants_websocket};
use crate::metrics::Metrics;
use crate::reason::Reason;
use crate::sid::Sid;
use crate::wire::{Io, Message};
use bytes::Bytes;
use hyper::body::Body;
use hyper::http::request::Parts;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, StatusCode};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// Why a handshake was not let in, as the client is told.
#[derive(Debug, Clone)]
pub struct HttpRefusal {
    pub status: StatusCode,
    pub message: String,
}

/// Why no session was made.
enum Denied {
    Fault(Fault),
    Refused(HttpRefusal),
}

impl Denied {
    fn answer(self) -> Answer {
        match self {
            Self::Fault(wrong) => fault(wrong),
            Self::Refused(HttpRefusal { status, message }) => error(status, 4, &message),
        }
    }
}

fn unavailable(message: &str) -> Denied {
    Denied::Refused(HttpRefusal {
        status: StatusCode::SERVICE_UNAVAILABLE,
        message: message.into(),
    })
}

/// Asked before any session is made: the place to check origins and addresses.
pub type Authorize = Box<dyn Fn(HandshakeHead<'_>) -> Result<(), HttpRefusal> + Send + Sync>;

/// An Engine.IO server: an [`Application`] on sessions.
pub struct Engine {
    shared: Arc<Shared>,
}

pub struct Shared {
    pub config: Config,
    pub application: Arc<dyn Application>,
    pub metrics: Metrics,
    authorize: Option<Authorize>,
    sessions: Mutex<HashMap<Sid, Arc<Session>, ahash::RandomState>>,
    stopping: AtomicBool,
    /// Tasks of sessions, among them those that still say goodbye.
    tasks: AtomicUsize,
    /// Told when there is none left.
    emptied: Notify,
}

impl Engine {
    pub fn new(
        config: Config,
        application: Arc<dyn Application>,
        authorize: Option<Authorize>,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                config,
                application,
                metrics: Metrics::default(),
                authorize,
                sessions: Mutex::default(),
                stopping: AtomicBool::new(false),
                tasks: AtomicUsize::new(0),
                emptied: Notify::new(),
            }),
        }
    }

    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    pub fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    /// Open sessions.
    pub fn len(&self) -> usize {
        self.shared.sessions.lock().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Answers one request. The connection must be served with upgrades; dropping the future
    /// tells that the client has gone.
    pub async fn handle<B>(&self, mut request: Request<B>, remote: SocketAddr) -> Answer
    where
        B: Body<Data = Bytes> + Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let config = &self.shared.config;
        if !config.serves(request.uri().path()) {
            return plain(StatusCode::NOT_FOUND, "");
        }
        let upgrade = wants_websocket(request.headers()).then(|| hyper::upgrade::on(&mut request));
        let (parts, body) = request.into_parts();
        let mut answer = match config.cors.preflight(&parts) {
            Some(answer) => answer,
            None => self.route(&parts, body, remote, upgrade).await,
        };
        config.cors.mark(&parts.headers, &mut answer);
        if answer.status().is_client_error() || answer.status().is_server_error() {
            self.shared.metrics.refused();
        }
        answer
    }

    async fn route<B>(
        &self,
        parts: &Parts,
        body: B,
        remote: SocketAddr,
        upgrade: Option<OnUpgrade>,
    ) -> Answer
    where
        B: Body<Data = Bytes> + Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let websocket = match query.transport {
            Some("websocket") => true,
            Some("polling") => false,
            _ => return fault(Fault::Transport),
        };
        let Some(sid) = query.sid else {
            return match (parts.method == Method::GET, websocket, upgrade) {
                (false, _, _) => fault(Fault::Method),
                (true, true, Some(upgrade)) => self.open_websocket(parts, remote, &query, upgrade),
                (true, true, None) => fault(Fault::Request),
                (true, false, _) => self.open_polling(parts, remote, &query),
            };
        };
        let session =
            Sid::parse(sid).and_then(|sid| self.shared.sessions.lock().get(&sid).cloned());
        let Some(session) = session else {
            return fault(Fault::Session);
        };
        match (websocket, upgrade, &parts.method) {
            (true, Some(upgrade), &Method::GET) => self.upgrade(parts, session, upgrade),
            (false, _, &Method::GET) => polling::get(session).await,
            (false, _, &Method::POST) => polling::post(session, body).await,
            _ => fault(Fault::Request),
        }
    }

    fn open_polling(&self, parts: &Parts, remote: SocketAddr, query: &Query<'_>) -> Answer {
        let session = match self.admit(HandshakeHead { parts, remote }, query, true) {
            Ok(session) => session,
            Err(denied) => return denied.answer(),
        };
        let open = open_packet(&session, r#""websocket""#);
        self.shared.remember(&session);
        tokio::spawn(SessionTask::new(session, Transport::Polling));
        let mut answer = plain(StatusCode::OK, "");
        *answer.body_mut() = Bytes::copy_from_slice(open.packet()).into();
        answer
    }

    fn upgrade(&self, parts: &Parts, session: Arc<Session>, upgrade: OnUpgrade) -> Answer {
        let Some(accept) = accept_key(parts) else {
            return fault(Fault::Request);
        };
        let wait = self.shared.config.upgrade_timeout;
        if !upgrade::reserve(&session) {
            // Its connection is another one. Clients take a refused handshake for an error, but
            // a closed connection for what it is.
            tokio::spawn(async move {
                if let Some(transport) = upgraded(upgrade, wait).await {
                    upgrade::turn_away(transport, wait).await;
                }
            });
            return switching(&accept);
        }
        tokio::spawn(async move {
            let transport = upgraded(upgrade, wait).await;
            upgrade::probe(session, transport).await;
        });
        switching(&accept)
    }

    fn open_websocket(
        &self,
        parts: &Parts,
        remote: SocketAddr,
        query: &Query<'_>,
        upgrade: OnUpgrade,
    ) -> Answer {
        let head = HandshakeHead { parts, remote };
        let (accept, session) = match (accept_key(parts), self.admit(head, query, false)) {
            (_, Err(denied)) => return denied.answer(),
            (None, _) => return fault(Fault::Request),
            (Some(accept), Ok(session)) => (accept, session),
        };
        let wait = self.shared.config.upgrade_timeout;
        tokio::spawn(async move {
            if let Some(transport) = upgraded(upgrade, wait).await {
                begin(session, transport);
            }
        });
        switching(&accept)
    }

    /// All that must hold before a session exists.
    fn admit(
        &self,
        head: HandshakeHead<'_>,
        query: &Query<'_>,
        polls: bool,
    ) -> Result<Arc<Session>, Denied> {
        let shared = &self.shared;
        if query.eio != Some("4") {
            return Err(Denied::Fault(Fault::Version));
        }
        if let Some(Err(refusal)) = shared.authorize.as_ref().map(|authorize| authorize(head)) {
            return Err(Denied::Refused(refusal));
        }
        if shared.stopping.load(Ordering::Acquire) || self.len() >= shared.config.max_sessions {
            return Err(unavailable("No more connections now; try again later"));
        }
        let id = Sid::random().map_err(|_| unavailable("No randomness for a session id"))?;
        let handshake = Handshake::new(head, &shared.config);
        Ok(Arc::new(Session::new(shared.clone(), id, handshake, polls)))
    }

    /// Lets nobody in any more, tells every client to come back later, and waits until all have
    /// gone or `within` has passed. Returns how many were left.
    pub async fn shutdown(&self, within: Duration) -> usize {
        self.shared.stopping.store(true, Ordering::Release);
        let sessions: Vec<_> = self.shared.sessions.lock().values().cloned().collect();
        for session in sessions {
            session.close(Reason::Shutdown);
        }
        let _ = tokio::time::timeout(within, async {
            loop {
                let emptied = self.shared.emptied.notified();
                if self.shared.tasks.load(Ordering::Acquire) == 0 {
                    return;
                }
                emptied.await;
            }
        })
        .await;
        self.shared.tasks.load(Ordering::Acquire)
    }
}

impl Shared {
    fn remember(&self, session: &Arc<Session>) {
        self.metrics.opened();
        self.sessions.lock().insert(session.id(), session.clone());
        if self.stopping.load(Ordering::Acquire) {
            session.close(Reason::Shutdown);
        }
    }

    /// The id means nothing any more.
    pub fn forget(&self, session: &Session) {
        self.sessions.lock().remove(&session.id());
    }

    pub fn task_begins(&self) {
        self.tasks.fetch_add(1, Ordering::AcqRel);
    }

    pub fn task_ends(&self) {
        if self.tasks.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.emptied.notify_waiters();
        }
    }
}

async fn upgraded(upgrade: OnUpgrade, wait: Duration) -> Option<WebSocket> {
    let upgraded = tokio::time::timeout(wait, upgrade).await.ok()?.ok()?;
    let (io, unread) = Io::new(upgraded);
    Some(WebSocket::new(io, &unread))
}

/// A small task of its own: the one that awaited the upgrade is large.
fn begin(session: Arc<Session>, transport: WebSocket) {
    let shared = session.shared().clone();
    shared.remember(&session);
    let _ = session.send(&[open_packet(&session, "")]);
    tokio::spawn(SessionTask::new(session, Transport::WebSocket(transport)));
}

/// The handshake, with exactly the keys of the protocol.
fn open_packet(session: &Session, upgrades: &str) -> Message {
    let config = &session.shared().config;
    Message::text(&format!(
        r#"0{{"sid":"{}","upgrades":[{upgrades}],"pingInterval":{},"pingTimeout":{},"maxPayload":{}}}"#,
        session.id(),
        config.ping_interval.as_millis(),
        config.ping_timeout.as_millis(),
        config.max_payload_bytes,
    ))
}
