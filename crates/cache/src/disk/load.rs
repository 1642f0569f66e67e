//! Reading everything back at the start.

use super::super::OpenError;
use super::super::clock::Clock;
use super::super::effect::Effect;
use super::super::shard::{SHARDS, Shard};
use super::super::values::Packing;
use super::files::{Dir, io_error};
use super::fileset::Files;
use super::replay::{self, Part};
use super::{Cut, Damage, Gone, salvage};
use std::fs::{File, OpenOptions};
use std::ops::Range;
use std::path::Path;

/// Less than this is read faster by one thread than by several.
const SHARED_BYTES: usize = 1 << 20;
/// More threads than this do not read faster.
const MAX_THREADS: usize = 8;

/// What the files held.
pub(in super::super) struct Loaded {
    pub shards: Vec<Shard>,
    pub next_seq: u64,
    /// Of the tail that is to be begun.
    pub generation: u64,
    /// The newest base, and tails since.
    pub base_bytes: u64,
    pub tail_bytes: u64,
    pub tails: usize,
    pub cuts: Vec<Cut>,
    /// What was damaged; the keys are to be written anew.
    pub damages: Vec<Damage>,
    pub gone: Gone,
    pub expired: usize,
    /// Log entries that say what has expired, for the new tail: should the wall clock be set back
    /// later, those keys must not come back.
    pub removals: Vec<Vec<u8>>,
}

/// Reads a directory, making it if there is none. Each thread reads all of the files and keeps the
/// keys of its own shards: most of the time goes into those.
///
/// What is damaged or missing is salvaged.
pub(in super::super) fn load(path: &Path, clock: &Clock) -> Result<Loaded, OpenError> {
    let now_unix_s = clock.unix_ms() / 1000;
    let unusable = folder(path, now_unix_s)?;
    let dir = Dir(path.to_path_buf());
    for path in dir.list()?.unfinished {
        // In nobody's way if it stays.
        if let Err(error) = std::fs::remove_file(&path) {
            tracing::warn!(path = %path.display(), %error, "what a crash left of a snapshot cannot be removed");
        }
    }
    let mut loaded = match load_whole(&dir, clock) {
        Ok(loaded) => loaded,
        Err(error) => {
            tracing::warn!(%error, "the cache's files are not whole; what can be read of them is kept");
            load_rest(&dir, clock)?
        }
    };
    for damage in &mut loaded.damages {
        if damage.offset.is_some() {
            damage.aside = Some(Dir::aside(&damage.path, now_unix_s));
        }
    }
    loaded.gone.is_uncounted |= unusable.is_some();
    loaded.damages.extend(unusable);
    Ok(loaded)
}

/// Makes the directory. Something else in its place is put aside.
fn folder(path: &Path, now_unix_s: u64) -> Result<Option<Damage>, OpenError> {
    let create = || std::fs::create_dir_all(path).map_err(io_error("create", path));
    let Err(error) = create().and_then(|()| Dir(path.to_path_buf()).list()) else {
        return Ok(None);
    };
    if !path.exists() {
        return Err(error);
    }
    let aside = Dir::aside(path, now_unix_s);
    std::fs::rename(path, &aside).map_err(io_error("rename", path))?;
    create()?;
    Ok(Some(Damage {
        path: path.to_path_buf(),
        offset: Some(0),
        what: error.to_string(),
        places: 1,
        is_mended: false,
        aside: Some(aside),
    }))
}

fn load_rest(dir: &Dir, clock: &Clock) -> Result<Loaded, OpenError> {
    let salvaged = salvage::salvage(dir, clock)?;
    let Loading {
        part,
        expired,
        removals,
    } = ended(salvaged.part, clock);
    Ok(Loaded {
        shards: part.shards,
        next_seq: part.next_seq,
        generation: salvaged.generation,
        base_bytes: 0,
        tail_bytes: part.tail_bytes,
        tails: salvaged.tails,
        cuts: part.cuts,
        damages: salvaged.damages,
        gone: salvaged.gone,
        expired,
        removals,
    })
}

fn load_whole(dir: &Dir, clock: &Clock) -> Result<Loaded, OpenError> {
    let (files, _) = Files::read(dir)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = if files.len_bytes() < SHARED_BYTES {
        1
    } else {
        cores.clamp(1, MAX_THREADS)
    };
    let ranges: Vec<Range<usize>> = (0..threads)
        .map(|at| SHARDS * at / threads..SHARDS * (at + 1) / threads)
        .collect();
    let parts: Vec<Result<Loading, OpenError>> = std::thread::scope(|scope| {
        let files = &files;
        let begin = |range| scope.spawn(move || part(files, clock, range));
        let threads: Vec<_> = ranges.into_iter().map(begin).collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined
            .map(|joined| joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let mut loaded: Option<Loaded> = None;
    for loading in parts {
        let Loading {
            part,
            expired,
            removals,
        } = loading?;
        match &mut loaded {
            None => {
                loaded = Some(Loaded {
                    shards: part.shards,
                    next_seq: part.next_seq,
                    generation: next_generation(&files),
                    base_bytes: files
                        .base
                        .as_ref()
                        .map_or(0, |base| base.bytes.len() as u64),
                    tail_bytes: part.tail_bytes,
                    tails: files.tails.len(),
                    cuts: part.cuts,
                    damages: Vec::new(),
                    gone: Gone::default(),
                    expired,
                    removals,
                });
            }
            Some(loaded) => {
                loaded.shards.extend(part.shards);
                loaded.expired += expired;
                loaded.removals.extend(removals);
            }
        }
    }
    let loaded = loaded.unwrap_or_else(|| unreachable!("there is at least one thread"));
    for found in &loaded.cuts {
        cut(found)?;
    }
    // What a killed process had written may not be on disk yet: a power cut later would tear a file
    // that is then no longer the last one.
    for tail in files.tails.iter().filter(|tail| !tail.never_begun()) {
        File::open(&tail.path)
            .and_then(|file| file.sync_all())
            .map_err(io_error("sync", &tail.path))?;
    }
    Ok(loaded)
}

/// All keys as the files have them now; changes nothing on disk.
pub(in super::super) fn read_back(
    path: &Path,
    clock: &Clock,
    packing: &Packing,
) -> Result<Vec<Shard>, OpenError> {
    let (files, _) = Files::read(&Dir(path.to_path_buf()))?;
    Ok(replay::replay(&files, clock, packing, 0..SHARDS)?.shards)
}

struct Loading {
    part: Part,
    expired: usize,
    removals: Vec<Vec<u8>>,
}

fn part(files: &Files, clock: &Clock, range: Range<usize>) -> Result<Loading, OpenError> {
    let part = replay::replay(files, clock, &Packing::default(), range)?;
    Ok(ended(part, clock))
}

/// Without the keys whose deadline has passed.
fn ended(mut part: Part, clock: &Clock) -> Loading {
    let mut removals = Vec::new();
    let mut expired = 0;
    for shard in &mut part.shards {
        let mut effects = Vec::new();
        let ended = shard.expire(clock, usize::MAX, &mut |db, slot| {
            let key = slot.key();
            Effect::Remove { db, key }.encode(&mut effects);
        });
        if ended > 0 {
            removals.push(effects);
        }
        expired += ended;
    }
    Loading {
        part,
        expired,
        removals,
    }
}

/// Numbers have no gaps, so that of a file that is removed is used again.
fn next_generation(files: &Files) -> u64 {
    files
        .tails
        .last()
        .map_or(1, |last| last.generation + u64::from(!last.never_begun()))
}

fn cut(found: &Cut) -> Result<(), OpenError> {
    let path = &found.path;
    if found.offset == 0 {
        return std::fs::remove_file(path).map_err(io_error("remove", path));
    }
    let file = OpenOptions::new()
        .write(true)
        .open(path)
        .map_err(io_error("open", path))?;
    file.set_len(found.offset)
        .and_then(|()| file.sync_all())
        .map_err(io_error("cut", path))?;
    if let Some(dir) = path.parent() {
        File::open(dir)
            .and_then(|dir| dir.sync_all())
            .map_err(io_error("sync", dir))?;
    }
    Ok(())
}
