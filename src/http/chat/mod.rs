//! The chat over Socket.IO: who may connect, what they hear, what they say.
//!
//! - `subscriber`: from the hub to a socket, in order and without a gap.
//! - `join`: from a handshake to somebody.
//! - `emitted`: what emitters publish, to sockets. `requests`: what other servers ask for.
//! - `said`: what other servers said by their stream, for clients that come back.
//! - `commands`: what sockets ask for. `turns`: answers in the order of the questions.
//! - `room`: the main namespace. `admin`: metrics for administrators.
//! - `presence`: who came and went. `pace`: how often a socket may say and ask what is passing.
//! - `recovery`: connection state recovery of official clients.
mod admin;
mod attention;
mod commands;
mod emitted;
mod join;
mod pace;
mod presence;
mod recovery;
mod requests;
mod room;
mod said;
mod subscriber;
mod turns;

pub use crate::socketio::interop::STREAM;
pub use attention::Attention;
pub use emitted::{Answers, Emitted};

use super::{app::Settings, body::Body, services::Services};
use crate::auth::{credentials::Cookie, origin::Origins};
use crate::socketio::{Config, Cors, Server};
use axum::{http::Request, response::Response};
use hyper::body::Incoming;
use std::{net::SocketAddr, sync::Arc, time::Duration};

/// How long rooms made from outside wait for a socket whose line broke.
const RECOVERY_WINDOW: Duration = Duration::from_secs(60 * 60);

/// The Socket.IO side of the door.
pub struct Chat {
    server: Arc<Server>,
    services: Services,
    config: Config,
}

impl Chat {
    /// Needs a tokio runtime: presence has a timer.
    pub fn new(
        services: &Services,
        settings: &Settings,
        origins: Arc<Origins>,
        cookie: Cookie,
    ) -> Chat {
        let config = Config {
            cors: if settings.origins.is_empty() {
                Cors::SameOrigin
            } else {
                Cors::Origins(
                    settings
                        .origins
                        .iter()
                        .map(|origin| origin.as_str().to_owned())
                        .collect(),
                )
            },
            kept_headers: join::KEPT_HEADERS.to_vec(),
            recovery_window: RECOVERY_WINDOW,
            ..Config::default()
        };
        let joining = Arc::new(join::Joining::new(services.clone(), cookie, origins));
        let room = room::Main::new(services.clone(), joining.clone());
        let metrics = admin::NodeMetrics::new(services.clone());
        let server = Server::builder(config.clone())
            .namespace("/", room)
            .namespace("/admin", admin::Admin::new(joining, metrics.clone()))
            .build();
        metrics.watch(&server);
        services
            .emitted
            .connect(&server, services.engine.live().clone());
        presence::watch(services.engine.live(), &services.attention);
        Chat {
            server,
            services: services.clone(),
            config,
        }
    }

    pub fn serves(&self, path: &str) -> bool {
        self.config.serves(path)
    }

    pub async fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> Response {
        self.server.handle(request, peer).await.map(Body::new)
    }

    /// Connections of all kinds to `/socket.io/`.
    pub fn connections(&self) -> usize {
        self.server.connections()
    }

    /// Open connections, and what passed over all there were.
    pub fn figures(&self) -> (usize, crate::socketio::Figures) {
        (self.server.connections(), self.server.metrics().read())
    }

    /// Lets everybody go so that they come back later.
    pub async fn shutdown(&self, within: Duration) {
        self.services.engine.live().shut_down();
        let left = self.server.shutdown(within).await;
        if left > 0 {
            tracing::warn!(left, "sockets did not close in time");
        }
    }
}
