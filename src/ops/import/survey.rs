//! The first reading: which lines are bad, before anything is kept.

use super::line::{Record, parse};
use super::lines::{Line, Lines};
use crate::domain::history::HistoryLine;
use std::collections::{BTreeMap, HashSet};
use std::io::{self, BufRead};

/// A line that cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Counted from 1.
    pub number: u64,
    pub reason: String,
}

/// What a file holds.
#[derive(Debug, Default)]
pub struct Survey {
    /// Lines that can be loaded.
    pub good: u64,
    /// How many of them have an `id` that an earlier line had.
    pub repeated: u64,
    pub bad: u64,
    /// The first bad lines, at most [`Survey::SHOWN`].
    pub first_bad: Vec<BadLine>,
    /// Answers to messages that no earlier line holds.
    pub open_replies: u64,
    /// The rooms of the good lines, each with the first line in it.
    pub rooms: BTreeMap<String, u64>,
    /// Fields that mean nothing here, and on how many lines.
    pub others: BTreeMap<String, u64>,
}

impl Survey {
    pub const SHOWN: usize = 20;
    /// Names of other fields come from the file: their number is bounded.
    const OTHERS: usize = 50;

    /// Reads everything. An error means that the stream itself is broken.
    pub fn of(reader: impl BufRead) -> io::Result<Survey> {
        let mut survey = Survey::default();
        let mut ids = HashSet::new();
        let mut lines = Lines::new(reader);
        while let Some(line) = lines.next_line()? {
            match line {
                Line::Bytes(number, bytes) => survey.line(number, bytes, &mut ids),
                Line::TooLong(number) => {
                    survey.bad_line(number, "it is longer than 1 MiB".to_owned())
                }
            }
        }
        Ok(survey)
    }

    fn line(&mut self, number: u64, bytes: &[u8], ids: &mut HashSet<Box<str>>) {
        let parsed = match parse(bytes) {
            Ok(parsed) => parsed,
            Err(reason) => return self.bad_line(number, reason),
        };
        self.good += 1;
        for field in parsed.others {
            if self.others.len() < Survey::OTHERS || self.others.contains_key(&field) {
                *self.others.entry(field).or_default() += 1;
            }
        }
        let Record::Line(HistoryLine::Message(record), _) = parsed.record else {
            return;
        };
        let is_open = |id: &String| !ids.contains(id.as_str());
        self.open_replies += u64::from(record.reply_to.as_ref().is_some_and(is_open));
        // A line that tells the room's kind goes into a private one, too.
        if record.kind.is_none() && record.people.is_empty() {
            self.rooms.entry(record.room).or_insert(number);
        }
        if !ids.insert(record.external_id.into()) {
            self.repeated += 1;
        }
    }

    pub fn bad_line(&mut self, number: u64, reason: String) {
        self.bad += 1;
        if self.first_bad.len() < Survey::SHOWN {
            self.first_bad.push(BadLine { number, reason });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str, more: &str) -> String {
        format!(
            r#"{{"id":"{id}","room":"r","user":"u","sent_at":"2026-01-01T00:00:00Z","text":"t"{more}}}"#
        )
    }

    #[test]
    fn counts_good_repeated_and_bad_lines() {
        let text = [
            line("1", ""),
            "broken".to_owned(),
            line("1", r#","mood":"good""#),
            line("2", r#","reply_to":"1""#),
            line("3", r#","reply_to":"9""#),
        ];
        let survey = Survey::of(text.join("\n").as_bytes()).expect("readable");
        assert_eq!((survey.good, survey.repeated, survey.bad), (4, 1, 1));
        assert_eq!(survey.first_bad[0].number, 2);
        assert_eq!((survey.open_replies, survey.rooms.len()), (1, 1));
        assert_eq!(survey.others.get("mood"), Some(&1));
    }

    #[test]
    fn shows_the_first_bad_lines_and_counts_all() {
        let survey = Survey::of("x\n".repeat(1000).as_bytes()).expect("readable");
        assert_eq!((survey.bad, survey.first_bad.len()), (1000, Survey::SHOWN));
    }
}
