//! One room as a page that any browser shows: without scripts, without requests, pictures in it.

use super::ExportError;
use super::names::Names;
use crate::domain::{Message, MessageId, RoomId, RoomKind, Timestamp};
use crate::files::Store;
use crate::state::{MessageKey, Reader, StateError};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use comrak::Options;
use std::fmt::Write as _;

const PAGE: usize = 200;
/// Larger files are named and not in the page.
const INLINE_BYTES: u64 = 8 << 20;
/// Of the message that is answered.
const QUOTED_CHARS: usize = 80;
const STYLE: &str = include_str!("room.css");

/// In which language the page says what it says of its own.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    En,
    Ko,
}

struct Words {
    lang: &'static str,
    edited: &'static str,
    deleted: &'static str,
    pinned: &'static str,
    replies_to: &'static str,
    not_here: &'static str,
    direct: &'static str,
    exported: &'static str,
}

const ENGLISH: Words = Words {
    lang: "en",
    edited: "edited",
    deleted: "This message was deleted.",
    pinned: "pinned",
    replies_to: "in reply to",
    not_here: "not in this file",
    direct: "Direct messages",
    exported: "Exported from Maru. Times are of the zone",
};

const KOREAN: Words = Words {
    lang: "ko",
    edited: "수정됨",
    deleted: "삭제된 메시지입니다.",
    pinned: "고정됨",
    replies_to: "답글:",
    not_here: "이 파일에는 없음",
    direct: "다이렉트 메시지",
    exported: "마루에서 내보냄. 시간대",
};

/// A room on its way out, a piece at a time.
pub struct RoomPage {
    reader: Reader,
    store: Store,
    room: RoomId,
    names: Names,
    words: &'static Words,
    offset_minutes: i32,
    next: Next,
    day: String,
}

enum Next {
    Head,
    Messages(MessageKey),
    End,
}

impl RoomPage {
    pub fn new(
        reader: Reader,
        store: Store,
        room: RoomId,
        language: Language,
        offset_minutes: i32,
    ) -> RoomPage {
        RoomPage {
            reader,
            store,
            room,
            names: Names::new(0, false),
            words: match language {
                Language::En => &ENGLISH,
                Language::Ko => &KOREAN,
            },
            offset_minutes,
            next: Next::Head,
            day: String::new(),
        }
    }

    /// The next piece of the page; `None` at the end. Blocks.
    pub fn next_piece(&mut self) -> Result<Option<Vec<u8>>, ExportError> {
        let mut page = String::new();
        match self.next {
            Next::Head => {
                self.head(&mut page)?;
                self.next = Next::Messages(MessageKey {
                    room: self.room,
                    at: i64::MIN,
                    id: MessageId(0),
                });
            }
            Next::Messages(after) => {
                let mut found = self.reader.all_messages(Some(after), PAGE)?;
                found.retain(|found| found.place.room == self.room);
                match found.last() {
                    Some(last) => self.next = Next::Messages(last.key()),
                    None => {
                        page.push_str("</main>\n</body>\n</html>\n");
                        self.next = Next::End;
                    }
                }
                for found in found {
                    let message = self.reader.view(found)?;
                    self.message(&message, &mut page)?;
                }
            }
            Next::End => return Ok(None),
        }
        Ok(Some(page.into_bytes()))
    }

    fn head(&mut self, page: &mut String) -> Result<(), StateError> {
        let words = self.words;
        let record = self.reader.room_record(self.room)?;
        let record = record.ok_or_else(|| StateError::missing("rooms", self.room))?;
        let title = match record.kind {
            RoomKind::Public | RoomKind::Private => record.name,
            RoomKind::Direct => {
                let part = self.names.room_part(&self.reader, self.room)?;
                let people = part.map(|part| part.people.join(", ")).unwrap_or_default();
                format!("{}: {people}", words.direct)
            }
        };
        let (title, topic) = (escaped(&title), escaped(&record.topic));
        let zone = zone(self.offset_minutes);
        // Writing into a text has no way to fail.
        let _ = write!(
            page,
            "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
             <style>\n{STYLE}</style>\n</head>\n<body>\n<header><h1>{title}</h1><p>{topic}</p>\
             <p class=\"of\">{} {zone}.</p></header>\n<main>\n",
            words.lang, words.exported,
        );
        Ok(())
    }

    fn message(&mut self, message: &Message, page: &mut String) -> Result<(), ExportError> {
        let words = self.words;
        let (day, time) = local(message.sent_at, self.offset_minutes);
        if day != self.day {
            let _ = writeln!(page, "<h2>{day}</h2>");
            self.day.clone_from(&day);
        }
        let folded = message.reply_to.is_some() && !message.also_in_room;
        let _ = write!(
            page,
            "<article id=\"m{}\"{}><p class=\"by\"><b>{}</b> <span>@{}</span> <time datetime=\"{}\">{time}</time>",
            message.id,
            if folded { " class=\"reply\"" } else { "" },
            escaped(&message.author.display_name),
            escaped(&message.author.username),
            message.sent_at,
        );
        if message.edited_at.is_some() {
            let _ = write!(page, " <i>{}</i>", words.edited);
        }
        if message.pinned {
            let _ = write!(page, " <i>{}</i>", words.pinned);
        }
        page.push_str("</p>");
        if let Some(root) = message.reply_to {
            let quoted = self.reader.message(root)?.map(|root| root.text);
            let quoted: String = quoted
                .unwrap_or_default()
                .chars()
                .take(QUOTED_CHARS)
                .collect();
            let _ = write!(
                page,
                "<p class=\"to\">{} <a href=\"#m{root}\">{}</a></p>",
                words.replies_to,
                escaped(quoted.lines().next().unwrap_or("…")),
            );
        }
        if message.deleted {
            let _ = write!(page, "<p class=\"to\">{}</p>", words.deleted);
        } else {
            page.push_str(&rendered(&message.text));
        }
        for (_, file) in self.reader.file_records(message.id)? {
            self.file(&file.name, &file.mime, &file.content, file.size, page);
        }
        if !message.reactions.is_empty() {
            page.push_str("<p class=\"reactions\">");
            for reaction in &message.reactions {
                let mut people = Vec::new();
                for user in &reaction.user_ids {
                    people.push(self.names.username(&self.reader, *user)?);
                }
                let _ = write!(
                    page,
                    "<span title=\"{}\">{} {}</span>",
                    escaped(&people.join(", ")),
                    escaped(&reaction.emoji),
                    people.len(),
                );
            }
            page.push_str("</p>");
        }
        page.push_str("</article>\n");
        Ok(())
    }

    fn file(&self, name: &str, mime: &str, content: &str, size: u64, page: &mut String) {
        let name = escaped(name);
        let bytes = (size <= INLINE_BYTES)
            .then(|| {
                self.store.verify(content).ok()?;
                std::fs::read(self.store.path(content)).ok()
            })
            .flatten();
        let Some(bytes) = bytes else {
            let not_here = self.words.not_here;
            let _ = write!(
                page,
                "<p class=\"file\">📎 {name} ({size} B, {not_here})</p>"
            );
            return;
        };
        let data = STANDARD.encode(bytes);
        // Only pictures are shown as what they are; everything else is bytes to keep.
        let shown = ["image/png", "image/jpeg", "image/gif", "image/webp"];
        if shown.contains(&mime) {
            let _ = write!(
                page,
                "<p class=\"file\"><img alt=\"{name}\" src=\"data:{mime};base64,{data}\"></p>"
            );
        } else {
            let _ = write!(
                page,
                "<p class=\"file\">📎 <a download=\"{name}\" href=\"data:application/octet-stream;base64,{data}\">{name}</a> ({size} B)</p>"
            );
        }
    }
}

/// Markdown as HTML: tags in the text are text, and links lead to the usual places only.
fn rendered(text: &str) -> String {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.extension.cjk_friendly_emphasis = true;
    options.render.hardbreaks = true;
    options.render.escape = true;
    comrak::markdown_to_html(text, &options)
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// Day and time at a place so many minutes east of UTC.
fn local(at: Timestamp, offset_minutes: i32) -> (String, String) {
    let there = Timestamp(at.0 + i64::from(offset_minutes) * 60_000).to_string();
    let (day, time) = there.split_once('T').unwrap_or((&there, ""));
    (day.to_owned(), time.get(..5).unwrap_or(time).to_owned())
}

fn zone(offset_minutes: i32) -> String {
    let sign = if offset_minutes < 0 { '-' } else { '+' };
    let minutes = offset_minutes.abs();
    format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_becomes_a_tag_or_a_script() {
        for (text, never) in [
            ("<script>alert(1)</script>", "<script"),
            ("<img src=x onerror=alert(1)>", "<img"),
            ("[x](javascript:alert(1))", "href=\"javascript"),
            ("![x](data:text/html,<b>)", "data:text/html"),
            ("`<b>`", "<b>"),
            ("[a](http://x/\"onclick=\"y)", "\" onclick"),
        ] {
            let html = rendered(text);
            assert!(!html.contains(never), "{text}: {html}");
        }
        assert!(rendered("**\"굵게\"**는").contains("<strong>"));
        assert_eq!(
            escaped("<a href='x'>&\""),
            "&lt;a href=&#39;x&#39;&gt;&amp;&quot;"
        );
    }

    #[test]
    fn times_are_those_of_the_place() {
        let (day, time) = local(Timestamp(1_732_117_500_000), 540);
        assert_eq!((day.as_str(), time.as_str()), ("2024-11-21", "00:45"));
        assert_eq!(
            (zone(540), zone(-210)),
            ("UTC+09:00".into(), "UTC-03:30".into())
        );
    }
}
