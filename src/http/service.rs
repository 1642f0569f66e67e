//! One request, whatever it is for: chat, API or web app. No panic and no slow body gets past here.

use super::problem::IntoResponse as _;
use super::{
    app::App,
    body, compress,
    guard::Peer,
    headers, problem, router,
    watch::{self, RequestIds},
};
use crate::domain::Code;
use axum::{
    Router,
    http::{HeaderValue, Request, StatusCode, header},
    response::Response,
};
use futures_util::FutureExt as _;
use hyper::body::Incoming;
use std::{net::SocketAddr, panic::AssertUnwindSafe, sync::Arc, time::Instant};
use tower::ServiceExt as _;
use tracing::Instrument as _;

/// Answers every request of the server. Clones are the same service.
#[derive(Clone)]
pub struct Service {
    app: App,
    router: Router,
    ids: Arc<RequestIds>,
}

impl Service {
    pub fn new(app: App) -> Service {
        let router = router::build(&app);
        Service {
            app,
            router,
            ids: Arc::default(),
        }
    }

    pub async fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> Response {
        if let Some(peers) = &self.app.services().peers
            && peers.serves(request.uri().path())
        {
            return peers.answer(request).await;
        }
        let (began, id) = (Instant::now(), self.ids.next());
        let method = watch::method(request.method());
        let span = tracing::info_span!("request", id);
        let mut response = self.answered(request, peer).instrument(span.clone()).await;
        span.in_scope(|| {
            let metrics = &self.app.services().metrics;
            watch::count(metrics, method, &response, began.elapsed());
        });
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(watch::REQUEST_ID, id);
        }
        headers::secure(&mut response, self.app.is_https());
        response
    }

    async fn answered(&self, request: Request<Incoming>, peer: SocketAddr) -> Response {
        if self.app.chat().serves(request.uri().path()) {
            let mut response = self.app.chat().answer(request, peer).await;
            response
                .extensions_mut()
                .insert(router::RouteName(watch::CHAT));
            return response;
        }
        let coding = compress::asked(request.headers());
        compress::json(&coding, self.routed(request, peer).await).await
    }

    async fn routed(&self, request: Request<Incoming>, peer: SocketAddr) -> Response {
        let (mut parts, incoming) = request.into_parts();
        parts.extensions.insert(Peer(peer));
        let (lent, remainder) = body::lent(body::Body::new(incoming));
        let request = Request::from_parts(parts, lent);
        let answer = AssertUnwindSafe(self.router.clone().oneshot(request)).catch_unwind();
        let mut response = match answer.await {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            Err(_panic) => problem::panicked().into_response(),
        };
        // A body that was too slow is not waited for again.
        if response.status().as_u16() == Code::Timeout.status() || !remainder.drain().await {
            close(&mut response);
        }
        if response.status() == StatusCode::PAYLOAD_TOO_LARGE {
            close(&mut response);
        }
        response
    }
}

/// The connection cannot be used again.
fn close(response: &mut Response) {
    response
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("close"));
}
