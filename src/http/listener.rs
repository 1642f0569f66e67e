//! Where connections come in: TCP, with TLS or without, and Unix sockets.

use crate::tls::{Certificate, TlsAcceptor};
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    os::{
        fd::{AsRawFd, RawFd},
        unix::fs::PermissionsExt as _,
    },
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UnixListener, UnixStream};

/// Thousands of sockets come back at once after a restart.
const BACKLOG: u32 = 4096;
/// Who comes over a Unix socket is on this machine.
const LOCAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A listener that a restarted server can open again at once.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// A socket in the file system. What a server that was killed left there is taken away; a file of
/// another kind, or a socket that somebody answers on, is not.
pub fn bind_unix(path: &Path) -> io::Result<UnixListener> {
    use std::os::unix::fs::FileTypeExt as _;
    if let Ok(found) = std::fs::symlink_metadata(path) {
        let is_left_over =
            found.file_type().is_socket() && std::os::unix::net::UnixStream::connect(path).is_err();
        if !is_left_over {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        std::fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    // Whoever may reach the folder may connect, as to a port; a proxy is another user.
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666))?;
    Ok(listener)
}

/// One place where connections come in.
pub struct Door {
    socket: Socket,
    /// With it, TLS is spoken.
    certificate: Option<Arc<Certificate>>,
}

enum Socket {
    Tcp(TcpListener),
    /// With the path to take away at the end, if it was made here.
    Unix(UnixListener, Option<PathBuf>),
}

/// A connection that came in.
pub enum Accepted {
    Tcp(TcpStream, SocketAddr, Option<TlsAcceptor>),
    Unix(UnixStream),
}

impl Door {
    pub fn tcp(listener: TcpListener, certificate: Option<Arc<Certificate>>) -> Door {
        Door {
            socket: Socket::Tcp(listener),
            certificate,
        }
    }

    /// `path` is taken away at the end.
    pub fn unix(listener: UnixListener, path: Option<PathBuf>) -> Door {
        Door {
            socket: Socket::Unix(listener, path),
            certificate: None,
        }
    }

    pub async fn accept(&self) -> io::Result<Accepted> {
        match &self.socket {
            Socket::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                let tls = self.certificate.as_ref().map(|held| held.acceptor());
                Ok(Accepted::Tcp(stream, peer, tls))
            }
            Socket::Unix(listener, _) => Ok(Accepted::Unix(listener.accept().await?.0)),
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Socket::Unix(_, Some(path)) = &self.socket {
            // The next start takes it away otherwise.
            let _: io::Result<()> = std::fs::remove_file(path);
        }
    }
}

impl Accepted {
    pub fn peer(&self) -> SocketAddr {
        match self {
            Accepted::Tcp(_, peer, _) => *peer,
            Accepted::Unix(_) => LOCAL,
        }
    }

    pub fn number(&self) -> RawFd {
        match self {
            Accepted::Tcp(stream, ..) => stream.as_raw_fd(),
            Accepted::Unix(stream) => stream.as_raw_fd(),
        }
    }

    /// Writes a short answer if it fits into the socket's buffer. The connection ends either way.
    pub fn refuse(&self, answer: &[u8]) {
        let _: io::Result<usize> = match self {
            // A client of TLS would not understand it.
            Accepted::Tcp(_, _, Some(_)) => Ok(0),
            Accepted::Tcp(stream, _, None) => stream.try_write(answer),
            Accepted::Unix(stream) => stream.try_write(answer),
        };
    }
}
