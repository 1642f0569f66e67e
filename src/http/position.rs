//! Where an answer stands in the log, and waiting for it: whoever shows the position that one node
//! answered is answered by every other node with at least that.

use super::app::App;
use crate::domain::Seq;
use axum::http::{HeaderMap, HeaderValue, header, request};
use axum::response::Response;
use std::time::Duration;

const HEADER: &str = "x-maru-seq";
/// The same, for browsers.
const COOKIE: &str = "maru_seq";
/// A node that is further behind answers with what it has.
const PATIENCE: Duration = Duration::from_secs(2);

/// Waits until this node has what the caller has seen.
pub async fn wait(app: &App, parts: &request::Parts) {
    // The only node has it.
    if app.services().peers.is_none() {
        return;
    }
    if let Some(seen) = seen(&parts.headers)
        && !app.engine().wait_applied(seen, PATIENCE).await
    {
        tracing::debug!(seq = seen.0, "a caller has seen more than this node has");
    }
}

fn seen(headers: &HeaderMap) -> Option<Seq> {
    let text = |value: &HeaderValue| value.to_str().ok()?.trim().parse().ok().map(Seq);
    if let Some(seen) = headers.get(HEADER).and_then(text) {
        return Some(seen);
    }
    let cookies = headers.get_all(header::COOKIE).iter();
    let pairs = cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'));
    let own = pairs.filter_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='));
    own.filter_map(|value| value.parse().ok()).map(Seq).max()
}

/// Tells what the answer has; browsers keep it where it was changed.
pub fn tell(app: &App, changes: bool, response: &mut Response) {
    let seq = app.engine().status().seq;
    let headers = response.headers_mut();
    headers.insert(HEADER, HeaderValue::from(seq.0));
    if changes && app.services().peers.is_some() {
        let cookie = format!("{COOKIE}={seq}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_position_is_in_a_header_or_a_cookie() {
        let headers = |name: &'static str, value: &'static str| {
            HeaderMap::from_iter([(
                header::HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )])
        };
        assert_eq!(seen(&headers("x-maru-seq", "12")), Some(Seq(12)));
        assert_eq!(
            seen(&headers("cookie", "a=b; maru_seq=7; maru_seqs=9")),
            Some(Seq(7))
        );
        for odd in ["", "x", "-1"] {
            assert_eq!(seen(&headers("x-maru-seq", odd)), None, "{odd}");
        }
    }
}
