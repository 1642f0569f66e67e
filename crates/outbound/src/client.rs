//! A request is sent: resolved, judged, connected, asked, read; again for each redirect.

use crate::unpack::gunzip;
use crate::{Answer, Error, Guard, Names, Request, RootsError, tls};
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use url::{Host, Url};

/// The header of an answer may be so large.
const HEAD_BYTES: usize = 64 << 10;
const HEADERS: usize = 128;
/// How long one address is tried while there is another.
const ONE_ADDRESS: Duration = Duration::from_secs(2);

/// Cheap to clone.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    guard: Guard,
    names: Names,
    tls: Arc<ClientConfig>,
    user_agent: HeaderValue,
}

/// An answer whose body is read piece by piece. Dropping it closes the connection.
pub struct Streamed {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub url: Url,
    host: String,
    body: Incoming,
    until: Instant,
    _connection: Connection,
}

/// Ends the connection's task with the request.
struct Connection(tokio::task::JoinHandle<()>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Client {
    /// `roots` is a PEM text with roots besides Mozilla's.
    pub fn new(guard: Guard, roots: Option<&str>) -> Result<Client, RootsError> {
        Client::with_names(guard, roots, Names::System)
    }

    pub fn with_names(
        guard: Guard,
        roots: Option<&str>,
        names: Names,
    ) -> Result<Client, RootsError> {
        const USER_AGENT: &str = concat!("Maru/", env!("CARGO_PKG_VERSION"));
        Ok(Client {
            inner: Arc::new(Inner {
                guard,
                names,
                tls: tls::config(roots)?,
                user_agent: HeaderValue::from_static(USER_AGENT),
            }),
        })
    }

    /// Whether a URL could be asked at all: its form, and its address where it names one. A name's
    /// addresses are judged when it is asked.
    pub fn check_url(&self, url: &str) -> Result<(), Error> {
        let url = parse(url)?;
        let port = url.port_or_known_default().unwrap_or(443);
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => SocketAddr::from((address, port)),
            Some(Host::Ipv6(address)) => SocketAddr::from((address, port)),
            _ => return Ok(()),
        };
        self.inner.guard.judge(&host_of(&url), vec![literal])?;
        Ok(())
    }

    /// The whole answer.
    pub async fn send(&self, request: Request) -> Result<Answer, Error> {
        let bounds = request.bounds;
        let request = if request.headers.contains_key(header::ACCEPT_ENCODING) {
            request
        } else {
            request.header("accept-encoding", "gzip")
        };
        let mut streamed = self.open(request).await?;
        let (body, mut is_cut) = streamed.collect(bounds.body_bytes, bounds.cut).await?;
        let is_gzip = streamed
            .headers
            .get(header::CONTENT_ENCODING)
            .is_some_and(|coding| coding.as_bytes().eq_ignore_ascii_case(b"gzip"));
        let body = if is_gzip && !body.is_empty() {
            let (body, cut) = gunzip(&body, bounds.body_bytes, bounds.cut || is_cut)
                .map_err(|error| streamed.broken(&error))?
                .ok_or_else(|| streamed.too_large(bounds.body_bytes))?;
            is_cut |= cut;
            body
        } else {
            body
        };
        Ok(Answer {
            status: streamed.status,
            headers: std::mem::take(&mut streamed.headers),
            body,
            is_cut,
            url: streamed.url,
        })
    }

    /// The answer's head; its body is read by the caller, as it comes (not unpacked), until the
    /// deadline of the request.
    pub async fn open(&self, mut request: Request) -> Result<Streamed, Error> {
        if let Some(name) = request.bad_header.take() {
            return Err(Error::BadHeader(name));
        }
        let mut url = parse(&request.url)?;
        let until = Instant::now() + request.bounds.total;
        let mut hops = 0;
        loop {
            let streamed = self.hop(&url, &request, until).await?;
            let follows = request.bounds.redirects > 0
                && matches!(request.method, Method::GET | Method::HEAD)
                && matches!(streamed.status.as_u16(), 301 | 302 | 303 | 307 | 308);
            if !follows {
                return Ok(streamed);
            }
            let Some(next) = redirected(&streamed)? else {
                return Ok(streamed);
            };
            hops += 1;
            if hops > request.bounds.redirects {
                return Err(Error::Redirects {
                    host: streamed.host.clone(),
                    max: request.bounds.redirects,
                });
            }
            if next.origin() != url.origin() {
                // They were meant for the first host.
                for secret in [header::AUTHORIZATION, header::COOKIE] {
                    request.headers.remove(secret);
                }
            }
            url = next;
        }
    }

    async fn hop(&self, url: &Url, request: &Request, until: Instant) -> Result<Streamed, Error> {
        let host = host_of(url);
        let slow = || Error::Slow { host: host.clone() };
        let connect_until = until.min(Instant::now() + request.bounds.connect);
        let mut connected = timeout_at(connect_until, self.connect(url, &host))
            .await
            .map_err(|_| slow())??;
        let message = self.message(url, request, &host)?;
        let response = timeout_at(until, connected.sender.send_request(message))
            .await
            .map_err(|_| slow())?
            .map_err(|error| broken(&host, &error))?;
        let (head, body) = response.into_parts();
        Ok(Streamed {
            status: head.status,
            headers: head.headers,
            url: url.clone(),
            host,
            body,
            until,
            _connection: connected.connection,
        })
    }

    fn message(
        &self,
        url: &Url,
        request: &Request,
        host: &str,
    ) -> Result<hyper::Request<Full<Bytes>>, Error> {
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let authority = match url.port() {
            Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
            None => url.host_str().unwrap_or_default().to_owned(),
        };
        let mut message = hyper::Request::builder()
            .method(request.method.clone())
            .uri(path)
            .header(header::HOST, authority)
            .header(header::USER_AGENT, self.inner.user_agent.clone())
            .body(Full::new(request.body.clone()))
            .map_err(|error| broken(host, &error))?;
        for (name, value) in &request.headers {
            message.headers_mut().insert(name.clone(), value.clone());
        }
        Ok(message)
    }

    async fn connect(&self, url: &Url, host: &str) -> Result<Connected, Error> {
        let port = url.port_or_known_default().unwrap_or(443);
        let found = match url.host() {
            Some(Host::Ipv4(address)) => vec![SocketAddr::from((address, port))],
            Some(Host::Ipv6(address)) => vec![SocketAddr::from((address, port))],
            _ => self.inner.names.find(host, port).await?,
        };
        let judged = self.inner.guard.judge(host, found)?;
        let stream = first_that_answers(host, &judged).await?;
        // Small requests go out at once.
        let _ = stream.set_nodelay(true);
        if url.scheme() == "http" {
            return shake_hands(host, stream).await;
        }
        let tls_error = |reason: String| Error::Tls {
            host: host.to_owned(),
            reason,
        };
        let name = ServerName::try_from(host.to_owned()).map_err(|e| tls_error(e.to_string()))?;
        let stream = TlsConnector::from(self.inner.tls.clone())
            .connect(name, stream)
            .await
            .map_err(|error| tls_error(error.to_string()))?;
        shake_hands(host, stream).await
    }
}

impl Streamed {
    /// The next piece of the body; `None` at its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let frame = timeout_at(self.until, self.body.frame()).await;
            let frame = frame.map_err(|_| Error::Slow {
                host: self.host.clone(),
            })?;
            match frame {
                None => return Ok(None),
                Some(Err(error)) => return Err(self.broken(&error)),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }

    async fn collect(&mut self, max: usize, cut: bool) -> Result<(Bytes, bool), Error> {
        let mut body = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            let room = max - body.len();
            if chunk.len() <= room {
                body.extend_from_slice(&chunk);
            } else if cut {
                body.extend_from_slice(&chunk[..room]);
                return Ok((body.freeze(), true));
            } else {
                return Err(self.too_large(max));
            }
        }
        Ok((body.freeze(), false))
    }

    fn broken(&self, error: &dyn std::error::Error) -> Error {
        broken(&self.host, error)
    }

    fn too_large(&self, max_bytes: usize) -> Error {
        Error::TooLarge {
            host: self.host.clone(),
            max_bytes,
        }
    }
}

struct Connected {
    sender: http1::SendRequest<Full<Bytes>>,
    connection: Connection,
}

async fn first_that_answers(host: &str, addresses: &[SocketAddr]) -> Result<TcpStream, Error> {
    let mut reason = "there is no address".to_owned();
    for (n, address) in addresses.iter().enumerate() {
        let attempt = TcpStream::connect(address);
        let is_last = n + 1 == addresses.len();
        let done = if is_last {
            attempt.await
        } else {
            timeout(ONE_ADDRESS, attempt)
                .await
                .unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
        };
        match done {
            Ok(stream) => return Ok(stream),
            Err(error) => reason = error.to_string(),
        }
    }
    Err(Error::Connect {
        host: host.to_owned(),
        reason,
    })
}

async fn shake_hands<S>(host: &str, stream: S) -> Result<Connected, Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEADERS)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| broken(host, &error))?;
    let connection = Connection(tokio::spawn(async move {
        // The request's own error says what happened.
        let _ = connection.await;
    }));
    Ok(Connected { sender, connection })
}

fn parse(text: &str) -> Result<Url, Error> {
    let bad = || Error::BadUrl(text.chars().take(200).collect());
    let url = Url::parse(text).map_err(|_| bad())?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() || url.port() == Some(0) {
        return Err(bad());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::Credentials);
    }
    Ok(url)
}

/// Without the brackets of IPv6.
fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    host.trim_matches(['[', ']']).to_owned()
}

fn redirected(streamed: &Streamed) -> Result<Option<Url>, Error> {
    let Some(to) = streamed.headers.get(header::LOCATION) else {
        return Ok(None);
    };
    let to = String::from_utf8_lossy(to.as_bytes());
    let bad = || Error::BadRedirect {
        host: streamed.host.clone(),
        to: to.chars().take(200).collect(),
    };
    let next = streamed.url.join(&to).map_err(|_| bad())?;
    let next = parse(next.as_str()).map_err(|_| bad())?;
    if streamed.url.scheme() == "https" && next.scheme() != "https" {
        return Err(bad());
    }
    Ok(Some(next))
}

/// With its cause: hyper says what, the cause says why.
fn broken(host: &str, error: &dyn std::error::Error) -> Error {
    let reason = match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    };
    Error::Broken {
        host: host.to_owned(),
        reason,
    }
}
