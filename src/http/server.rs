//! The accept loop: bounded connections with deadlines, closed in an orderly way.

use super::{
    app::App,
    connections::Connections,
    listener::{Accepted, Door},
    service::Service,
};
use crate::tls::{is_challenge, speaks_http2};
use axum::http::{HeaderValue, header};
use hyper::{
    Request,
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::{convert::Infallible, io, net::SocketAddr, os::fd::RawFd, pin::pin, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    time::{sleep, timeout},
};

/// A request's head must be there by then; an idle connection is closed after the same time.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// What was sent and stays unread or unacknowledged for so long: nobody is there.
const UNREAD_TIMEOUT_MS: u32 = 30_000;
const UNREAD_TIMEOUT: Duration = Duration::from_millis(UNREAD_TIMEOUT_MS as u64);
/// Everything that is under way may finish until then.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(8);
const MAX_HEADERS: usize = 64;
/// Request line and headers.
const HEAD_BYTES: usize = 32 * 1024;
/// File descriptors that no connection gets, or a quarter of the limit.
const RESERVED_FILES: u64 = 256;
/// TLS is agreed on by then.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Requests of one HTTP/2 connection at the same time.
const STREAMS: u32 = 128;
/// A door that cannot accept is tried again.
const ACCEPTED_AHEAD: usize = 16;

/// Serves until `shutdown` comes; then stops accepting, tells every socket to come back later,
/// finishes what is under way and returns, at most 8 seconds later.
pub async fn serve(listener: TcpListener, app: App, shutdown: impl Future<Output = ()>) {
    serve_all(vec![Door::tcp(listener, None)], app, shutdown).await;
}

/// As [`serve`], on several doors.
pub async fn serve_all(doors: Vec<Door>, app: App, shutdown: impl Future<Output = ()>) {
    let service = Service::new(app.clone());
    let connections = Connections::default();
    let (stop, stopping) = watch::channel(());
    let (sender, mut accepted) = mpsc::channel(ACCEPTED_AHEAD);
    let porters: Vec<_> = doors
        .into_iter()
        .map(|door| tokio::spawn(let_in(door, sender.clone())))
        .collect();
    drop(sender);
    let mut shutdown = pin!(shutdown);
    loop {
        let next = tokio::select! {
            biased;
            () = &mut shutdown => break,
            next = accepted.recv() => next,
        };
        let Some(accepted) = next else { break };
        let ip = accepted.peer().ip();
        let place = connections.admit(ip, app.is_proxy(ip));
        let Some(place) = place.filter(|_| !takes_the_last(accepted.number())) else {
            accepted.refuse(BUSY);
            continue;
        };
        let serving = connection(accepted, service.clone(), stopping.clone());
        tokio::spawn(async move {
            serving.await;
            drop(place);
        });
    }
    for porter in porters {
        porter.abort();
        // The listener is closed when this returns.
        let _ = porter.await;
    }
    drop((accepted, stopping));
    stop.send_replace(());
    let drained = async {
        // Closed is when the last connection has let go of its receiver.
        tokio::join!(app.chat().shutdown(DRAIN_TIMEOUT), stop.closed());
    };
    if timeout(DRAIN_TIMEOUT, drained).await.is_err() {
        tracing::warn!("some connections did not finish in time and were cut");
    }
}

/// Takes what comes in at one door.
async fn let_in(door: Door, to: mpsc::Sender<Accepted>) {
    loop {
        match door.accept().await {
            Ok(accepted) => {
                if to.send(accepted).await.is_err() {
                    return;
                }
            }
            Err(error) => pause_after(&error).await,
        }
    }
}

async fn connection(accepted: Accepted, service: Service, stopping: watch::Receiver<()>) {
    let peer = accepted.peer();
    match accepted {
        Accepted::Unix(stream) => spoken(stream, peer, service, stopping).await,
        Accepted::Tcp(stream, _, None) => {
            prepare(&stream);
            spoken(stream, peer, service, stopping).await;
        }
        Accepted::Tcp(stream, _, Some(tls)) => {
            prepare(&stream);
            match timeout(HANDSHAKE_TIMEOUT, tls.accept(stream)).await {
                // The handshake was the answer.
                Ok(Ok(stream)) if is_challenge(&stream) => {}
                Ok(Ok(stream)) if speaks_http2(&stream) => {
                    spoken_in_streams(stream, peer, service, stopping).await;
                }
                Ok(Ok(stream)) => spoken(stream, peer, service, stopping).await,
                // Clients that speak something else are their own affair.
                Ok(Err(error)) => tracing::debug!(%peer, %error, "no TLS was agreed on"),
                Err(_) => tracing::debug!(%peer, "no TLS was agreed on in time"),
            }
        }
    }
}

/// HTTP/1.1, on which connections may become WebSockets.
async fn spoken(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    service: Service,
    mut stopping: watch::Receiver<()>,
) {
    let answer = service_fn(move |request: Request<Incoming>| {
        let service = service.clone();
        async move { Ok::<_, Infallible>(service.answer(request, peer).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(MAX_HEADERS)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), answer)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        _ = stopping.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    told(peer, ended);
}

/// HTTP/2: many requests on one connection. WebSockets come on connections of their own.
async fn spoken_in_streams(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    service: Service,
    mut stopping: watch::Receiver<()>,
) {
    let answer = service_fn(move |request: Request<Incoming>| {
        let service = service.clone();
        async move { Ok::<_, Infallible>(service.answer(with_host(request), peer).await) }
    });
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEAD_BYTES as u32)
        .keep_alive_interval(UNREAD_TIMEOUT / 2)
        .keep_alive_timeout(UNREAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), answer);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        _ = stopping.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    told(peer, ended);
}

/// HTTP/2 names the host elsewhere.
fn with_host(mut request: Request<Incoming>) -> Request<Incoming> {
    if !request.headers().contains_key(header::HOST)
        && let Some(authority) = request.uri().authority()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        request.headers_mut().insert(header::HOST, host);
    }
    request
}

fn told(peer: SocketAddr, ended: hyper::Result<()>) {
    if let Err(error) = ended {
        // Clients that vanish or speak nonsense are their own affair.
        tracing::debug!(%peer, %error, "a connection ended early");
    }
}

fn prepare(stream: &TcpStream) {
    // Neither is worth losing a connection over.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    if let Err(error) = rustix::net::sockopt::set_tcp_user_timeout(stream, UNREAD_TIMEOUT_MS) {
        tracing::debug!(%error, "TCP_USER_TIMEOUT could not be set");
    }
}

/// The last file descriptors belong to log, state and index: without one nothing can be written.
/// The system gives the lowest free number, so a high one says how many there are.
fn takes_the_last(number: RawFd) -> bool {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let number = u64::try_from(number).unwrap_or(0);
    limit.is_some_and(|limit| number + RESERVED_FILES.min(limit / 4) >= limit)
}

/// Over the limit.
const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n\
    content-type: application/json\r\ncontent-length: 107\r\n\r\n\
    {\"error\":{\"code\":\"unavailable\",\"message\":\"Too many connections; try again in a few seconds.\",\"details\":{}}}";

/// Out of files or memory: the next try would fail at once, too.
async fn pause_after(error: &io::Error) {
    let about_one_connection = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    );
    if !about_one_connection {
        tracing::warn!(%error, "connections cannot be accepted; raise the limit of open files");
        sleep(Duration::from_millis(100)).await;
    }
}
