//! How a server gets its certificates: ACME (RFC 8555), as Let's Encrypt speaks it.
//!
//! [`Renewal`] asks for one when there is none, when names are missing in it, and before the last
//! third of its time, or when whoever gave it says so (RFC 9773); it keeps the account and the certificate in a folder. Whoever gives
//! certificates out looks whether the names lead here: at a text on port 80 ([`Answers`], HTTP-01),
//! or at a certificate on port 443 (TLS-ALPN-01), which [`maru_tls`] shows. A try that failed leaves
//! the certificate before in force, and is made again later, the other way.
mod client;
mod error;
mod issue;
mod renewal;
mod store;
mod window;

pub use error::AcmeError;
pub use issue::{Answers, Way};
pub use renewal::{Pace, Renewal, Status};
pub use store::{certificate_file, is_own};

use std::path::PathBuf;

/// Let's Encrypt, for what people trust, and for trying things out.
pub const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";
pub const LETS_ENCRYPT_STAGING: &str = "https://acme-staging-v02.api.letsencrypt.org/directory";

/// An account elsewhere that the one made here is bound to (RFC 8555, 7.3.4).
#[derive(Clone)]
pub struct External {
    pub id: String,
    /// As it is used, not as it is written.
    pub key: Vec<u8>,
}

impl std::fmt::Debug for External {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("External")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// What the operator chose.
#[derive(Clone, Debug)]
pub struct Settings {
    /// URL of the directory of whoever gives certificates out.
    pub directory: String,
    /// All of them are in the certificate; the first one names its file.
    pub names: Vec<String>,
    /// Address of mail for the account.
    pub email: Option<String>,
    /// The account with whoever gives certificates out, where they want one to be named.
    pub external: Option<External>,
    /// Where account and certificate are kept.
    pub folder: PathBuf,
    /// In which order names are shown to lead here; at least one.
    pub ways: Vec<Way>,
    pub pace: Pace,
}
