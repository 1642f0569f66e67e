//! Which foreign pages a browser lets read the answers.
use super::answers::{Answer, plain};
use crate::config::Cors;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};

impl Cors {
    /// A preflight is answered here, not by a session.
    pub(super) fn preflight(&self, parts: &Parts) -> Option<Answer> {
        if parts.method != Method::OPTIONS {
            return None;
        }
        let mut answer = plain(StatusCode::NO_CONTENT, "");
        if self.allowed(&parts.headers).is_some() {
            let headers = answer.headers_mut();
            headers.insert(
                header::ACCESS_CONTROL_ALLOW_METHODS,
                HeaderValue::from_static("GET,POST"),
            );
            if let Some(wanted) = parts.headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
                headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
            }
            headers.insert(
                header::ACCESS_CONTROL_MAX_AGE,
                HeaderValue::from_static("600"),
            );
        }
        Some(answer)
    }

    /// Marks an answer to this request.
    pub(super) fn mark(&self, request: &HeaderMap, answer: &mut Answer) {
        if *self == Self::SameOrigin {
            return;
        }
        let headers = answer.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("Origin"));
        let Some(origin) = self.allowed(request) else {
            return;
        };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if matches!(self, Self::Origins(_)) {
            headers.insert(
                header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
                HeaderValue::from_static("true"),
            );
        }
    }

    fn allowed(&self, request: &HeaderMap) -> Option<HeaderValue> {
        let origin = request.get(header::ORIGIN)?;
        match self {
            Self::SameOrigin => None,
            Self::Any => Some(HeaderValue::from_static("*")),
            Self::Origins(origins) => origins
                .iter()
                .any(|known| known == origin)
                .then(|| origin.clone()),
        }
    }
}
