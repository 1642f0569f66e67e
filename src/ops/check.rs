//! Log, state and search index verified against each other, and the files of the cache.

use super::check_index::check_index;
use crate::cache::{Embedded, OpenError};
use crate::domain::{MessageId, Refusal, RoomId, RoomKind, Seq};
use crate::engine::Engine;
use crate::files::Store;
use crate::log::{LogError, LogReader, codec};
use crate::search::Search;
use crate::state::{Located, Reader, StateError, examine};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Messages read at a time.
const PAGE: usize = 1000;
/// Findings that are written out.
const SHOWN: usize = 100;

/// What is looked at beside the engine.
#[derive(Clone)]
pub struct CheckTarget {
    pub log: LogReader,
    pub search: Arc<Search>,
    pub files: Store,
    pub cache: Arc<Embedded>,
    /// An index that is being built is waited for.
    pub waits: bool,
}

/// What was verified, and what is wrong.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Report {
    pub entries: u64,
    pub users: u64,
    pub rooms: u64,
    pub messages: u64,
    pub indexed: u64,
    /// Keys in the cache.
    pub keys: u64,
    /// Contents of uploaded files.
    #[serde(default)]
    pub files: u64,
    /// What was seen that is not wrong, in sentences.
    pub notes: Vec<String>,
    /// The first findings, in sentences.
    pub findings: Vec<String>,
    pub finding_count: u64,
}

impl Report {
    pub(super) fn find(&mut self, finding: String) {
        self.finding_count += 1;
        if self.findings.len() < SHOWN {
            self.findings.push(finding);
        }
    }
}

/// Verifies everything as of one position. Blocks for as long as reading everything takes.
pub fn check(engine: &Engine, target: &CheckTarget) -> Result<Report, Refusal> {
    let mut report = Report::default();
    let reader = engine.read()?;
    check_log(&target.log, reader.seq(), &mut report);
    // Every row of every table, then what they say of each other.
    match examine::rows(&reader) {
        Ok(found) => found
            .findings
            .into_iter()
            .for_each(|text| report.find(text)),
        Err(error) => report.find(format!("state: {error}")),
    }
    let mut said = Said::new();
    if let Err(error) = check_state(&reader, &mut report, &mut said) {
        report.find(format!("state: {error}"));
    }
    if let Err(error) = check_index(engine, target, &said, &mut report) {
        report.find(format!("index: {error}"));
    }
    check_files(&target.files, &reader, &mut report);
    check_cache(&target.cache, &mut report);
    Ok(report)
}

/// The messages that can be found, by room.
pub(super) type Said = BTreeMap<RoomId, BTreeSet<MessageId>>;

/// Every content that some file has is there, and is what its name says.
pub(super) fn check_files(store: &Store, reader: &Reader, report: &mut Report) {
    let contents = match reader.contents() {
        Ok(contents) => contents,
        Err(error) => return report.find(format!("files: {error}")),
    };
    let contents: BTreeSet<String> = contents.into_iter().collect();
    for content in contents {
        report.files += 1;
        if let Err(error) = store.verify_now(&content) {
            report.find(format!("files: {error}"));
        }
    }
}

fn check_log(log: &LogReader, state_seq: Seq, report: &mut Report) {
    let (first, last) = (log.first_seq(), log.last_seq());
    if state_seq.next() < first || state_seq > last {
        report.find(format!(
            "the state stands at {state_seq}, but the log holds {first} to {last}"
        ));
    }
    let mut expected = first;
    for entry in log.entries(first) {
        match entry {
            Ok(entry) => {
                if entry.seq != expected {
                    report.find(format!("log: {expected} is missing"));
                }
                if let Err(error) = codec::entry(&entry) {
                    report.find(format!("log: entry {} cannot be read: {error}", entry.seq));
                }
                expected = entry.seq.next();
                report.entries += 1;
            }
            // A running server gave up segments that it needs no more.
            Err(LogError::Trimmed { .. }) => return,
            Err(error) => report.find(format!("log: {error}")),
        }
    }
}

fn check_state(reader: &Reader, report: &mut Report, said: &mut Said) -> Result<(), StateError> {
    let mut people = BTreeSet::new();
    for user in reader.users()? {
        report.users += 1;
        people.insert(user.id);
        let named = reader.account_by_name(&user.username)?;
        if named.is_none_or(|account| account.user.id != user.id) {
            report.find(format!(
                "state: the name {} does not lead to user {}",
                user.username, user.id
            ));
        }
    }
    for id in reader.room_ids()? {
        report.rooms += 1;
        said.insert(id, BTreeSet::new());
        let Some(room) = reader.room_record(id)? else {
            continue;
        };
        if room.kind != RoomKind::Direct && reader.room_by_name(&room.name)? != Some(id) {
            report.find(format!(
                "state: the name {} does not lead to room {id}",
                room.name
            ));
        }
        let members = reader.member_ids(id)?;
        if members.len() as u64 != room.member_count {
            let count = room.member_count;
            report.find(format!(
                "state: room {id} counts {count} members and has {}",
                members.len()
            ));
        }
        for user in members {
            if !people.contains(&user) || !reader.is_member(id, user)? {
                report.find(format!(
                    "state: the membership of user {user} in room {id} is half"
                ));
            }
        }
    }
    let mut after = None;
    loop {
        let page = reader.all_messages(after, PAGE)?;
        let Some(last) = page.last() else {
            break;
        };
        after = Some(last.key());
        for Located { id, place, record } in page {
            report.messages += 1;
            if !people.contains(&record.author) {
                report.find(format!("state: message {id} has no author"));
            }
            match said.get_mut(&place.room) {
                // What is left of rooms that were deleted goes by and by.
                None => {}
                Some(messages) if !record.deleted => {
                    messages.insert(id);
                }
                Some(_) => {}
            }
        }
    }
    if report.messages != reader.message_count()? {
        let count = reader.message_count()?;
        report.find(format!(
            "state: {count} messages are counted, {} are there",
            report.messages
        ));
    }
    Ok(())
}

fn check_cache(cache: &Embedded, report: &mut Report) {
    report.keys = cache.stats().keys.iter().map(|(keys, _)| keys).sum();
    for damage in &cache.load_report().damages {
        let (path, what) = (damage.path.display(), &damage.what);
        let kept = match &damage.aside {
            Some(aside) => format!("; it is kept as {}", aside.display()),
            None => String::new(),
        };
        let text = format!("cache: {path}: {what}, when it was opened{kept}");
        report.notes.push(text);
    }
    for cut in &cache.load_report().cuts {
        report.notes.push(format!(
            "cache: {} was torn at byte {} when it was opened, as a crash leaves it; {} bytes of the last writes \
             before that are cut away",
            cut.path.display(),
            cut.offset,
            cut.lost_bytes
        ));
    }
    const ANEW: &str = "the server still has every key in memory and writes new files at once: run `maru check` \
                        again in a minute, and look after the disk";
    match cache.survey() {
        None => {}
        Some(Ok(survey)) => {
            for file in &survey.files {
                let what = if file.is_snapshot {
                    "keys in a snapshot"
                } else {
                    "entries of the append log"
                };
                let (path, count, bytes) = (file.path.display(), file.count, file.size_bytes);
                let note = format!("cache: {path}: {count} {what}, {bytes} bytes, whole");
                report.notes.push(note);
            }
            if let Some(cut) = survey.torn {
                let (path, offset) = (cut.path.display(), cut.offset);
                report.find(format!(
                    "cache: {path} cannot be read from byte {offset} on; {ANEW}"
                ));
                cache.rewrite();
            } else {
                let position = survey.position;
                report.notes.push(format!(
                    "cache: the append log is whole up to entry {position}"
                ));
            }
        }
        Some(Err(error)) => {
            let text = match error {
                OpenError::Damaged { path, offset, what } => {
                    format!("{} is damaged at byte {offset} ({what})", path.display())
                }
                OpenError::Missing { path } => format!("{} is missing", path.display()),
                OpenError::Io { path, source, .. } => {
                    format!("{} cannot be read ({source})", path.display())
                }
            };
            report.find(format!("cache: {text}; {ANEW}"));
            cache.rewrite();
        }
    }
}
