//! What a server shows of itself: a certificate and its key, from files.
//!
//! [`Certificate`] is read and verified when it is opened, and taken anew when its files change; a
//! new one that cannot be used is told, and the old one goes on.
mod certificate;
mod validity;

pub use certificate::{Certificate, TlsError};
pub use tokio_rustls::TlsAcceptor;
pub use tokio_rustls::server::TlsStream;

/// Whether the client speaks HTTP/2 on this connection.
pub fn speaks_http2<S>(stream: &TlsStream<S>) -> bool {
    stream.get_ref().1.alpn_protocol() == Some(HTTP2)
}

const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";
