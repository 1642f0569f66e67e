//! Days as people write them: 2026-10-01, 10월 1일, 어제, 지난주, 3일 전, 금요일.

use std::time::{SystemTime, UNIX_EPOCH};

const DAY_MS: i64 = 86_400_000;
const WEEKDAYS: [(&str, &str); 7] = [
    ("월요일", "monday"),
    ("화요일", "tuesday"),
    ("수요일", "wednesday"),
    ("목요일", "thursday"),
    ("금요일", "friday"),
    ("토요일", "saturday"),
    ("일요일", "sunday"),
];

/// What is now, and where.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Milliseconds since 1970.
    pub now_ms: i64,
    /// The caller's time before UTC: 540 in Korea.
    pub offset_minutes: i32,
}

impl Clock {
    pub fn now(offset_minutes: i32) -> Clock {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Clock {
            now_ms: since.map_or(0, |d| d.as_millis() as i64),
            offset_minutes,
        }
    }
}

/// One day or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    pub from_ms: i64,
    /// Not included.
    pub until_ms: i64,
}

impl Days {
    pub fn parse(text: &str, clock: Clock) -> Option<Days> {
        let offset_ms = i64::from(clock.offset_minutes) * 60_000;
        let today = (clock.now_ms + offset_ms).div_euclid(DAY_MS);
        let text: String = text.to_lowercase().split_whitespace().collect();
        let (from, until) = relative(&text, today).or_else(|| written(&text, today))?;
        Some(Days {
            from_ms: from * DAY_MS - offset_ms,
            until_ms: until * DAY_MS - offset_ms,
        })
    }
}

/// Days since 1970, the second not included.
type Range = (i64, i64);

fn relative(text: &str, today: i64) -> Option<Range> {
    let day = |ago: i64| Some((today - ago, today - ago + 1));
    // Weeks begin on Monday; 1970 began on a Thursday.
    let monday = today - (today + 3).rem_euclid(7);
    let (year, month, _) = civil(today);
    match text {
        "오늘" | "today" => day(0),
        "어제" | "yesterday" => day(1),
        "그제" | "그저께" | "엊그제" => day(2),
        "이번주" | "thisweek" => Some((monday, monday + 7)),
        "지난주" | "저번주" | "lastweek" => Some((monday - 7, monday)),
        "지지난주" => Some((monday - 14, monday - 7)),
        "이번달" | "이달" | "thismonth" => month_of(year, month),
        "지난달" | "저번달" | "lastmonth" => month_of(year, month - 1),
        "올해" | "thisyear" => year_of(year),
        "작년" | "지난해" | "lastyear" => year_of(year - 1),
        _ => ago(text, today).or_else(|| weekday(text, today)),
    }
}

/// `3일전`, `2주전`, `1개월전`.
fn ago(text: &str, today: i64) -> Option<Range> {
    let text = text
        .strip_suffix('전')
        .or_else(|| text.strip_suffix("ago"))?;
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let count: i64 = text[..digits]
        .parse()
        .ok()
        .filter(|count| *count < 10_000)?;
    let day = match &text[digits..] {
        "일" | "d" | "days" | "day" => today - count,
        "주" | "주일" | "w" | "weeks" | "week" => today - 7 * count,
        "달" | "개월" | "months" | "month" => {
            let (year, month, day) = civil(today);
            let months = year * 12 + month - 1 - count;
            let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
            days(year, month, day.min(month_length(year, month)))
        }
        _ => return None,
    };
    Some((day, day + 1))
}

/// The last one that is over or is today.
fn weekday(text: &str, today: i64) -> Option<Range> {
    let wanted = WEEKDAYS
        .iter()
        .position(|(ko, en)| *ko == text || *en == text)? as i64;
    let back = ((today + 3).rem_euclid(7) - wanted).rem_euclid(7);
    Some((today - back, today - back + 1))
}

/// `2026-10-01`, `2026-10`, `2026`, with dots or slashes too, `10월 1일`, `10/1`.
fn written(text: &str, today: i64) -> Option<Range> {
    let plain = text.replace(['년', '월', '.', '/'], "-");
    let plain = plain.trim_end_matches(['일', '-']);
    let numbers: Vec<i64> = plain
        .split('-')
        .map(|n| n.parse().ok())
        .collect::<Option<_>>()?;
    let (this_year, ..) = civil(today);
    let is_year = |n: i64| (1970..=9999).contains(&n);
    match numbers[..] {
        [year, month, day] if is_year(year) => day_of(year, month, day),
        [year, month] if is_year(year) => month_of(year, month),
        [year] if is_year(year) => year_of(year),
        // Of the year before, if it is still to come.
        [month, day] => {
            let found = day_of(this_year, month, day)?;
            if found.0 > today {
                day_of(this_year - 1, month, day)
            } else {
                Some(found)
            }
        }
        [month] if text.ends_with('월') => {
            let found = month_of(this_year, month).filter(|_| (1..=12).contains(&month))?;
            if found.0 > today {
                month_of(this_year - 1, month)
            } else {
                Some(found)
            }
        }
        _ => None,
    }
}

fn day_of(year: i64, month: i64, day: i64) -> Option<Range> {
    let there = (1..=12).contains(&month) && (1..=month_length(year, month)).contains(&day);
    there.then(|| (days(year, month, day), days(year, month, day) + 1))
}

/// A month, also the 0th, which is the last one of the year before.
fn month_of(year: i64, month: i64) -> Option<Range> {
    if !(0..=12).contains(&month) {
        return None;
    }
    let (year, month) = if month == 0 {
        (year - 1, 12)
    } else {
        (year, month)
    };
    let first = days(year, month, 1);
    Some((first, first + month_length(year, month)))
}

fn year_of(year: i64) -> Option<Range> {
    Some((days(year, 1, 1), days(year + 1, 1, 1)))
}

fn month_length(year: i64, month: i64) -> i64 {
    let next = if month == 12 {
        days(year + 1, 1, 1)
    } else {
        days(year, month + 1, 1)
    };
    next - days(year, month, 1)
}

/// Days since 1970 of a date of the Gregorian calendar. Years begin in March here, so that the
/// odd day comes last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let of_year = (153 * month + 2) / 5 + day - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year
        - 719_468
}

/// Year, month and day.
fn civil(at: i64) -> (i64, i64, i64) {
    let mut year = 1970 + at.div_euclid(366);
    while days(year + 1, 1, 1) <= at {
        year += 1;
    }
    let mut month = 1;
    while month < 12 && days(year, month + 1, 1) <= at {
        month += 1;
    }
    (year, month, at - days(year, month, 1) + 1)
}
