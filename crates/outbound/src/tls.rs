//! TLS by rustls with the `ring` provider: Mozilla's roots and those that the operator adds.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    #[error("the file of root certificates holds none in PEM form")]
    NoneFound,
    #[error("a root certificate cannot be used: {0}")]
    Unusable(String),
    #[error("TLS cannot be set up: {0}")]
    Provider(rustls::Error),
}

/// `more` is a PEM text with further roots, for a network with a certificate authority of its own.
pub fn config(more: Option<&str>) -> Result<Arc<ClientConfig>, RootsError> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(pem) = more {
        let mut found = 0;
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate =
                certificate.map_err(|error| RootsError::Unusable(error.to_string()))?;
            roots
                .add(certificate)
                .map_err(|error| RootsError::Unusable(error.to_string()))?;
            found += 1;
        }
        if found == 0 {
            return Err(RootsError::NoneFound);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(RootsError::Provider)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
