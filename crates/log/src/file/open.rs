//! From files to a log: everything is looked at before anything is changed.
use super::change::remove;
use super::disk::{Disk, RealDisk};
use super::frame::Format;
use super::last_run::{self, LastRun};
use super::load::{Known, Last, Loaded, load};
use super::options::{Fsync, Options};
use super::recent::Recent;
use super::segment::{self, Segment, parse_name};
use super::shared::{Durable, Shared, State};
use super::syncer::Syncer;
use super::tail;
use super::writer::FileLog;
use crate::{Log, LogError};
use maru_domain::Seq;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The log, and what the caller should tell somebody.
pub struct Opened {
    pub log: FileLog,
    /// Something was cut off the end.
    pub torn: Option<TornTail>,
    /// It has begun `Options::new_epoch`.
    pub new_epoch: Option<NewEpoch>,
}

/// The last segment had an end that was never known to be durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TornTail {
    pub file: PathBuf,
    /// Where the file ends now; 0 if not even its header was whole, and it was made anew.
    pub offset: u64,
    pub dropped_bytes: u64,
}

/// Why an opened log is in another epoch than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewEpoch {
    /// There was no log.
    Created,
    /// The machine went down before everything was synced.
    UnsyncedLost,
    /// The header of the last segment was lost, and the epoch with it.
    HeaderTorn,
    /// `last-run` is missing or unreadable: nobody knows what happened to these files.
    UnknownPast,
}

impl fmt::Display for TornTail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, offset, dropped) = (self.file.display(), self.offset, self.dropped_bytes);
        write!(
            f,
            "cut an incomplete end of {dropped} bytes off {file} at byte {offset}"
        )
    }
}

impl fmt::Display for NewEpoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NewEpoch::Created => "the log is new",
            NewEpoch::UnsyncedLost => "the machine went down before everything was synced",
            NewEpoch::HeaderTorn => "the header of the last segment was lost",
            NewEpoch::UnknownPast => "the file `last-run` is missing or unreadable",
        })
    }
}

impl FileLog {
    /// Opens or creates the log.
    ///
    /// # Errors
    /// [`LogError::Damaged`], [`LogError::FutureVersion`]: nothing was changed. I/O errors.
    pub fn open(options: Options) -> Result<Opened, LogError> {
        FileLog::open_on(options, Arc::new(RealDisk))
    }

    /// As [`open`](FileLog::open), on a disk that may fail.
    pub fn open_on(options: Options, disk: Arc<dyn Disk>) -> Result<Opened, LogError> {
        let dir = options.dir.clone();
        make_dir(&*disk, &dir)?;
        let listed = list(&dir)?;
        let past = LastRun::read(&dir)?;
        let active_then = past.as_ref().and_then(|run| run.active);
        if let Some(missing) = active_then.filter(|then| listed.segments.last() < Some(then)) {
            return Err(last_run::missing(&dir, missing));
        }
        let stopped_at = past.as_ref().and_then(|run| run.stopped_at);
        let known = Known::new(stopped_at, options.after.0);
        let mut loaded = load(&dir, &listed.segments, known)?;

        for leftover in &listed.leftovers {
            remove(leftover)?;
        }
        let boot_id = options.boot_id.clone().unwrap_or_else(last_run::boot_id);
        let reason = new_epoch(&loaded, past.as_ref(), &boot_id);
        let torn = complete(&*disk, &options, &mut loaded, past.as_ref())?;

        let end = loaded.segments.last().map_or(0, |segment| segment.end());
        let epoch = loaded.segments.last().map(|segment| segment.header.epoch);
        let state = State {
            segments: loaded.segments,
            visible: loaded.last,
            hash: loaded.hash,
            recent: Recent::new(options.recent_bytes),
            interrupts: 0,
            durable: Durable {
                seq: loaded.last,
                hash: loaded.hash,
                end,
            },
            generation: 0,
            poison: None,
        };
        let mut log = FileLog {
            shared: Arc::new(Shared::new(dir.clone(), disk, state)),
            epoch: epoch.unwrap_or(options.new_epoch),
            options,
            boot_id,
            syncer: None,
            buffer: Vec::new(),
            carried: Vec::new(),
        };
        if reason.is_some() && log.epoch != log.options.new_epoch {
            log.begin_epoch(log.options.new_epoch)?;
        }
        if log.shared.state().active().header.format != Format::V2 {
            log.start_segment()?;
        }
        let active = log.shared.state().active();
        active.reserve(&*log.shared.disk);
        let active = active.header.first;
        log.note_run(Some(active), None)?;
        if log.options.fsync == Fsync::EverySec {
            let started = Syncer::start(log.shared.clone());
            log.syncer = Some(started.map_err(|e| LogError::io(&dir, e))?);
        }
        Ok(Opened {
            log,
            torn,
            new_epoch: reason,
        })
    }
}

fn make_dir(disk: &dyn Disk, dir: &Path) -> Result<(), LogError> {
    if dir.is_dir() {
        return Ok(());
    }
    let made = fs::create_dir_all(dir).and_then(|()| match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => disk.sync_dir(parent),
        _ => Ok(()),
    });
    made.map_err(|e| LogError::io(dir, e))
}

pub(super) struct Listed {
    /// First positions, ascending.
    pub segments: Vec<Seq>,
    /// Files that this log was making when it died.
    pub leftovers: Vec<PathBuf>,
}

/// Files with other names are somebody else's, and left alone.
pub(super) fn list(dir: &Path) -> Result<Listed, LogError> {
    let failed = |e| LogError::io(dir, e);
    let mut listed = Listed {
        segments: Vec::new(),
        leftovers: Vec::new(),
    };
    for item in fs::read_dir(dir).map_err(failed)? {
        let item = item.map_err(failed)?;
        let name = item.file_name();
        let Some(name) = name.to_str() else { continue };
        if let Some(first) = parse_name(name) {
            listed.segments.push(first);
        } else if let Some(stem) = name.strip_suffix(".tmp")
            && (parse_name(stem).is_some() || stem == "last-run" || stem == "probe")
        {
            listed.leftovers.push(item.path());
        }
    }
    listed.segments.sort_unstable();
    Ok(listed)
}

fn new_epoch(loaded: &Loaded, past: Option<&LastRun>, boot_id: &str) -> Option<NewEpoch> {
    let Some(past) = past else {
        let new = matches!(loaded.tail, Last::None);
        return Some(if new {
            NewEpoch::Created
        } else {
            NewEpoch::UnknownPast
        });
    };
    let same_boot = past.boot_id == boot_id && !boot_id.is_empty();
    match (&loaded.tail, past.stopped_at) {
        (Last::None, _) => Some(NewEpoch::Created),
        (Last::NoHeader { .. }, _) => Some(NewEpoch::HeaderTorn),
        // Where it ended then has been looked at already.
        (_, Some(_)) => None,
        (_, None) if past.fsync == Fsync::Always || same_boot => None,
        (_, None) => Some(NewEpoch::UnsyncedLost),
    }
}

/// Leaves whole segments, all of them durable, at least one.
fn complete(
    disk: &dyn Disk,
    options: &Options,
    loaded: &mut Loaded,
    past: Option<&LastRun>,
) -> Result<Option<TornTail>, LogError> {
    let (first, file_len) = match loaded.tail {
        Last::None => {
            (loaded.last, loaded.hash) = options.after;
            (loaded.last.next(), None)
        }
        Last::NoHeader { file_len } => (loaded.last.next(), Some(file_len)),
        Last::Whole { durable, file_len } => {
            let Some(last) = loaded.segments.last() else {
                return Ok(None);
            };
            let closed_well = past.and_then(|run| run.stopped_at) == Some(loaded.last);
            return make_sure(disk, last, durable, file_len, closed_well);
        }
    };
    let dir = &options.dir;
    let fresh = Segment::create(disk, dir, first, loaded.hash, options.new_epoch, &[])?;
    loaded.segments.push(Arc::new(fresh));
    Ok(file_len.map(|dropped_bytes| TornTail {
        file: dir.join(segment::name(first)),
        offset: 0,
        dropped_bytes,
    }))
}

/// Cuts what is torn, and makes sure of the rest.
fn make_sure(
    disk: &dyn Disk,
    last: &Segment,
    durable: Seq,
    file_len: u64,
    closed_well: bool,
) -> Result<Option<TornTail>, LogError> {
    let offset = last.end();
    let torn = (file_len > offset).then(|| TornTail {
        file: last.path.clone(),
        offset,
        dropped_bytes: file_len - offset,
    });
    let done = (|| {
        if torn.is_some() {
            disk.truncate(&last.file, offset)?;
        }
        if torn.is_some() || !closed_well {
            tail::rewrite(disk, last, last.nearest(durable.next()))?;
        }
        Ok(())
    })();
    done.map_err(|e| last.io(e))?;
    Ok(torn)
}
