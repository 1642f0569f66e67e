//! Checks every file of the index against the checksum at its end.
//!
//! Tantivy can do so too, but reads through its maps, whose pages would then stay in memory.

use super::IndexError;
use flate2::Crc;
use serde::Deserialize;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use tantivy::SegmentMeta;

/// Footer length and magic number, after the footer.
const TAIL_BYTES: u64 = 8;
const FOOTER_MAX_BYTES: u64 = 50_000;

#[derive(Deserialize)]
struct Footer {
    crc: u32,
}

/// The files that every segment has. Tantivy takes a missing one for an empty one.
const PARTS: [&str; 6] = ["idx", "pos", "term", "store", "fast", "fieldnorm"];

/// The files of the segments that an index had when it was opened. As long as this is held, they
/// stay, even if their segments are merged.
pub struct Verification {
    dir: PathBuf,
    segments: Vec<SegmentMeta>,
}

impl Verification {
    pub fn new(dir: &Path, segments: Vec<SegmentMeta>) -> Verification {
        Verification {
            dir: dir.to_owned(),
            segments,
        }
    }

    pub fn size_bytes(&self) -> io::Result<u64> {
        let mut bytes = 0;
        for entry in fs::read_dir(&self.dir)? {
            bytes += entry?.metadata()?.len();
        }
        Ok(bytes)
    }

    /// Fails on the first file that is missing or not what was written.
    pub fn run(&self) -> Result<(), IndexError> {
        let mut segments = self.segments.iter();
        segments.try_for_each(|segment| verify(&self.dir, &segment.id().uuid_string()))
    }
}

/// Fails on the first file of this segment that is missing or not what was written.
fn verify(dir: &Path, segment: &str) -> Result<(), IndexError> {
    for part in PARTS {
        let name = format!("{segment}.{part}");
        if !dir.join(&name).exists() {
            return Err(IndexError::Damaged(format!("{name} is missing")));
        }
    }
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with(segment) {
            continue;
        }
        let path = entry.path();
        let name = path.display();
        match is_sound(&path) {
            Ok(true) => {}
            Ok(false) => return Err(IndexError::Damaged(format!("wrong checksum of {name}"))),
            Err(error) => return Err(IndexError::Damaged(format!("{error} in {name}"))),
        }
    }
    Ok(())
}

fn is_sound(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let short = || io::Error::new(io::ErrorKind::UnexpectedEof, "the end is missing");
    file.seek(SeekFrom::Start(
        length.checked_sub(TAIL_BYTES).ok_or_else(short)?,
    ))?;
    let mut tail = [0; 4];
    file.read_exact(&mut tail)?;
    let footer_bytes = u64::from(u32::from_le_bytes(tail));
    let body_bytes = length
        .checked_sub(TAIL_BYTES + footer_bytes)
        .filter(|_| footer_bytes <= FOOTER_MAX_BYTES)
        .ok_or_else(short)?;

    file.seek(SeekFrom::Start(body_bytes))?;
    let mut footer = vec![0; footer_bytes as usize];
    file.read_exact(&mut footer)?;
    let footer: Footer = serde_json::from_slice(&footer)?;

    file.seek(SeekFrom::Start(0))?;
    let mut crc = Crc::new();
    let mut body = file.take(body_bytes);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match body.read(&mut buffer)? {
            0 => return Ok(crc.sum() == footer.crc),
            read => crc.update(&buffer[..read]),
        }
    }
}
