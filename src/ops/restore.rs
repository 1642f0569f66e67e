//! A backup brought into an empty data directory: everything is unpacked beside and verified
//! before anything is put in its place.

use super::data_dir::DataDir;
use super::manifest::Manifest;
use crate::archive::{self, About, ArchiveError, Sink};
use crate::domain::Seq;
use crate::state::store::FORMAT as STATE_FORMAT;
use crate::state::{copy, examine};
use anyhow::{Context, ensure};
use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// redb's page cache meanwhile.
const CACHE_BYTES: usize = 64 << 20;
/// Folders and files of a backup.
const KNOWN: [&str; 5] = ["state.redb", "files", "cache", "keys", "maru.toml"];

/// What was brought back.
#[derive(Debug)]
pub struct Restored {
    pub about: About,
    pub size_bytes: u64,
}

/// Verifies an archive: all its sums, and the state in it to its last row. `scratch` is a
/// directory of the caller's.
pub fn verify(from: impl Read, scratch: &Path) -> anyhow::Result<Restored> {
    let mut sink = Unpacking {
        into: scratch.to_owned(),
        only: Some("state.redb"),
        paths: BTreeSet::new(),
        has_settings: false,
    };
    let restored = unpack(from, &mut sink)?;
    prove(scratch, &restored.about)?;
    let arrived = copy::settle(&scratch.join("state.redb"), true)?;
    all_contents(&arrived, &sink.paths, &restored.about)?;
    Ok(restored)
}

/// Brings an archive into the directory, which holds nothing yet.
pub fn restore(from: impl Read, dir: &DataDir, keep_sessions: bool) -> anyhow::Result<Restored> {
    let draft = begin(dir)?;
    let unpacked = into_draft(from, &draft, keep_sessions, dir);
    if unpacked.is_err() {
        discard(&draft)?;
    }
    let restored = unpacked?;
    // Where this fails the draft stays, and with it the knowledge that the directory is half.
    put_in_place(&draft, dir)?;
    Ok(restored)
}

/// The folder in which everything is unpacked, empty.
pub(super) fn begin(dir: &DataDir) -> anyhow::Result<PathBuf> {
    let draft = dir.path().join(super::data_dir::RESTORE_DRAFT);
    if draft.exists() {
        // An earlier restore was cut off while names changed.
        for name in KNOWN.iter().filter(|name| **name != "maru.toml") {
            discard(&dir.path().join(name))?;
        }
    }
    discard(&draft)?;
    let made = DirBuilder::new().mode(0o700).create(&draft);
    made.with_context(|| format!("{} cannot be made", draft.display()))?;
    Ok(draft)
}

/// Everything of an archive but the contents of files, which come from elsewhere.
pub(super) fn unpack_state(
    from: impl Read,
    draft: &Path,
    dir: &DataDir,
) -> anyhow::Result<Restored> {
    let mut sink = Unpacking {
        into: draft.to_owned(),
        only: None,
        paths: BTreeSet::new(),
        has_settings: dir.path().join("maru.toml").exists(),
    };
    let restored = unpack(from, &mut sink)?;
    prove(draft, &restored.about)?;
    Ok(restored)
}

fn into_draft(
    from: impl Read,
    draft: &Path,
    keep_sessions: bool,
    dir: &DataDir,
) -> anyhow::Result<Restored> {
    let mut sink = Unpacking {
        into: draft.to_owned(),
        only: None,
        paths: BTreeSet::new(),
        has_settings: dir.path().join("maru.toml").exists(),
    };
    let restored = unpack(from, &mut sink)?;
    prove(draft, &restored.about)?;
    let arrived = copy::settle(&draft.join("state.redb"), keep_sessions)?;
    all_contents(&arrived, &sink.paths, &restored.about)?;
    Ok(restored)
}

fn unpack(from: impl Read, sink: &mut Unpacking) -> anyhow::Result<Restored> {
    let (about, manifest) = archive::unpack(from, sink)?;
    for member in &manifest.members {
        let hash = member.path.strip_prefix("files/").map(|path| &path[3..]);
        ensure!(
            hash.is_none_or(|hash| hash == member.sha256),
            ArchiveError::Altered(format!("{} is not what its name says", member.path))
        );
    }
    ensure!(
        sink.paths.contains("state.redb"),
        ArchiveError::Altered("it has no state".to_owned())
    );
    let size_bytes = manifest.members.iter().map(|member| member.size).sum();
    Ok(Restored { about, size_bytes })
}

/// The state is whole, but for what was damaged already when it was backed up.
fn prove(dir: &Path, about: &About) -> anyhow::Result<()> {
    let path = dir.join("state.redb");
    let examined = examine::examine(&path, CACHE_BYTES);
    let found = examined.context("the state in this backup cannot be read")?;
    let unknown = found
        .findings
        .iter()
        .find(|finding| !about.damaged.contains(finding));
    if let Some(finding) = unknown {
        anyhow::bail!(ArchiveError::Altered(finding.clone()));
    }
    let seq = found.seq.map_or(about.seq, |seq| seq.0);
    ensure!(
        seq == about.seq,
        ArchiveError::Altered(format!(
            "its state stands at {seq}, and it says {}",
            about.seq
        ))
    );
    Ok(())
}

fn all_contents(
    arrived: &copy::Arrived,
    paths: &BTreeSet<String>,
    about: &About,
) -> anyhow::Result<()> {
    for content in &arrived.contents {
        let shard = content.get(..2).unwrap_or("00");
        let is_known = about.damaged.iter().any(|text| text.contains(content));
        ensure!(
            is_known || paths.contains(&format!("files/{shard}/{content}")),
            ArchiveError::Altered(format!("the file {content} is not in it"))
        );
    }
    Ok(())
}

/// From here on only names change. `VERSION`, which makes a directory one, comes last.
pub(super) fn put_in_place(draft: &Path, dir: &DataDir) -> anyhow::Result<()> {
    let open = File::open(draft)?;
    rustix::fs::syncfs(&open).context("what was unpacked cannot be made durable")?;
    for entry in fs::read_dir(draft)? {
        let entry = entry?;
        fs::rename(entry.path(), dir.path().join(entry.file_name()))?;
    }
    File::open(dir.path())?.sync_all()?;
    fs::remove_dir(draft)?;
    // What goes missing from now on can be named, keys among it.
    let manifest = Manifest::of(dir.path(), Seq(0), 0);
    manifest
        .write(dir.path())
        .context("MANIFEST cannot be written")?;
    dir.settle().context("VERSION cannot be written")?;
    Ok(())
}

pub(super) fn discard(draft: &Path) -> anyhow::Result<()> {
    let removed = if draft.is_dir() {
        fs::remove_dir_all(draft)
    } else {
        fs::remove_file(draft)
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", draft.display()))
        }
        _ => Ok(()),
    }
}

struct Unpacking {
    into: PathBuf,
    /// The rest is read and verified, and goes nowhere.
    only: Option<&'static str>,
    paths: BTreeSet<String>,
    /// Those of the directory are left as they are.
    has_settings: bool,
}

impl Sink for Unpacking {
    fn about(&mut self, about: &About) -> io::Result<()> {
        if about.state_format > STATE_FORMAT {
            let text = format!(
                "its state is of format {}, which this version does not know; install maru {} or newer",
                about.state_format, about.maru
            );
            return Err(io::Error::other(text));
        }
        Ok(())
    }

    fn file(&mut self, path: &str, _size: u64) -> io::Result<Option<Box<dyn Write>>> {
        let head = path.split('/').next().unwrap_or_default();
        if !KNOWN.contains(&head) {
            let text = format!("{path} is nothing that a data directory has");
            return Err(io::Error::other(text));
        }
        self.paths.insert(path.to_owned());
        let is_wanted = self.only.is_none_or(|only| only == path);
        if !is_wanted || (path == "maru.toml" && self.has_settings) {
            return Ok(None);
        }
        let target = self.into.join(path);
        if let Some(folder) = target.parent() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)?;
        }
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(target)?;
        Ok(Some(Box::new(BufWriter::with_capacity(1 << 18, file))))
    }
}
