//! The port without TLS: sends browsers on to https, and shows whoever gives certificates that a
//! domain leads here.

use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

/// Browsers come once, and then by https.
const CONNECTIONS: usize = 256;
/// A connection's whole life.
const PATIENCE: Duration = Duration::from_secs(10);
const HEAD_BYTES: usize = 16 * 1024;
/// Where texts are looked for (RFC 8555, 8.3).
const CHALLENGES: &str = "/.well-known/acme-challenge/";

/// The text under a token.
pub type Find = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Where it leads.
pub struct Plain {
    /// The address under which people reach the server, if it is known.
    pub home: Option<String>,
    /// Further names that the certificate has.
    pub names: Vec<String>,
    /// What is there while somebody looks for it.
    pub answers: Find,
}

/// Answers until it is aborted.
pub async fn serve(listener: TcpListener, plain: Plain) {
    let (plain, places) = (Arc::new(plain), Arc::new(Semaphore::new(CONNECTIONS)));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, _)) => {
                let plain = Arc::clone(&plain);
                tokio::spawn(async move {
                    // Whoever is slow has to come again.
                    let _ = timeout(PATIENCE, connection(stream, plain)).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "connections cannot be accepted; raise the limit of open files");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, plain: Arc<Plain>) {
    let answer = service_fn(move |request: Request<Incoming>| {
        let answer = plain.answer(&request);
        async move { Ok::<_, Infallible>(answer) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(HEAD_BYTES)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), answer);
    if let Err(error) = served.await {
        tracing::debug!(%error, "a connection ended early");
    }
}

impl Plain {
    fn answer<B>(&self, request: &Request<B>) -> Response<String> {
        let path = request.uri().path();
        if let Some(token) = path.strip_prefix(CHALLENGES) {
            return match (self.answers)(token) {
                Some(text) => with(StatusCode::OK, Some("application/octet-stream"), text),
                None => with(StatusCode::NOT_FOUND, None, String::new()),
            };
        }
        let host = request.headers().get(header::HOST);
        let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
        let Some(to) = self.https(host) else {
            return with(StatusCode::BAD_REQUEST, None, String::new());
        };
        let rest = request.uri().path_and_query();
        let rest = rest.map_or("/", |rest| rest.as_str());
        let status = match *request.method() {
            Method::GET | Method::HEAD => StatusCode::MOVED_PERMANENTLY,
            _ => StatusCode::PERMANENT_REDIRECT,
        };
        let mut response = with(status, None, String::new());
        if let Ok(to) = HeaderValue::from_str(&format!("{to}{rest}")) {
            response.headers_mut().insert(header::LOCATION, to);
        }
        response
    }

    /// The same server by https.
    fn https(&self, asked: &str) -> Option<String> {
        let host = match asked.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => asked,
        };
        let host = host.to_ascii_lowercase();
        let home = self.home.as_ref();
        let is_home = home.is_some_and(|home| {
            let name = home.strip_prefix("https://").unwrap_or(home);
            name == host
                || name
                    .strip_prefix(&host)
                    .is_some_and(|rest| rest.starts_with(':'))
        });
        if is_home || !self.names.contains(&host) {
            // Without either, it leads to where the browser thinks it is.
            return home
                .cloned()
                .or_else(|| is_a_host(&host).then(|| format!("https://{host}")));
        }
        Some(format!("https://{host}"))
    }
}

fn is_a_host(host: &str) -> bool {
    !host.is_empty()
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b))
}

fn with(status: StatusCode, kind: Option<&'static str>, text: String) -> Response<String> {
    let mut response = Response::new(text);
    *response.status_mut() = status;
    if let Some(kind) = kind {
        let kind = HeaderValue::from_static(kind);
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(home: Option<&str>, host: &str, path: &str) -> (u16, String) {
        let plain = Plain {
            home: home.map(str::to_owned),
            names: vec!["chat.example".to_owned(), "talk.example".to_owned()],
            answers: Box::new(|token| (token == "known").then(|| "answer".to_owned())),
        };
        let request = Request::get(path).header("host", host).body(());
        let response = plain.answer(&request.expect("a request"));
        let to = response.headers().get(header::LOCATION);
        let to = to.map_or(response.body().as_str(), |to| to.to_str().expect("text"));
        (response.status().as_u16(), to.to_owned())
    }

    #[test]
    fn browsers_are_sent_on_and_tokens_are_answered() {
        let home = Some("https://chat.example");
        let to = |text: &str| (301, text.to_owned());
        assert_eq!(
            asked(home, "chat.example", "/a?b"),
            to("https://chat.example/a?b")
        );
        assert_eq!(
            asked(home, "Talk.example:80", "/"),
            to("https://talk.example/")
        );
        assert_eq!(
            asked(home, "evil.example", "/"),
            to("https://chat.example/")
        );
        let far = Some("https://chat.example:8443");
        assert_eq!(
            asked(far, "chat.example:80", "/"),
            to("https://chat.example:8443/")
        );
        assert_eq!(asked(None, "10.0.0.1:80", "/"), to("https://10.0.0.1/"));
        assert_eq!(asked(None, "a b", "/").0, 400);
        let challenge = |token: &str| asked(home, "x", &format!("{CHALLENGES}{token}"));
        assert_eq!(challenge("known"), (200, "answer".to_owned()));
        assert_eq!(challenge("other").0, 404);
    }
}
