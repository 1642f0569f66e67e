//! What is asked, within which bounds, and what comes back.

use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use std::time::Duration;
use url::Url;

/// How long, how large, how far.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Until there is a connection, TLS included; for each hop.
    pub connect: Duration,
    /// For the whole request, all hops and the body included.
    pub total: Duration,
    /// Of the body, also after it was unpacked.
    pub body_bytes: usize,
    /// A longer body is cut there instead of being an error.
    pub cut: bool,
    /// How many redirects are followed; each hop is judged. Only for GET and HEAD.
    pub redirects: u8,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(15),
            body_bytes: 1 << 20,
            cut: false,
            redirects: 0,
        }
    }
}

/// A request, put together by chaining. A wrong URL or header is told when it is sent.
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) bad_header: Option<String>,
    pub(crate) body: Bytes,
    pub(crate) bounds: Bounds,
}

impl Request {
    pub fn new(method: Method, url: impl Into<String>) -> Request {
        Request {
            method,
            url: url.into(),
            headers: HeaderMap::new(),
            bad_header: None,
            body: Bytes::new(),
            bounds: Bounds::default(),
        }
    }

    pub fn get(url: impl Into<String>) -> Request {
        Request::new(Method::GET, url)
    }

    pub fn post(url: impl Into<String>) -> Request {
        Request::new(Method::POST, url)
    }

    /// Replaces an earlier value of the same name.
    pub fn header(mut self, name: &str, value: &str) -> Request {
        let name_and_value = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value),
        );
        match name_and_value {
            (Ok(name), Ok(value)) => {
                self.headers.insert(name, value);
            }
            _ => self.bad_header = Some(name.to_owned()),
        }
        self
    }

    pub fn body(mut self, body: impl Into<Bytes>) -> Request {
        self.body = body.into();
        self
    }

    pub fn bounds(mut self, bounds: Bounds) -> Request {
        self.bounds = bounds;
        self
    }
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Unpacked where it was compressed with gzip.
    pub body: Bytes,
    /// The body goes on behind what is here.
    pub is_cut: bool,
    /// Where the answer came from, after redirects.
    pub url: Url,
}
