//! Files that people share: what they are called, what is told of them.

use super::{FileId, Refusal, Timestamp, limits, text};
use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation as _;
use utoipa::ToSchema;

/// A file as everybody sees it who may read its message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct File {
    pub id: FileId,
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// By its content, whatever its name says.
    pub mime: String,
    /// Of a picture that may be shown, in pixels, as it stands upright.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// There is a small picture of it, of this size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<Thumbnail>,
    pub created_at: Timestamp,
}

/// The size of a small picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Thumbnail {
    pub width: u32,
    pub height: u32,
}

/// What came in and is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewFile {
    pub name: String,
    pub size: u64,
    pub mime: String,
    /// Names the content on the disk; never told.
    pub content: String,
    #[serde(default)]
    pub width: Option<u32>,
    #[serde(default)]
    pub height: Option<u32>,
    #[serde(default)]
    pub thumbnail: Option<Thumbnail>,
    /// Where an import tells when it was sent.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
}

impl NewFile {
    /// The file with its name normalised.
    pub fn checked(self) -> Result<NewFile, Refusal> {
        if self.content.is_empty() || !self.content.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Refusal::invalid("content", "The content has no name."));
        }
        Ok(NewFile {
            name: name(&self.name),
            ..self
        })
    }
}

impl NewFile {
    /// A picture that may be shown, as everybody sees it beside a name.
    pub fn checked_picture(self) -> Result<NewFile, Refusal> {
        if self.thumbnail.is_none() {
            return Err(Refusal::invalid(
                "file",
                "Send a picture: PNG, JPEG, GIF or WebP of a usual size.",
            ));
        }
        self.checked()
    }
}

/// What a file is called when nothing is left of its name.
const NAMELESS: &str = "file";

/// A file's name: NFC, without a path, without characters that are not seen or that turn others
/// around. What is too long loses its middle, so that its ending stays.
pub fn name(written: &str) -> String {
    let last = written.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = text::nfc(last.to_owned())
        .chars()
        .filter(|&c| !c.is_control() && !turns_around(c) && !":*?\"<>|".contains(c))
        .collect();
    let clean = clean.trim().trim_matches('.').trim();
    if clean.chars().all(super::ink::is_blank) {
        return NAMELESS.to_owned();
    }
    shortened(clean)
}

/// Marks of direction: they make `exe.jpg` of `gpj.exe`.
fn turns_around(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

fn shortened(name: &str) -> String {
    if name.len() <= limits::FILE_NAME_BYTES {
        return name.to_owned();
    }
    let ending = match name.rfind('.') {
        Some(at) if at > 0 && name.len() - at <= 16 => &name[at..],
        _ => "",
    };
    let room = limits::FILE_NAME_BYTES - ending.len();
    let mut short = String::with_capacity(limits::FILE_NAME_BYTES);
    for grapheme in name.graphemes(true) {
        if short.len() + grapheme.len() > room {
            break;
        }
        short.push_str(grapheme);
    }
    short + ending
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_paths_and_are_nfc() {
        for (written, kept) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\kim\\사진.png", "사진.png"),
            ("\u{1112}\u{1161}\u{11ab}글.txt", "한글.txt"),
            ("gpj\u{202e}exe.scr", "gpjexe.scr"),
            ("a\u{0}b\nc.txt", "abc.txt"),
            (".htaccess", "htaccess"),
            ("..", "file"),
            ("", "file"),
            ("a/", "file"),
            ("\u{200b}\u{2800}", "file"),
            ("<x>:y?.png", "xy.png"),
        ] {
            assert_eq!(name(written), kept, "{written:?}");
        }
        let long = name(&format!("{}.jpeg", "가".repeat(300)));
        assert!(long.len() <= limits::FILE_NAME_BYTES && long.ends_with("가.jpeg"));
    }
}
