//! The server's side of the control socket.

use super::admin::AdminCommands;
use super::export::{Leaving, asked::Asked};
use super::import::{BodyReader, feed, load};
use super::request::Request;
use crate::domain::{Code, Refusal};
use axum::body::{Body, BodyDataStream};
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use futures_util::StreamExt;
use std::io;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

/// Longest request that is read whole.
const REQUEST_BYTES: usize = 16 << 20;
/// Pieces on their way between threads.
const PIECES: usize = 8;
const PIECE_BYTES: usize = 256 << 10;
const READER_PATIENCE: Duration = Duration::from_secs(600);

pub fn router(admin: AdminCommands) -> Router {
    Router::new()
        .route("/do", post(answer))
        .route("/backup", get(backup))
        .route("/export", post(export))
        .route("/import", post(import))
        .layer(DefaultBodyLimit::max(REQUEST_BYTES))
        .with_state(admin)
}

async fn answer(State(admin): State<AdminCommands>, Json(request): Json<Request>) -> Response {
    match admin.answer(request).await {
        Ok(reply) => Json(reply).into_response(),
        Err(refusal) => refused(&refusal),
    }
}

#[derive(serde::Deserialize)]
struct ImportQuery {
    #[serde(default)]
    skip_bad_lines: bool,
}

async fn import(
    State(admin): State<AdminCommands>,
    Query(query): Query<ImportQuery>,
    body: Body,
) -> Response {
    let (sender, frames) = mpsc::channel(PIECES);
    let pump = tokio::spawn(pump(body.into_data_stream(), sender));
    let batches = feed(
        BodyReader::new(frames),
        query.skip_bad_lines,
        admin.backup.files.clone(),
    );
    let loaded = load(&admin.engine, batches, query.skip_bad_lines).await;
    // Whoever sends more than is wanted is heard to the end, or it would miss the answer.
    let _ = pump.await;
    match loaded {
        Ok(loaded) => Json(loaded).into_response(),
        Err(error) => refused(&Refusal::new(Code::Invalid, error.to_string())),
    }
}

async fn pump(mut body: BodyDataStream, sender: mpsc::Sender<io::Result<Bytes>>) {
    while let Some(frame) = body.next().await {
        // After an error of loading nobody takes the frames any more.
        let _ = sender.send(frame.map_err(io::Error::other)).await;
    }
}

async fn export(State(admin): State<AdminCommands>, Json(asked): Json<Asked>) -> Response {
    let opened = asked.open(&admin.engine, admin.backup.files.clone());
    let (leaving, left_out) = match opened {
        Ok(opened) => opened,
        Err(refusal) => return refused(&refusal),
    };
    let (sender, pieces) = mpsc::channel(PIECES);
    tokio::task::spawn_blocking(move || write(leaving, &sender));
    let pieces = futures_util::stream::unfold(pieces, async |mut pieces| {
        pieces.recv().await.map(|piece| (piece, pieces))
    });
    let headers = [(super::control::LEFT_OUT, left_out.to_string())];
    (headers, Body::from_stream(pieces)).into_response()
}

fn write(mut leaving: Leaving, sender: &mpsc::Sender<io::Result<Bytes>>) {
    loop {
        let piece = match leaving.next_piece() {
            Ok(Some(piece)) => Ok(Bytes::from(piece)),
            Ok(None) => return,
            Err(error) => Err(io::Error::other(error)),
        };
        let is_over = piece.is_err();
        if sender.blocking_send(piece).is_err() || is_over {
            return;
        }
    }
}

#[derive(serde::Deserialize)]
struct BackupQuery {
    #[serde(default)]
    without_keys: bool,
}

async fn backup(State(admin): State<AdminCommands>, Query(query): Query<BackupQuery>) -> Response {
    let (sender, pieces) = mpsc::channel(PIECES);
    let (ready, size) = oneshot::channel();
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let mut alive = |_, _| {
            if sender.is_closed() {
                Err(io::Error::from(io::ErrorKind::BrokenPipe))
            } else {
                Ok(())
            }
        };
        let cut = match admin.backup.cut(!query.without_keys, true, &mut alive) {
            Ok(cut) => cut,
            Err(error) => {
                let _ = ready.send(Err(format!("{error:#}")));
                return;
            }
        };
        if ready.send(Ok(cut.size_bytes)).is_err() {
            return;
        }
        let mut out = PieceWriter {
            piece: Vec::new(),
            sender: &sender,
            runtime,
        };
        if let Err(error) = cut.write(&mut out, &mut |_, _| Ok(())) {
            tracing::warn!(%error, "a backup was cut off");
            // Or what was sent would look like all of it.
            let _ = sender.blocking_send(Err(error));
        }
    });
    let size = match size.await {
        Ok(Ok(size)) => size,
        Ok(Err(why)) => return refused(&Refusal::new(Code::Unavailable, why)),
        Err(_) => {
            let text = "the backup broke down; the server's log says why";
            return refused(&Refusal::new(Code::Internal, text));
        }
    };
    let pieces = futures_util::stream::unfold(pieces, async |mut pieces| {
        pieces.recv().await.map(|piece| (piece, pieces))
    });
    let headers = [(super::control::SIZE, size.to_string())];
    (headers, Body::from_stream(pieces)).into_response()
}

/// Sends what is written, in pieces. A reader who takes nothing for long is given up.
struct PieceWriter<'a> {
    piece: Vec<u8>,
    sender: &'a mpsc::Sender<io::Result<Bytes>>,
    runtime: Handle,
}

impl PieceWriter<'_> {
    fn send(&mut self) -> io::Result<()> {
        let piece = Bytes::from(std::mem::take(&mut self.piece));
        let sent = self.sender.send_timeout(Ok(piece), READER_PATIENCE);
        self.runtime.block_on(sent).map_err(|_| {
            let text = "whoever reads the backup is gone, or has taken nothing for ten minutes";
            io::Error::new(io::ErrorKind::BrokenPipe, text)
        })
    }
}

impl io::Write for PieceWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            Ok(())
        } else {
            self.send()
        }
    }
}

fn refused(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.code.status());
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(refusal)).into_response()
}
