//! Times as people and programs write them, without a zone.

use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset};

/// A time of a wall clock as milliseconds since 1970; `None` where there is no such time.
pub fn wall(
    (year, month, day): (i32, u32, u32),
    (hour, minute, second): (u32, u32, u32),
    utc_offset_minutes: i32,
) -> Option<i64> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()?;
    let small = |number: u32| u8::try_from(number).ok();
    let time = Time::from_hms(small(hour)?, small(minute)?, small(second)?).ok()?;
    let offset = UtcOffset::from_whole_seconds(utc_offset_minutes * 60).ok()?;
    let at = PrimitiveDateTime::new(date, time).assume_offset(offset);
    Some(at.unix_timestamp() * 1000)
}

/// 12-hour clocks: 12 in the morning is midnight.
pub fn hour24(hour: u32, is_afternoon: bool) -> Option<u32> {
    match (hour, is_afternoon) {
        (12, false) => Some(0),
        (12, true) => Some(12),
        (1..=11, false) => Some(hour),
        (1..=11, true) => Some(hour + 12),
        _ => None,
    }
}

/// `2026-03-19 17:43:30`, with `/` or `.` between, `T` before the time, without seconds or time;
/// or seconds or milliseconds since 1970.
pub fn any(text: &str, utc_offset_minutes: i32) -> Option<i64> {
    let text = text.trim();
    if text.bytes().all(|b| b.is_ascii_digit()) {
        let number: i64 = text.parse().ok()?;
        return match text.len() {
            9..=10 => Some(number * 1000),
            12..=13 => Some(number),
            _ => None,
        };
    }
    let numbers: Vec<u32> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()?;
    let is_plain = text
        .chars()
        .all(|c| c.is_ascii_digit() || "-/.: T".contains(c));
    if !is_plain || !(3..=7).contains(&numbers.len()) || numbers[0] < 1990 {
        return None;
    }
    let at = |at: usize| numbers.get(at).copied().unwrap_or(0);
    wall(
        (i32::try_from(numbers[0]).ok()?, at(1), at(2)),
        (at(3), at(4), at(5)),
        utc_offset_minutes,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wall_clocks() {
        let at = wall((2026, 3, 19), (17, 43, 30), 540);
        assert_eq!(at, Some(1_773_909_810_000));
        assert_eq!(any("2026-03-19 17:43:30", 540), at);
        assert_eq!(any("2026/03/19 17:43:30", 540), at);
        assert_eq!(any("2026.03.19T17:43:30", 540), at);
        assert_eq!(any("1773909810", 0), at);
        assert_eq!(any("1773909810000", 0), at);
        for bad in [
            "2026-13-01 00:00",
            "2026-02-30",
            "2026-01-01 25:00",
            "yesterday",
            "",
            "12:30",
        ] {
            assert_eq!(any(bad, 0), None, "{bad}");
        }
        assert_eq!((hour24(12, false), hour24(12, true)), (Some(0), Some(12)));
        assert_eq!((hour24(0, false), hour24(13, true)), (None, None));
    }
}
