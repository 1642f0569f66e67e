//! What a server shows of itself: a certificate and its key, from files.
//!
//! [`Certificate`] is read and verified when it is opened, and taken anew when its files change; a
//! new one that cannot be used is told, and the old one goes on. One that has to be got first is
//! [awaited](Certificate::awaited); whoever gets it has challenges answered here.
mod certificate;
mod shown;
mod validity;

pub use certificate::{Certificate, TlsError};
pub use tokio_rustls::TlsAcceptor;
pub use tokio_rustls::server::TlsStream;
pub use validity::{Validity, identifier, text as day, timestamp};

/// Whether the client speaks HTTP/2 on this connection.
pub fn speaks_http2<S>(stream: &TlsStream<S>) -> bool {
    stream.get_ref().1.alpn_protocol() == Some(HTTP2)
}

/// Whether it came only to see the answer to a challenge of ACME: nothing is said on it.
pub fn is_challenge<S>(stream: &TlsStream<S>) -> bool {
    stream.get_ref().1.alpn_protocol() == Some(ACME)
}

const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";
/// Of TLS-ALPN-01 (RFC 8737).
const ACME: &[u8] = b"acme-tls/1";
