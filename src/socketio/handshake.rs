//! What a connection said of itself when it came.
use super::config::Config;
use hyper::HeaderMap;
use hyper::http::request::Parts;
use std::net::SocketAddr;

/// The head of a handshake, before any session exists.
#[derive(Debug, Clone, Copy)]
pub struct HandshakeHead<'a> {
    pub parts: &'a Parts,
    pub remote: SocketAddr,
}

/// What is kept of it for as long as the connection lives.
#[derive(Debug, Clone)]
pub struct Handshake {
    remote: SocketAddr,
    query: Box<str>,
    /// `name NUL value NUL …`, in one block: every idle connection holds one.
    headers: Box<str>,
}

impl Handshake {
    pub(super) fn new(head: HandshakeHead<'_>, config: &Config) -> Self {
        let mut headers = String::new();
        for name in &config.kept_headers {
            for value in head
                .parts
                .headers
                .get_all(*name)
                .iter()
                .filter_map(|value| value.to_str().ok())
            {
                headers.extend([name, "\0", value, "\0"]);
            }
        }
        let query = head.parts.uri.query().unwrap_or_default().into();
        Self {
            remote: head.remote,
            query,
            headers: headers.into(),
        }
    }

    /// The peer of the connection that opened the session.
    pub fn remote(&self) -> SocketAddr {
        self.remote
    }

    /// The query string as it came.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The first kept header of this name (in lower case, see [`Config::kept_headers`]).
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut parts = self.headers.split('\0');
        while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
            if key == name {
                return Some(value);
            }
        }
        None
    }

    /// A cookie's value as it came, not decoded.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.header("cookie")?.split(';').find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            (key.trim() == name).then(|| value.trim())
        })
    }
}

/// The parameters of a request that the engine itself understands. None needs decoding.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Query<'a> {
    pub eio: Option<&'a str>,
    pub transport: Option<&'a str>,
    pub sid: Option<&'a str>,
}

impl<'a> Query<'a> {
    pub fn parse(query: &'a str) -> Self {
        let mut found = Self::default();
        for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match key {
                "EIO" => found.eio = Some(value),
                "transport" => found.transport = Some(value),
                "sid" => found.sid = Some(value),
                _ => {}
            }
        }
        found
    }
}

/// Whether the request asks for a WebSocket.
pub(super) fn wants_websocket(headers: &HeaderMap) -> bool {
    headers
        .get(hyper::header::UPGRADE)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}
