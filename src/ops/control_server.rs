//! The server's side of the control socket.

use super::admin::AdminCommands;
use super::export::Export;
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
use tokio::sync::mpsc;

/// Longest request that is read whole.
const REQUEST_BYTES: usize = 16 << 20;
/// Pieces on their way between threads.
const PIECES: usize = 8;

pub fn router(admin: AdminCommands) -> Router {
    Router::new()
        .route("/do", post(answer))
        .route("/export", get(export))
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
    let batches = feed(BodyReader::new(frames), query.skip_bad_lines);
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

#[derive(serde::Deserialize)]
struct ExportQuery {
    /// With accounts, private rooms and who is in them.
    #[serde(default)]
    all: bool,
}

async fn export(State(admin): State<AdminCommands>, Query(query): Query<ExportQuery>) -> Response {
    let export = match admin.engine.read() {
        Ok(reader) => Export::new(reader, admin.engine.epoch(), query.all),
        Err(refusal) => return refused(&refusal),
    };
    let left_out = match export.rooms_left_out() {
        Ok(left_out) => left_out,
        Err(error) => return refused(&error.into()),
    };
    let (sender, pieces) = mpsc::channel(PIECES);
    tokio::task::spawn_blocking(move || write(export, &sender));
    let pieces = futures_util::stream::unfold(pieces, async |mut pieces| {
        pieces.recv().await.map(|piece| (piece, pieces))
    });
    let headers = [(super::control::LEFT_OUT, left_out.to_string())];
    (headers, Body::from_stream(pieces)).into_response()
}

fn write(mut export: Export, sender: &mpsc::Sender<io::Result<Bytes>>) {
    loop {
        let piece = match export.next_piece() {
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

fn refused(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.code.status());
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(refusal)).into_response()
}
