//! The address on which `serve` answers Prometheus, if it was asked to.

use super::target::Opened;
use crate::acme;
use crate::config::Config;
use crate::http::{self, App};
use crate::metrics::Readings;
use crate::ops::metrics::{self, MetricsPage};
use crate::ops::replicate;
use crate::tls::Certificate;
use anyhow::Context;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// An address that was taken, not yet served.
pub struct MetricsPort {
    listener: TcpListener,
    pub address: SocketAddr,
}

impl MetricsPort {
    /// Taken before anything is opened: an address in use is known at once.
    pub fn bind(config: &Config) -> anyhow::Result<Option<MetricsPort>> {
        let Some(listen) = config.metrics_listen else {
            return Ok(None);
        };
        let listener = http::bind(listen.0).with_context(|| {
            format!(
                "cannot listen on {} for Prometheus; --metrics-listen takes another address",
                listen.0
            )
        })?;
        let address = listener.local_addr()?;
        Ok(Some(MetricsPort { listener, address }))
    }

    /// Answers until `stop`.
    pub fn open(
        self,
        opened: &Opened,
        app: &App,
        certificate: Option<Arc<Certificate>>,
        renewal: Option<acme::Status>,
        replication: Option<Arc<replicate::Status>>,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> JoinHandle<()> {
        let app = app.clone();
        let page = MetricsPage {
            registry: Arc::clone(&opened.node.registry),
            cache: Arc::clone(&opened.node.cache),
            backup: opened.backup.clone(),
            dir: opened.dir.path().to_owned(),
            valid_until: certificate.map(|held| {
                Arc::new(move || held.valid_until()) as Arc<dyn Fn() -> i64 + Send + Sync>
            }),
            doors: Arc::new(move |to: &mut Readings| {
                app.figures(to);
                if let Some(renewal) = &renewal {
                    to.gauge(
                        "maru_acme_failed_tries",
                        "Tries to get a certificate that failed since the last one that did not",
                        f64::from(renewal.failed()),
                    );
                }
                if let Some(replication) = &replication {
                    replication.figures(app.engine(), to);
                }
            }),
        };
        tokio::spawn(async move {
            if let Err(error) = metrics::serve(self.listener, page, stop).await {
                tracing::error!(%error, "metrics are not served any more");
            }
        })
    }
}
