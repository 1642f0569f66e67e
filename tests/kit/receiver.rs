//! A server that others post to: what came, and what is answered.

use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

/// A request that came in.
#[derive(Clone, Debug)]
pub struct Received {
    pub headers: HashMap<String, String>,
    pub body: String,
    pub json: serde_json::Value,
}

/// Answers everything with one status, which can be changed.
pub struct Receiver {
    pub url: String,
    status: Arc<AtomicU16>,
    came: Mutex<mpsc::UnboundedReceiver<Received>>,
}

impl Receiver {
    /// A status that is no answer: the other side waits.
    pub const NEVER: u16 = 0;

    pub async fn start(status: u16) -> Receiver {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let (send, came) = mpsc::unbounded_channel();
        let status = Arc::new(AtomicU16::new(status));
        let answer = status.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (send, answer) = (send.clone(), answer.clone());
                let service = service_fn(move |request: hyper::Request<Incoming>| {
                    let (send, answer) = (send.clone(), answer.clone());
                    async move {
                        let headers = request.headers().iter();
                        let headers = headers
                            .map(|(name, value)| {
                                let value = value.to_str().unwrap_or_default();
                                (name.to_string(), value.to_owned())
                            })
                            .collect();
                        let body = request.into_body().collect().await?.to_bytes();
                        let body = String::from_utf8_lossy(&body).into_owned();
                        let json = serde_json::from_str(&body).unwrap_or_default();
                        let _ = send.send(Received {
                            headers,
                            body,
                            json,
                        });
                        let status = answer.load(Ordering::SeqCst);
                        if status == Receiver::NEVER {
                            std::future::pending::<()>().await;
                        }
                        let response = hyper::Response::builder()
                            .status(status)
                            .body(Full::new(bytes::Bytes::new()))
                            .expect("a response");
                        Ok::<_, hyper::Error>(response)
                    }
                });
                tokio::spawn(async move {
                    let served = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service);
                    let _ = served.await;
                });
            }
        });
        Receiver {
            url,
            status,
            came: Mutex::new(came),
        }
    }

    pub fn answer_with(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    pub async fn next(&self) -> Received {
        let mut came = self.came.lock().await;
        let next = timeout(PATIENCE, came.recv()).await;
        next.expect("a request in time").expect("a request")
    }

    pub async fn is_empty(&self) -> bool {
        self.came.lock().await.is_empty()
    }
}
