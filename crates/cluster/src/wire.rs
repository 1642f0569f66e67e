//! The bytes between two nodes: plain, or by TLS.
//!
//! A node's certificate need not be of its address, nor of an authority: nodes know each other by
//! their secret. So any certificate is taken, and its digest is part of the seal of every request.
//! Whoever stands between two nodes shows another one, and is not answered.

use crate::secret::hex;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};
use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// What a certificate is known by.
pub fn fingerprint(certificate: &[u8]) -> String {
    hex(&Sha256::digest(certificate))
}

/// One connection to a node.
pub enum Wire {
    Plain(TcpStream),
    Sealed(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Wire {
    /// `address`: `http://host:port` or `https://host:port`. With the name by which the node is
    /// asked. `None`: it is no such address.
    pub fn open(address: &str, patience: Duration) -> io::Result<Option<(Wire, String)>> {
        let Some((scheme, host)) = address.split_once("://") else {
            return Ok(None);
        };
        let host = host.trim_end_matches('/');
        let Some(target) = host.to_socket_addrs()?.next() else {
            return Ok(None);
        };
        let mut stream = TcpStream::connect_timeout(&target, patience)?;
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(patience))?;
        stream.set_nodelay(true)?;
        let wire = match scheme {
            "http" => Wire::Plain(stream),
            "https" => {
                let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
                let name = ServerName::try_from(name.trim_matches(['[', ']']).to_owned());
                let Ok(name) = name else { return Ok(None) };
                let config = CONFIG.clone().ok_or_else(|| io::Error::other("no TLS"))?;
                let mut session = ClientConnection::new(config, name).map_err(io::Error::other)?;
                while session.is_handshaking() {
                    session.complete_io(&mut stream)?;
                }
                Wire::Sealed(Box::new(StreamOwned::new(session, stream)))
            }
            _ => return Ok(None),
        };
        Ok(Some((wire, host.to_owned())))
    }

    /// The digest of the certificate that the other one has shown; nothing of a plain connection.
    pub fn bound_to(&self) -> String {
        match self {
            Wire::Plain(_) => String::new(),
            Wire::Sealed(stream) => {
                let shown = stream.conn.peer_certificates().and_then(<[_]>::first);
                shown.map_or(String::new(), |first| fingerprint(first))
            }
        }
    }
}

impl Read for Wire {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Wire::Plain(stream) => stream.read(into),
            Wire::Sealed(stream) => stream.read(into),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Wire::Plain(stream) => stream.write(bytes),
            Wire::Sealed(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Wire::Plain(stream) => stream.flush(),
            Wire::Sealed(stream) => stream.flush(),
        }
    }
}

static CONFIG: LazyLock<Option<Arc<ClientConfig>>> = LazyLock::new(|| {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().ok()?;
    let mut config = builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Any(provider)))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Some(Arc::new(config))
});

/// Any certificate whose key the other one has.
#[derive(Debug)]
struct Any(Arc<CryptoProvider>);

impl ServerCertVerifier for Any {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
