//! A stopped data directory looked at: nothing in it is changed before everything was seen.

use super::check::Report;
use super::{format, manifest};
use crate::auth::keys;
use crate::cache::{self, Clock};
use crate::domain::Seq;
use crate::log::{self, codec};
use crate::state::examine;
use std::path::Path;

/// redb's page cache meanwhile.
pub(super) const CACHE_BYTES: usize = 64 << 20;

/// Looks at the state's file and at the log.
pub fn look(dir: &Path) -> Report {
    let mut report = Report::default();
    let seq = look_at_state(dir, &mut report);
    look_at_log(dir, seq, &mut report);
    look_at_events(dir, &mut report);
    look_at_cache(dir, &mut report);
    for error in keys::inspect(&dir.join("keys")) {
        report.find(format!("keys: {error}"));
    }
    if let Some(text) = format::missing(dir) {
        report.find(text);
    }
    match manifest::expected(dir) {
        Ok((_, missing)) => missing.into_iter().for_each(|text| report.find(text)),
        Err(error) => report.find(format!("MANIFEST: {error}")),
    }
    report
}

fn look_at_events(dir: &Path, report: &mut Report) {
    if let Err(error) = log::inspect(&dir.join("events"), Seq(0)) {
        report.find(format!(
            "events: {error}; without it, clients that come back load everything anew"
        ));
    }
}

fn look_at_cache(dir: &Path, report: &mut Report) {
    let path = dir.join("cache");
    if !path.exists() {
        return;
    }
    match cache::survey(&path, &Clock::system()) {
        Ok(survey) => report.notes.extend(survey.torn.map(|cut| {
            let (path, offset, lost) = (cut.path.display(), cut.offset, cut.lost_bytes);
            format!("cache: {path} is torn at byte {offset}, as a crash leaves it; the next start cuts {lost} bytes off")
        })),
        Err(error) => report.find(format!("cache: {error}")),
    }
}

/// Where the state stands, as far as that can be read.
fn look_at_state(dir: &Path, report: &mut Report) -> Option<Seq> {
    let path = dir.join("state.redb");
    if !path.exists() {
        report.find("state.redb: the file is missing".to_owned());
        return None;
    }
    match examine::examine(&path, CACHE_BYTES) {
        Err(error) => {
            report.find(format!("state.redb: {error}"));
            None
        }
        Ok(found) => {
            found
                .findings
                .into_iter()
                .for_each(|text| report.find(text));
            report.notes.extend(found.notes);
            found.seq
        }
    }
}

fn look_at_log(dir: &Path, seq: Option<Seq>, report: &mut Report) {
    let inspected = match log::inspect(&dir.join("log"), seq.unwrap_or(Seq(0))) {
        Err(error) => return report.find(format!("log: {error}")),
        Ok(None) => {
            let text =
                "log: there is none; the next start goes on behind the state, in a new epoch";
            return report.notes.push(text.to_owned());
        }
        Ok(Some(inspected)) => inspected,
    };
    let reader = inspected.reader;
    let (first, last) = (reader.first_seq(), reader.last_seq());
    if let Some(seq) = seq.filter(|seq| seq.next() < first || *seq > last) {
        report.find(format!(
            "the state stands at {seq}, but the log holds {first} to {last}"
        ));
    }
    for entry in reader.entries(first) {
        match entry {
            Err(error) => return report.find(format!("log: {error}")),
            Ok(entry) => {
                report.entries += 1;
                if let Err(error) = codec::entry(&entry) {
                    report.find(format!("log: entry {}: {error}", entry.seq));
                }
            }
        }
    }
    match log::first_unlike(&reader, first) {
        Ok(None) => {}
        Ok(Some(seq)) => report.find(format!(
            "log: entry {seq} does not follow from the one before it"
        )),
        Err(error) => report.find(format!("log: {error}")),
    }
}
