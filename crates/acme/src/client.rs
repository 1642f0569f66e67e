//! Requests of ACME, sent by the server's one HTTP client.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, header};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use maru_outbound::Client;
use parking_lot::Mutex;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// Clones are the same.
#[derive(Clone)]
pub struct ByOutbound {
    client: Client,
    /// How long the last refusal asked to wait.
    retry_after: Arc<Mutex<Option<Duration>>>,
}

impl ByOutbound {
    pub fn new(client: Client) -> ByOutbound {
        ByOutbound {
            client,
            retry_after: Arc::default(),
        }
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    pub fn retry_after(&self) -> Option<Duration> {
        *self.retry_after.lock()
    }
}

impl HttpClient for ByOutbound {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let this = self.clone();
        Box::pin(async move { this.send(request).await })
    }
}

impl ByOutbound {
    async fn send(&self, request: Request<BodyWrapper<Bytes>>) -> Result<BytesResponse, Error> {
        let (head, body) = request.into_parts();
        let mut asked = maru_outbound::Request::new(head.method, head.uri.to_string());
        for (name, value) in &head.headers {
            asked = asked.header(name.as_str(), value.to_str().unwrap_or_default());
        }
        let Ok(body) = body.collect().await;
        let answer = self.client.send(asked.body(body.to_bytes())).await;
        let answer = answer.map_err(|error| Error::Other(Box::new(error)))?;
        *self.retry_after.lock() = answer
            .headers
            .get(header::RETRY_AFTER)
            .filter(|_| answer.status.is_client_error() || answer.status.is_server_error())
            .and_then(|value| value.to_str().ok()?.trim().parse().ok())
            .map(Duration::from_secs);
        let mut response = Response::new(Full::new(answer.body));
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok(response.into())
    }
}
