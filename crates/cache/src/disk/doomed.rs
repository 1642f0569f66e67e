//! Files that are not needed any more. A large one that goes at once holds up everybody's syncs, for
//! the file system tells the disk which blocks are free; so they go step by step.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const STEP_BYTES: u64 = 4 << 20;
const STEP_EVERY: Duration = Duration::from_millis(50);
/// Who makes files faster than these steps take them away gets no more than this many.
const MAX_PATHS: usize = 8;

#[derive(Default)]
pub(super) struct Doomed {
    paths: VecDeque<PathBuf>,
    stepped: Option<Instant>,
}

impl Doomed {
    pub fn extend(&mut self, paths: impl IntoIterator<Item = PathBuf>) {
        for path in paths {
            if !self.paths.contains(&path) {
                self.paths.push_back(path);
            }
        }
        while self.paths.len() > MAX_PATHS
            && let Some(path) = self.paths.pop_front()
        {
            remove(&path);
        }
    }

    /// How soon there is a step to take.
    pub fn patience(&self) -> Option<Duration> {
        let since = self.stepped.map_or(STEP_EVERY, |at| at.elapsed());
        (!self.paths.is_empty()).then(|| STEP_EVERY.saturating_sub(since))
    }

    /// Takes a step, if one is due.
    pub fn shorten_in_time(&mut self) {
        if self.patience() != Some(Duration::ZERO) {
            return;
        }
        if let Some(path) = self.paths.front()
            && shorten(path)
        {
            self.paths.pop_front();
        }
        self.stepped = Some(Instant::now());
    }

    /// All at once.
    pub fn remove(&mut self) {
        self.paths.drain(..).for_each(|path| _ = remove(&path));
    }
}

/// `true` once there is nothing left of it, or nothing can be done.
fn shorten(path: &Path) -> bool {
    let length_bytes = path.metadata().map_or(0, |metadata| metadata.len());
    if length_bytes <= STEP_BYTES {
        return remove(path);
    }
    File::options()
        .write(true)
        .open(path)
        .and_then(|file| file.set_len(length_bytes - STEP_BYTES))
        .inspect_err(|error| stays(path, error))
        .is_err()
}

fn remove(path: &Path) -> bool {
    if let Err(error) = std::fs::remove_file(path) {
        stays(path, &error);
    }
    true
}

/// What stays is tried again after the next rewrite.
fn stays(path: &Path, error: &io::Error) {
    tracing::warn!(path = %path.display(), %error, "an old cache file stays");
}
