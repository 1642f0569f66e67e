//! Requests to other servers: webhooks, push services, previews of links.
//!
//! Who writes a URL into a chat must not reach what only the server can reach. So every request
//! passes the [`Guard`]: the name is resolved once, each address is judged, and the connection goes
//! to a judged address, not to the name. Redirects are off; where a caller turns them on, each hop
//! is judged anew. Time, header size, body size and what a compressed body unpacks to are bounded.
//!
//! One connection serves one request. HTTP/1.1, with TLS by rustls and Mozilla's roots.
//!
//! ```text
//! let client = Client::new(Guard::default(), None)?;
//! let answer = client.send(Request::post("https://hooks.example/x").body(bytes)).await?;
//! ```
mod client;
mod error;
mod guard;
mod names;
mod request;
mod tls;
mod unpack;

pub use client::{Client, Streamed};
pub use error::Error;
pub use guard::{Allow, Guard};
pub use hyper::header;
pub use hyper::{HeaderMap, Method, StatusCode};
pub use names::Names;
pub use request::{Answer, Bounds, Request};
pub use tls::RootsError;
pub use url::Url;
