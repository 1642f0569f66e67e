//! The accept loop: bounded connections with deadlines, closed in an orderly way.

use super::{app::App, connections::Connections, service::Service};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{convert::Infallible, io, net::SocketAddr, os::fd::AsRawFd, pin::pin, time::Duration};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    time::{sleep, timeout},
};

/// A request's head must be there by then; an idle connection is closed after the same time.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// What was sent and stays unread or unacknowledged for so long: nobody is there.
const UNREAD_TIMEOUT_MS: u32 = 30_000;
/// Everything that is under way may finish until then.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(8);
const MAX_HEADERS: usize = 64;
/// Request line and headers.
const HEAD_BYTES: usize = 32 * 1024;
/// File descriptors that no connection gets, or a quarter of the limit.
const RESERVED_FILES: u64 = 256;
/// Thousands of sockets come back at once after a restart.
const BACKLOG: u32 = 4096;

/// A listener that a restarted server can open again at once.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until `shutdown` comes; then stops accepting, tells every socket to come back later,
/// finishes what is under way and returns, at most 8 seconds later.
pub async fn serve(listener: TcpListener, app: App, shutdown: impl Future<Output = ()>) {
    let service = Service::new(app.clone());
    let connections = Connections::default();
    let (stop, stopping) = watch::channel(());
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                pause_after(&error).await;
                continue;
            }
        };
        let place = connections.admit(peer.ip(), app.is_proxy(peer.ip()));
        let Some(place) = place.filter(|_| !takes_the_last(&stream)) else {
            refuse(&stream);
            continue;
        };
        let serving = connection(stream, peer, service.clone(), stopping.clone());
        tokio::spawn(async move {
            serving.await;
            drop(place);
        });
    }
    drop((listener, stopping));
    stop.send_replace(());
    let drained = async {
        // Closed is when the last connection has let go of its receiver.
        tokio::join!(app.chat().shutdown(DRAIN_TIMEOUT), stop.closed());
    };
    if timeout(DRAIN_TIMEOUT, drained).await.is_err() {
        tracing::warn!("some connections did not finish in time and were cut");
    }
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    service: Service,
    mut stopping: watch::Receiver<()>,
) -> impl Future<Output = ()> + Send + 'static {
    prepare(&stream);
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
    async move {
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = &mut connection => ended,
            _ = stopping.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            // Clients that vanish or speak nonsense are their own affair.
            tracing::debug!(%peer, %error, "a connection ended early");
        }
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
fn takes_the_last(stream: &TcpStream) -> bool {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let number = u64::try_from(stream.as_raw_fd()).unwrap_or(0);
    limit.is_some_and(|limit| number + RESERVED_FILES.min(limit / 4) >= limit)
}

/// Over the limit: a short answer if it fits into the socket's buffer, and goodbye.
fn refuse(stream: &TcpStream) {
    const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n\
        content-type: application/json\r\ncontent-length: 107\r\n\r\n\
        {\"error\":{\"code\":\"unavailable\",\"message\":\"Too many connections; try again in a few seconds.\",\"details\":{}}}";
    // The connection ends either way.
    let _: io::Result<usize> = stream.try_write(BUSY);
}

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
