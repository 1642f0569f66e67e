//! Tables: a header names the columns, or `--columns` does.

use crate::gzip;
use crate::out::{ImportError, Message, Options, Out, ms_of};
use crate::times;
use std::collections::HashMap;
use std::path::Path;

/// What a column can mean.
const KNOWN: &[&str] = &[
    "id",
    "room",
    "user",
    "sent_at",
    "text",
    "display_name",
    "reply_to",
    "edited_at",
];
const FILE_BYTES: u64 = 1 << 30;

pub fn read(path: &Path, options: &Options, out: &mut Out<'_>) -> Result<(), ImportError> {
    let Some(bytes) = gzip::read(path, FILE_BYTES)? else {
        return Err(ImportError::unusable("it is larger than 1 GiB; split it"));
    };
    let text = crate::encoding::decode(&bytes);
    let delimiter = delimiter(&text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let mut first = None;
    let columns: Vec<String> = if options.columns.is_empty() {
        let header = match records.next() {
            Some(Ok(header)) => header,
            Some(Err(error)) => {
                return Err(ImportError::unusable(format!(
                    "its first line is no CSV: {error}"
                )));
            }
            None => return Err(ImportError::unusable("it is empty")),
        };
        header.iter().map(meaning).collect()
    } else {
        let columns: Vec<String> = options.columns.iter().map(|name| meaning(name)).collect();
        let header = match records.next() {
            Some(Ok(header)) => header,
            Some(Err(error)) => {
                return Err(ImportError::unusable(format!(
                    "its first line is no CSV: {error}"
                )));
            }
            None => return Err(ImportError::unusable("it is empty")),
        };
        // A header beside --columns is no message: its time is none.
        let time = columns.iter().position(|name| name == "sent_at");
        let is_header = time
            .and_then(|at| header.get(at))
            .is_none_or(|text| time_of(text, options).is_none());
        if !is_header {
            first = Some(header);
        }
        columns
    };
    let at = |name: &str| columns.iter().position(|column| column == name);
    let need = |name: &str| {
        at(name).ok_or_else(|| {
            ImportError::unusable(format!(
                "no column is `{name}`; name the columns in their order with --columns, of {}, and _ for others",
                KNOWN.join(", ")
            ))
        })
    };
    let (user, sent_at, text) = (need("user")?, need("sent_at")?, need("text")?);
    let room = at("room");
    if room.is_none() && options.room.is_none() {
        return Err(ImportError::unusable(
            "no column is `room`; name the room with --room",
        ));
    }
    let mut seen: HashMap<(String, String, i64, String), u32> = HashMap::new();
    let mut rows: Vec<Message> = Vec::new();
    for record in first.into_iter().map(Ok).chain(records) {
        let Ok(record) = record else {
            out.report.lose("lines that are no CSV");
            continue;
        };
        let field = |at: Option<usize>| {
            at.and_then(|at| record.get(at))
                .map(str::trim)
                .unwrap_or("")
        };
        let Some(sent_at_ms) = time_of(field(Some(sent_at)), options) else {
            out.report.lose("lines with a time that cannot be");
            continue;
        };
        let who = field(Some(user));
        if who.is_empty() {
            out.report.lose("lines without a user");
            continue;
        }
        let who = options
            .users
            .get(who)
            .map_or(who, String::as_str)
            .to_owned();
        let place = match &options.room {
            Some(room) => room.clone(),
            None => field(room).to_owned(),
        };
        let words = record.get(text).unwrap_or("").to_owned();
        let id = match field(at("id")) {
            "" => {
                let key = (place.clone(), who.clone(), sent_at_ms, words.clone());
                let ordinal = seen.entry(key).or_default();
                *ordinal += 1;
                format!(
                    "csv:{sent_at_ms}:{:016x}:{ordinal}",
                    crate::hash(&[&place, &who, &words])
                )
            }
            id => id.to_owned(),
        };
        let reply_to = field(at("reply_to"));
        rows.push(Message {
            id,
            room: place,
            user: who,
            sent_at_ms,
            text: words,
            reply_to: (!reply_to.is_empty()).then(|| reply_to.to_owned()),
            edited_at_ms: time_of(field(at("edited_at")), options),
            ..Message::default()
        });
    }
    rows.sort_by_key(|row| row.sent_at_ms);
    for row in &rows {
        out.message(row)?;
    }
    Ok(())
}

/// A column's meaning by its name, in the words of other programs too.
fn meaning(name: &str) -> String {
    let name = name
        .trim()
        .trim_start_matches('\u{feff}')
        .to_lowercase()
        .replace([' ', '-'], "_");
    let known = match name.as_str() {
        "message_id" | "external_id" | "msg_id" => "id",
        "channel" | "room_name" | "conversation" | "방" | "채팅방" | "채널" => "room",
        "username" | "user_name" | "author" | "sender" | "from" | "name" | "이름" | "사용자"
        | "보낸사람" => "user",
        "date" | "time" | "timestamp" | "datetime" | "created_at" | "ts" | "날짜" | "시간"
        | "일시" => "sent_at",
        "message" | "content" | "body" | "메시지" | "내용" => "text",
        other => other,
    };
    known.to_owned()
}

fn time_of(text: &str, options: &Options) -> Option<i64> {
    ms_of(text).or_else(|| times::any(text, options.utc_offset_minutes.unwrap_or(0)))
}

/// The sign that divides the first line most often.
fn delimiter(text: &str) -> u8 {
    let line = text.lines().next().unwrap_or("");
    let count = |sign: char| line.matches(sign).count();
    [',', ';', '\t', '|']
        .into_iter()
        .max_by_key(|sign| (count(*sign), *sign == ','))
        .map_or(b',', |sign| sign as u8)
}
