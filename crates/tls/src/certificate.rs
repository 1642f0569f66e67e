//! A certificate and its key, as they are in force.

use crate::shown::{InForce, Shown};
use crate::validity::{self, Validity};
use crate::{ACME, HTTP1, HTTP2};
use parking_lot::Mutex;
use rustls::ServerConfig;
use rustls::client::verify_server_name;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
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

/// Files, as they were when they were read.
type Seen = [Option<(SystemTime, u64)>; 2];

pub struct Certificate {
    cert: PathBuf,
    key: PathBuf,
    /// Which people reach the server by: the certificate has to name all of them.
    names: Vec<String>,
    shown: Arc<Shown>,
    config: Arc<ServerConfig>,
    seen: Mutex<Seen>,
}

impl Certificate {
    /// Reads and verifies the files. `name` is the host by which people reach the server.
    pub fn open(cert: &Path, key: &Path, name: Option<&str>) -> Result<Certificate, TlsError> {
        let names = name.map(str::to_owned).into_iter().collect();
        let opened = Certificate::new(cert, key, names)?;
        let first = opened.read(now())?;
        opened.shown.put(first);
        Ok(opened)
    }

    /// One that may still have to be got: `file` holds the chain and the key once it is there. What
    /// is there and is of these names is shown, even if it is over: the next one comes soon.
    pub fn awaited(file: &Path, names: Vec<String>) -> Result<Certificate, TlsError> {
        let opened = Certificate::new(file, file, names)?;
        if file.exists() {
            match opened.read_any() {
                Ok(found) => opened.shown.put(found),
                Err(error) => tracing::warn!("{error}; a new one is asked for"),
            }
        }
        Ok(opened)
    }

    fn new(cert: &Path, key: &Path, names: Vec<String>) -> Result<Certificate, TlsError> {
        let shown = Arc::new(Shown::default());
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Unusable {
                path: cert.to_owned(),
                why: error.to_string(),
            })?;
        let mut config = builder
            .with_no_client_auth()
            .with_cert_resolver(shown.clone());
        config.alpn_protocols = vec![HTTP2.to_vec(), HTTP1.to_vec(), ACME.to_vec()];
        Ok(Certificate {
            cert: cert.to_owned(),
            key: key.to_owned(),
            names,
            seen: Mutex::new([look(cert), look(key)]),
            shown,
            config: Arc::new(config),
        })
    }

    pub fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// When the one in force ends, in seconds since 1970; 0 while there is none.
    pub fn valid_until(&self) -> i64 {
        self.validity().map_or(0, |validity| validity.until)
    }

    /// Of the one in force, if there is one.
    pub fn validity(&self) -> Option<Validity> {
        self.shown.get().map(|shown| shown.validity)
    }

    /// The certificates that clients may have been shown, in DER: the one in force first.
    pub fn shown(&self) -> Vec<Vec<u8>> {
        self.shown.lately()
    }

    /// Who asks for `name` with ACME's protocol alone is shown this certificate (RFC 8737), until
    /// [`Certificate::end_challenge`].
    pub fn answer_challenge(&self, name: &str, cert: Vec<u8>, key: Vec<u8>) -> Result<(), String> {
        let key = PrivateKeyDer::try_from(key).map_err(str::to_owned)?;
        let chain = vec![CertificateDer::from(cert)];
        let loader = self.config.crypto_provider().key_provider;
        let key = loader.load_private_key(key);
        let key = key.map_err(|error| error.to_string())?;
        // Nobody but who looks for it could verify it: what it answers with is critical in it.
        let shown = CertifiedKey::new(chain, key);
        self.shown.set_challenge(name, Some(Arc::new(shown)));
        Ok(())
    }

    pub fn end_challenge(&self, name: &str) {
        self.shown.set_challenge(name, None);
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
        Some(self.read(now()).map(|fresh| self.shown.put(fresh)))
    }

    /// What is in the files, if it can be used now.
    fn read(&self, now: i64) -> Result<InForce, TlsError> {
        let found = self.read_any()?;
        let path = self.cert.clone();
        let Validity { from, until } = found.validity;
        if now >= until {
            return Err(TlsError::Expired { path, until });
        }
        if now < from {
            return Err(TlsError::NotYet { path, from });
        }
        Ok(found)
    }

    /// What is in the files, whenever it is valid.
    fn read_any(&self) -> Result<InForce, TlsError> {
        let chain = chain(&self.cert)?;
        let first = chain
            .first()
            .ok_or_else(|| TlsError::NoCertificate(self.cert.clone()))?;
        let unusable = |why: String| TlsError::Unusable {
            path: self.cert.clone(),
            why,
        };
        let validity = validity::of(first)
            .ok_or_else(|| unusable("it says not how long it is valid".into()))?;
        for name in &self.names {
            of_name(first, name).map_err(|why| match why {
                Some(why) => unusable(why),
                None => TlsError::OtherName {
                    path: self.cert.clone(),
                    name: name.clone(),
                },
            })?;
        }
        let secret = secret(&self.key)?;
        let key = CertifiedKey::from_der(chain, secret, self.config.crypto_provider());
        let key = key.map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => TlsError::Mismatch {
                cert: self.cert.clone(),
                key: self.key.clone(),
            },
            error => unusable(error.to_string()),
        })?;
        Ok(InForce {
            key: Arc::new(key),
            validity,
        })
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
