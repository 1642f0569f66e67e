//! The answers of the door, as clients of Node's server know them.
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

pub type Answer = Response<Full<Bytes>>;

/// What a request can do wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Transport,
    Session,
    Method,
    Request,
    Version,
}

/// The value of `Sec-WebSocket-Accept`, if this is a WebSocket handshake of RFC 6455.
pub fn accept_key(parts: &Parts) -> Option<String> {
    let key = parts.headers.get(header::SEC_WEBSOCKET_KEY)?;
    let version = parts.headers.get(header::SEC_WEBSOCKET_VERSION)?;
    (parts.method == Method::GET && version == "13").then(|| derive_accept_key(key.as_bytes()))
}

pub fn switching(accept: &str) -> Answer {
    let mut answer = plain(StatusCode::SWITCHING_PROTOCOLS, "");
    let headers = answer.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(accept) {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    answer
}

pub fn plain(status: StatusCode, body: &str) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::copy_from_slice(body.as_bytes())));
    *answer.status_mut() = status;
    answer.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=UTF-8"),
    );
    answer
}

pub fn error(status: StatusCode, code: u8, message: &str) -> Answer {
    let body = serde_json::json!({ "code": code, "message": message }).to_string();
    let mut answer = plain(status, &body);
    answer.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    answer
}

pub fn fault(fault: Fault) -> Answer {
    let (code, message) = match fault {
        Fault::Transport => (0, "Transport unknown"),
        Fault::Session => (1, "Session ID unknown"),
        Fault::Method => (2, "Bad handshake method"),
        Fault::Request => (3, "Bad request"),
        Fault::Version => (5, "Unsupported protocol version"),
    };
    error(StatusCode::BAD_REQUEST, code, message)
}
