//! Headers that every answer carries, whoever made it.

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::Response,
};

/// Scripts and styles from files of this server only, nothing framed, no HTML from strings, but the
/// two script URLs that the app's one policy `maru` lets through. `connect-src 'self'` covers the
/// WebSocket of the same host; `blob:` is what people are about to upload. What breaks it is
/// reported to [`super::api::reports`].
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self'; \
    manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
    form-action 'self'; require-trusted-types-for 'script'; trusted-types maru; \
    report-uri /api/v1/reports; report-to maru";

/// Where `report-to maru` leads.
const REPORTING_ENDPOINTS: &str = "maru=\"/api/v1/reports\"";

const PERMISSIONS_POLICY: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), \
    display-capture=(), browsing-topics=()";

const ALWAYS: [(HeaderName, &str); 5] = [
    (
        HeaderName::from_static("reporting-endpoints"),
        REPORTING_ENDPOINTS,
    ),
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// What means something to documents only: scripts and styles go without, for each byte of them is
/// waited for.
const OF_DOCUMENTS: [(HeaderName, &str); 3] = [
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        PERMISSIONS_POLICY,
    ),
];

/// Half a year; only where the server is reached by https.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=15552000");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// Adds what is missing. An answer that says nothing about caching is not cached.
pub fn secure(response: &mut Response, https: bool) {
    let headers = response.headers_mut();
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_part = kind
        .is_some_and(|kind| kind.starts_with(b"text/javascript") || kind.starts_with(b"text/css"));
    let of_documents = OF_DOCUMENTS.into_iter().filter(|_| !is_part);
    for (name, value) in ALWAYS.into_iter().chain(of_documents) {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(NO_STORE);
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
}
