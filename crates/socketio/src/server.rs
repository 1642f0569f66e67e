//! A Socket.IO server: namespaces behind one path.
use super::client::Namespaces;
use super::config::Config;
use super::engine::{Authorize, Engine, HttpRefusal};
use super::handler::Handler;
use super::handshake::HandshakeHead;
use super::metrics::Metrics;
use super::namespace::Namespace;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Body;
use hyper::{Request, Response};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Answers requests and holds the namespaces. Must run inside a tokio runtime with time and I/O.
pub struct Server {
    engine: Engine,
    namespaces: Arc<Namespaces>,
}

/// Puts a [`Server`] together.
pub struct Builder {
    config: Config,
    namespaces: BTreeMap<Box<str>, Arc<Namespace>>,
    authorize: Option<Authorize>,
}

impl Builder {
    /// Adds a namespace; the main one is `/`.
    #[must_use]
    pub fn namespace(mut self, name: &str, handler: impl Handler) -> Self {
        let namespace = Arc::new(Namespace::new(
            name,
            Arc::new(handler),
            self.config.recovery_window,
        ));
        self.namespaces.insert(name.into(), namespace);
        self
    }

    /// Asks `check` about every handshake before a session is made.
    #[must_use]
    pub fn authorize(
        mut self,
        check: impl Fn(HandshakeHead<'_>) -> Result<(), HttpRefusal> + Send + Sync + 'static,
    ) -> Self {
        self.authorize = Some(Box::new(check));
        self
    }

    #[must_use]
    pub fn build(self) -> Arc<Server> {
        let namespaces = Arc::new(Namespaces(self.namespaces));
        let engine = Engine::new(self.config, Arc::new(namespaces.clone()), self.authorize);
        Arc::new(Server { engine, namespaces })
    }
}

impl Server {
    pub fn builder(config: Config) -> Builder {
        Builder {
            config,
            namespaces: BTreeMap::new(),
            authorize: None,
        }
    }

    /// Answers one request under [`Config::path`]; the connection must be served with upgrades.
    /// Dropping the future tells the server that the client has gone.
    pub async fn handle<B>(&self, request: Request<B>, remote: SocketAddr) -> Response<Full<Bytes>>
    where
        B: Body<Data = Bytes> + Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.engine.handle(request, remote).await
    }

    /// A namespace by its name.
    pub fn namespace(&self, name: &str) -> Option<&Arc<Namespace>> {
        self.namespaces.0.get(name)
    }

    /// Open connections, whatever they have joined.
    pub fn connections(&self) -> usize {
        self.engine.len()
    }

    pub fn metrics(&self) -> &Metrics {
        self.engine.metrics()
    }

    /// Lets nobody in any more, closes every connection so that official clients come back, and
    /// waits until all have gone or `within` has passed. Returns how many were left.
    pub async fn shutdown(&self, within: Duration) -> usize {
        self.engine.shutdown(within).await
    }
}
