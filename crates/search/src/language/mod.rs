//! Filters that are typed among the words: `from:@철수 in:#개발팀 before:2026-10-01 has:file -초안`.
//!
//! Only these names before a colon mean something; `10:30` and `https://…` are words. Names of
//! people and rooms are given out as they were typed: who may see them is not known here.

mod days;

pub use days::Clock;

use crate::document::Has;
use crate::normal::Utf16Counter;
use days::Days;

/// A question taken apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    /// The words that are left, quotation marks included.
    pub words: String,
    /// None of these may be there.
    pub without: Vec<String>,
    pub from: Option<Name>,
    pub room: Option<Name>,
    /// Names somebody.
    pub to: Option<Name>,
    pub has: Has,
    /// Only what the caller saved.
    pub saved: bool,
    /// Sent at or after this, in milliseconds since 1970.
    pub after_ms: Option<i64>,
    /// Sent before this.
    pub before_ms: Option<i64>,
}

/// A name, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// Without @ or # and quotation marks. `me` and `나` are the caller.
    pub text: String,
    pub place: Span,
}

impl Name {
    pub fn is_caller(&self) -> bool {
        matches!(&self.text[..], "me" | "나" | "저")
    }
}

/// UTF-16 units of the question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

/// What cannot be understood, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (characters {} to {} of the search)", place.start + 1, place.end)]
pub struct Misunderstood {
    pub place: Span,
    pub message: String,
}

enum Filter {
    From,
    In,
    To,
    Before,
    After,
    On,
    Has,
    Is,
}

fn filter(key: &str) -> Option<Filter> {
    Some(match key {
        "from" | "보낸사람" => Filter::From,
        "in" | "방" => Filter::In,
        "to" | "받는사람" => Filter::To,
        "before" | "이전" => Filter::Before,
        "after" | "이후" => Filter::After,
        "on" | "during" | "날짜" => Filter::On,
        "has" | "포함" => Filter::Has,
        "is" => Filter::Is,
        _ => return None,
    })
}

/// Takes a question apart. `clock` says what 어제 is.
pub fn parse(text: &str, clock: Clock) -> Result<Asked, Misunderstood> {
    let mut asked = Asked::default();
    for (start, piece) in pieces(text) {
        let key = piece.split_once(':').map(|(key, _)| key.to_lowercase());
        if let Some((filter, key)) = key.and_then(|key| Some((filter(&key)?, key))) {
            let end = start + piece.len();
            let value = &piece[key.len() + 1..];
            let mut units = Utf16Counter::new(text);
            let place = Span {
                start: units.at(start),
                end: units.at(end),
            };
            let refuse = |message: String| Misunderstood { place, message };
            let value = value.trim_matches('"');
            if value.trim_matches(['@', '#']).is_empty() {
                return Err(refuse(format!("`{key}:` needs something behind it")));
            }
            take(&mut asked, &filter, value, place, clock).map_err(refuse)?;
        } else if let Some(word) = excluded(piece) {
            asked.without.push(word.to_owned());
        } else {
            if !asked.words.is_empty() {
                asked.words.push(' ');
            }
            asked.words.push_str(piece);
        }
    }
    Ok(asked)
}

/// When a day, week or month begins, in milliseconds since 1970.
pub fn start_of(text: &str, clock: Clock) -> Option<i64> {
    Days::parse(text, clock).map(|days| days.from_ms)
}

/// A filter that comes by itself and not among words, such as a parameter of a request. Several
/// values of `has` and `is` have commas between them.
pub fn take_alone(asked: &mut Asked, key: &str, value: &str, clock: Clock) -> Result<(), String> {
    let filter = filter(key).ok_or_else(|| format!("`{key}` is no filter"))?;
    let values = match filter {
        Filter::Has | Filter::Is => value.split(',').collect(),
        _ => vec![value],
    };
    for value in values {
        let value = value.trim().trim_matches('"');
        if value.trim_matches(['@', '#']).is_empty() {
            return Err(format!("`{key}` is empty"));
        }
        take(asked, &filter, value, Span::default(), clock)?;
    }
    Ok(())
}

fn take(
    asked: &mut Asked,
    filter: &Filter,
    value: &str,
    place: Span,
    clock: Clock,
) -> Result<(), String> {
    let name = |mark: char| {
        Some(Name {
            text: value.trim_start_matches(mark).to_owned(),
            place,
        })
    };
    let once = |there: bool, what: &str| {
        if there {
            Err(format!("`{what}` is there twice; one is enough"))
        } else {
            Ok(())
        }
    };
    match filter {
        Filter::From => {
            once(asked.from.is_some(), "from:")?;
            asked.from = name('@');
        }
        Filter::In => {
            once(asked.room.is_some(), "in:")?;
            asked.room = name('#');
        }
        Filter::To => {
            once(asked.to.is_some(), "to:")?;
            asked.to = name('@');
        }
        Filter::Before | Filter::After | Filter::On => {
            let Days { from_ms, until_ms } = Days::parse(value, clock).ok_or_else(|| {
                format!("`{value}` is no day: write 2026-10-01, 10월 1일, 어제 or 지난주")
            })?;
            if !matches!(filter, Filter::Before) {
                let from_ms = if matches!(filter, Filter::After) {
                    until_ms
                } else {
                    from_ms
                };
                asked.after_ms = Some(asked.after_ms.map_or(from_ms, |at| at.max(from_ms)));
            }
            if !matches!(filter, Filter::After) {
                let until_ms = if matches!(filter, Filter::Before) {
                    from_ms
                } else {
                    until_ms
                };
                asked.before_ms = Some(asked.before_ms.map_or(until_ms, |at| at.min(until_ms)));
            }
        }
        Filter::Has => {
            let has = has(value).ok_or_else(|| {
                format!(
                    "`{value}`: `has:` knows file, image, link, reaction, mention, pin and thread"
                )
            })?;
            asked.has = asked.has.and(has);
        }
        Filter::Is => {
            let has = match &value.to_lowercase()[..] {
                "pinned" | "고정" => Has::PIN,
                "thread" | "스레드" => Has::THREAD,
                "reply" | "답글" => Has::REPLY,
                "saved" | "저장" => {
                    asked.saved = true;
                    Has::NOTHING
                }
                _ => {
                    return Err(format!(
                        "`{value}`: `is:` knows pinned, saved, thread and reply"
                    ));
                }
            };
            asked.has = asked.has.and(has);
        }
    }
    Ok(())
}

fn has(value: &str) -> Option<Has> {
    Some(match &value.to_lowercase()[..] {
        "파일" => Has::FILE,
        "사진" | "이미지" => Has::IMAGE,
        "링크" => Has::LINK,
        "반응" => Has::REACTION,
        "언급" => Has::MENTION,
        "고정" => Has::PIN,
        "답글" => Has::REPLY,
        "스레드" => Has::THREAD,
        "files" => Has::FILE,
        "images" | "photo" | "picture" => Has::IMAGE,
        "links" | "url" => Has::LINK,
        "reactions" | "emoji" => Has::REACTION,
        name => name.parse().ok().filter(|has| *has != Has::NOTHING)?,
    })
}

/// `-초안`, `-"최종 초안"`; not `-` alone, `--` or `-1`.
fn excluded(piece: &str) -> Option<&str> {
    let word = piece.strip_prefix('-')?;
    let first = word.trim_start_matches('"').chars().next()?;
    (first.is_alphabetic()).then_some(word)
}

/// What stands between spaces, with its place. Quotation marks hold together, also behind a colon.
fn pieces(text: &str) -> Vec<(usize, &str)> {
    let mut pieces = Vec::new();
    let mut start = None;
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        // A mark without its other half is a letter.
        if c == '"' && (quoted || text[at + 1..].contains('"')) {
            quoted = !quoted;
        }
        match (start, c.is_whitespace() && !quoted) {
            (Some(from), true) => {
                pieces.push((from, &text[from..at]));
                start = None;
            }
            (None, false) => start = Some(at),
            _ => {}
        }
    }
    pieces.extend(start.map(|from| (from, &text[from..])));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sunday, 2026-11-29, 12:00 in Korea.
    const CLOCK: Clock = Clock {
        now_ms: 1_795_921_200_000,
        offset_minutes: 540,
    };

    fn ask(text: &str) -> Asked {
        parse(text, CLOCK).expect(text)
    }

    #[test]
    fn filters_and_words_are_mixed() {
        let asked = ask("배포 from:@철수 in:#개발팀 has:file \"다시 시작\" -초안 is:pinned");
        assert_eq!(asked.words, "배포 \"다시 시작\"");
        assert_eq!(asked.without, ["초안"]);
        assert_eq!(asked.from.expect("from").text, "철수");
        assert_eq!(asked.room.expect("in").text, "개발팀");
        assert_eq!(asked.has, Has::FILE.and(Has::PIN));
        let asked = ask("from:\"김 철수\" 회의 to:me");
        assert_eq!(asked.from.expect("from").text, "김 철수");
        assert!(asked.to.expect("to").is_caller());
        assert_eq!(asked.words, "회의");
    }

    #[test]
    fn other_colons_are_words() {
        for text in [
            "10:30 회의",
            "https://example.com",
            "re: 견적",
            "-1",
            "- 초안",
            "a \" b",
        ] {
            assert_eq!(ask(text).words, text, "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_told_with_its_place() {
        for (text, start, end) in [
            ("회의 on:언젠가", 3, 9),
            ("has:날개", 0, 6),
            ("🎉 is:saaed", 3, 11),
            ("from:", 0, 5),
            ("in:a in:b", 5, 9),
        ] {
            let error = parse(text, CLOCK).expect_err(text);
            assert_eq!(error.place, Span { start, end }, "{text}: {error}");
        }
    }

    #[test]
    fn days_are_those_of_the_caller() {
        const DAY: i64 = 86_400_000;
        // Midnight of that day in Korea.
        let today = 1_795_921_200_000 - 12 * 3_600_000;
        for (text, after, before) in [
            ("on:오늘", Some(today), Some(today + DAY)),
            ("on:어제", Some(today - DAY), Some(today)),
            ("after:어제", Some(today), None),
            ("before:어제", None, Some(today - DAY)),
            (
                "on:2026-11-01",
                Some(today - 28 * DAY),
                Some(today - 27 * DAY),
            ),
            (
                "on:\"11월 1일\"",
                Some(today - 28 * DAY),
                Some(today - 27 * DAY),
            ),
            ("on:지난주", Some(today - 13 * DAY), Some(today - 6 * DAY)),
            ("on:이번달", Some(today - 28 * DAY), Some(today + 2 * DAY)),
            ("on:2026-10", Some(today - 59 * DAY), Some(today - 28 * DAY)),
            ("after:3일전", Some(today - 2 * DAY), None),
            ("on:금요일", Some(today - 2 * DAY), Some(today - DAY)),
        ] {
            let asked = ask(text);
            assert_eq!((asked.after_ms, asked.before_ms), (after, before), "{text}");
        }
    }
}
