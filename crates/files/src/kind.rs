//! What the bytes are, whatever their name says.

/// What is looked at to know a type.
pub const HEAD_BYTES: usize = 8 * 1024;

/// A type, and what a browser may do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileType {
    /// The media type.
    pub mime: &'static str,
    pub shown: Shown,
}

/// How far a browser may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A picture that browsers draw without running anything.
    Picture,
    /// Sound or video, played in parts.
    Media,
    /// Pages that the browser's own viewer shows, in a tab that may do nothing.
    Document,
    /// Only saved: text, programs, pictures that are documents.
    Download,
}

const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const MEDIA: [&str; 9] = [
    "video/mp4",
    "video/webm",
    "video/quicktime",
    "audio/mpeg",
    "audio/m4a",
    "audio/ogg",
    "audio/x-flac",
    "audio/x-wav",
    "audio/opus",
];
/// Whatever would run scripts, under any name it is known by, is plain text here.
const TEXT: &str = "text/plain; charset=utf-8";
const UNKNOWN: &str = "application/octet-stream";

impl FileType {
    /// By the first bytes of the content. `is_whole`: there are no more.
    pub fn of(head: &[u8], is_whole: bool) -> FileType {
        let known = infer::get(head).map(|found| found.mime_type());
        if let Some(mime) = known.filter(|mime| !is_markup(mime)) {
            return FileType {
                mime,
                shown: FileType::named(mime),
            };
        }
        FileType {
            mime: if is_text(head, is_whole) {
                TEXT
            } else {
                UNKNOWN
            },
            shown: Shown::Download,
        }
    }

    /// As it is told again from what was kept.
    pub fn named(mime: &str) -> Shown {
        if PICTURES.contains(&mime) {
            Shown::Picture
        } else if MEDIA.contains(&mime) {
            Shown::Media
        } else if mime == "application/pdf" {
            Shown::Document
        } else {
            Shown::Download
        }
    }
}

fn is_markup(mime: &str) -> bool {
    mime.starts_with("text/") || mime.contains("xml") || mime.contains("html")
}

/// UTF-8 without control characters other than those of text.
fn is_text(head: &[u8], is_whole: bool) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The head may end within a character.
        Err(error) if !is_whole && error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}' | '\u{b}' | '\u{1b}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_known_by_content() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        for (head, mime, shown) in [
            (&png[..], "image/png", Shown::Picture),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg", Shown::Picture),
            (b"GIF89a\x01\0\x01\0", "image/gif", Shown::Picture),
            (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp", Shown::Picture),
            (b"%PDF-1.7\n", "application/pdf", Shown::Document),
            (b"PK\x03\x04\x14\0", "application/zip", Shown::Download),
            (
                b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>",
                TEXT,
                Shown::Download,
            ),
            (b"<?xml version=\"1.0\"?><svg>", TEXT, Shown::Download),
            (
                b"<!DOCTYPE html><script>alert(1)</script>",
                TEXT,
                Shown::Download,
            ),
            (b"#!/bin/sh\nrm -rf /\n", TEXT, Shown::Download),
            ("한글 본문\n".as_bytes(), TEXT, Shown::Download),
            (b"", TEXT, Shown::Download),
            (b"\0\x01\x02\xff", UNKNOWN, Shown::Download),
        ] {
            let kind = FileType::of(head, true);
            assert_eq!((kind.mime, kind.shown), (mime, shown), "{head:?}");
            assert_eq!(FileType::named(kind.mime), shown);
        }
        let cut = "한".repeat(3_000);
        assert_eq!(
            FileType::of(&cut.as_bytes()[..HEAD_BYTES], false).mime,
            TEXT
        );
    }
}
