//! The web app, embedded in the binary.

use super::body::Body;
use axum::{
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use base64::Engine as _;
use bytes::Bytes;
use parking_lot::Mutex;
use rust_embed::RustEmbed;
use std::{collections::HashMap, io::Write as _};

#[derive(RustEmbed)]
#[folder = "web/dist/"]
struct Dist;

/// Compressed forms that are kept; the files are few and fixed, so this is never reached in honest use.
const KEPT_BYTES: usize = 32 * 1024 * 1024;
/// Smaller files gain nothing.
const WORTH_BYTES: usize = 1024;

/// A content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coding {
    Brotli,
    Gzip,
}

/// The embedded files and what was compressed of them so far.
#[derive(Default)]
pub struct Assets {
    compressed: Mutex<Compressed>,
}

#[derive(Default)]
struct Compressed {
    bytes: usize,
    files: HashMap<(String, Coding), Bytes>,
}

impl Assets {
    /// The file of this path, or the app's page for a path that only the app knows.
    pub async fn answer(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
    ) -> Option<Response> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return None;
        }
        let name = path.trim_start_matches('/');
        let name = match name {
            "" => "index.html",
            name if Dist::get(name).is_some() => name,
            _ if wants_page(path, headers) => "index.html",
            _ => return None,
        };
        match Dist::get(name) {
            Some(file) => Some(self.file(name, file, headers).await),
            None if name == "index.html" => Some(no_app()),
            None => None,
        }
    }

    /// A file as it was built.
    pub fn content(&self, name: &str) -> Option<std::borrow::Cow<'static, [u8]>> {
        Dist::get(name).map(|file| file.data)
    }

    async fn file(
        &self,
        name: &str,
        file: rust_embed::EmbeddedFile,
        headers: &HeaderMap,
    ) -> Response {
        let hash = file.metadata.sha256_hash();
        let tag = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(&hash[..12]);
        let media_type = media_type(name);
        let plain = owned(file);
        let coding = (plain.len() >= WORTH_BYTES && is_text(media_type))
            .then(|| accepted(headers))
            .flatten();
        let tag = match coding {
            None => format!("\"{tag}\""),
            Some(Coding::Brotli) => format!("\"{tag}-br\""),
            Some(Coding::Gzip) => format!("\"{tag}-gz\""),
        };
        let mut response = Response::new(Body::empty());
        let answer = response.headers_mut();
        answer.insert(header::CACHE_CONTROL, caching(name));
        answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            answer.insert(header::ETAG, tag);
        }
        if unchanged(headers, &tag) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        let bytes = match coding {
            None => plain,
            Some(coding) => {
                answer.insert(header::CONTENT_ENCODING, coding.name());
                self.compressed(name, coding, plain).await
            }
        };
        *response.body_mut() = Body::from(bytes);
        response
    }

    async fn compressed(&self, name: &str, coding: Coding, plain: Bytes) -> Bytes {
        // The build has done it already, better than there is time for here.
        if coding == Coding::Brotli
            && let Some(file) = Dist::get(&format!("{name}.br"))
        {
            return owned(file);
        }
        let key = (name.to_owned(), coding);
        if let Some(bytes) = self.compressed.lock().files.get(&key) {
            return bytes.clone();
        }
        let Ok(bytes) = tokio::task::spawn_blocking(move || coding.compress(&plain)).await else {
            return Bytes::new();
        };
        let mut kept = self.compressed.lock();
        if kept.bytes + bytes.len() <= KEPT_BYTES && !kept.files.contains_key(&key) {
            kept.bytes += bytes.len();
            kept.files.insert(key, bytes.clone());
        }
        bytes
    }
}

fn owned(file: rust_embed::EmbeddedFile) -> Bytes {
    match file.data {
        std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
    }
}

impl Coding {
    pub fn name(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Coding::Brotli => "br",
            Coding::Gzip => "gzip",
        })
    }

    /// As small as it gets: for what is compressed once.
    fn compress(self, plain: &[u8]) -> Bytes {
        self.compress_with(plain, 9, flate2::Compression::best())
    }

    /// For what is compressed each time.
    pub fn compress_quickly(self, plain: &[u8]) -> Bytes {
        self.compress_with(plain, 3, flate2::Compression::fast())
    }

    fn compress_with(self, plain: &[u8], brotli: u32, gzip: flate2::Compression) -> Bytes {
        let mut out = Vec::with_capacity(plain.len() / 2);
        let written = match self {
            Coding::Brotli => {
                let mut writer = brotli::CompressorWriter::new(&mut out, 64 * 1024, brotli, 22);
                writer.write_all(plain)
            }
            Coding::Gzip => {
                let mut writer = flate2::write::GzEncoder::new(&mut out, gzip);
                writer.write_all(plain).and_then(|()| writer.try_finish())
            }
        };
        debug_assert!(written.is_ok(), "writing to memory does not fail");
        Bytes::from(out)
    }
}

/// Names under `assets/` hold a hash of the content; the rest is asked for again.
fn caching(name: &str) -> HeaderValue {
    HeaderValue::from_static(if name.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    })
}

fn unchanged(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// The best coding that the client takes; `q=0` means that it does not.
pub fn accepted(headers: &HeaderMap) -> Option<Coding> {
    let takes = |coding: &str| {
        headers
            .get_all(header::ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|item| {
                let (name, quality) = item.split_once(';').unwrap_or((item, ""));
                let refused = quality
                    .trim()
                    .strip_prefix("q=")
                    .is_some_and(|q| q.trim().parse::<f32>().is_ok_and(|q| q == 0.0));
                name.trim().eq_ignore_ascii_case(coding) && !refused
            })
    };
    [(Coding::Brotli, "br"), (Coding::Gzip, "gzip")]
        .into_iter()
        .find_map(|(coding, name)| takes(name).then_some(coding))
}

/// Somebody opens a page of the app; scripts and images that are missing are a 404.
fn wants_page(path: &str, headers: &HeaderMap) -> bool {
    let accepts_html = headers.get_all(header::ACCEPT).iter().any(|value| {
        value
            .to_str()
            .is_ok_and(|value| value.contains("text/html"))
    });
    accepts_html
        && !["/api/", "/assets/", "/socket.io/", "/.well-known/"]
            .iter()
            .any(|prefix| path.starts_with(prefix))
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn is_text(media_type: &str) -> bool {
    media_type.starts_with("text/") || media_type.contains("json") || media_type.contains("svg")
}

/// A binary that was built without the web app still serves the API.
fn no_app() -> Response {
    let mut response = Response::new(Body::from(
        "This binary was built without the web app. The API is at /api/docs.\n",
    ));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_best_accepted_coding_is_taken() {
        let coding = |value| accepted(&with(header::ACCEPT_ENCODING, value));
        assert_eq!(coding("gzip, deflate, br"), Some(Coding::Brotli));
        assert_eq!(coding("gzip;q=0.5, br;q=0"), Some(Coding::Gzip));
        assert_eq!(coding("identity"), None);
    }

    #[test]
    fn only_pages_fall_back_to_the_app() {
        let page = with(header::ACCEPT, "text/html,application/xhtml+xml");
        assert!(wants_page("/rooms/5", &page));
        assert!(!wants_page("/assets/gone.js", &page));
        assert!(!wants_page("/api/v1/none", &page));
        assert!(!wants_page("/rooms/5", &with(header::ACCEPT, "*/*")));
    }

    #[test]
    fn tags_are_compared_weakly() {
        let none_match = |value| unchanged(&with(header::IF_NONE_MATCH, value), "\"a\"");
        assert!(none_match("\"a\"") && none_match("W/\"a\"") && none_match("\"b\", \"a\""));
        assert!(!none_match("\"b\""));
    }

    #[test]
    fn what_was_compressed_is_the_same() {
        let plain = "마루 ".repeat(1000);
        let packed = Coding::Gzip.compress(plain.as_bytes());
        let mut back = String::new();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&packed[..]), &mut back)
            .expect("is gzip");
        assert_eq!(back, plain);
        let packed = Coding::Brotli.compress(plain.as_bytes());
        let mut back = String::new();
        std::io::Read::read_to_string(&mut brotli::Decompressor::new(&packed[..], 4096), &mut back)
            .expect("is brotli");
        assert_eq!(back, plain);
    }
}
