//! The door: HTTP requests to sessions.
use super::application::Application;
use super::session::Session;
use super::task::SessionTask;
use super::websocket::WebSocket;
use crate::socketio::config::Config;
use crate::socketio::handshake::{Handshake, HandshakeHead, Query, wants_websocket};
use crate::socketio::metrics::Metrics;
use crate::socketio::reason::Reason;
use crate::socketio::sid::Sid;
use crate::socketio::wire::{Io, Message};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Body;
use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// Why a handshake was not let in, as the client is told.
#[derive(Debug, Clone)]
pub struct HttpRefusal {
    pub status: StatusCode,
    pub message: String,
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
    /// Somebody waits for the last session to end.
    emptied: Notify,
}

type Answer = Response<Full<Bytes>>;

/// The answers that clients of Node's server know.
#[derive(Clone, Copy)]
enum Fault {
    Transport,
    Session,
    Method,
    Request,
    Version,
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

    /// Answers one request. The connection must be served with upgrades.
    pub async fn handle<B>(&self, mut request: Request<B>, remote: SocketAddr) -> Answer
    where
        B: Body<Data = Bytes> + Send,
    {
        if !self.shared.config.serves(request.uri().path()) {
            return plain(StatusCode::NOT_FOUND, "");
        }
        let upgrade = wants_websocket(request.headers()).then(|| hyper::upgrade::on(&mut request));
        let (parts, _body) = request.into_parts();
        let answer = self.route(&parts, remote, upgrade);
        if answer.status().is_client_error() || answer.status().is_server_error() {
            self.shared.metrics.refused();
        }
        answer
    }

    fn route(&self, parts: &Parts, remote: SocketAddr, upgrade: Option<OnUpgrade>) -> Answer {
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        match (query.transport, upgrade, query.sid) {
            (Some("websocket"), Some(upgrade), None) => {
                self.open_websocket(parts, remote, &query, upgrade)
            }
            (Some("websocket"), None, None) if parts.method == Method::GET => fault(Fault::Request),
            (Some("websocket" | "polling"), _, Some(_)) => fault(Fault::Session),
            (Some("websocket" | "polling"), _, None) if parts.method != Method::GET => {
                fault(Fault::Method)
            }
            _ => fault(Fault::Transport),
        }
    }

    fn open_websocket(
        &self,
        parts: &Parts,
        remote: SocketAddr,
        query: &Query<'_>,
        upgrade: OnUpgrade,
    ) -> Answer {
        let head = HandshakeHead { parts, remote };
        let (accept, session) = match (accept_key(parts), self.admit(head, query)) {
            (_, Err(answer)) => return answer,
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
    fn admit(&self, head: HandshakeHead<'_>, query: &Query<'_>) -> Result<Arc<Session>, Answer> {
        let shared = &self.shared;
        if query.eio != Some("4") {
            return Err(fault(Fault::Version));
        }
        if let Some(Err(refusal)) = shared.authorize.as_ref().map(|authorize| authorize(head)) {
            return Err(error(refusal.status, 4, &refusal.message));
        }
        if shared.stopping.load(Ordering::Acquire) || self.len() >= shared.config.max_sessions {
            return Err(error(
                StatusCode::SERVICE_UNAVAILABLE,
                4,
                "No more connections now; try again later",
            ));
        }
        let id = Sid::random().map_err(|_| {
            error(
                StatusCode::SERVICE_UNAVAILABLE,
                4,
                "No randomness for a session id",
            )
        })?;
        let handshake = Handshake::new(head, &shared.config);
        Ok(Arc::new(Session::new(shared.clone(), id, handshake)))
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
                if self.is_empty() {
                    return;
                }
                emptied.await;
            }
        })
        .await;
        self.len()
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

    pub fn forget(&self, session: &Session, reason: Reason) {
        self.metrics.closed(reason);
        let mut sessions = self.sessions.lock();
        sessions.remove(&session.id());
        if sessions.is_empty() {
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
    tokio::spawn(SessionTask::websocket(session, transport));
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

fn accept_key(parts: &Parts) -> Option<String> {
    let key = parts.headers.get(header::SEC_WEBSOCKET_KEY)?;
    let version = parts.headers.get(header::SEC_WEBSOCKET_VERSION)?;
    (parts.method == Method::GET && version == "13").then(|| derive_accept_key(key.as_bytes()))
}

fn switching(accept: &str) -> Answer {
    let mut answer = plain(StatusCode::SWITCHING_PROTOCOLS, "");
    let headers = answer.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(accept) {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    answer
}

fn plain(status: StatusCode, body: &str) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::copy_from_slice(body.as_bytes())));
    *answer.status_mut() = status;
    answer.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=UTF-8"),
    );
    answer
}

fn error(status: StatusCode, code: u8, message: &str) -> Answer {
    let body = serde_json::json!({ "code": code, "message": message }).to_string();
    let mut answer = plain(status, &body);
    answer.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    answer
}

fn fault(fault: Fault) -> Answer {
    let (code, message) = match fault {
        Fault::Transport => (0, "Transport unknown"),
        Fault::Session => (1, "Session ID unknown"),
        Fault::Method => (2, "Bad handshake method"),
        Fault::Request => (3, "Bad request"),
        Fault::Version => (5, "Unsupported protocol version"),
    };
    error(StatusCode::BAD_REQUEST, code, message)
}
