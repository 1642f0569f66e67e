//! A certificate and its key, as they are in force.

use crate::validity::{self, Validity};
use crate::{HTTP1, HTTP2};
use arc_swap::ArcSwap;
use parking_lot::Mutex;
use rustls::ServerConfig;
use rustls::client::verify_server_name;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio_rustls::TlsAcceptor;

/// Why a certificate cannot be used. One sentence each, with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{} cannot be read: {why}; --tls-cert and --tls-key name PEM files that this user may read", path.display())]
    Unreadable { path: PathBuf, why: String },
    #[error("{} holds no certificate; --tls-cert names a PEM file with the whole chain", .0.display())]
    NoCertificate(PathBuf),
    #[error("{} holds no private key; --tls-key names a PEM file with one", .0.display())]
    NoKey(PathBuf),
    #[error("the key in {} is not the one of the certificate in {}; give the two that were made together", key.display(), cert.display())]
    Mismatch { cert: PathBuf, key: PathBuf },
    #[error("the certificate in {} is not valid any more ({}); renew it", path.display(), validity::text(*.until))]
    Expired { path: PathBuf, until: i64 },
    #[error("the certificate in {} is not valid yet ({}); look after the clock, or wait", path.display(), validity::text(*.from))]
    NotYet { path: PathBuf, from: i64 },
    #[error("the certificate in {} is not of {name}; get one that names it, or mend --public-url", path.display())]
    OtherName { path: PathBuf, name: String },
    #[error("the certificate in {} cannot be used: {why}; get a new one", path.display())]
    Unusable { path: PathBuf, why: String },
}

/// What is shown to clients now.
struct InForce {
    config: Arc<ServerConfig>,
    until: i64,
    /// The certificate itself, in DER.
    first: Vec<u8>,
}

/// Files, as they were when they were read.
type Seen = [Option<(SystemTime, u64)>; 2];

pub struct Certificate {
    cert: PathBuf,
    key: PathBuf,
    /// Which people reach the server by.
    name: Option<String>,
    current: ArcSwap<InForce>,
    /// The one before: connections may still have it.
    before: Mutex<Option<Vec<u8>>>,
    seen: Mutex<Seen>,
}

impl Certificate {
    /// Reads and verifies the files. `name` is the host by which people reach the server.
    pub fn open(cert: &Path, key: &Path, name: Option<&str>) -> Result<Certificate, TlsError> {
        let seen = [look(cert), look(key)];
        let current = read(cert, key, name, now())?;
        Ok(Certificate {
            cert: cert.to_owned(),
            key: key.to_owned(),
            name: name.map(str::to_owned),
            current: ArcSwap::from_pointee(current),
            before: Mutex::default(),
            seen: Mutex::new(seen),
        })
    }

    pub fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.current.load().config))
    }

    /// When the one in force ends, in seconds since 1970.
    pub fn valid_until(&self) -> i64 {
        self.current.load().until
    }

    /// The certificates that clients may have been shown, in DER: the one in force first.
    pub fn shown(&self) -> Vec<Vec<u8>> {
        let current = self.current.load().first.clone();
        [Some(current), self.before.lock().clone()]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Takes the files anew if they changed. `None`: they did not.
    ///
    /// # Errors
    /// What is there now cannot be used; the one before stays in force.
    pub fn refresh(&self) -> Option<Result<(), TlsError>> {
        let now_there = [look(&self.cert), look(&self.key)];
        let mut seen = self.seen.lock();
        if *seen == now_there {
            return None;
        }
        *seen = now_there;
        drop(seen);
        let fresh = read(&self.cert, &self.key, self.name.as_deref(), now());
        Some(fresh.map(|fresh| {
            let before = self.current.swap(Arc::new(fresh));
            *self.before.lock() = Some(before.first.clone());
        }))
    }
}

fn look(path: &Path) -> Option<(SystemTime, u64)> {
    let found = std::fs::metadata(path).ok()?;
    Some((found.modified().ok()?, found.len()))
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

fn read(cert: &Path, key: &Path, name: Option<&str>, now: i64) -> Result<InForce, TlsError> {
    let chain = chain(cert)?;
    let first = chain
        .first()
        .ok_or_else(|| TlsError::NoCertificate(cert.to_owned()))?;
    let unusable = |why: String| TlsError::Unusable {
        path: cert.to_owned(),
        why,
    };
    let Validity { from, until } =
        validity::of(first).ok_or_else(|| unusable("it says not how long it is valid".into()))?;
    if now >= until {
        let path = cert.to_owned();
        return Err(TlsError::Expired { path, until });
    }
    if now < from {
        let path = cert.to_owned();
        return Err(TlsError::NotYet { path, from });
    }
    if let Some(name) = name {
        of_name(first, name).map_err(|why| match why {
            Some(why) => unusable(why),
            None => TlsError::OtherName {
                path: cert.to_owned(),
                name: name.to_owned(),
            },
        })?;
    }
    let der = first.as_ref().to_vec();
    let secret = secret(key)?;
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(error.to_string()))?;
    let config = builder
        .with_no_client_auth()
        .with_single_cert(chain, secret);
    let mut config = config.map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => TlsError::Mismatch {
            cert: cert.to_owned(),
            key: key.to_owned(),
        },
        error => unusable(error.to_string()),
    })?;
    config.alpn_protocols = vec![HTTP2.to_vec(), HTTP1.to_vec()];
    Ok(InForce {
        config: Arc::new(config),
        until,
        first: der,
    })
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let unreadable = |why: String| TlsError::Unreadable {
        path: path.to_owned(),
        why,
    };
    let text = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    CertificateDer::pem_slice_iter(&text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| unreadable(error.to_string()))
}

fn secret(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let unreadable = |why: String| TlsError::Unreadable {
        path: path.to_owned(),
        why,
    };
    let text = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    // What is wrong with a key is not told in detail: it might tell of the key.
    PrivateKeyDer::from_pem_slice(&text).map_err(|_| TlsError::NoKey(path.to_owned()))
}

/// `Err(None)`: it is somebody else's.
fn of_name(cert: &CertificateDer<'_>, name: &str) -> Result<(), Option<String>> {
    let parsed = ParsedCertificate::try_from(cert).map_err(|error| Some(error.to_string()))?;
    let name = ServerName::try_from(name.trim_matches(['[', ']']))
        .map_err(|error| Some(error.to_string()))?;
    verify_server_name(&parsed, &name).map_err(|_| None)
}

#[cfg(test)]
#[path = "certificate_tests.rs"]
mod tests;
