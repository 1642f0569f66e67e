//! What a connection said of itself when it came.
use super::config::Config;
use hyper::HeaderMap;
use hyper::http::request::Parts;
use std::net::SocketAddr;
use std::time::SystemTime;

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
    issued: SystemTime,
    query: Box<str>,
    /// `name NUL value NUL …`, in one block: every idle connection holds one.
    headers: Box<str>,
    javascript: bool,
}

impl Handshake {
    pub(super) fn new(head: HandshakeHead<'_>, config: &Config) -> Self {
        let mut headers = String::new();
        for name in &config.kept_headers {
            for value in head.parts.headers.get_all(*name).iter() {
                // One odd character must not hide the rest; a value has no NUL in it.
                let value = String::from_utf8_lossy(value.as_bytes());
                headers.extend([name, "\0", &value, "\0"]);
            }
        }
        let query = head.parts.uri.query().unwrap_or_default().into();
        Self {
            remote: head.remote,
            issued: SystemTime::now(),
            query,
            headers: headers.into(),
            javascript: is_javascript(&head.parts.headers),
        }
    }

    /// The peer of the connection that opened the session.
    pub fn remote(&self) -> SocketAddr {
        self.remote
    }

    /// When it came.
    pub fn issued(&self) -> SystemTime {
        self.issued
    }

    /// The query string as it came.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// Whether the client is JavaScript's, by the marks of the places it runs in. Its handlers
    /// ignore arguments that they do not name; those of other languages often fail on one more.
    pub fn is_javascript(&self) -> bool {
        self.javascript
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

    /// All kept headers of this name, in their order; what is no UTF-8 in them is replaced.
    pub fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let mut parts = self.headers.split('\0');
        std::iter::from_fn(move || Some((parts.next()?, parts.next()?)))
            .filter_map(move |(key, value)| (key == name).then_some(value))
    }

    /// A cookie's value as it came, not decoded.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let pairs = self.headers("cookie").flat_map(|field| field.split(';'));
        let mut values = pairs.filter_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            (key.trim() == name).then(|| value.trim())
        });
        values.next()
    }
}

/// Browsers and runtimes say who they are; React Native speaks through the phone's own library, as
/// Java and Swift clients do, who take any number of arguments. Node's WebSocket does not say, but it
/// always asks for compression and never names an origin, which other clients without a name do
/// not do.
fn is_javascript(headers: &HeaderMap) -> bool {
    match headers.get(hyper::header::USER_AGENT) {
        Some(agent) => {
            let starts = ["Mozilla/", "node", "Deno/", "Bun/", "okhttp/"];
            let agent = agent.to_str().unwrap_or_default();
            starts.iter().any(|start| agent.starts_with(start)) || agent.contains(" CFNetwork/")
        }
        None => {
            !headers.contains_key(hyper::header::ORIGIN)
                && headers
                    .get(hyper::header::SEC_WEBSOCKET_EXTENSIONS)
                    .is_some_and(|value| value.as_bytes().starts_with(b"permessage-deflate"))
        }
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
                // Node's server takes an empty one for none.
                "sid" => found.sid = Some(value).filter(|sid| !sid.is_empty()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn javascript_is_known_by_its_marks() {
        let seen = |headers: &[(&'static str, &str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.insert(*name, value.parse().unwrap());
            }
            is_javascript(&map)
        };
        let deflate = (
            "sec-websocket-extensions",
            "permessage-deflate; client_max_window_bits",
        );
        assert!(seen(&[
            ("user-agent", "Mozilla/5.0 (X11)"),
            ("origin", "http://x")
        ]));
        assert!(seen(&[("user-agent", "node-XMLHttpRequest")]));
        assert!(seen(&[deflate]));
        // React Native.
        assert!(seen(&[
            ("user-agent", "okhttp/4.12.0"),
            ("origin", "http://x")
        ]));
        let apple = "Team/1 CFNetwork/1568.200.51 Darwin/24.1.0";
        assert!(seen(&[("user-agent", apple)]));
        // python-socketio with aiohttp and with websocket-client, Dart, Rust, nothing at all.
        assert!(!seen(&[("user-agent", "Python/3.11 aiohttp/3.9"), deflate]));
        assert!(!seen(&[("origin", "http://x"), deflate]));
        assert!(!seen(&[("user-agent", "Dart/3.2 (dart:io)")]));
        assert!(!seen(&[]));
    }
}
