//! Request bodies: bounded in size and time, and read to the end where a client would otherwise
//! lose the answer.

use crate::domain::{Code, Refusal};
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{sync::oneshot, time::timeout};

pub use axum::body::Body;

/// Largest body of any request.
pub const BODY_BYTES: usize = 1024 * 1024;
/// Largest JSON body.
pub const JSON_BYTES: usize = 256 * 1024;
/// A body that takes longer to arrive is a slow attack or a dead line.
const READ_TIMEOUT: Duration = Duration::from_secs(8);
/// What is read and thrown away after the answer is known: a client that is still sending would
/// see a broken connection instead of the answer.
const DRAIN_BYTES: usize = 16 * 1024 * 1024;
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// The whole body, or why not: too large (413) or too slow.
pub async fn read(headers: &HeaderMap, mut body: Body, limit: usize) -> Result<Bytes, Refusal> {
    if declared(headers).is_some_and(|bytes| bytes > limit as u64) {
        return Err(too_large(limit));
    }
    let whole = async {
        // Grows with what arrives, never with what was declared.
        let mut bytes = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| {
                Refusal::new(
                    Code::BadRequest,
                    "The request's body broke off; send it again.",
                )
            })?;
            if let Some(data) = frame.data_ref() {
                if bytes.len() + data.len() > limit {
                    return Err(too_large(limit));
                }
                bytes.extend_from_slice(data);
            }
        }
        Ok(bytes.freeze())
    };
    timeout(READ_TIMEOUT, whole).await.unwrap_or_else(|_| {
        Err(Refusal::new(
            Code::Timeout,
            "The request's body took too long to arrive; send it again.",
        ))
    })
}

fn declared(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

pub fn too_large(limit: usize) -> Refusal {
    Refusal {
        limit: Some(limit as u64),
        unit: Some("bytes".into()),
        ..Refusal::new(
            Code::TooLarge,
            format!(
                "The request's body is larger than {} KiB; send less.",
                limit / 1024
            ),
        )
    }
}

/// A body that comes back when whoever took it lets it go.
pub fn lent(body: Body) -> (Body, Remainder) {
    let (give_back, back) = oneshot::channel();
    let lent = Lent {
        body: Some(body),
        give_back: Some(give_back),
    };
    (Body::new(lent), Remainder(back))
}

/// What was not read of a lent body.
pub struct Remainder(oneshot::Receiver<Body>);

impl Remainder {
    /// Reads on to the body's end, up to a bound; false if the end was not reached.
    pub async fn drain(mut self) -> bool {
        // Nothing came back: the body was read to its end.
        let Ok(mut body) = self.0.try_recv() else {
            return true;
        };
        let rest = async {
            let mut bytes = 0;
            while let Some(frame) = body.frame().await {
                bytes += frame.map_or(DRAIN_BYTES, |frame| frame.data_ref().map_or(0, Bytes::len));
                if bytes >= DRAIN_BYTES {
                    return false;
                }
            }
            true
        };
        timeout(DRAIN_TIMEOUT, rest).await.unwrap_or(false)
    }
}

struct Lent {
    body: Option<Body>,
    give_back: Option<oneshot::Sender<Body>>,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(body), Some(give_back)) = (self.body.take(), self.give_back.take())
            && !body.is_end_stream()
        {
            // Nobody wants it back: the connection closes.
            let _: Result<(), Body> = give_back.send(body);
        }
    }
}
