//! Why there is no new certificate, in sentences for the log.

use crate::Way;
use instant_acme::{Error, Problem};
use std::time::Duration;

#[derive(Debug, thiserror::Error)]
pub enum AcmeError {
    #[error(
        "{directory} gives no certificate: {why}; see that this machine may reach it and that --acme-directory is right"
    )]
    Away { directory: String, why: String },
    #[error("{directory} gives no certificate for {names}: {why}")]
    Refused {
        directory: String,
        names: String,
        why: String,
        /// As it asked for.
        retry_after: Option<Duration>,
        /// Another number was wanted than the one sent: nothing is wrong.
        is_nonce: bool,
    },
    #[error(
        "{name} does not lead here by {way}: {why}; its address in DNS has to be this server's, and {way} needs port {} open", way.port()
    )]
    Elsewhere { name: String, way: Way, why: String },
    #[error("{path} cannot be written: {why}; the folder has to belong to the server's user")]
    Store { path: String, why: String },
    #[error("no certificate was made: {0}")]
    Broken(String),
}

impl AcmeError {
    /// Nothing was wrong but a number that was used up: to be tried again at once.
    pub fn is_nonce(&self) -> bool {
        matches!(self, AcmeError::Refused { is_nonce: true, .. })
    }

    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            AcmeError::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// What a problem says, without its type where there are words.
pub(crate) fn words(problem: &Problem) -> String {
    let mut text = problem
        .detail
        .clone()
        .or_else(|| problem.r#type.clone())
        .unwrap_or_else(|| "no reason was given".to_owned());
    for part in &problem.subproblems {
        if let Some(detail) = &part.detail {
            text.push_str("; ");
            text.push_str(detail);
        }
    }
    // It goes into one line of the log.
    text.chars().filter(|c| !c.is_control()).take(500).collect()
}

pub(crate) fn is_nonce(error: &Error) -> bool {
    matches!(error, Error::Api(problem)
        if problem.r#type.as_deref() == Some("urn:ietf:params:acme:error:badNonce"))
}

/// No such account there: it was made anew, or ended.
pub(crate) fn is_unknown_account(error: &Error) -> bool {
    matches!(error, Error::Api(problem)
        if problem.r#type.as_deref() == Some("urn:ietf:params:acme:error:accountDoesNotExist"))
}
