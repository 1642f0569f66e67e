//! Live figures of the node, for administrators.

use super::join::{Joined, Joining, connect_error};
use crate::domain::{Code, Refusal, Role, Scope, Seq};
use crate::http::scopes::{self, Needed};
use crate::http::services::Services;
use crate::socketio::{self, Ack, BoxFuture, Event, Handler, Server, Socket, Welcome, Work};
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::{json, value::RawValue};
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock, Weak, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};
use tokio::time::{MissedTickBehavior, interval};

const PACE: Duration = Duration::from_secs(1);

/// The handler of `/admin`.
pub struct Admin {
    joining: Arc<Joining>,
    figures: Arc<NodeMetrics>,
}

/// Where the figures come from.
pub struct NodeMetrics {
    services: Services,
    server: OnceLock<Weak<Server>>,
    began: Instant,
}

/// The `stats` event.
#[derive(Debug, Serialize)]
struct Stats {
    version: &'static str,
    uptime_s: u64,
    /// Socket.IO connections.
    connections: usize,
    /// Sockets and streams that hear events.
    listeners: usize,
    users_online: usize,
    seq: Seq,
    epoch: u64,
    /// Commands done since the last event, a second.
    commands_per_s: u64,
    messages_in: u64,
    messages_out: u64,
    bytes_out: u64,
    /// Connections that have ended since the start, by reason.
    closed: BTreeMap<&'static str, u64>,
    log_bytes: u64,
    /// Resident memory of the process.
    memory_bytes: u64,
    /// Reports of browsers that a page broke the content security policy.
    policy_reports: u64,
    /// Why writes are refused, while they are.
    trouble: Option<String>,
}

impl NodeMetrics {
    pub fn new(services: Services) -> Arc<NodeMetrics> {
        Arc::new(NodeMetrics {
            services,
            server: OnceLock::new(),
            began: Instant::now(),
        })
    }

    /// The server that is watched; it holds the figures in turn.
    pub fn watch(&self, server: &Arc<Server>) {
        // Called once, where both are made.
        let _: Result<(), _> = self.server.set(Arc::downgrade(server));
    }

    fn read(&self, commands_per_s: u64) -> Stats {
        let engine = &self.services.engine;
        let status = engine.status();
        let server = self.server.get().and_then(Weak::upgrade);
        let wire = server.as_ref().map(|server| server.metrics().read());
        let (listeners, users_online) = engine.live().count();
        Stats {
            version: env!("CARGO_PKG_VERSION"),
            uptime_s: self.began.elapsed().as_secs(),
            connections: server.map_or(0, |server| server.connections()),
            listeners,
            users_online,
            seq: status.seq,
            epoch: status.epoch,
            commands_per_s,
            messages_in: wire.as_ref().map_or(0, |wire| wire.messages_in),
            messages_out: wire.as_ref().map_or(0, |wire| wire.messages_out),
            bytes_out: wire.as_ref().map_or(0, |wire| wire.bytes_out),
            closed: wire.map_or_else(BTreeMap::new, |wire| {
                let closed = wire.closed.into_iter();
                closed.map(|(why, count)| (why.as_str(), count)).collect()
            }),
            log_bytes: engine.metrics().log_bytes.load(Relaxed),
            memory_bytes: resident_bytes().unwrap_or(0),
            policy_reports: self.services.load.policy_reports.load(Relaxed),
            trouble: status.trouble.map(|trouble| trouble.cause),
        }
    }

    fn commands(&self) -> u64 {
        self.services.engine.metrics().entries.load(Relaxed)
    }
}

impl Admin {
    pub fn new(joining: Arc<Joining>, figures: Arc<NodeMetrics>) -> Admin {
        Admin { joining, figures }
    }
}

impl Handler for Admin {
    fn connect(
        &self,
        socket: &Socket,
        auth: Option<Box<RawValue>>,
    ) -> BoxFuture<Result<Welcome, socketio::Refusal>> {
        let (joining, socket) = (self.joining.clone(), socket.clone());
        Box::pin(async move {
            let joined =
                joining
                    .join(&socket, auth)
                    .await
                    .and_then(|joined| match joined.user.role {
                        Role::Admin => {
                            scopes::admit(Needed::Scope(Scope::Admin), &joined.scopes)?;
                            Ok(joined)
                        }
                        Role::Member => Err(Refusal::new(
                            Code::Forbidden,
                            "Only an administrator may do this.",
                        )),
                    });
            let joined = joined.map_err(|refusal| connect_error(&refusal))?;
            socket.set_data(Arc::new(Mutex::new(Some(joined))));
            Ok(Welcome::default())
        })
    }

    fn connected(&self, socket: &Socket) -> Work {
        let held = socket.data::<Mutex<Option<Joined>>>();
        let Some(joined) = held.and_then(|held| held.lock().take()) else {
            return Work::Done;
        };
        let (joining, figures, socket) =
            (self.joining.clone(), self.figures.clone(), socket.clone());
        Work::later(async move { tell(&joining, &figures, &socket, &joined.token).await })
    }

    fn event(&self, _: &Socket, _: Event, ack: Option<Ack>) -> Work {
        if let Some(ack) = ack
            && ack.send(&json!({ "ok": false })).is_err()
        {
            tracing::debug!("a socket was gone before its answer");
        }
        Work::Done
    }
}

/// Every second, as long as the session lives and its owner is an administrator.
async fn tell(joining: &Joining, figures: &NodeMetrics, socket: &Socket, token: &str) {
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut commands = figures.commands();
    while socket.is_open() {
        pace.tick().await;
        let still_admin = joining.services().identify(token).await;
        if !still_admin.is_ok_and(|who| who.user.role == Role::Admin) {
            socket.disconnect(false);
            return;
        }
        let now = figures.commands();
        // One that is behind with reading misses some; the next tells the same.
        if let Ok(frame) = socketio::Frame::event("/admin", "stats", &figures.read(now - commands))
        {
            socket.send_volatile(&frame);
        }
        commands = now;
    }
}

/// The second field of `statm`, in pages.
fn resident_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}
