//! Walks the frames of a segment, in memory of one chunk.
use super::frame::{self, Decoded, FrameHeader};
use super::segment::{Mark, Segment};
use bytes::Bytes;
use maru_domain::Seq;
use std::io;
use std::os::unix::fs::FileExt;

/// A first read is small, for those who want one entry; then they double up to the largest.
const FIRST_CHUNK: usize = 32 << 10;
const LARGEST_CHUNK: usize = 512 << 10;

/// Stands before a frame of a segment.
pub struct Cursor<'a> {
    segment: &'a Segment,
    /// Of the frame it stands before.
    pub at: Mark,
    end: u64,
    /// What was read, from `at` on.
    bytes: Bytes,
    chunk: usize,
}

/// What the cursor stood before.
pub enum Step {
    Frame {
        header: FrameHeader,
        payload: Bytes,
    },
    End,
    /// No frame; the cursor stays.
    Bad,
    /// A frame that belongs elsewhere; the cursor stays.
    Misplaced(Seq),
}

impl<'a> Cursor<'a> {
    /// `from` must be a place of the segment; nothing from `end` on is looked at.
    pub fn new(segment: &'a Segment, from: Mark, end: u64) -> Cursor<'a> {
        Cursor {
            segment,
            at: from,
            end,
            bytes: Bytes::new(),
            chunk: FIRST_CHUNK,
        }
    }

    pub fn step(&mut self) -> io::Result<Step> {
        if self.at.offset >= self.end {
            return Ok(Step::End);
        }
        let (salt, format) = (self.segment.header.salt, self.segment.header.format);
        let mut decoded = frame::decode(&self.bytes, salt, format);
        while let Decoded::Incomplete(needed) = decoded {
            self.fill(needed)?;
            if self.bytes.len() < needed {
                return Ok(Step::Bad);
            }
            decoded = frame::decode(&self.bytes, salt, format);
        }
        let Decoded::Frame(header) = decoded else {
            return Ok(Step::Bad);
        };
        if header.seq != self.at.seq {
            return Ok(Step::Misplaced(header.seq));
        }
        let payload = self
            .bytes
            .split_to(header.size())
            .slice(format.frame_header()..);
        self.at.offset += header.size() as u64;
        self.at.seq = self.at.seq.next();
        Ok(Step::Frame { header, payload })
    }

    /// Reads at least `needed` bytes, or to the end.
    fn fill(&mut self, needed: usize) -> io::Result<()> {
        let left = self.end - self.at.offset;
        let wanted = needed
            .max(self.chunk)
            .min(usize::try_from(left).unwrap_or(usize::MAX));
        self.chunk = (self.chunk * 2).min(LARGEST_CHUNK);
        let mut bytes = vec![0; wanted];
        let read = read_upto(&self.segment.file, &mut bytes, self.at.offset)?;
        bytes.truncate(read);
        self.bytes = bytes.into();
        Ok(())
    }
}

/// Fills the buffer, unless the file ends before.
pub fn read_upto(file: &std::fs::File, into: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut done = 0;
    while done < into.len() {
        match file.read_at(&mut into[done..], offset + done as u64) {
            Ok(0) => break,
            Ok(read) => done += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}
