//! From node to node: HTTP or HTTPS with a seal both ways, one request a connection, everything
//! bounded.

use crate::members::now_ms;
use crate::secret::{HEADER, Secret, hex};
use crate::shared::Position;
use crate::wire::Wire;
use maru_domain::Seq;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::time::Duration;

pub use crate::wire::fingerprint;

/// Where the calls between nodes begin.
pub const PREFIX: &str = "/cluster/v1/";
/// An answer that is read whole.
const ANSWER_BYTES: u64 = 16 << 20;

/// Why another node did not answer.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    #[error("`{0}` is no address of a node; it is http://host:port, or https://host:port")]
    Address(String),
    #[error("nobody listens there")]
    Absent,
    #[error(
        "it does not take this node's secret; --cluster-secret-file has to be the same on all nodes, and their clocks, too"
    )]
    Secret,
    #[error("it answers with status {0}")]
    Status(u16),
    #[error("it cannot be reached: {0}")]
    Io(io::Error),
    #[error("its answer cannot be read")]
    Odd,
    #[error(
        "its answer was not made with this cluster's secret; --cluster-secret-file has to be the same on all nodes"
    )]
    Forged,
}

impl From<io::Error> for PeerError {
    fn from(error: io::Error) -> PeerError {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => PeerError::Absent,
            _ => PeerError::Io(error),
        }
    }
}

/// Where a node stands, as it says itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Standing {
    pub name: String,
    pub id: String,
    pub cluster: String,
    pub at: Position,
    /// The oldest entry of its log.
    pub first: Seq,
    pub epoch: u64,
    pub redis: String,
}

/// What a node says of whether it reaches another one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reach {
    /// Why it does not.
    pub why: Option<String>,
}

/// A request to another node, and the answer's body as it comes.
pub struct Answer {
    pub length: u64,
    /// What the request and the answer were sealed with.
    request: String,
    seal: String,
    secret: Secret,
    body: BufReader<Wire>,
}

impl Answer {
    /// Whether a node of this cluster has answered this, with a body of this SHA-256.
    pub fn vouches_for(&self, digest: &str) -> bool {
        self.secret.vouches(&self.seal, &self.request, digest)
    }
}

impl Read for Answer {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.body.read(into)
    }
}

pub fn send(
    address: &str,
    secret: &Secret,
    method: &str,
    path: &str,
    patience: Duration,
) -> Result<Answer, PeerError> {
    let opened = Wire::open(address, patience)?;
    let (mut wire, host) = opened.ok_or_else(|| PeerError::Address(address.to_owned()))?;
    let path = format!("{PREFIX}{path}");
    let seal = secret.seal(now_ms(), method, &path, &wire.bound_to());
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\n{HEADER}: {seal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    wire.write_all(request.as_bytes())?;
    wire.flush()?;
    let mut body = BufReader::with_capacity(64 << 10, wire);
    let head = head(&mut body)?;
    match head.status {
        200 => Ok(Answer {
            length: head.length.ok_or(PeerError::Odd)?,
            request: seal,
            seal: head.seal,
            secret: secret.clone(),
            body,
        }),
        401 | 403 => Err(PeerError::Secret),
        other => Err(PeerError::Status(other)),
    }
}

struct Head {
    status: u16,
    length: Option<u64>,
    seal: String,
}

fn head(body: &mut impl BufRead) -> Result<Head, PeerError> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        body.by_ref().take(8 << 10).read_line(&mut line)?;
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
        if lines.len() > 64 {
            return Err(PeerError::Odd);
        }
    }
    let status = lines
        .first()
        .and_then(|line| line.strip_prefix("HTTP/1."))
        .and_then(|rest| rest.get(2..5)?.parse().ok())
        .ok_or(PeerError::Odd)?;
    let value = |wanted: &str| {
        let fields = lines.iter().filter_map(|line| line.split_once(':'));
        let mut found = fields.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.next().map(|(_, value)| value.trim().to_owned())
    };
    Ok(Head {
        status,
        length: value("content-length").and_then(|length| length.parse().ok()),
        seal: value(HEADER).unwrap_or_default(),
    })
}

/// A whole answer of bytes.
pub fn bytes(
    address: &str,
    secret: &Secret,
    method: &str,
    path: &str,
    patience: Duration,
) -> Result<Vec<u8>, PeerError> {
    let mut answer = send(address, secret, method, path, patience)?;
    let length = answer.length;
    let mut whole = Vec::new();
    let wanted = length.min(ANSWER_BYTES);
    (&mut answer).take(wanted).read_to_end(&mut whole)?;
    if whole.len() as u64 != length {
        return Err(PeerError::Odd);
    }
    if answer.vouches_for(&hex(&Sha256::digest(&whole))) {
        Ok(whole)
    } else {
        Err(PeerError::Forged)
    }
}

pub fn json<T: serde::de::DeserializeOwned>(
    address: &str,
    secret: &Secret,
    method: &str,
    path: &str,
    patience: Duration,
) -> Result<T, PeerError> {
    let whole = bytes(address, secret, method, path, patience)?;
    serde_json::from_slice(&whole).map_err(|_| PeerError::Odd)
}

/// Where another node stands.
pub fn standing(address: &str, secret: &Secret, patience: Duration) -> Result<Standing, PeerError> {
    json(address, secret, "GET", "standing", patience)
}
