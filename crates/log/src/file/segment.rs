//! One file of the log: its name, its header, and where in it entries are.
use super::disk::Disk;
use super::frame::{self, Format};
use crate::{LogError, RawEntry, hash};
use crc32c::crc32c;
use maru_domain::{LogHash, Seq};
use parking_lot::RwLock;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of a segment before its first frame, in the newest format.
pub const SEGMENT_HEADER: u64 = 64;
/// What means the same in every format.
const COMMON_HEADER: usize = 40;
pub const VERSION: u32 = 2;
const MAGIC: &[u8; 8] = b"MARULOG\n";
/// Every this many bytes the place of an entry is kept in memory.
const INDEX_STRIDE: u64 = 16 << 10;
/// What is kept on the disk for commands that end sessions or remove something.
const RESERVE_BYTES: u64 = 1 << 20;
/// Above it, ids made of positions would not fit into 53 bits.
const MAX_SEQ: u64 = (1 << 53) / Seq::IDS;

/// An open segment. Its first `end` bytes are whole frames that readers may see.
pub struct Segment {
    pub path: PathBuf,
    pub file: File,
    pub header: SegmentHeader,
    /// Changed only together with the log's state.
    end: AtomicU64,
    /// Bytes up to here have their space on the disk.
    reserved: AtomicU64,
    index: RwLock<Vec<Mark>>,
}

/// Where an entry begins.
#[derive(Clone, Copy)]
pub struct Mark {
    pub seq: Seq,
    pub offset: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentHeader {
    pub first: Seq,
    pub epoch: u64,
    /// Begins the checksum of every frame of the segment.
    pub salt: u32,
    /// The log's hash before the first entry.
    pub before: LogHash,
    pub format: Format,
}

/// Why a header cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub enum HeaderFault {
    Bad,
    Future(u32),
}

pub fn name(first: Seq) -> String {
    format!("{:020}.log", first.0)
}

/// The first position of the segment with this name, if it is one.
pub fn parse_name(name: &str) -> Option<Seq> {
    let digits = name.strip_suffix(".log")?;
    if digits.len() != 20 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().map(Seq)
}

impl SegmentHeader {
    pub fn encode(&self) -> [u8; SEGMENT_HEADER as usize] {
        let mut bytes = [0; SEGMENT_HEADER as usize];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.salt.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.epoch.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.first.0.to_le_bytes());
        let crc = crc32c(&bytes[..36]);
        bytes[36..40].copy_from_slice(&crc.to_le_bytes());
        bytes[40..56].copy_from_slice(&self.before.0);
        let crc = crc32c(&bytes[36..60]);
        bytes[60..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Bytes before the first frame.
    pub fn len(&self) -> u64 {
        match self.format {
            Format::V1 => COMMON_HEADER as u64,
            Format::V2 => SEGMENT_HEADER,
        }
    }

    pub fn decode(bytes: &[u8]) -> Result<SegmentHeader, HeaderFault> {
        let common: &[u8; COMMON_HEADER] = bytes.first_chunk().ok_or(HeaderFault::Bad)?;
        let u32_at = |at: usize| u32::from_le_bytes(std::array::from_fn(|i| common[at + i]));
        let u64_at = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| common[at + i]));
        let first = u64_at(24);
        if &bytes[..8] != MAGIC || u32_at(36) != crc32c(&bytes[..36]) {
            return Err(HeaderFault::Bad);
        }
        let (format, before) = match u32_at(8) {
            1 => (Format::V1, LogHash::NONE),
            2 => (Format::V2, hash_before(bytes).ok_or(HeaderFault::Bad)?),
            newer if newer > VERSION => return Err(HeaderFault::Future(newer)),
            _ => return Err(HeaderFault::Bad),
        };
        if !(1..=MAX_SEQ).contains(&first) {
            return Err(HeaderFault::Bad);
        }
        Ok(SegmentHeader {
            first: Seq(first),
            epoch: u64_at(16),
            salt: u32_at(12),
            before,
            format,
        })
    }
}

/// Of the newest format; its checksum goes on from that of the common part.
fn hash_before(bytes: &[u8]) -> Option<LogHash> {
    let bytes: &[u8; SEGMENT_HEADER as usize] = bytes.first_chunk()?;
    let crc = u32::from_le_bytes(*bytes[60..].first_chunk()?);
    (crc == crc32c(&bytes[36..60])).then_some(LogHash(*bytes[40..].first_chunk()?))
}

impl Segment {
    /// Makes a durable segment of these entries; takes the place of a file of that name.
    /// `before` is the log's hash up to the first of them.
    pub fn create(
        disk: &dyn Disk,
        dir: &Path,
        first: Seq,
        before: LogHash,
        epoch: u64,
        entries: &[RawEntry],
    ) -> Result<Segment, LogError> {
        let path = dir.join(name(first));
        let beside = path.with_extension("log.tmp");
        let salt =
            getrandom::u32().map_err(|e| LogError::io(&path, io::Error::other(e.to_string())))?;
        let header = SegmentHeader {
            first,
            epoch,
            salt,
            before,
            format: Format::V2,
        };
        let mut bytes = header.encode().to_vec();
        let mut marks = Vec::new();
        let mut hash = before;
        for entry in entries {
            let offset = bytes.len() as u64;
            marks.push(Mark {
                seq: entry.seq,
                offset,
            });
            let durable = Seq(first.0 - 1);
            hash = hash::next(hash, &entry.payload);
            frame::encode(&mut bytes, salt, entry.seq, durable, hash, &entry.payload);
        }
        let made = (|| {
            let file = File::options()
                .read(true)
                .write(true)
                .create(true)
                .truncate(true)
                .open(&beside)?;
            disk.write(&file, &bytes, 0)?;
            disk.sync(&file)?;
            fs::rename(&beside, &path)?;
            disk.sync_dir(dir)?;
            Ok(file)
        })();
        let file = made.map_err(|e| LogError::io(&path, e))?;
        let segment = Segment::opened(path, file, header);
        marks.into_iter().for_each(|mark| segment.mark(mark));
        segment.set_end(bytes.len() as u64);
        Ok(segment)
    }

    /// With no entry seen in it yet.
    pub fn opened(path: PathBuf, file: File, header: SegmentHeader) -> Segment {
        Segment {
            path,
            file,
            header,
            end: AtomicU64::new(header.len()),
            reserved: AtomicU64::new(0),
            index: RwLock::default(),
        }
    }

    pub fn end(&self) -> u64 {
        self.end.load(Ordering::Acquire)
    }

    pub fn set_end(&self, end: u64) {
        self.end.store(end, Ordering::Release);
    }

    /// Keeps some space behind the end, so that a little can be written on a full disk. A disk that
    /// gives none is asked again with the next entries.
    pub fn reserve(&self, disk: &dyn Disk) {
        let end = self.end();
        if self.reserved.load(Ordering::Relaxed) >= end + RESERVE_BYTES / 2 {
            return;
        }
        if disk.reserve(&self.file, end, RESERVE_BYTES).is_ok() {
            self.reserved.store(end + RESERVE_BYTES, Ordering::Relaxed);
        }
    }

    /// Whether so much more can be written without any space.
    pub fn has_reserved(&self, size_bytes: u64) -> bool {
        self.reserved.load(Ordering::Relaxed) >= self.end() + size_bytes
    }

    /// Gives back what is reserved, for nothing more is written.
    pub fn release(&self, disk: &dyn Disk) {
        if self.reserved.swap(0, Ordering::Relaxed) > self.end() {
            // A disk that does not keeps less than a mebibyte.
            let _ = disk.truncate(&self.file, self.end());
        }
    }

    /// Remembers an entry's place, if none near before it is known.
    pub fn mark(&self, mark: Mark) {
        let mut index = self.index.write();
        if index
            .last()
            .is_none_or(|last| last.offset + INDEX_STRIDE <= mark.offset)
        {
            index.push(mark);
        }
    }

    /// Forgets the places of entries after `seq`.
    pub fn unmark_after(&self, seq: Seq) {
        self.index.write().retain(|mark| mark.seq <= seq);
    }

    /// The nearest known place at or before `seq`.
    pub fn nearest(&self, seq: Seq) -> Mark {
        let index = self.index.read();
        let after = index.partition_point(|mark| mark.seq <= seq);
        match after.checked_sub(1) {
            Some(at) => index[at],
            None => Mark {
                seq: self.header.first,
                offset: self.header.len(),
            },
        }
    }

    pub fn is_empty(&self) -> bool {
        self.end() == self.header.len()
    }

    pub fn io(&self, source: io::Error) -> LogError {
        LogError::io(&self.path, source)
    }

    pub fn damaged(&self, offset: u64, what: String) -> LogError {
        damaged(&self.path, offset, what)
    }
}

/// With what a person can do about it.
pub fn damaged(file: &Path, offset: u64, what: String) -> LogError {
    LogError::Damaged {
        file: file.to_owned(),
        offset,
        what,
        remedy: "put back an intact copy of the file, or restore the newest backup into an empty \
                 data directory with `maru restore`"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: SegmentHeader = SegmentHeader {
        first: Seq(8),
        epoch: 9,
        salt: 10,
        before: LogHash([11; 16]),
        format: Format::V2,
    };

    #[test]
    fn header_reads_as_written_and_shows_every_flip() {
        let good = HEADER.encode();
        assert_eq!(SegmentHeader::decode(&good), Ok(HEADER));
        for bit in 0..good.len() * 8 {
            let mut bad = good;
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                SegmentHeader::decode(&bad),
                Err(HeaderFault::Bad),
                "bit {bit}"
            );
        }
    }

    /// As version 0.1.0 wrote it.
    #[test]
    fn a_header_of_the_first_format_is_read() {
        let mut old = HEADER.encode();
        old[8] = 1;
        let crc = crc32c(&old[..36]);
        old[36..40].copy_from_slice(&crc.to_le_bytes());
        let header = SegmentHeader::decode(&old[..40]).expect("is read");
        assert_eq!((header.first, header.before), (Seq(8), LogHash::NONE));
        assert_eq!((header.format, header.len()), (Format::V1, 40));
    }

    #[test]
    fn only_twenty_digits_name_a_segment() {
        assert_eq!(parse_name(&name(Seq(42))), Some(Seq(42)));
        for odd in [
            "1.log",
            "0000000000000000000a.log",
            "99999999999999999999.log",
            "x",
        ] {
            assert_eq!(parse_name(odd), None, "{odd}");
        }
    }
}
