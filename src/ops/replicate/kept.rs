//! What a second place keeps, and what goes.

use crate::replica::{GoneName, LogName, SnapshotName};
use std::collections::{BTreeMap, BTreeSet};

/// What is older than the newest snapshot before the cutoff.
pub(super) fn goes(names: &[String], cutoff_ms: i64) -> Vec<String> {
    let mut snapshots: Vec<SnapshotName> = names
        .iter()
        .filter_map(|name| SnapshotName::parse(name))
        .collect();
    snapshots.sort_unstable();
    let first = snapshots
        .iter()
        .rev()
        .find(|found| found.at_ms <= cutoff_ms);
    let Some(first) = first.copied() else {
        return Vec::new();
    };
    let (gone, kept): (Vec<SnapshotName>, Vec<SnapshotName>) =
        snapshots.into_iter().partition(|found| *found < first);
    let is_over = |log: &LogName| {
        let mut of_epoch = kept.iter().filter(|found| found.epoch == log.epoch);
        match of_epoch.clone().map(|found| found.seq).min() {
            // The first that is kept needs nothing before it.
            Some(seq) => log.last <= seq && of_epoch.next().is_some(),
            None => gone.iter().any(|found| found.epoch == log.epoch),
        }
    };
    let logs = names.iter().filter_map(|name| LogName::parse(name));
    let logs = logs.filter(is_over).map(LogName::text);
    gone.iter().map(|found| found.text()).chain(logs).collect()
}

/// What to do about contents.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Contents {
    /// Notes that begin.
    pub noted: Vec<GoneName>,
    /// Names that go.
    pub gone: Vec<String>,
}

/// A content that the server has not had for as long as moments are kept goes. `had`: what it has now.
pub(super) fn contents(
    names: &[String],
    had: &BTreeSet<String>,
    (now_ms, cutoff_ms): (i64, i64),
) -> Contents {
    let mut found = Contents::default();
    let notes = names.iter().filter_map(|name| GoneName::parse(name));
    let mut known: BTreeMap<String, i64> = BTreeMap::new();
    for note in notes {
        if had.contains(&note.content) {
            found.gone.push(note.text());
        } else {
            known.insert(note.content, note.at_ms);
        }
    }
    let there = names.iter().filter_map(|name| name.strip_prefix("files/"));
    for content in there.filter(|content| !had.contains(*content)) {
        match known.remove(content) {
            None => found.noted.push(GoneName {
                at_ms: now_ms,
                content: content.to_owned(),
            }),
            Some(at_ms) if at_ms <= cutoff_ms => {
                // The content first: a note without one is swept below.
                found.gone.push(format!("files/{content}"));
                let content = content.to_owned();
                found.gone.push(GoneName { at_ms, content }.text());
            }
            Some(_) => {}
        }
    }
    let left = known.into_iter();
    let left = left.map(|(content, at_ms)| GoneName { at_ms, content }.text());
    found.gone.extend(left);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_goes_when_it_was_away_for_as_long_as_moments_are_kept() {
        let mut names: Vec<String> = ["files/a", "files/b", "log"].map(str::to_owned).into();
        let had = |contents: &[&str]| contents.iter().map(ToString::to_string).collect();
        let note = |at_ms, content: &str| GoneName {
            at_ms,
            content: content.to_owned(),
        };
        let found = contents(&names, &had(&["a"]), (100, 90));
        assert_eq!((&found.noted, found.gone.len()), (&vec![note(100, "b")], 0));
        names.push(note(100, "b").text());
        // Not yet; then it is back; then it is over.
        assert_eq!(
            contents(&names, &had(&["a"]), (109, 99)),
            Contents::default()
        );
        let back = contents(&names, &had(&["a", "b"]), (109, 99));
        assert_eq!(back.gone, [note(100, "b").text()]);
        let over = contents(&names, &had(&["a"]), (110, 100));
        assert_eq!(over.gone, ["files/b".to_owned(), note(100, "b").text()]);
        assert!(over.noted.is_empty());
        // What was cut short between the two.
        names.retain(|name| name != "files/b");
        let left = contents(&names, &had(&["a"]), (110, 100));
        assert_eq!(left.gone, [note(100, "b").text()]);
    }

    #[test]
    fn what_no_kept_moment_needs_goes() {
        let snapshot = |at_ms, epoch, seq| SnapshotName { at_ms, epoch, seq }.text();
        let log = |epoch, first, last| LogName { epoch, first, last }.text();
        let names = [
            snapshot(10, 1, 5),
            log(1, 6, 9),
            snapshot(20, 2, 9),
            log(2, 10, 20),
            log(2, 21, 30),
            snapshot(30, 2, 20),
            log(2, 31, 40),
            "maru-replica.json".to_owned(),
        ];
        assert!(goes(&names, 5).is_empty(), "nothing is as old");
        let gone = goes(&names, 25);
        assert_eq!(gone, [snapshot(10, 1, 5), log(1, 6, 9)]);
        let gone = goes(&names, 1_000);
        let expected = [
            snapshot(10, 1, 5),
            snapshot(20, 2, 9),
            log(1, 6, 9),
            log(2, 10, 20),
        ];
        assert_eq!(gone, expected);
    }
}
