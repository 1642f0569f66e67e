//! One shape for everything that goes wrong: `{"error":{"code","message","details"}}`.

use super::body::Body;
use crate::domain::{Code, Refusal};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Serialize;
use utoipa::ToSchema;

/// What every answer with a status of 400 and above holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem<'a> {
    error: ProblemBody<'a>,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody<'a> {
    /// A stable word in snake_case, for machines.
    code: &'a str,
    /// A sentence that says what to do, for people.
    message: &'a str,
    details: Details<'a>,
}

/// What exactly; empty where there is nothing to add.
#[derive(Debug, Serialize, ToSchema)]
pub struct Details<'a> {
    /// The field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    /// The limit that was passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
    /// What the limit counts, such as `bytes` or `characters`.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
    /// Seconds to wait before another try.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_s: Option<u64>,
    /// Where in the field the fault stands: from and to, in UTF-16 units.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<[u16; 2]>,
}

impl<'a> Problem<'a> {
    pub fn of(refusal: &'a Refusal) -> Problem<'a> {
        Problem {
            error: ProblemBody {
                code: refusal.code.as_str(),
                message: &refusal.message,
                details: Details {
                    field: refusal.field.as_deref(),
                    limit: refusal.limit,
                    unit: refusal.unit.as_deref(),
                    retry_after_s: refusal.retry_after_s,
                    place: refusal.place,
                },
            },
        }
    }

    /// `{code,message,details}` without the envelope, as acknowledgements carry it.
    pub fn bare(refusal: &'a Refusal) -> ProblemBody<'a> {
        Problem::of(refusal).error
    }
}

/// How a refusal answers over HTTP.
pub trait IntoResponse {
    fn into_response(self) -> Response;
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let json = serde_json::to_vec(&Problem::of(&self)).unwrap_or_default();
        let mut response = Response::new(Body::from(json));
        *response.status_mut() = status;
        // For whoever counts.
        response.extensions_mut().insert(self.code);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.code == Code::Unauthenticated {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"maru\""),
            );
        }
        response
    }
}

/// What a panic in a handler becomes; the panic itself was reported by its hook.
pub fn panicked() -> Refusal {
    Refusal::new(
        Code::Internal,
        "The server made a mistake. It is in the server's log; try again, and report it if it comes back.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_fitting_status() {
        for &code in Code::ALL {
            let response = Refusal::new(code, "x").into_response();
            assert_eq!(response.status().as_u16(), code.status(), "{code:?}");
            assert!(response.status().is_client_error() || response.status().is_server_error());
        }
    }

    #[test]
    fn details_are_always_an_object() {
        let refusal = Refusal::new(Code::NotFound, "no");
        let json = serde_json::to_string(&Problem::of(&refusal)).expect("serialises");
        assert_eq!(
            json,
            r#"{"error":{"code":"not_found","message":"no","details":{}}}"#
        );
    }
}
