//! Where `serve` lets people in: addresses, Unix sockets, what the service manager opened.

use super::certificates;
use crate::acme::Answers;
use crate::config::{Config, HttpListen, Listen, ListenAt};
use crate::http::listener::{self, Door};
use crate::http::plain::{self, Plain};
use crate::ops::{health, systemd};
use crate::tls::Certificate;
use anyhow::Context;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
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
    /// Leads to https.
    pub plain: Option<tokio::net::TcpListener>,
    address: Option<SocketAddr>,
}

/// Where browsers come first, on every address of the machine.
const HTTP: SocketAddr = SocketAddr::new(std::net::IpAddr::V6(Ipv6Addr::UNSPECIFIED), 80);
/// What the service manager calls the socket that leads to https.
const HTTP_NAME: &str = "http";

impl Doors {
    /// Taken before the log is replayed: an address in use is known at once, and clients that come
    /// back after a restart wait in line.
    pub fn bind(config: &Config, dir: &Path) -> anyhow::Result<Doors> {
        let certificate = certificates::open(config, dir)?;
        let mut doors = Doors {
            doors: Vec::new(),
            names: Vec::new(),
            base_url: String::new(),
            certificate,
            plain: None,
            address: None,
        };
        let inherited = systemd::inherited_sockets();
        let is_tls = doors.certificate.is_some();
        let leads_on = |name: &str| name == HTTP_NAME && is_tls;
        if inherited.iter().all(|(_, name)| leads_on(name)) || config.is_listen_set {
            for at in &config.listen {
                match at {
                    ListenAt::Tcp(address) => {
                        let bound = bind(*address, !config.is_listen_set);
                        let bound = bound.with_context(|| in_use(at))?;
                        doors.tcp(bound)?;
                    }
                    ListenAt::Unix(path) => {
                        let bound = listener::bind_unix(path).with_context(|| in_use(at))?;
                        doors.unix(bound, path, true);
                    }
                }
            }
        }
        for (socket, name) in inherited {
            if leads_on(&name) {
                let socket = std::net::TcpListener::from(socket);
                socket.set_nonblocking(true)?;
                doors.plain = Some(tokio::net::TcpListener::from_std(socket)?);
            } else {
                doors.inherit(socket)?;
            }
        }
        if doors.plain.is_none() {
            let (at, is_default) = match config.http_listen {
                Some(HttpListen::At(at)) => (Some(at), false),
                None if config.acme.is_some() => (Some(HTTP), true),
                None | Some(HttpListen::Off) => (None, true),
            };
            let bound = at.map(|at| bind(at, is_default).with_context(|| plain_in_use(at)));
            doors.plain = bound.transpose()?;
        }
        Ok(doors)
    }

    /// Sends browsers on to https until it is aborted.
    pub fn lead_on(
        &mut self,
        config: &Config,
        answers: &Answers,
    ) -> Option<tokio::task::JoinHandle<()>> {
        let listener = self.plain.take()?;
        let answers = answers.clone();
        let home = config.public_url.as_ref();
        let plain = Plain {
            home: home
                .filter(|url| url.origin().is_https())
                .map(ToString::to_string),
            names: self
                .certificate
                .as_ref()
                .map_or_else(Vec::new, |held| held.names().to_vec()),
            answers: Box::new(move |token| answers.find(token)),
        };
        Some(tokio::spawn(plain::serve(listener, plain)))
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

/// Where nothing was chosen, a machine without IPv6 is reached by IPv4.
fn bind(at: SocketAddr, is_default: bool) -> std::io::Result<tokio::net::TcpListener> {
    match listener::bind(at) {
        Err(error) if is_default && at.is_ipv6() && is_without_ipv6(&error) => {
            listener::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, at.port())))
        }
        bound => bound,
    }
}

fn is_without_ipv6(error: &std::io::Error) -> bool {
    let code = error
        .raw_os_error()
        .map(rustix::io::Errno::from_raw_os_error);
    matches!(
        code,
        Some(rustix::io::Errno::AFNOSUPPORT | rustix::io::Errno::ADDRNOTAVAIL)
    )
}

fn plain_in_use(at: SocketAddr) -> String {
    format!(
        "cannot listen on {at}, which leads to https; --http-listen takes another address, or off"
    )
}

fn in_use(at: &ListenAt) -> String {
    format!("cannot listen on {at}; is something else there? --listen takes another address")
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
