//! Why there is no answer.

use std::net::IpAddr;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("`{0}` is not a URL that starts with http:// or https://")]
    BadUrl(String),
    #[error("the URL carries a user name or password; send them in a header")]
    Credentials,
    #[error("{0} is not a header that can be sent")]
    BadHeader(String),
    /// The guard's refusal.
    #[error(
        "{host} leads to {address}, an address inside; only addresses on the public internet and those of outbound-allow are connected to"
    )]
    Inside { host: String, address: IpAddr },
    #[error("{host} is not known: {reason}")]
    Unknown { host: String, reason: String },
    #[error("{host} cannot be connected to: {reason}")]
    Connect { host: String, reason: String },
    #[error("TLS with {host} failed: {reason}")]
    Tls { host: String, reason: String },
    #[error("{host} did not answer in time")]
    Slow { host: String },
    #[error("{host} gave no proper answer: {reason}")]
    Broken { host: String, reason: String },
    #[error("the answer of {host} is larger than {max_bytes} bytes")]
    TooLarge { host: String, max_bytes: usize },
    #[error("{host} redirects more than {max} times")]
    Redirects { host: String, max: u8 },
    #[error("{host} redirects to {to}, which is not followed")]
    BadRedirect { host: String, to: String },
}

impl Error {
    /// Whether the same request may succeed later: what the other side did, not what was asked.
    pub fn is_passing(&self) -> bool {
        match self {
            Error::BadUrl(_) | Error::Credentials | Error::BadHeader(_) | Error::Inside { .. } => {
                false
            }
            Error::Unknown { .. }
            | Error::Connect { .. }
            | Error::Tls { .. }
            | Error::Slow { .. }
            | Error::Broken { .. }
            | Error::TooLarge { .. }
            | Error::Redirects { .. }
            | Error::BadRedirect { .. } => true,
        }
    }
}
