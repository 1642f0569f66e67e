//! What the service manager is told: datagrams to the socket named in `NOTIFY_SOCKET`.
//!
//! Without that variable everything here does nothing.

use std::os::fd::{FromRawFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// Sockets that the service manager opened for this process (`sd_listen_fds(3)`): they outlive a
/// restart, so that nobody is refused meanwhile. With the name that each has there.
pub fn inherited_sockets() -> Vec<(OwnedFd, String)> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    if number("LISTEN_PID") != Some(i64::from(std::process::id())) {
        return Vec::new();
    }
    let count = number("LISTEN_FDS").unwrap_or(0).clamp(0, 64);
    let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
    let mut names = names.split(':');
    let first = 3;
    (first..first + i32::try_from(count).unwrap_or(0))
        .map(|fd| {
            // SAFETY: the service manager handed these over to this process, which takes each
            // once, before it opens anything that could get one of the numbers.
            let socket = unsafe { OwnedFd::from_raw_fd(fd) };
            // Nobody who is started by this process inherits them.
            if let Err(error) = rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC) {
                tracing::debug!(%error, "a socket stays open in other programs");
            }
            (socket, names.next().unwrap_or_default().to_owned())
        })
        .collect()
}

/// The line to the service manager, if there is one.
#[derive(Debug, Default)]
pub struct Notifier {
    line: Option<(UnixDatagram, SocketAddr)>,
    watchdog: Option<Duration>,
}

impl Notifier {
    /// From the environment that the service manager gave.
    pub fn from_env() -> Notifier {
        let Some(name) = std::env::var("NOTIFY_SOCKET")
            .ok()
            .filter(|name| !name.is_empty())
        else {
            return Notifier::default();
        };
        let for_us = match std::env::var("WATCHDOG_PID") {
            Ok(pid) => pid == std::process::id().to_string(),
            Err(_) => true,
        };
        let watchdog_us = std::env::var("WATCHDOG_USEC")
            .ok()
            .and_then(|us| us.parse().ok());
        let watchdog = watchdog_us.filter(|_| for_us).map(Duration::from_micros);
        Notifier {
            watchdog,
            ..Notifier::to(&name)
        }
    }

    /// To a socket by name: a path, or `@name` in Linux's abstract space.
    pub fn to(name: &str) -> Notifier {
        let address = match name.strip_prefix('@') {
            Some(name) => SocketAddr::from_abstract_name(name),
            None => SocketAddr::from_pathname(name),
        };
        let line = address.and_then(|address| Ok((UnixDatagram::unbound()?, address)));
        match line {
            Ok(line) => Notifier {
                line: Some(line),
                watchdog: None,
            },
            Err(error) => {
                tracing::warn!("cannot reach the service manager at {name}: {error}");
                Notifier::default()
            }
        }
    }

    pub fn ready(&self, status: &str) {
        self.send(&format!("READY=1\nSTATUS={status}"));
    }

    pub fn stopping(&self) {
        self.send("STOPPING=1\nSTATUS=Finishing");
    }

    pub fn alive(&self) {
        self.send("WATCHDOG=1");
    }

    /// How often [`Notifier::alive`] is due, if at all: twice in the time that is allowed.
    pub fn watchdog_period(&self) -> Option<Duration> {
        self.watchdog.map(|limit| limit / 2)
    }

    fn send(&self, message: &str) {
        let Some((socket, address)) = &self.line else {
            return;
        };
        if let Err(error) = socket.send_to_addr(message.as_bytes(), address) {
            tracing::warn!("cannot tell the service manager {message:?}: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(socket: &UnixDatagram) -> String {
        let mut buffer = [0; 256];
        socket
            .set_read_timeout(Some(Duration::from_secs(5)))
            .expect("a timeout");
        let length = socket.recv(&mut buffer).expect("a datagram");
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    }

    #[test]
    fn tells_sockets_with_a_path_and_abstract_ones() {
        let tmp = tempfile::tempdir().expect("a directory");
        let path = tmp.path().join("notify");
        let manager = UnixDatagram::bind(&path).expect("a socket");
        Notifier::to(path.to_str().expect("a plain path")).ready("Listening");
        assert_eq!(received(&manager), "READY=1\nSTATUS=Listening");

        let name = format!("maru-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).expect("a name");
        let manager = UnixDatagram::bind_addr(&address).expect("a socket");
        Notifier::to(&format!("@{name}")).stopping();
        assert!(received(&manager).starts_with("STOPPING=1"));
    }

    #[test]
    fn without_a_manager_nothing_happens() {
        let nobody = Notifier::default();
        nobody.ready("Listening");
        assert_eq!(nobody.watchdog_period(), None);
    }
}
