//! How commands reach the server that holds the data directory: HTTP over a Unix socket in it.
//!
//! Who may open the socket may do everything: it has mode 0600 in a directory of mode 0700, so
//! that is the user the server runs as, and root.

use crate::domain::Refusal;
use crate::ops::export::asked::Asked;
use crate::ops::request::{Loaded, Reply, Request};
use axum::Router;
use axum::http::{Method, StatusCode};
use bytes::Bytes;
use futures_util::Stream;
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tokio::net::{UnixListener, UnixStream};

const NAME: &str = "control.sock";
/// Header of an export: how many rooms are not in it.
pub const LEFT_OUT: &str = "maru-rooms-left-out";
/// Header of a backup: how many bytes its files have.
pub const SIZE: &str = "maru-backup-bytes";
/// Longest path that fits the system's socket address.
const PATH_BYTES: usize = 100;
/// An answer that is read whole.
const ANSWER_BYTES: usize = 64 << 20;

#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    #[error("{0}")]
    Refused(Refusal),
    #[error("the connection to the server broke: {0}; see its log, and try again")]
    Broken(String),
}

/// Opens the socket. Only the holder of the directory may: whatever lies there is left over.
pub fn bind(dir: &Path) -> io::Result<UnixListener> {
    let socket_dir = SocketDir::of(dir)?;
    let draft = socket_dir.path(&format!("{NAME}.new"));
    let _ = std::fs::remove_file(&draft);
    let listener = UnixListener::bind(&draft)?;
    std::fs::set_permissions(&draft, std::fs::Permissions::from_mode(0o600))?;
    // Renamed only now: nobody finds it with other permissions.
    std::fs::rename(&draft, socket_dir.path(NAME))?;
    Ok(listener)
}

/// Answers on the socket until `stop`.
pub async fn serve(
    listener: UnixListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router)
        .with_graceful_shutdown(stop)
        .await
}

/// Takes the socket away.
pub fn unbind(dir: &Path) {
    let _ = std::fs::remove_file(dir.join(NAME));
}

/// A connection to the server on a data directory.
pub struct Control {
    sender: SendRequest<BoxBody<Bytes, io::Error>>,
}

impl Control {
    pub async fn connect(dir: &Path) -> io::Result<Control> {
        let stream = UnixStream::connect(SocketDir::of(dir)?.path(NAME)).await?;
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (sender, connection) = handshake.map_err(io::Error::other)?;
        tokio::spawn(connection);
        Ok(Control { sender })
    }

    pub async fn ask(&mut self, request: &Request) -> Result<Reply, ControlError> {
        let body = serde_json::to_vec(request).map_err(broken)?;
        let body = whole(Bytes::from(body));
        let answer = self.send(Method::POST, "/do", body).await?;
        read_json(answer.into_body()).await
    }

    /// Sends whole lines of history and hears what became of them.
    pub async fn import(
        &mut self,
        lines: impl Stream<Item = io::Result<Bytes>> + Send + Sync + 'static,
        skip_bad_lines: bool,
    ) -> Result<Loaded, ControlError> {
        let frames = futures_util::StreamExt::map(lines, |bytes| bytes.map(Frame::data));
        let path = if skip_bad_lines {
            "/import?skip_bad_lines=true"
        } else {
            "/import"
        };
        let answer = self
            .send(Method::POST, path, StreamBody::new(frames).boxed())
            .await?;
        read_json(answer.into_body()).await
    }

    /// Writes what the server exports and returns how many rooms are left out.
    pub async fn export(&mut self, asked: &Asked, out: &mut impl io::Write) -> anyhow::Result<u64> {
        let body = whole(serde_json::to_vec(asked)?.into());
        let answer = self.send(Method::POST, "/export", body).await?;
        let left_out = answer
            .headers()
            .get(LEFT_OUT)
            .and_then(|count| count.to_str().ok());
        let left_out = left_out.and_then(|count| count.parse().ok()).unwrap_or(0);
        let mut body = answer.into_body();
        while let Some(frame) = body.frame().await {
            if let Ok(bytes) = frame.map_err(broken)?.into_data() {
                out.write_all(&bytes)?;
            }
        }
        Ok(left_out)
    }

    /// Writes the tar of a backup; `passed` hears how many bytes there are, of how many.
    pub async fn backup(
        &mut self,
        with_keys: bool,
        out: &mut impl io::Write,
        mut passed: impl FnMut(u64, u64),
    ) -> anyhow::Result<()> {
        let path = if with_keys {
            "/backup"
        } else {
            "/backup?without_keys=true"
        };
        let answer = self.send(Method::GET, path, whole(Bytes::new())).await?;
        let size = answer.headers().get(SIZE);
        let size = size.and_then(|size| size.to_str().ok()?.parse().ok());
        let (mut done, size) = (0, size.unwrap_or(0));
        let mut body = answer.into_body();
        while let Some(frame) = body.frame().await {
            if let Ok(bytes) = frame.map_err(broken)?.into_data() {
                out.write_all(&bytes)?;
                done += bytes.len() as u64;
                passed(done, size);
            }
        }
        Ok(())
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: BoxBody<Bytes, io::Error>,
    ) -> Result<hyper::Response<Incoming>, ControlError> {
        let request = hyper::Request::builder()
            .method(method)
            .uri(path)
            .header("host", "maru");
        let request = request
            .header("content-type", "application/json")
            .body(body);
        // A kept connection takes the next request when it is through with the last.
        self.sender.ready().await.map_err(broken)?;
        let answer = self
            .sender
            .send_request(request.map_err(broken)?)
            .await
            .map_err(broken)?;
        if answer.status() == StatusCode::OK {
            return Ok(answer);
        }
        let status = answer.status();
        let refusal = read_json::<Refusal>(answer.into_body()).await;
        Err(match refusal {
            Ok(refusal) => ControlError::Refused(refusal),
            Err(_) => ControlError::Broken(format!("it answered with status {status}")),
        })
    }
}

fn whole(bytes: Bytes) -> BoxBody<Bytes, io::Error> {
    Full::new(bytes).map_err(|never| match never {}).boxed()
}

async fn read_json<T: serde::de::DeserializeOwned>(body: Incoming) -> Result<T, ControlError> {
    let body = http_body_util::Limited::new(body, ANSWER_BYTES)
        .collect()
        .await;
    let bytes = body.map_err(broken)?.to_bytes();
    serde_json::from_slice(&bytes).map_err(broken)
}

fn broken(error: impl std::fmt::Display) -> ControlError {
    ControlError::Broken(error.to_string())
}

/// The directory by a name that is short enough for a socket address.
enum SocketDir {
    Path(PathBuf),
    /// Through the open directory.
    Open(OwnedFd),
}

impl SocketDir {
    fn of(dir: &Path) -> io::Result<SocketDir> {
        if dir.as_os_str().len() + NAME.len() + 8 <= PATH_BYTES {
            return Ok(SocketDir::Path(dir.to_owned()));
        }
        Ok(SocketDir::Open(std::fs::File::open(dir)?.into()))
    }

    fn path(&self, name: &str) -> PathBuf {
        match self {
            SocketDir::Path(dir) => dir.join(name),
            SocketDir::Open(dir) => format!("/proc/self/fd/{}/{name}", dir.as_raw_fd()).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::post;

    async fn asked_in(dir: &Path) {
        let answer = || async { axum::Json(Reply::Done) };
        let router = Router::new().route("/do", post(answer));
        let listener = bind(dir).expect("binds");
        let mode = std::fs::metadata(dir.join(NAME))
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let server = tokio::spawn(serve(listener, router, async {
            let _ = stopped.await;
        }));
        let mut control = Control::connect(dir).await.expect("connects");
        for _ in 0..2 {
            let reply = control.ask(&Request::ListUsers).await.expect("answered");
            assert!(matches!(reply, Reply::Done));
        }
        let lines = futures_util::stream::iter([Ok(Bytes::from_static(b"x"))]);
        let error = control
            .import(lines, false)
            .await
            .expect_err("no such route");
        assert!(error.to_string().contains("404"), "{error}");
        drop((control, stop));
        server.await.expect("no panic").expect("no error");
        unbind(dir);
        assert!(Control::connect(dir).await.is_err());
    }

    #[tokio::test]
    async fn asks_and_is_answered() {
        let tmp = tempfile::tempdir().expect("a directory");
        asked_in(tmp.path()).await;
        // A second server finds what a killed one left.
        std::fs::write(tmp.path().join(NAME), "left over").expect("written");
        asked_in(tmp.path()).await;
    }

    #[tokio::test]
    async fn a_path_longer_than_a_socket_address_works_too() {
        let tmp = tempfile::tempdir().expect("a directory");
        let deep = tmp.path().join("d".repeat(120));
        std::fs::create_dir(&deep).expect("made");
        asked_in(&deep).await;
    }
}
