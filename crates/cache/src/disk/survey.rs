//! Verifying the files without changing them, also while they are being written.

use super::super::clock::Clock;
use super::super::{Embedded, OpenError, Packing};
use super::Cut;
use super::files::Dir;
use super::fileset::Files;
use super::replay;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// While others write, the end of the log is half written at times, and a rewrite takes files away.
const TRIES: usize = 100;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// What the files of a cache hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The snapshot, if there is one, then the parts of the append log since.
    pub files: Vec<Surveyed>,
    /// The number of the last entry of the log.
    pub position: u64,
    /// The last part of the log ends in something that is no entry.
    pub torn: Option<Cut>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surveyed {
    pub path: PathBuf,
    /// A snapshot, with `count` keys; else a part of the log, with `count` entries.
    pub is_snapshot: bool,
    pub count: u64,
    pub size_bytes: u64,
}

/// Verifies the files of a cache that nobody has open. Changes nothing.
pub fn survey(path: &Path, clock: &Clock) -> Result<Survey, OpenError> {
    let (files, _) = Files::read(&Dir(path.to_path_buf()))?;
    let part = replay::replay(&files, clock, &Packing::default(), 0..0)?;
    let base = files.base.into_iter().map(|base| Surveyed {
        path: base.path,
        is_snapshot: true,
        count: part.base_keys,
        size_bytes: base.bytes.len() as u64,
    });
    let tails = files.tails.into_iter().zip(&part.entries);
    let tails = tails.map(|(tail, entries)| Surveyed {
        path: tail.path,
        is_snapshot: false,
        count: *entries,
        size_bytes: tail.bytes.len() as u64,
    });
    Ok(Survey {
        files: base.chain(tails).collect(),
        position: part.next_seq - 1,
        torn: part.cuts.into_iter().next(),
    })
}

impl Embedded {
    /// Verifies the files as they are on disk now; `None` without files. Reads all of them, so it
    /// blocks for as long as that takes.
    pub fn survey(&self) -> Option<Result<Survey, OpenError>> {
        let path = self.path()?;
        let mut before = None;
        let mut tries = 1;
        loop {
            let found = survey(path, self.clock());
            let moves = match &found {
                Ok(Survey { torn: None, .. }) => false,
                // Twice the same is nobody's half-written entry.
                Ok(survey) => before.as_ref() != Some(survey),
                Err(OpenError::Missing { .. }) => true,
                Err(OpenError::Io { source, .. }) => source.kind() == io::ErrorKind::NotFound,
                Err(OpenError::Damaged { .. }) => false,
            };
            if !moves || tries == TRIES {
                return Some(found);
            }
            before = found.ok();
            tries += 1;
            std::thread::sleep(BETWEEN_TRIES);
        }
    }
}
