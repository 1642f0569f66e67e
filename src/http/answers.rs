//! What handlers answer with.

use super::{body::Body, handler::Answer, openapi::Doc};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Serialize;
use utoipa::ToSchema;

/// 200 with JSON.
pub struct Shown<T>(pub T);

/// 201 with JSON.
pub struct Created<T>(pub T);

/// 201 with JSON, or 200 where the same was made before.
pub struct Made<T> {
    pub what: T,
    pub created: bool,
}

/// 204.
pub struct Done;

/// 200 with JSON, or 204.
pub struct Perhaps<T>(pub Option<T>);

/// As `answer`, and the session cookie is set or removed, perhaps others with it.
pub struct WithCookie<A> {
    pub answer: A,
    pub cookie: HeaderValue,
    pub device: Option<HeaderValue>,
}

/// Something else than JSON of the API, described by its media type.
pub struct Plain {
    pub response: Response,
}

impl<T: Serialize + ToSchema + Send> Answer for Shown<T> {
    fn describe(doc: &mut Doc) {
        doc.json_answer::<T>(StatusCode::OK, "Done.");
    }
    fn answer(self) -> Response {
        json(StatusCode::OK, &self.0)
    }
}

impl<T: Serialize + ToSchema + Send> Answer for Created<T> {
    fn describe(doc: &mut Doc) {
        doc.json_answer::<T>(StatusCode::CREATED, "Made.");
    }
    fn answer(self) -> Response {
        json(StatusCode::CREATED, &self.0)
    }
}

impl<T: Serialize + ToSchema + Send> Answer for Made<T> {
    fn describe(doc: &mut Doc) {
        doc.json_answer::<T>(StatusCode::CREATED, "Made.");
        doc.json_answer::<T>(StatusCode::OK, "Was there already; nothing new was made.");
    }
    fn answer(self) -> Response {
        let status = if self.created {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        };
        json(status, &self.what)
    }
}

impl Answer for Done {
    fn describe(doc: &mut Doc) {
        doc.empty_answer(StatusCode::NO_CONTENT, "Done.");
    }
    fn answer(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        response
    }
}

impl<T: Serialize + ToSchema + Send> Answer for Perhaps<T> {
    fn describe(doc: &mut Doc) {
        doc.json_answer::<T>(StatusCode::OK, "Done, and there is more to do.");
        Done::describe(doc);
    }
    fn answer(self) -> Response {
        match &self.0 {
            Some(more) => json(StatusCode::OK, more),
            None => Done.answer(),
        }
    }
}

impl<A: Answer> Answer for WithCookie<A> {
    fn describe(doc: &mut Doc) {
        A::describe(doc);
    }
    fn answer(self) -> Response {
        let mut response = self.answer.answer();
        response
            .headers_mut()
            .append(header::SET_COOKIE, self.cookie);
        if let Some(device) = self.device {
            response.headers_mut().append(header::SET_COOKIE, device);
        }
        response
    }
}

impl Answer for Plain {
    fn describe(doc: &mut Doc) {
        doc.empty_answer(StatusCode::OK, "Not JSON of this API.");
    }
    fn answer(self) -> Response {
        self.response
    }
}

/// `value` as a JSON answer.
pub fn json<T: Serialize>(status: StatusCode, value: &T) -> Response {
    let Ok(bytes) = serde_json::to_vec(value) else {
        // Only maps with keys that are no strings fail, and no answer has one.
        return super::problem::IntoResponse::into_response(super::problem::panicked());
    };
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

/// 200 with server-sent events.
pub struct EventStream(pub Body);

impl Answer for EventStream {
    fn describe(doc: &mut Doc) {
        doc.media_answer(
            "text/event-stream",
            "`ready`, then each event with its position as `id`; `resync` where the past is gone.",
        );
    }
    fn answer(self) -> Response {
        let mut response = Response::new(self.0);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/event-stream"),
        );
        // Proxies that collect answers would hold the events back.
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
        response
    }
}
