//! What is counted of every request, and the id by which its lines are found in the log.

use super::router::RouteName;
use crate::domain::Code;
use crate::metrics::{Answered, Metrics};
use axum::{
    http::{HeaderName, Method},
    response::Response,
};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Where Socket.IO is served.
pub const CHAT: &str = "/socket.io/";
/// The web app, and what is nowhere.
const OTHER: &str = "other";

/// Ids of requests; those of two runs differ.
pub struct RequestIds(AtomicU64);

impl Default for RequestIds {
    fn default() -> RequestIds {
        let mut start = [0; 8];
        // Without chance the ids of two runs are alike, which costs only clearness.
        let _: Result<(), _> = getrandom::fill(&mut start);
        RequestIds(AtomicU64::new(u64::from_le_bytes(start)))
    }
}

impl RequestIds {
    pub fn next(&self) -> String {
        format!("{:016x}", self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Methods are free text, and labels are not.
pub fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => OTHER,
    }
}

/// Counts one answer, and tells it where answers are logged.
pub fn count(metrics: &Metrics, method: &'static str, response: &Response, took: Duration) {
    let extensions = response.extensions();
    let route = extensions.get::<RouteName>().map_or(OTHER, |name| name.0);
    let status = response.status().as_u16();
    let answered = Answered {
        method,
        route,
        status,
    };
    // A long poll waits for news.
    metrics.answered(&answered, took, route == CHAT);
    let code = extensions.get::<Code>().map(|code| code.as_str());
    if let Some(code) = code {
        metrics.refused(code);
    }
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::debug!(method, route, status, code, ms, "answered");
}
