//! A directory that has nothing, or has been away for too long, takes a snapshot from a living
//! node, and follows from there.

use crate::enter::EnterError;
use crate::link::Link;
use crate::members::{self, LEASE, Word, now_ms};
use crate::peer;
use crate::record::Record;
use crate::secret::{Secret, hex};
use crate::shared::Position;
use crate::stream::Found;
use maru_domain::Seq;
use maru_log::{FileLog, Options};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What is fetched at a time.
pub const CHUNK_BYTES: u64 = 1 << 20;
/// Another node makes a snapshot in less.
const MAKING: Duration = Duration::from_secs(600);
const ANSWER: Duration = Duration::from_secs(10);
/// A cluster without a living node is waited for so long.
const NOBODY: Duration = Duration::from_secs(600);
const FOLDER: &str = "joining";

/// A snapshot, as the node that made it describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub id: String,
    /// Everything up to here is in it.
    pub at: Position,
    pub epoch: u64,
    pub files: Vec<Part>,
}

/// A file of a snapshot, by its path in a data directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub path: String,
    pub size: u64,
    /// SHA-256 of each chunk.
    pub chunks: Vec<String>,
}

/// Whether the path is one that a snapshot may have.
fn is_expected(path: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && !name.starts_with('.')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    path == "state.redb" || path.strip_prefix("keys/").is_some_and(is_name)
}

/// Whether this directory cannot go on from what it has.
pub fn is_needed(dir: &Path, found: &Found, record: &Record) -> Result<bool, EnterError> {
    if record.joining {
        return Ok(true);
    }
    let Some(first) = found.first else {
        return Ok(false);
    };
    let log = dir.join("log");
    if !log.exists() {
        return Ok(false);
    }
    let inspected =
        maru_log::inspect(&log, Seq(0)).map_err(|error| EnterError::Refused(error.to_string()))?;
    Ok(inspected.is_some_and(|log| log.reader.last_seq().next() < first))
}

/// Takes the snapshot; blocks, and says how far it is.
pub fn take(
    link: &mut Link,
    dir: &Path,
    record: &Record,
    word: &Word,
    secret: &Secret,
) -> Result<(), EnterError> {
    let failed = |source| EnterError::Io {
        path: dir.to_owned(),
        source,
    };
    let folder = dir.join(FOLDER);
    fs::create_dir_all(&folder).map_err(failed)?;
    let mut joining = Joining {
        link,
        word: Word {
            joining: true,
            ..word.clone()
        },
        secret,
        folder: folder.clone(),
        said: None,
    };
    let manifest = joining.fetch()?;
    install(dir, &folder, &manifest, record).map_err(failed)?;
    tracing::info!(seq = manifest.at.seq.0, "the snapshot is complete");
    Ok(())
}

struct Joining<'a> {
    link: &'a mut Link,
    word: Word,
    secret: &'a Secret,
    folder: PathBuf,
    said: Option<Instant>,
}

impl Joining<'_> {
    /// From whichever node is there, until it is whole.
    fn fetch(&mut self) -> Result<Manifest, EnterError> {
        let began = Instant::now();
        let mut last = String::new();
        loop {
            let words = members::registry(self.link)?;
            let me = self.word.name.clone();
            let there = words
                .into_values()
                .filter(|(word, lives)| *lives && !word.joining && word.name != me)
                .map(|(word, _)| word);
            let mut there: Vec<Word> = there.collect();
            there.sort_by_key(|word| std::cmp::Reverse(word.at.seq));
            let nobody = there.is_empty();
            for word in there {
                match self.from(&word) {
                    Ok(manifest) => return Ok(manifest),
                    Err(peer::PeerError::Secret) => {
                        return Err(EnterError::Refused(format!(
                            "node {}: {}",
                            word.name,
                            peer::PeerError::Secret
                        )));
                    }
                    Err(error) => {
                        let text = format!("node {} at {}: {error}", word.name, word.address);
                        if text != last {
                            tracing::warn!("no snapshot from {text}; trying again");
                        }
                        last = text;
                    }
                }
            }
            if nobody && last.is_empty() {
                last = "no node of the cluster is here".to_owned();
                tracing::info!("{last}; waiting for one to take a snapshot from");
            }
            if began.elapsed() > NOBODY {
                return Err(EnterError::Refused(format!(
                    "no snapshot could be taken: {last}; start the node that has the history"
                )));
            }
            std::thread::sleep(Duration::from_millis(300));
        }
    }

    fn from(&mut self, node: &Word) -> Result<Manifest, peer::PeerError> {
        let manifest = self.manifest(node)?;
        let all: u64 = manifest.files.iter().map(|part| part.size).sum();
        let mut done = 0;
        let mut told = Instant::now();
        for (number, part) in manifest.files.iter().enumerate() {
            let path = self.folder.join(part.path.replace('/', "+"));
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)?;
            file.set_len(part.size)?;
            for (at, wanted) in part.chunks.iter().enumerate() {
                let offset = at as u64 * CHUNK_BYTES;
                let size = CHUNK_BYTES.min(part.size - offset.min(part.size));
                // What came before a restart is kept.
                let mut there = vec![0; size as usize];
                file.read_exact_at(&mut there, offset)?;
                if hex(&Sha256::digest(&there)) != *wanted {
                    let call = format!("snapshot/{}/{number}/{at}", manifest.id);
                    let bytes = peer::bytes(&node.address, self.secret, "GET", &call, ANSWER)?;
                    if hex(&Sha256::digest(&bytes)) != *wanted {
                        return Err(peer::PeerError::Odd);
                    }
                    file.write_all_at(&bytes, offset)?;
                }
                done += size;
                self.say(manifest.at);
                if told.elapsed() > Duration::from_secs(2) {
                    told = Instant::now();
                    tracing::info!(
                        percent = done * 100 / all.max(1),
                        from = node.name,
                        "taking a snapshot"
                    );
                }
            }
            file.sync_all()?;
        }
        Ok(manifest)
    }

    /// That of an earlier try, if the node still has it; else a new one.
    fn manifest(&self, node: &Word) -> Result<Manifest, peer::PeerError> {
        let kept = self.folder.join("manifest.json");
        let known: Option<Manifest> = fs::read(&kept)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        if let Some(known) = known {
            let call = format!("snapshot/{}", known.id);
            let there: Result<Manifest, _> =
                peer::json(&node.address, self.secret, "GET", &call, ANSWER);
            if there.is_ok_and(|there| there == known) {
                return Ok(known);
            }
        }
        let made: Manifest = peer::json(&node.address, self.secret, "POST", "snapshot", MAKING)?;
        let sound = made.files.iter().all(|part| {
            is_expected(&part.path) && part.chunks.len() as u64 == part.size.div_ceil(CHUNK_BYTES)
        });
        if !sound {
            return Err(peer::PeerError::Odd);
        }
        fs::write(&kept, serde_json::to_vec(&made).unwrap_or_default())?;
        Ok(made)
    }

    /// The stream keeps what follows the snapshot as long as this is said.
    fn say(&mut self, at: Position) {
        if self
            .said
            .is_some_and(|said| said.elapsed() < Duration::from_secs(1))
        {
            return;
        }
        self.said = Some(Instant::now());
        self.word.at = at;
        self.word.now_ms = now_ms();
        // Long enough for the state to be opened afterwards.
        if let Err(fault) = members::say(self.link, &self.word, LEASE * 6) {
            tracing::warn!(%fault, "the other nodes are not told that this one joins");
        }
    }
}

/// Puts what came in its place. What was there is set aside.
fn install(dir: &Path, folder: &Path, manifest: &Manifest, record: &Record) -> io::Result<()> {
    let aside = dir.join(format!("aside-{}", now_ms()));
    for name in ["log", "state.redb"] {
        let old = dir.join(name);
        if old.exists() {
            fs::create_dir_all(&aside)?;
            fs::rename(&old, aside.join(name))?;
            tracing::warn!(from = %old.display(), to = %aside.display(), "set aside what this node had before");
        }
    }
    for name in ["state.redb.sums", "cluster.json.new"] {
        let _gone = fs::remove_file(dir.join(name));
    }
    for name in ["events", "index"] {
        let _gone = fs::remove_dir_all(dir.join(name));
    }
    for part in &manifest.files {
        let place = dir.join(&part.path);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::rename(folder.join(part.path.replace('/', "+")), &place)?;
    }
    let log = FileLog::open(Options {
        after: (manifest.at.seq, manifest.at.hash),
        ..Options::new(dir.join("log"), manifest.epoch.max(1))
    });
    drop(log.map_err(io::Error::other)?);
    File::open(dir)?.sync_all()?;
    let done = Record {
        joining: false,
        ..record.clone()
    };
    done.write(dir)?;
    fs::remove_dir_all(folder)
}

/// The chunks of a file, for a manifest.
pub fn part(path: &str, file: &Path) -> io::Result<Part> {
    let open = File::open(file)?;
    let size = open.metadata()?.len();
    let mut chunks = Vec::new();
    let mut offset = 0;
    while offset < size {
        let mut chunk = vec![0; CHUNK_BYTES.min(size - offset) as usize];
        open.read_exact_at(&mut chunk, offset)?;
        chunks.push(hex(&Sha256::digest(&chunk)));
        offset += chunk.len() as u64;
    }
    Ok(Part {
        path: path.to_owned(),
        size,
        chunks,
    })
}

/// One chunk of a file.
pub fn chunk(file: &Path, number: u64) -> io::Result<Vec<u8>> {
    let open = File::open(file)?;
    let size = open.metadata()?.len();
    let offset = number.saturating_mul(CHUNK_BYTES);
    if offset >= size {
        return Err(io::ErrorKind::NotFound.into());
    }
    let mut chunk = vec![0; CHUNK_BYTES.min(size - offset) as usize];
    open.read_exact_at(&mut chunk, offset)?;
    Ok(chunk)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_snapshot_has_is_taken() {
        for good in ["state.redb", "keys/hs256-1-2.key"] {
            assert!(is_expected(good), "{good}");
        }
        for bad in [
            "keys/../x",
            "keys/",
            "/etc/x",
            "log/1.log",
            "keys/.x",
            "keys/a/b",
        ] {
            assert!(!is_expected(bad), "{bad}");
        }
    }

    #[test]
    fn chunks_are_those_of_the_file() {
        let tmp = tempfile::tempdir().expect("a directory");
        let file = tmp.path().join("f");
        let bytes: Vec<u8> = (0..CHUNK_BYTES + 7).map(|n| n as u8).collect();
        fs::write(&file, &bytes).expect("written");
        let part = part("state.redb", &file).expect("read");
        assert_eq!((part.size, part.chunks.len()), (CHUNK_BYTES + 7, 2));
        let last = chunk(&file, 1).expect("there");
        assert_eq!(last, bytes[CHUNK_BYTES as usize..]);
        assert_eq!(hex(&Sha256::digest(&last)), part.chunks[1]);
        assert!(chunk(&file, 2).is_err());
    }
}
