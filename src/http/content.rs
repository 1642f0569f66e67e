//! What requests ask for of a content, and how it is called: ranges, tags, names.

use axum::http::{HeaderMap, HeaderValue, header};

/// With the name in both forms: plain for old clients, whole for the others (RFC 6266).
pub fn disposition(name: &str, is_shown: bool) -> HeaderValue {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() && !"\"\\%".contains(c) || c == ' ' {
                c
            } else {
                '_'
            }
        })
        .collect();
    let mut whole = String::with_capacity(name.len() * 3);
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            whole.push(char::from(byte));
        } else {
            whole.push_str(&format!("%{byte:02X}"));
        }
    }
    let how = if is_shown { "inline" } else { "attachment" };
    let text = format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{whole}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("attachment"))
}

pub fn matches_tag(headers: &HeaderMap, name: header::HeaderName, tag: &str) -> bool {
    let values = headers.get_all(name).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// What a `Range` header asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    Whole,
    /// From one byte to another, both included.
    Part(u64, u64),
    /// Nothing that there is.
    Nothing,
}

pub fn asked_range(headers: &HeaderMap, tag: &str, size: u64) -> Asked {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let Some(range) = text(header::RANGE).and_then(|range| range.trim().strip_prefix("bytes="))
    else {
        return Asked::Whole;
    };
    // It may have been something else when the first part was read.
    if text(header::IF_RANGE).is_some_and(|known| known.trim() != tag) {
        return Asked::Whole;
    }
    // Several parts at once are answered with the whole.
    let Some((from, to)) = range.split_once('-').filter(|_| !range.contains(',')) else {
        return Asked::Whole;
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    match (from.trim(), to.trim()) {
        ("", "") => Asked::Whole,
        ("", last) => match number(last) {
            None => Asked::Whole,
            Some(0) => Asked::Nothing,
            Some(_) if size == 0 => Asked::Nothing,
            Some(last) => Asked::Part(size.saturating_sub(last), size - 1),
        },
        (from, to) => {
            let last = if to.is_empty() {
                Some(u64::MAX)
            } else {
                number(to)
            };
            match (number(from), last) {
                (Some(from), Some(to)) if from > to => Asked::Whole,
                (Some(from), Some(_)) if from >= size => Asked::Nothing,
                (Some(from), Some(to)) => Asked::Part(from, to.min(size - 1)),
                _ => Asked::Whole,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_parts_of_what_there_is() {
        let asked = |range: &str, if_range: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, range.parse().expect("a header"));
            if let Some(tag) = if_range {
                headers.insert(header::IF_RANGE, tag.parse().expect("a header"));
            }
            asked_range(&headers, "\"t\"", 100)
        };
        for (range, part) in [
            ("bytes=0-0", Asked::Part(0, 0)),
            ("bytes=10-", Asked::Part(10, 99)),
            ("bytes=10-500", Asked::Part(10, 99)),
            ("bytes=-10", Asked::Part(90, 99)),
            ("bytes=-500", Asked::Part(0, 99)),
            ("bytes=100-", Asked::Nothing),
            ("bytes=-0", Asked::Nothing),
            ("bytes=5-1", Asked::Whole),
            ("bytes=0-1,5-6", Asked::Whole),
            ("bytes=x-1", Asked::Whole),
            ("lines=0-1", Asked::Whole),
        ] {
            assert_eq!(asked(range, None), part, "{range}");
        }
        assert_eq!(asked("bytes=0-0", Some("\"t\"")), Asked::Part(0, 0));
        assert_eq!(asked("bytes=0-0", Some("\"other\"")), Asked::Whole);
    }

    #[test]
    fn names_are_told_in_both_forms() {
        let told = disposition("한 \"글\".png", true);
        assert_eq!(
            told.to_str().expect("visible"),
            "inline; filename=\"_ ___.png\"; filename*=UTF-8''%ED%95%9C%20%22%EA%B8%80%22.png"
        );
    }
}
