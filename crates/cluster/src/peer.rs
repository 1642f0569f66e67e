//! From node to node: plain HTTP with a seal, one request a connection, everything bounded.

use crate::members::now_ms;
use crate::secret::{HEADER, Secret};
use crate::shared::Position;
use maru_domain::Seq;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// Where the calls between nodes begin.
pub const PREFIX: &str = "/cluster/v1/";
/// An answer that is read whole.
const ANSWER_BYTES: u64 = 16 << 20;

/// Why another node did not answer.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    #[error("`{0}` is no address of a node; it is http://host:port")]
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

/// A request to another node, and the answer's body as it comes.
pub struct Answer {
    pub length: u64,
    body: BufReader<TcpStream>,
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
    let bad = || PeerError::Address(address.to_owned());
    let host = address
        .strip_prefix("http://")
        .ok_or_else(bad)?
        .trim_end_matches('/');
    let target = host.to_socket_addrs()?.next().ok_or_else(bad)?;
    let mut stream = TcpStream::connect_timeout(&target, patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    stream.set_nodelay(true)?;
    let path = format!("{PREFIX}{path}");
    let seal = secret.seal(now_ms(), method, &path);
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\n{HEADER}: {seal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let mut body = BufReader::with_capacity(64 << 10, stream);
    let (status, length) = head(&mut body)?;
    match status {
        200 => Ok(Answer {
            length: length.ok_or(PeerError::Odd)?,
            body,
        }),
        401 | 403 => Err(PeerError::Secret),
        other => Err(PeerError::Status(other)),
    }
}

fn head(body: &mut impl BufRead) -> Result<(u16, Option<u64>), PeerError> {
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
    let length = lines.iter().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    });
    Ok((status, length))
}

/// A whole answer of bytes.
pub fn bytes(
    address: &str,
    secret: &Secret,
    method: &str,
    path: &str,
    patience: Duration,
) -> Result<Vec<u8>, PeerError> {
    let answer = send(address, secret, method, path, patience)?;
    let length = answer.length;
    let mut whole = Vec::new();
    answer.take(ANSWER_BYTES).read_to_end(&mut whole)?;
    (whole.len() as u64 == length)
        .then_some(whole)
        .ok_or(PeerError::Odd)
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
