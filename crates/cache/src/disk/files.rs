//! Names and headers of the files.

use super::super::OpenError;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

pub(super) const HEADER_BYTES: usize = 32;
const MAGIC: &[u8; 8] = b"MARUkeys";
const VERSION: u8 = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileRole {
    Base = 1,
    Tail = 2,
}

/// The first 32 bytes of a file: magic, kind, version, flags, 5 zero bytes, salt, sequence number,
/// and a checksum of all that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub kind: FileRole,
    /// The tail before this one could not be finished, so its end may be torn.
    pub after_failure: bool,
    pub salt: u32,
    /// Of the first entry of a tail; of a base, the generation.
    pub number: u64,
}

impl Header {
    pub fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8] = self.kind as u8;
        bytes[9] = VERSION;
        bytes[10] = u8::from(self.after_failure);
        bytes[16..20].copy_from_slice(&self.salt.to_le_bytes());
        bytes[20..28].copy_from_slice(&self.number.to_le_bytes());
        let check = crc32c::crc32c(&bytes[..28]);
        bytes[28..].copy_from_slice(&check.to_le_bytes());
        bytes
    }

    /// `Err` says what is wrong.
    pub fn decode(bytes: &[u8], kind: FileRole) -> Result<Header, String> {
        let Some(bytes) = bytes.first_chunk::<HEADER_BYTES>() else {
            return Err("the file is shorter than its header".into());
        };
        let number = |at: usize| bytes[at..at + 8].try_into().map_or(0, u64::from_le_bytes);
        let word = |at: usize| bytes[at..at + 4].try_into().map_or(0, u32::from_le_bytes);
        if &bytes[..8] != MAGIC || crc32c::crc32c(&bytes[..28]) != word(28) {
            return Err("the header is not what was written".into());
        }
        if bytes[8] != kind as u8 {
            return Err("this is another kind of file than its name says".into());
        }
        if bytes[9] != VERSION {
            return Err(format!(
                "it is in format {}, written by a newer version; this one reads format {VERSION}",
                bytes[9]
            ));
        }
        Ok(Header {
            kind,
            after_failure: bytes[10] & 1 != 0,
            salt: word(16),
            number: number(20),
        })
    }
}

impl Header {
    /// The header of which one bit is wrong.
    pub fn mended(bytes: &[u8], kind: FileRole) -> Option<Header> {
        let bytes = bytes.first_chunk::<HEADER_BYTES>()?;
        (0..HEADER_BYTES * 8).find_map(|bit| {
            let mut tried = *bytes;
            tried[bit / 8] ^= 1 << (bit % 8);
            Header::decode(&tried, kind).ok()
        })
    }

    /// The salt as it stands there.
    pub fn salt_of(bytes: &[u8]) -> Option<u32> {
        let salt = bytes.first_chunk::<HEADER_BYTES>()?[16..20]
            .try_into()
            .ok()?;
        Some(u32::from_le_bytes(salt))
    }
}

/// One cache directory.
#[derive(Clone, Debug)]
pub(super) struct Dir(pub PathBuf);

/// What is in a cache directory.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Generations, ascending.
    pub bases: Vec<u64>,
    pub tails: Vec<u64>,
    /// Snapshots that a crash interrupted.
    pub unfinished: Vec<PathBuf>,
}

impl Dir {
    pub fn base(&self, generation: u64) -> PathBuf {
        self.0.join(format!("base-{generation:010}.snap"))
    }

    pub fn unfinished(&self, generation: u64) -> PathBuf {
        self.0.join(format!("base-{generation:010}.tmp"))
    }

    pub fn tail(&self, generation: u64) -> PathBuf {
        self.0.join(format!("tail-{generation:010}.log"))
    }

    pub fn list(&self) -> Result<Listing, OpenError> {
        let mut found = Listing::default();
        for entry in std::fs::read_dir(&self.0).map_err(io_error("list", &self.0))? {
            let entry = entry.map_err(io_error("list", &self.0))?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let number = |prefix, suffix| -> Option<u64> {
                name.strip_prefix(prefix)?
                    .strip_suffix(suffix)?
                    .parse()
                    .ok()
            };
            if let Some(generation) = number("base-", ".snap") {
                found.bases.push(generation);
            } else if let Some(generation) = number("tail-", ".log") {
                found.tails.push(generation);
            } else if number("base-", ".tmp").is_some() {
                found.unfinished.push(entry.path());
            }
        }
        found.bases.sort_unstable();
        found.tails.sort_unstable();
        Ok(found)
    }

    /// Makes names durable.
    pub fn sync(&self) -> io::Result<()> {
        File::open(&self.0)?.sync_all()
    }

    /// Where a damaged file is kept from `now_unix_s` on: nobody reads it, and nobody is told twice.
    pub fn aside(path: &Path, now_unix_s: u64) -> PathBuf {
        let named = |more: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(format!(".damaged-{now_unix_s}{more}"));
            PathBuf::from(name)
        };
        let others = (2..).map(|n: u32| named(&format!("-{n}")));
        std::iter::once(named(""))
            .chain(others)
            .find(|path| !path.exists())
            .unwrap_or_else(|| named(""))
    }

    /// All files of earlier generations.
    pub fn before(&self, generation: u64) -> Vec<PathBuf> {
        let Ok(Listing { bases, tails, .. }) = self.list() else {
            return Vec::new();
        };
        let bases = bases.into_iter().filter(|&old| old < generation);
        let tails = tails.into_iter().filter(|&old| old < generation);
        let bases = bases.map(|old| self.base(old));
        bases.chain(tails.map(|old| self.tail(old))).collect()
    }
}

/// Names the file in an error.
pub(super) fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> OpenError {
    let path = path.to_path_buf();
    move |source| OpenError::Io {
        action,
        path,
        source,
    }
}

/// A salt that no other file has.
pub(super) fn fresh_salt() -> u32 {
    let mut bytes = [0; 4];
    match getrandom::fill(&mut bytes) {
        Ok(()) => u32::from_le_bytes(bytes),
        Err(_) => std::time::Instant::now().elapsed().subsec_nanos() ^ std::process::id(),
    }
}
