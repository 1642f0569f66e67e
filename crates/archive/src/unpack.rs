//! Reading an archive, to its end, and verifying it.

use crate::manifest::{About, Manifest, Member, Summing};
use crate::{ABOUT, FORMAT, MANIFEST};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Component, Path};
use std::rc::Rc;

/// The first and the last member are read into memory.
const TEXT_BYTES: u64 = 256 << 20;
const PIECE: usize = 128 << 10;

/// Why an archive is not taken. Each is one sentence with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("this is no backup of Maru: {0}; name a file that `maru backup` has written")]
    Foreign(&'static str),
    #[error(
        "this backup was written by maru {maru} in format {format}, which this version does not know (it reads up to {FORMAT}); install maru {maru} or newer"
    )]
    Newer { maru: String, format: u32 },
    #[error(
        "this backup is truncated: it ends in the middle of {0}; copy it again, or take another one"
    )]
    Truncated(String),
    #[error("this backup was altered: {0}; copy it again, or take another one")]
    Altered(String),
    #[error("reading the backup failed: {0}")]
    Read(io::Error),
    #[error(
        "what is in the backup cannot be written there: {0}; free some space, or name another folder"
    )]
    Write(io::Error),
}

/// Who takes the files out.
pub trait Sink {
    /// Heard before any file.
    fn about(&mut self, about: &About) -> io::Result<()>;

    /// Where this file goes; `None`: nobody wants it, but it is verified.
    fn file(&mut self, path: &str, size: u64) -> io::Result<Option<Box<dyn Write>>>;
}

/// Reads everything and verifies every sum. What the sink was given counts only if this says so.
pub fn unpack(archive: impl Read, sink: &mut impl Sink) -> Result<(About, Manifest), ArchiveError> {
    let place = UnpackState::default();
    let mut source = BufReader::with_capacity(PIECE, Watched::new(archive, &place));
    if !begins_like_zstd(&mut source).map_err(|error| place.error(error))? {
        return Err(ArchiveError::Foreign("it is not packed with zstd"));
    }
    let unpacked = zstd::Decoder::with_buffer(source).map_err(|error| place.error(error))?;
    let mut unpacked = unpacked.single_frame();
    let read = members(&mut tar::Archive::new(&mut unpacked), sink, &place)?;
    drain(&mut unpacked, &place)?;
    match unpacked.finish().fill_buf() {
        Ok([]) => Ok(read),
        Ok(_) => Err(behind()),
        Err(error) => Err(ArchiveError::Read(error)),
    }
}

fn members<R: Read>(
    tar: &mut tar::Archive<R>,
    sink: &mut impl Sink,
    place: &UnpackState,
) -> Result<(About, Manifest), ArchiveError> {
    let mut about = None;
    let mut seen: Vec<Member> = Vec::new();
    let mut paths = BTreeSet::new();
    let entries = tar.entries().map_err(|error| place.error(error))?;
    for entry in entries {
        let mut entry = entry.map_err(|error| match about {
            None if !place.is_over() => {
                ArchiveError::Foreign("what is packed in it is no tar, unless it was altered")
            }
            _ => place.error(error),
        })?;
        let path = path_of(&entry)?;
        place.now(&path);
        let size = entry.size();
        let about_known = match (&about, path.as_str()) {
            (None, ABOUT) => {
                let (text, member) = text(&mut entry, &path, place)?;
                let read = read_about(&text)?;
                sink.about(&read).map_err(ArchiveError::Write)?;
                seen.push(member);
                about = Some(read);
                continue;
            }
            (None, _) => return Err(ArchiveError::Foreign("it does not say that it is one")),
            (Some(about), _) => about,
        };
        if path == MANIFEST {
            let (text, _) = text(&mut entry, &path, place)?;
            let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| {
                ArchiveError::Altered(format!("its manifest is none ({error})"))
            })?;
            compare(&manifest, &seen)?;
            return Ok((about_known.clone(), manifest));
        }
        if !paths.insert(path.clone()) {
            return Err(ArchiveError::Altered(format!("{path} is in it twice")));
        }
        let mut out = sink.file(&path, size).map_err(ArchiveError::Write)?;
        let member = copy(&mut entry, &path, out.as_deref_mut(), place)?;
        seen.push(member);
    }
    match about {
        None => Err(ArchiveError::Foreign("nothing is in it")),
        Some(_) => Err(ArchiveError::Truncated(
            "the list of what is in it".to_owned(),
        )),
    }
}

fn read_about(text: &[u8]) -> Result<About, ArchiveError> {
    /// What every version has.
    #[derive(serde::Deserialize)]
    struct Head {
        format: u32,
        maru: String,
    }
    let head: Head = serde_json::from_slice(text)
        .map_err(|_| ArchiveError::Foreign("what it says of itself cannot be read"))?;
    if head.format > FORMAT {
        let Head { format, maru } = head;
        return Err(ArchiveError::Newer { maru, format });
    }
    serde_json::from_slice(text)
        .map_err(|error| ArchiveError::Altered(format!("its first member is not whole ({error})")))
}

fn path_of<R: Read>(entry: &tar::Entry<'_, R>) -> Result<String, ArchiveError> {
    let strange = |what: &str| ArchiveError::Altered(format!("it holds {what}"));
    let path = entry
        .path()
        .map_err(|_| strange("a name that is no text"))?;
    let text = path
        .to_str()
        .ok_or_else(|| strange("a name that is no text"))?;
    let is_plain = Path::new(text)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if !is_plain || text.is_empty() || entry.header().entry_type() != tar::EntryType::Regular {
        return Err(strange(&format!("`{text}`, which no backup has")));
    }
    Ok(text.to_owned())
}

fn text(
    from: &mut impl Read,
    path: &str,
    place: &UnpackState,
) -> Result<(Vec<u8>, Member), ArchiveError> {
    let mut text = Vec::new();
    let member = copy(&mut from.take(TEXT_BYTES), path, Some(&mut text), place)?;
    Ok((text, member))
}

fn copy(
    from: &mut impl Read,
    path: &str,
    mut to: Option<&mut (dyn Write + '_)>,
    place: &UnpackState,
) -> Result<Member, ArchiveError> {
    let mut sums = Summing::default();
    let mut piece = vec![0; PIECE];
    loop {
        let read = match from.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(place.error(error)),
        };
        sums.add(&piece[..read]);
        if let Some(to) = &mut to {
            to.write_all(&piece[..read]).map_err(ArchiveError::Write)?;
        }
    }
    if let Some(to) = to {
        to.flush().map_err(ArchiveError::Write)?;
    }
    Ok(sums.member(path))
}

fn compare(manifest: &Manifest, seen: &[Member]) -> Result<(), ArchiveError> {
    for (expected, found) in manifest.members.iter().zip(seen) {
        if expected != found {
            let path = &found.path;
            return Err(ArchiveError::Altered(format!(
                "{path} is not what was written"
            )));
        }
    }
    if manifest.members.len() != seen.len() {
        let (expected, found) = (manifest.members.len(), seen.len());
        let text = format!("it holds {found} files instead of {expected}");
        return Err(ArchiveError::Altered(text));
    }
    Ok(())
}

/// The checksum of the whole frame stands at its end, and nothing behind it.
fn drain(mut rest: impl Read, place: &UnpackState) -> Result<(), ArchiveError> {
    let mut piece = vec![0; PIECE];
    loop {
        match rest.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) if piece[..read].iter().all(|byte| *byte == 0) => {}
            Ok(_) => return Err(behind()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(place.error(error)),
        }
    }
}

fn behind() -> ArchiveError {
    ArchiveError::Altered("something stands behind its end".to_owned())
}

fn begins_like_zstd(source: &mut impl BufRead) -> io::Result<bool> {
    const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
    Ok(source.fill_buf()?.starts_with(&MAGIC))
}

/// Which member is being read, and what became of the archive below it.
#[derive(Clone, Default)]
struct UnpackState(Rc<Inner>);

#[derive(Default)]
struct Inner {
    member: Cell<String>,
    /// The archive gave its last byte.
    over: Cell<bool>,
    /// It could not be read.
    failed: Cell<bool>,
}

impl UnpackState {
    fn now(&self, member: &str) {
        self.0.member.set(member.to_owned());
    }

    fn is_over(&self) -> bool {
        self.0.over.get()
    }

    /// What an error of reading means.
    fn error(&self, error: io::Error) -> ArchiveError {
        let member = self.0.member.take();
        let member = if member.is_empty() {
            "its head".to_owned()
        } else {
            member
        };
        if self.0.failed.get() {
            ArchiveError::Read(error)
        } else if self.is_over() && error.kind() == io::ErrorKind::UnexpectedEof {
            ArchiveError::Truncated(member)
        } else {
            ArchiveError::Altered(format!("{member} cannot be unpacked ({error})"))
        }
    }
}

/// The archive's bytes, with what became of them.
struct Watched<R> {
    from: R,
    place: UnpackState,
}

impl<R: Read> Watched<R> {
    fn new(from: R, place: &UnpackState) -> Watched<R> {
        Watched {
            from,
            place: place.clone(),
        }
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.from.read(into) {
            Ok(0) if !into.is_empty() => {
                self.place.0.over.set(true);
                Ok(0)
            }
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                self.place.0.failed.set(true);
                Err(error)
            }
            read => read,
        }
    }
}

#[cfg(test)]
#[path = "unpack_tests.rs"]
mod tests;
