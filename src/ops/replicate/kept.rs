//! What a second place keeps, and what goes.

use crate::replica::{LogName, SnapshotName};

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

#[cfg(test)]
mod tests {
    use super::*;

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
