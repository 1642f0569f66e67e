//! The newest base and the tails since, read into memory.

use super::super::OpenError;
use super::Damage;
use super::files::{Dir, FileRole, HEADER_BYTES, Header, Listing, io_error};
use std::path::{Path, PathBuf};

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
            let header = Header::decode(&bytes, FileRole::Tail);
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

    /// As [`Files::read`], passing over what is missing or cannot be read; that is named.
    pub fn read_what_is_there(dir: &Dir) -> Result<(Files, Vec<Damage>), OpenError> {
        let Listing {
            bases, mut tails, ..
        } = dir.list()?;
        let base = bases.last().copied();
        tails.retain(|&tail| base.is_none_or(|base| tail >= base));
        let mut damages = Vec::new();
        let missing = |path| Damage {
            path,
            offset: None,
            what: "it is missing".to_owned(),
            places: 1,
            is_mended: false,
            aside: None,
        };
        if base.is_none()
            && let Some(&first) = tails.first().filter(|first| **first != 1)
        {
            damages.push(missing(dir.base(first)));
        }
        let first = base.or(tails.first().copied()).unwrap_or(1);
        let last = tails.last().copied().unwrap_or(first);
        // A name that says something absurd is one missing file, not billions.
        let expected = (first..=last).filter(|tail| !tails.contains(tail));
        damages.extend(expected.take(1).map(|tail| missing(dir.tail(tail))));
        let mut read = |path: &Path| {
            std::fs::read(path).unwrap_or_else(|error| {
                let what = format!("it cannot be read: {error}");
                let offset = Some(0);
                damages.push(Damage {
                    offset,
                    what,
                    ..missing(path.to_path_buf())
                });
                Vec::new()
            })
        };
        let base = base.map(|generation| {
            let path = dir.base(generation);
            let bytes = read(&path);
            Base {
                path,
                generation,
                bytes,
            }
        });
        let tails = tails.into_iter().map(|generation| {
            let path = dir.tail(generation);
            let bytes = read(&path);
            let header = Header::decode(&bytes, FileRole::Tail);
            Tail {
                path,
                generation,
                bytes,
                header,
            }
        });
        let tails = tails.collect();
        Ok((Files { base, tails }, damages))
    }

    pub fn len_bytes(&self) -> usize {
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
