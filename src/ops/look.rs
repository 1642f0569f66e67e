//! A stopped data directory looked at: nothing in it is changed before everything was seen.

use super::check::Report;
use crate::domain::Seq;
use crate::log::{self, LogError, codec};
use crate::state::examine;
use std::path::Path;

/// redb's page cache meanwhile.
const CACHE_BYTES: usize = 64 << 20;

/// Looks at the state's file and at the log.
pub fn look(dir: &Path) -> Report {
    let mut report = Report::default();
    let seq = look_at_state(dir, &mut report);
    look_at_log(dir, seq, &mut report);
    for part in ["keys", "cache"] {
        if !dir.join(part).is_dir() {
            report.find(format!("{part}: the folder is missing"));
        }
    }
    report
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

/// Puts aside what cannot be read, and says what that was. The caller holds the directory.
pub fn repair(dir: &Path) -> anyhow::Result<Vec<String>> {
    let path = dir.join("state.redb");
    let mut done = Vec::new();
    let found = examine::examine(&path, CACHE_BYTES)?;
    if !found.findings.is_empty() {
        done.extend(examine::repair(&path, CACHE_BYTES)?);
        let text = "state.redb was written anew; the damaged one is state.redb.damaged";
        done.push(text.to_owned());
    }
    let seq = examine::examine(&path, CACHE_BYTES)?.seq.unwrap_or(Seq(0));
    let log_dir = dir.join("log");
    if let Err(error) = log::inspect(&log_dir, seq) {
        let aside = dir.join("log.damaged");
        anyhow::ensure!(
            !aside.exists(),
            "{} is there already; move it elsewhere first",
            aside.display()
        );
        std::fs::rename(&log_dir, &aside)?;
        done.push(format!("log: {error}"));
        if let LogError::Damaged { file, offset, .. } = &error {
            copy_before(&aside, &log_dir, file, *offset)?;
        }
        let last = match log::inspect(&log_dir, seq) {
            Ok(Some(kept)) => kept.reader.last_seq(),
            // The state is further on than what is whole of the log.
            Ok(None) | Err(_) => {
                remove_folder(&log_dir)?;
                seq
            }
        };
        done.push(format!(
            "the log is log.damaged now; everything up to entry {last} is kept, what came after is given up"
        ));
    }
    Ok(done)
}

/// The segments before a damaged place, and the damaged one up to there.
fn copy_before(from: &Path, to: &Path, damaged: &Path, offset: u64) -> std::io::Result<()> {
    std::fs::create_dir(to)?;
    for item in std::fs::read_dir(from)? {
        let path = item?.path();
        let is_segment = path.extension().is_some_and(|ending| ending == "log");
        let Some(name) = path.file_name().filter(|_| is_segment) else {
            continue;
        };
        let target = to.join(name);
        if Some(name) < damaged.file_name() {
            std::fs::copy(&path, target)?;
        } else if Some(name) == damaged.file_name() && offset > 0 {
            std::fs::copy(&path, &target)?;
            let file = std::fs::File::options().write(true).open(&target)?;
            file.set_len(offset)?;
            file.sync_all()?;
        }
    }
    Ok(())
}

fn remove_folder(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
