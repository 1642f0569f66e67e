//! `MANIFEST`: what the data directory must have, so that what is missing can be named.
//!
//! Lower bounds, brought up to date when files come and when the directory is closed: a segment that
//! came in the last seconds before a crash may not stand in it yet. A directory without one is of an
//! older version, or was just restored.

use super::format::write_beside;
use crate::acme;
use crate::domain::Seq;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io;
use std::path::Path;

const NAME: &str = "MANIFEST";
const SUM: &str = "crc32c = ";

/// Folders and files that every directory has once a server was on it.
const PARTS: &[&str] = &[
    "state.redb",
    "log",
    "events",
    "index",
    "cache",
    "keys",
    "files",
];

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// The log goes so far at least.
    pub seq: u64,
    /// Of [`PARTS`].
    pub parts: BTreeSet<String>,
    /// The newest segment of the log.
    pub segment: Option<String>,
    /// The newest file of the cache.
    pub cache: u64,
    /// How many keys the cache has.
    pub cache_keys: u64,
    /// Files of keys.
    pub keys: BTreeSet<String>,
}

/// What stands in the directory about itself.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    Nothing,
    Damaged,
    Known(Manifest),
}

impl Manifest {
    /// What is in the directory now.
    pub fn of(dir: &Path, seq: Seq, cache_keys: u64) -> Manifest {
        let is_there = |part: &&&str| dir.join(part).exists();
        let numbers = names(&dir.join("cache"));
        let numbers = numbers.iter().filter_map(|name| cache_generation(name));
        let segments = names(&dir.join("log"));
        Manifest {
            seq: seq.0,
            parts: PARTS
                .iter()
                .filter(is_there)
                .map(|part| (*part).to_owned())
                .collect(),
            segment: segments.into_iter().rfind(|name| name.ends_with(".log")),
            cache: numbers.max().unwrap_or(0),
            cache_keys,
            keys: names(&dir.join("keys"))
                .into_iter()
                .filter(|name| !name.ends_with(".tmp") && !name.contains(".damaged"))
                // Certificates are got anew.
                .filter(|name| !acme::is_own(name))
                .collect(),
        }
    }

    pub fn read(dir: &Path) -> io::Result<Found> {
        let text = match std::fs::read(dir.join(NAME)) {
            Ok(bytes) => String::from_utf8(bytes).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(error),
        };
        let known = text.rsplit_once(SUM).and_then(|(body, sum)| {
            let holds = sum == format!("\"{:08x}\"\n", crc32c::crc32c(body.as_bytes()));
            holds.then(|| toml::from_str(body).ok()).flatten()
        });
        Ok(known.map_or(Found::Damaged, Found::Known))
    }

    pub fn write(&self, dir: &Path) -> io::Result<()> {
        let body = toml::to_string(self).map_err(io::Error::other)?;
        let sum = crc32c::crc32c(body.as_bytes());
        write_beside(dir, NAME, &format!("{body}{SUM}\"{sum:08x}\"\n"))
    }

    /// Whether the other one differs in more than what changes with each message.
    pub fn has_other_files(&self, other: &Manifest) -> bool {
        let still = Manifest {
            seq: other.seq,
            cache_keys: other.cache_keys,
            ..self.clone()
        };
        still != *other
    }

    /// What is missing, in sentences that name the file and what goes with it.
    pub fn missing(&self, dir: &Path) -> Vec<String> {
        let mut missing = Vec::new();
        for part in PARTS.iter().filter(|part| self.parts.contains(**part)) {
            if !dir.join(part).exists() {
                missing.push(format!("{part} is missing: {}", self.cost(part)));
            }
        }
        let now = Manifest::of(dir, Seq(0), 0);
        if now.parts.contains("log") && now.segment < self.segment {
            let name = self.segment.as_deref().unwrap_or_default();
            missing.push(format!("log/{name} is missing: {}", self.cost("log")));
        }
        if now.parts.contains("cache") && now.cache < self.cache {
            missing.push(format!(
                "cache/tail-{:010}.log is missing: the last keys that were written to the cache are gone",
                self.cache
            ));
        }
        for name in self.keys.difference(&now.keys) {
            if now.parts.contains("keys") {
                missing.push(format!(
                    "keys/{name} is missing: who signed in with it has to sign in again"
                ));
            }
        }
        missing
    }

    fn cost(&self, part: &str) -> String {
        match part {
            "state.redb" => {
                "it is made again from the log, if that goes back to the beginning".to_owned()
            }
            "log" => format!(
                "it went up to entry {} at least; what the state does not have of that is gone",
                self.seq
            ),
            "events" => "clients that come back load everything anew".to_owned(),
            "index" => "it is built again".to_owned(),
            "cache" => format!(
                "the {} keys that were in it are gone, those of other programs among them; sessions are taken from the state",
                self.cache_keys
            ),
            "keys" => "new ones are made, and everybody has to sign in again".to_owned(),
            _ => "what was uploaded is gone; restore it from a backup".to_owned(),
        }
    }
}

/// What the directory must have, and what of that is missing. A damaged manifest expects nothing.
pub fn expected(dir: &Path) -> io::Result<(Manifest, Vec<String>)> {
    match Manifest::read(dir)? {
        Found::Nothing => Ok(Default::default()),
        Found::Damaged => {
            let file = dir.join(NAME);
            let text = format!(
                "{} is damaged: what is missing cannot be told this time; it is written anew",
                file.display()
            );
            Ok((Manifest::default(), vec![text]))
        }
        Found::Known(known) => {
            let missing = known.missing(dir);
            Ok((known, missing))
        }
    }
}

/// Writes it down; without it, less can be told at the next start.
pub fn keep(manifest: &Manifest, dir: &Path) {
    if let Err(error) = manifest.write(dir) {
        tracing::warn!(%error, "the manifest of the data directory cannot be written");
    }
}

/// Sorted; none where there is no such folder.
fn names(dir: &Path) -> BTreeSet<String> {
    let items = std::fs::read_dir(dir).into_iter().flatten().flatten();
    items
        .filter_map(|item| item.file_name().into_string().ok())
        .collect()
}

/// The number in `base-0000000005.snap` and `tail-0000000005.log`.
fn cache_generation(name: &str) -> Option<u64> {
    let base = name
        .strip_prefix("base-")
        .and_then(|rest| rest.strip_suffix(".snap"));
    let tail = name
        .strip_prefix("tail-")
        .and_then(|rest| rest.strip_suffix(".log"));
    base.or(tail)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dir() -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a directory");
        for folder in ["log", "cache", "keys", "events"] {
            std::fs::create_dir(dir.path().join(folder)).expect("made");
        }
        for file in [
            "state.redb",
            "log/00000000000000000001.log",
            "log/00000000000000000900.log",
            "cache/base-0000000003.snap",
            "cache/tail-0000000003.log",
            "cache/tail-0000000004.log",
            "keys/hs256-1-a.key",
        ] {
            std::fs::write(dir.path().join(file), "x").expect("written");
        }
        dir
    }

    #[test]
    fn each_missing_file_is_named() {
        let dir = dir();
        let known = Manifest::of(dir.path(), Seq(950), 45);
        known.write(dir.path()).expect("written");
        let read = Manifest::read(dir.path()).expect("read");
        assert_eq!(read, Found::Known(known.clone()));
        assert_eq!(known.missing(dir.path()), Vec::<String>::new());
        for (gone, named) in [
            ("cache/tail-0000000004.log", "cache/tail-0000000004.log"),
            (
                "log/00000000000000000900.log",
                "log/00000000000000000900.log",
            ),
            ("keys/hs256-1-a.key", "keys/hs256-1-a.key"),
            ("state.redb", "state.redb"),
            ("events", "events"),
        ] {
            let (path, aside) = (dir.path().join(gone), dir.path().join("aside"));
            std::fs::rename(&path, &aside).expect("moved");
            let missing = known.missing(dir.path());
            assert_eq!(missing.len(), 1, "{missing:?}");
            assert!(
                missing[0].starts_with(&format!("{named} is missing")),
                "{missing:?}"
            );
            std::fs::rename(&aside, &path).expect("moved");
        }
        std::fs::remove_dir_all(dir.path().join("cache")).expect("removed");
        let missing = known.missing(dir.path());
        assert!(
            missing.len() == 1 && missing[0].contains("the 45 keys"),
            "{missing:?}"
        );
    }

    #[test]
    fn one_wrong_bit_of_it_is_no_other_manifest() {
        let dir = dir();
        assert_eq!(Manifest::read(dir.path()).expect("read"), Found::Nothing);
        let known = Manifest::of(dir.path(), Seq(950), 45);
        known.write(dir.path()).expect("written");
        let path = dir.path().join(NAME);
        let bytes = std::fs::read(&path).expect("read");
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, flipped).expect("written");
            assert_eq!(
                Manifest::read(dir.path()).expect("read"),
                Found::Damaged,
                "{bit}"
            );
        }
    }

    #[test]
    fn positions_alone_are_no_other_files() {
        let dir = dir();
        let known = Manifest::of(dir.path(), Seq(950), 45);
        assert!(!known.has_other_files(&Manifest::of(dir.path(), Seq(990), 46)));
        std::fs::write(dir.path().join("cache/tail-0000000005.log"), "x").expect("written");
        assert!(known.has_other_files(&Manifest::of(dir.path(), Seq(950), 45)));
    }
}
