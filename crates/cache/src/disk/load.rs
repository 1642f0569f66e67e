//! Reading everything back at the start.

use super::super::OpenError;
use super::super::clock::Clock;
use super::super::effect::Effect;
use super::super::shard::{SHARDS, Shard};
use super::super::values::Packing;
use super::Cut;
use super::files::{Dir, HEADER_BYTES, Header, Kind, Listing, io_error};
use super::replay::{self, Part};
use std::fs::{File, OpenOptions};
use std::ops::Range;
use std::path::{Path, PathBuf};

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
    pub expired: usize,
    /// Log entries that say what has expired, for the new tail: should the wall clock be set back
    /// later, those keys must not come back.
    pub removals: Vec<Vec<u8>>,
}

/// The files that count, as they are on disk.
pub(super) struct Files {
    pub base: Option<Base>,
    pub tails: Vec<Tail>,
}

pub(super) struct Base {
    pub path: PathBuf,
    pub generation: u64,
    pub bytes: Vec<u8>,
}

pub(super) struct Tail {
    pub path: PathBuf,
    pub generation: u64,
    pub bytes: Vec<u8>,
    pub header: Result<Header, String>,
}

impl Tail {
    /// The crash came while the file was being made: nothing was ever in it.
    pub fn never_begun(&self) -> bool {
        self.header.is_err() && self.bytes.len() <= HEADER_BYTES
    }
}

impl Files {
    /// Reads the newest base and all tails since.
    pub fn read(dir: &Dir) -> Result<(Files, Vec<PathBuf>), OpenError> {
        let Listing {
            bases,
            mut tails,
            unfinished,
        } = dir.list()?;
        let base = bases.last().copied();
        tails.retain(|&tail| base.is_none_or(|base| tail >= base));
        expect_all(dir, base, &tails)?;
        let read = |path: &Path| std::fs::read(path).map_err(io_error("read", path));
        let base = match base {
            None => None,
            Some(generation) => {
                let path = dir.base(generation);
                let bytes = read(&path)?;
                Some(Base {
                    path,
                    generation,
                    bytes,
                })
            }
        };
        let tails = tails.into_iter().map(|generation| {
            let path = dir.tail(generation);
            let bytes = read(&path)?;
            let header = Header::decode(&bytes, Kind::Tail);
            Ok(Tail {
                path,
                generation,
                bytes,
                header,
            })
        });
        let tails = tails.collect::<Result<Vec<Tail>, OpenError>>()?;
        Ok((Files { base, tails }, unfinished))
    }

    fn len_bytes(&self) -> usize {
        let base_bytes = self.base.as_ref().map_or(0, |base| base.bytes.len());
        let tails = self.tails.iter().map(|tail| tail.bytes.len());
        base_bytes + tails.sum::<usize>()
    }
}

/// Tails are numbered without gaps, from the base's number or from 1.
fn expect_all(dir: &Dir, base: Option<u64>, tails: &[u64]) -> Result<(), OpenError> {
    if base.is_none() && tails.is_empty() {
        return Ok(());
    }
    if base.is_none() && tails.first() != Some(&1) {
        let path = dir.base(tails[0]);
        return Err(OpenError::Missing { path });
    }
    let first = base.unwrap_or(1);
    for (expected, at) in (first..).zip(0..tails.len().max(1)) {
        if tails.get(at) != Some(&expected) {
            let path = dir.tail(expected);
            return Err(OpenError::Missing { path });
        }
    }
    Ok(())
}

/// Reads a directory, making it if there is none. Each thread reads all of the files and keeps the
/// keys of its own shards: most of the time goes into those.
pub(in super::super) fn load(path: &Path, clock: &Clock) -> Result<Loaded, OpenError> {
    std::fs::create_dir_all(path).map_err(io_error("create", path))?;
    let dir = Dir(path.to_path_buf());
    let (files, unfinished) = Files::read(&dir)?;
    for path in unfinished {
        std::fs::remove_file(&path).map_err(io_error("remove", &path))?;
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = match files.len_bytes() < SHARED_BYTES {
        true => 1,
        false => cores.clamp(1, MAX_THREADS),
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
    let mut part = replay::replay(files, clock, &Packing::default(), range)?;
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
    Ok(Loading {
        part,
        expired,
        removals,
    })
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
