//! The journal of events: what clients that come back read.
//!
//! Derived from the log, so it is not synced but at checkpoints, and thrown away when in doubt:
//! then clients start over, and nothing is lost.

use crate::domain::{LogHash, Seq};
use crate::live::{Packet, kept};
use crate::log::{FileLog, Fsync, Log, LogError, LogReader, NewEpoch, Options};
use bytes::Bytes;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

pub(super) struct Journal {
    log: FileLog,
    dir: PathBuf,
    retain: Retain,
    broken: bool,
    /// When the newest file of the journal was begun, as far as this process knows.
    begun: Instant,
    looked: Instant,
}

/// How much of the past is kept, and how long.
#[derive(Clone, Copy, Debug)]
pub struct Retain {
    pub bytes: u64,
    pub age: Option<Duration>,
}

/// Ages are looked at this often.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Old events go by whole files: each holds those of a part of the age.
const FILES_OF_AN_AGE: u32 = 8;

/// The journal as it was left.
pub(super) struct Kept {
    log: FileLog,
    dir: PathBuf,
    retain: Retain,
    is_new: bool,
}

impl Kept {
    pub fn open(dir: &Path, epoch: u64, retain: Retain) -> Result<Kept, LogError> {
        let options = || Options {
            fsync: Fsync::Never,
            // Old events go by whole segments.
            segment_bytes: (retain.bytes / 8).clamp(1 << 20, 16 << 20),
            ..Options::new(dir, epoch)
        };
        let opened = match FileLog::open(options()) {
            Err(error @ LogError::Damaged { .. }) => {
                tracing::warn!(%error, "the journal of events is thrown away; clients start over");
                std::fs::remove_dir_all(dir).map_err(|source| LogError::Io {
                    file: dir.to_owned(),
                    source: Arc::new(source),
                })?;
                FileLog::open(options())?
            }
            opened => opened?,
        };
        if opened.new_epoch == Some(NewEpoch::UnknownPast) {
            tracing::warn!("events/last-run is missing or damaged; it is written anew");
        }
        Ok(Kept {
            is_new: opened.new_epoch == Some(NewEpoch::Created),
            log: opened.log,
            dir: dir.to_owned(),
            retain,
        })
    }

    /// There was none.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    pub fn epoch(&self) -> u64 {
        self.log.epoch()
    }

    pub fn last_seq(&self) -> Seq {
        self.log.last_seq()
    }

    /// The journal, ending at `seq`, where the state stands.
    pub fn at(self, epoch: u64, seq: Seq) -> Result<Journal, LogError> {
        let Kept {
            mut log,
            dir,
            retain,
            ..
        } = self;
        if log.last_seq() < seq || seq.next() < log.first_seq() {
            log.reset(seq.next(), LogHash::NONE)?;
        } else if log.last_seq() > seq {
            // Replaying the log writes these again.
            log.truncate_after(seq)?;
        }
        if log.epoch() != epoch {
            log.begin_epoch(epoch)?;
        }
        Ok(Journal {
            log,
            dir,
            retain,
            broken: false,
            begun: Instant::now(),
            looked: Instant::now(),
        })
    }
}

/// The first position of each file, and when it was last written.
fn files(dir: &Path) -> Vec<(u64, SystemTime)> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let about = |entry: std::fs::DirEntry| {
        let name = entry.file_name();
        let first = name.to_str()?.strip_suffix(".log")?.parse().ok()?;
        Some((first, entry.metadata().ok()?.modified().ok()?))
    };
    entries.filter_map(about).collect()
}

impl Journal {
    pub fn reader(&self) -> LogReader {
        self.log.reader()
    }

    pub fn size_bytes(&self) -> u64 {
        self.log.size_bytes()
    }

    /// Adds the events of the entries from `first` on, one slot for each entry.
    pub fn append(&mut self, first: Seq, slots: &[Vec<Arc<Packet>>]) {
        if let Err(error) = self.try_append(first, slots)
            && !std::mem::replace(&mut self.broken, true)
        {
            tracing::error!(%error, "the journal of events cannot be written; clients that come back will start over");
        }
    }

    fn try_append(&mut self, first: Seq, slots: &[Vec<Arc<Packet>>]) -> Result<(), LogError> {
        if self.broken {
            self.log.recover()?;
            self.log.reset(first, LogHash::NONE)?;
            self.broken = false;
            tracing::warn!("the journal of events is written again");
        }
        let payloads: Vec<Bytes> = slots.iter().map(|packets| kept::encode(packets)).collect();
        self.log.append(&payloads).map(drop)
    }

    /// Durable up to here; what is over the limit goes.
    pub fn checkpoint(&mut self) -> Result<(), LogError> {
        if self.broken {
            return Ok(());
        }
        self.log.sync()?;
        let size = self.log.size_bytes();
        if size > self.retain.bytes {
            let (first, last) = (self.log.first_seq(), self.log.last_seq());
            let entries = last.0.saturating_sub(first.0) + 1;
            let over =
                u128::from(size - self.retain.bytes) * u128::from(entries) / u128::from(size);
            self.log
                .trim(Seq(first.0 + u64::try_from(over).unwrap_or(0)))?;
        }
        match self.retain.age {
            Some(age) if self.looked.elapsed() >= LOOK_EVERY.min(age) => {
                self.looked = Instant::now();
                self.let_go_by_age(age)
            }
            _ => Ok(()),
        }
    }

    /// A file whose last event is older goes; the newest stays, and is not written for long.
    fn let_go_by_age(&mut self, age: Duration) -> Result<(), LogError> {
        if self.begun.elapsed() >= age / FILES_OF_AN_AGE {
            let epoch = self.log.epoch();
            self.log.begin_epoch(epoch)?;
            self.begun = Instant::now();
        }
        let mut files = files(&self.dir);
        files.sort_unstable();
        let now = SystemTime::now();
        let too_old = |written: SystemTime| now.duration_since(written).is_ok_and(|old| old > age);
        let before_newest = files.len().saturating_sub(1);
        let mut old = files[..before_newest].iter();
        if let Some(at) = old.rposition(|(_, written)| too_old(*written)) {
            self.log.trim(Seq(files[at + 1].0))?;
        }
        Ok(())
    }

    /// Lets go of everything so far: who was away starts over.
    pub fn turn(&mut self) -> Result<(), LogError> {
        if self.broken {
            return Ok(());
        }
        let epoch = self.log.epoch();
        self.log.begin_epoch(epoch)?;
        let last = self.log.last_seq();
        self.log.trim(last.next())
    }
}
