//! KakaoTalk's saved conversations: the Mac's table, and the texts of Windows, Android and iOS in
//! Korean and English. One file is one room; there are no ids, so a message's id is made of the
//! room, the minute, the name and the text.

mod mac;
mod puzzles;
mod scan;
mod words;

use crate::out::{ImportError, Message, Options, Out, Room};
use crate::people::People;
use crate::{encoding, times};
use puzzles::Puzzles;
use scan::Day;
use serde_json::Map;
use std::collections::HashMap;
use std::path::Path;

const FILE_BYTES: u64 = 512 << 20;
/// Lines before the first message that say what the file is.
const HEAD_LINES: u64 = 6;
/// Korea's.
const UTC_OFFSET_MINUTES: i32 = 540;

pub fn read(path: &Path, options: &Options, out: &mut Out<'_>) -> Result<(), ImportError> {
    if crate::is_zip(path)? {
        return Err(ImportError::unusable(
            "it is a zip archive; unpack it and import its text",
        ));
    }
    let Some(bytes) = crate::gzip::read(path, FILE_BYTES)? else {
        return Err(ImportError::unusable("it is larger than 512 MiB"));
    };
    let text = encoding::decode(&bytes);
    let name = options.name.clone().or_else(|| {
        let name = path.file_name()?;
        Some(name.to_string_lossy().into_owned())
    });
    let (room, said) = if mac::is_table(&text) {
        let room = options
            .room
            .clone()
            .or_else(|| mac::room(name.as_deref().unwrap_or("")));
        (room, mac::said(&text, options, out)?)
    } else {
        let lines: Vec<String> = text.lines().map(clean).collect();
        let room = options.room.clone().or_else(|| words::room(&lines));
        (room, said(&lines, options, out)?)
    };
    if said.is_empty() {
        return Err(unknown(&text));
    }
    let Some(room) = room else {
        return Err(ImportError::unusable(
            "the file does not name its room; name it with --room",
        ));
    };
    write(&crate::out::one_line(&room, 80), said, options, out)
}

/// A message of a text.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    day: Day,
    time: (u32, u32, u32),
    name: String,
    text: String,
}

/// Control characters in names would make two people of one.
fn clean(line: &str) -> String {
    line.chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{feff}'))
        .collect()
}

/// How lines begin in this file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `[name] [time] text` under day lines.
    Windows,
    /// `day time, name : text`
    Dated,
    /// `time, name : text` under day lines.
    Timed,
}

fn form(lines: &[String]) -> Option<Form> {
    let mut counts = [0_usize; 3];
    for line in lines.iter().take(20_000) {
        if scan::bracketed(line).is_some() {
            counts[0] += 1;
        } else if let Some(stamp) = scan::stamp(line)
            && stamp.rest.starts_with([',', ':'])
        {
            counts[if stamp.day.is_some() { 1 } else { 2 }] += 1;
        }
    }
    let forms = [Form::Windows, Form::Dated, Form::Timed];
    let most = counts.iter().max().copied().unwrap_or(0);
    let at = counts.iter().position(|count| *count == most)?;
    (most > 0).then_some(forms[at])
}

/// The messages of a text, in its order.
fn said(lines: &[String], options: &Options, out: &mut Out<'_>) -> Result<Vec<Said>, ImportError> {
    let Some(form) = form(lines) else {
        return Ok(Vec::new());
    };
    let names = if form == Form::Windows {
        HashMap::new()
    } else {
        long_names(lines)
    };
    let mut all: Vec<Said> = Vec::new();
    let mut day: Option<Day> = None;
    let mut last = (0, 0);
    // Whether a continuation belongs to a message, not to a note of the system.
    let mut is_open = false;
    let mut puzzles = Puzzles::default();
    for (number, line) in (1_u64..).zip(lines) {
        puzzles.see(line);
        if let Some(found) = scan::day_line(line)
            && day.is_none_or(|day| found >= day)
        {
            if day != Some(found) {
                last = (0, 0);
            }
            day = Some(found);
            continue;
        }
        let begun = match form {
            Form::Windows => match (scan::bracketed(line), day) {
                // A quoted line of another day looks the same, but its clock goes back.
                (Some((name, time, text)), Some(day)) if time >= last => {
                    last = time;
                    Some((day, time, Some((name.to_owned(), text.to_owned()))))
                }
                _ => None,
            },
            Form::Dated | Form::Timed => stamped(line, form, &mut day, &mut last, &names),
        };
        match begun {
            Some((day, (hour, minute), Some((name, text)))) => {
                is_open = true;
                all.push(Said {
                    day,
                    time: (hour, minute, 0),
                    name: name.trim().to_owned(),
                    text,
                });
            }
            Some((_, _, None)) => {
                is_open = false;
                out.report.lose("notes of who came and went");
            }
            None if all.is_empty() => {
                if number > HEAD_LINES {
                    puzzles.add(number, line);
                }
            }
            None if words::is_note(line) && form == Form::Windows => {
                is_open = false;
                out.report.lose("notes of who came and went");
            }
            None if is_open => {
                if looks_begun(line, form, day) {
                    puzzles.add(number, line);
                }
                if let Some(message) = all.last_mut() {
                    message.text.push('\n');
                    message.text.push_str(line);
                }
            }
            None => puzzles.add(number, line),
        }
    }
    puzzles.end(options, out)?;
    Ok(all)
}

/// A line that begins like a message and is taken for text of the one before: of another form than
/// the file's, or with a stamp that nothing follows. What only quotes an older message is none.
fn looks_begun(line: &str, form: Form, day: Option<Day>) -> bool {
    match (form, scan::bracketed(line), scan::stamp(line)) {
        (Form::Windows, _, Some(stamp)) => stamp
            .day
            .is_some_and(|its| day.is_none_or(|day| its >= day)),
        (Form::Dated | Form::Timed, Some(_), _) => true,
        (Form::Dated, None, Some(stamp)) => stamp.day.is_none(),
        (Form::Timed, None, Some(stamp)) => stamp.day.is_some(),
        _ => false,
    }
}

type Begun = (Day, (u32, u32), Option<(String, String)>);

/// A line with a stamp; a note of the system where nobody says anything.
fn stamped(
    line: &str,
    form: Form,
    day: &mut Option<Day>,
    last: &mut (u32, u32),
    names: &HashMap<String, String>,
) -> Option<Begun> {
    let stamp = scan::stamp(line)?;
    if stamp.day.is_some() != (form == Form::Dated) {
        return None;
    }
    let its_day = stamp.day.or(*day)?;
    let time = (stamp.hour, stamp.minute);
    let is_note = stamp.rest.starts_with(':') || stamp.rest.is_empty();
    if !is_note && !stamp.rest.starts_with(',') {
        return None;
    }
    // Conversations go forward; a quoted stamp is an older one.
    if day.is_some_and(|day| (its_day, time) < (day, *last)) {
        return None;
    }
    if *day != Some(its_day) {
        *day = Some(its_day);
    }
    *last = time;
    if is_note {
        return Some((its_day, time, None));
    }
    let rest = stamp.rest[1..].trim_start();
    let said = rest
        .split_once(" : ")
        .or_else(|| Some((rest.strip_suffix(" :")?, "")));
    let said = said.map(|(name, text)| match names.get(name) {
        Some(whole) => {
            let text = rest[whole.len()..].strip_prefix(" : ").unwrap_or("");
            (whole.clone(), text.to_owned())
        }
        None => (name.to_owned(), text.to_owned()),
    });
    Some((its_day, time, said))
}

/// Names that hold ` : `: whatever always stands before the second one. By what stands before the
/// first.
fn long_names(lines: &[String]) -> HashMap<String, String> {
    let mut seen: HashMap<String, (u32, Option<String>)> = HashMap::new();
    for line in lines {
        let Some(stamp) = scan::stamp(line) else {
            continue;
        };
        let Some(rest) = stamp.rest.strip_prefix(',') else {
            continue;
        };
        let rest = rest.trim_start();
        let Some((first, behind)) = rest.split_once(" : ") else {
            continue;
        };
        let second = behind
            .split_once(" : ")
            .map(|(more, _)| format!("{first} : {more}"))
            .filter(|name| name.chars().count() <= 40);
        let entry = seen.entry(first.to_owned()).or_insert((0, second.clone()));
        entry.0 += 1;
        if entry.1 != second {
            entry.1 = None;
        }
    }
    seen.into_iter()
        .filter_map(|(first, (count, second))| Some((first, second.filter(|_| count >= 3)?)))
        .collect()
}

fn write(
    room: &str,
    said: Vec<Said>,
    options: &Options,
    out: &mut Out<'_>,
) -> Result<(), ImportError> {
    let offset = options.utc_offset_minutes.unwrap_or(UTC_OFFSET_MINUTES);
    let mut people = People::default();
    let mut users = Vec::new();
    for message in &said {
        if people.find(&message.name).is_none() {
            let user = people.name(&message.name, &message.name, options, &[]);
            out.user(&user, &message.name, Map::new())?;
            users.push(user);
        }
    }
    out.room(&Room {
        room,
        kind: "public",
        members: &users,
        ..Room::default()
    })?;
    let mut same: HashMap<(i64, u64), u32> = HashMap::new();
    let mut of_second: (i64, i64) = (i64::MIN, 0);
    for message in said {
        let Some(at) = times::wall(message.day, message.time, offset) else {
            out.report.lose("messages with a time that cannot be");
            continue;
        };
        let minute = at.div_euclid(60_000);
        let hash = crate::hash(&[&message.name, message.text.trim()]);
        let ordinal = same.entry((minute, hash)).or_default();
        *ordinal += 1;
        // The order within a minute is the file's.
        of_second = if of_second.0 == at {
            (at, (of_second.1 + 1).min(999))
        } else {
            (at, 0)
        };
        let text = match words::missing(&message.text) {
            Some(what) => {
                out.report
                    .lose("pictures and files that the text only names");
                format!("📎 {what}")
            }
            None => message.text,
        };
        let user = people.name(&message.name, &message.name, options, &[]);
        out.message(&Message {
            id: format!(
                "kakaotalk:{:016x}:{minute}:{hash:016x}:{ordinal}",
                crate::hash(&[room])
            ),
            room: room.to_owned(),
            user,
            sent_at_ms: at + of_second.1,
            text,
            ..Message::default()
        })?;
    }
    Ok(())
}

/// The first lines help to see what it is; more of a conversation is nobody's business.
fn unknown(text: &str) -> ImportError {
    let lines: Vec<String> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        // Bytes that are no text say nothing to anybody.
        .filter(|line| !line.contains(['\u{fffd}', '\0']))
        .take(3)
        .map(|line| format!("“{}”", crate::out::one_line(line, 60)))
        .collect();
    ImportError::unusable(format!(
        "no message was found: it is no conversation saved by KakaoTalk on Windows, macOS, Android or iOS. It begins with {}",
        if lines.is_empty() {
            "no text".to_owned()
        } else {
            lines.join(", ")
        }
    ))
}
