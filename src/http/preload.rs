//! What a page of the web app asks for next, said with the page: the browser fetches all of it in
//! one round trip instead of one after the other.

use super::{app::App, assets::Assets, guard};
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use serde::Deserialize;
use std::{collections::BTreeMap, fmt::Write as _};

/// Written by the build of the web app: the files that a page needs beside those it names itself.
#[derive(Debug, Default, Deserialize)]
struct Files {
    /// Where somebody is signed in.
    member: Vec<String>,
    /// Where nobody is.
    guest: Vec<String>,
    /// The catalogue of each language.
    words: BTreeMap<String, String>,
}

/// Adds a `Link` header to a page of the app. Whether the session still counts is not asked: what is
/// fetched in vain is small.
pub fn announce(app: &App, request: &Request, response: &mut Response) {
    let headers = response.headers();
    let is_page = match headers.get(header::CONTENT_TYPE) {
        Some(media_type) => media_type.as_bytes().starts_with(b"text/html"),
        // An answer without content: the page that is known already.
        None => !request.uri().path().contains('.'),
    };
    if !is_page {
        return;
    }
    let cookies = guard::fields_of(request.headers(), header::COOKIE);
    let member = !app.cookie().find(cookies).is_empty();
    let words = language(request.headers());
    let bootstrap = member.then(|| bootstrap(request.uri().path(), request.uri().query()));
    let links = links(&Files::embedded(app.assets()), bootstrap.as_deref(), words);
    if let Ok(links) = HeaderValue::from_str(&links)
        && !links.is_empty()
    {
        response.headers_mut().insert(header::LINK, links);
    }
}

impl Files {
    fn embedded(assets: &Assets) -> Files {
        let file = assets.content("preload.json");
        file.and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }
}

fn links(files: &Files, bootstrap: Option<&str>, words: &str) -> String {
    let mut links = String::new();
    let mut add = |url: &str, how: &str| {
        let comma = if links.is_empty() { "" } else { ", " };
        // Writing to memory does not fail.
        let _ = write!(links, "{comma}<{url}>; {how}");
    };
    if let Some(url) = bootstrap {
        // `crossorigin` makes it the same request as the app's `fetch`: with cookies of its own origin.
        add(url, "rel=preload; as=fetch; crossorigin");
    }
    let part = match bootstrap {
        Some(_) => &files.member,
        None => &files.guest,
    };
    for url in part.iter().chain(files.words.get(words)) {
        let how = if url.ends_with(".css") {
            "rel=preload; as=style"
        } else {
            "rel=modulepreload"
        };
        add(url, how);
    }
    links
}

/// Korean where the browser asks for it first, as the app itself decides.
fn language(headers: &HeaderMap) -> &'static str {
    let wanted = headers.get(header::ACCEPT_LANGUAGE);
    let wanted = wanted.and_then(|value| value.to_str().ok()).unwrap_or("");
    if wanted.trim_start().to_ascii_lowercase().starts_with("ko") {
        "ko"
    } else {
        "en"
    }
}

/// The call that the app makes on this page; `core/route` of the web app builds the same.
fn bootstrap(path: &str, query: Option<&str>) -> String {
    let mut parts = path.trim_matches('/').split('/');
    let room = match (parts.next(), parts.next()) {
        (Some("rooms"), Some(room)) => number(room),
        _ => None,
    };
    let Some(room) = room else {
        return "/api/v1/bootstrap".to_owned();
    };
    let in_thread = parts.next() == Some("thread");
    let message = query
        .unwrap_or("")
        .split('&')
        .find_map(|pair| number(pair.strip_prefix("m=")?))
        .filter(|_| !in_thread);
    match message {
        Some(message) => format!("/api/v1/bootstrap?room={room}&message={message}"),
        None => format!("/api/v1/bootstrap?room={room}"),
    }
}

/// An id, without anything that a header must not carry.
fn number(text: &str) -> Option<u64> {
    let digits = text.len() <= 16 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| text.parse().ok())
        .flatten()
        .filter(|n| *n > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_what_it_will_ask_for() {
        assert_eq!(bootstrap("/", None), "/api/v1/bootstrap");
        assert_eq!(bootstrap("/rooms/5", None), "/api/v1/bootstrap?room=5");
        assert_eq!(
            bootstrap("/rooms/5/search", Some("q=a&m=7")),
            "/api/v1/bootstrap?room=5&message=7"
        );
        assert_eq!(
            bootstrap("/rooms/5/thread/6", Some("m=7")),
            "/api/v1/bootstrap?room=5"
        );
        for nothing in ["/rooms/0", "/rooms/x", "/rooms/5%0d", "/settings/5"] {
            assert_eq!(bootstrap(nothing, Some("m=1")), "/api/v1/bootstrap");
        }
        assert_eq!(
            bootstrap("/rooms/5", Some("m=1>;")),
            "/api/v1/bootstrap?room=5"
        );
    }

    #[test]
    fn guests_are_not_told_of_a_bootstrap() {
        let files: Files = serde_json::from_str(
            r#"{"member":["/a.js","/a.css"],"guest":["/g.js"],"words":{"ko":"/ko.js"}}"#,
        )
        .expect("reads");
        assert_eq!(
            links(&files, Some("/b"), "ko"),
            "</b>; rel=preload; as=fetch; crossorigin, </a.js>; rel=modulepreload, \
             </a.css>; rel=preload; as=style, </ko.js>; rel=modulepreload"
        );
        assert_eq!(links(&files, None, "en"), "</g.js>; rel=modulepreload");
        assert_eq!(links(&Files::default(), None, "en"), "");
    }
}
