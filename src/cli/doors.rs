//! Where `serve` lets people in: addresses, Unix sockets, what the service manager opened.

use crate::config::{Config, Listen, ListenAt};
use crate::http::listener::{self, Door};
use crate::ops::{health, systemd};
use crate::tls::Certificate;
use anyhow::{Context, ensure};
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How often the files of a certificate are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Doors that were taken, not yet served.
pub struct Doors {
    pub doors: Vec<Door>,
    /// What each is called; the first is where the server says it is.
    pub names: Vec<String>,
    /// Where this machine's programs reach the first address.
    pub base_url: String,
    pub certificate: Option<Arc<Certificate>>,
    address: Option<SocketAddr>,
}

impl Doors {
    /// Taken before the log is replayed: an address in use is known at once, and clients that come
    /// back after a restart wait in line.
    pub fn bind(config: &Config) -> anyhow::Result<Doors> {
        let certificate = certificate(config)?;
        let mut doors = Doors {
            doors: Vec::new(),
            names: Vec::new(),
            base_url: String::new(),
            certificate,
            address: None,
        };
        let inherited = systemd::inherited_sockets();
        if inherited.is_empty() || config.is_listen_set {
            for at in &config.listen {
                match at {
                    ListenAt::Tcp(address) => {
                        let bound = listener::bind(*address).with_context(|| in_use(at))?;
                        doors.tcp(bound)?;
                    }
                    ListenAt::Unix(path) => {
                        let bound = listener::bind_unix(path).with_context(|| in_use(at))?;
                        doors.unix(bound, path, true);
                    }
                }
            }
        }
        for socket in inherited {
            doors.inherit(socket)?;
        }
        Ok(doors)
    }

    /// Where other nodes reach the first address.
    pub fn address(&self) -> SocketAddr {
        self.address.unwrap_or_else(|| Listen::default().0)
    }

    fn tcp(&mut self, listener: tokio::net::TcpListener) -> anyhow::Result<()> {
        let address = listener.local_addr()?;
        let scheme = match self.certificate {
            Some(_) => "https",
            None => "http",
        };
        self.address.get_or_insert(address);
        if self.base_url.is_empty() {
            self.base_url = format!("{scheme}://{}", health::reachable(address));
        }
        self.names.push(format!("{scheme}://{address}"));
        self.doors
            .push(Door::tcp(listener, self.certificate.clone()));
        Ok(())
    }

    fn unix(&mut self, listener: tokio::net::UnixListener, path: &Path, is_ours: bool) {
        self.names.push(format!("unix:{}", path.display()));
        let made = is_ours.then(|| path.to_owned());
        self.doors.push(Door::unix(listener, made));
    }

    /// A socket that the service manager opened.
    fn inherit(&mut self, socket: OwnedFd) -> anyhow::Result<()> {
        let domain = rustix::net::sockopt::socket_domain(&socket)?;
        if domain == rustix::net::AddressFamily::UNIX {
            let socket = std::os::unix::net::UnixListener::from(socket);
            socket.set_nonblocking(true)?;
            let address = socket.local_addr()?;
            let path = address.as_pathname().unwrap_or(Path::new("@"));
            self.unix(tokio::net::UnixListener::from_std(socket)?, path, false);
            return Ok(());
        }
        let socket = std::net::TcpListener::from(socket);
        socket.set_nonblocking(true)?;
        self.tcp(tokio::net::TcpListener::from_std(socket)?)
    }
}

fn in_use(at: &ListenAt) -> String {
    format!("cannot listen on {at}; is something else there? --listen takes another address")
}

fn certificate(config: &Config) -> anyhow::Result<Option<Arc<Certificate>>> {
    let (Some(cert), Some(key)) = (&config.tls_cert, &config.tls_key) else {
        ensure!(
            config.tls_cert.is_none() && config.tls_key.is_none(),
            super::UsageError("--tls-cert and --tls-key are given together".to_owned())
        );
        return Ok(None);
    };
    let name = config.public_url.as_ref().and_then(|url| url.host());
    let opened = Certificate::open(cert, key, name.as_deref())?;
    Ok(Some(Arc::new(opened)))
}

/// Takes a certificate anew when its files change.
pub async fn follow(certificate: Arc<Certificate>) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let looked_at = Arc::clone(&certificate);
        match tokio::task::spawn_blocking(move || looked_at.refresh()).await {
            Ok(None) => {}
            Ok(Some(Ok(()))) => tracing::info!("a new certificate is in force"),
            Ok(Some(Err(error))) => {
                tracing::error!("{error}; the one before stays in force");
            }
            Err(_) => return,
        }
    }
}
