//! The Mac's table: `Date,User,Message`.

use super::puzzles::Puzzles;
use super::{Said, clean, words};
use crate::out::{ImportError, Options, Out};

pub fn is_table(text: &str) -> bool {
    text.trim_start_matches('\u{feff}')
        .lines()
        .next()
        .is_some_and(|line| {
            line.trim()
                .replace('"', "")
                .eq_ignore_ascii_case("date,user,message")
        })
}

/// From `KakaoTalk_Chat_<room>_YYYY-MM-DD-HH-MM-SS.csv`.
pub fn room(file: &str) -> Option<String> {
    let name = file.strip_suffix(".csv").unwrap_or(file);
    let (name, _) = name.strip_prefix("KakaoTalk_Chat_")?.rsplit_once('_')?;
    (!name.trim().is_empty()).then(|| name.to_owned())
}

pub fn said(text: &str, options: &Options, out: &mut Out<'_>) -> Result<Vec<Said>, ImportError> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut all = Vec::new();
    let mut puzzles = Puzzles::default();
    for (row, record) in (2_u64..).zip(reader.records()) {
        puzzles.see("a row");
        let Ok(record) = record else {
            puzzles.add(row, "a row");
            continue;
        };
        let row = record.position().map_or(row, csv::Position::line);
        let (Some(date), Some(user), Some(message)) = (record.get(0), record.get(1), record.get(2))
        else {
            puzzles.add(row, "a row");
            continue;
        };
        let Some((day, time)) = moment(date) else {
            puzzles.add(row, "a row");
            continue;
        };
        let name = clean(user).trim().to_owned();
        let first = message.lines().next().unwrap_or("");
        let is_note = words::is_note(first) && (first.starts_with(&name) || name.is_empty());
        if is_note || name.is_empty() {
            out.report.lose("notes of who came and went");
            continue;
        }
        let lines: Vec<String> = message.lines().map(clean).collect();
        all.push(Said {
            day,
            time,
            name,
            text: lines.join("\n"),
        });
    }
    puzzles.end(options, out)?;
    Ok(all)
}

/// `2026-03-19 17:43:30`
fn moment(text: &str) -> Option<(super::Day, (u32, u32, u32))> {
    let numbers: Vec<u32> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let [year, month, day, hour, minute, second] = numbers[..] else {
        return None;
    };
    Some((
        (i32::try_from(year).ok()?, month, day),
        (hour, minute, second),
    ))
}
