//! Torn or damaged: what the end of the last segment tells.
use super::cursor::read_upto;
use super::disk::Disk;
use super::frame::{self, Decoded, FrameHeader};
use super::segment::{Mark, Segment};
use std::io;

/// How much is looked at, or written again, at a time.
const WINDOW_BYTES: usize = 4 << 20;

/// Whether a good frame behind the bad one at `bad` says that the bad one was durable once.
pub fn was_durable(segment: &Segment, bad: Mark, file_len: u64) -> io::Result<bool> {
    let format = segment.header.format;
    let frame_header = format.frame_header();
    let mut window = vec![0; WINDOW_BYTES.min((file_len - bad.offset) as usize)];
    let mut offset = bad.offset + 1;
    while offset + frame_header as u64 <= file_len {
        let read = read_upto(&segment.file, &mut window, offset)?;
        let Some(last) = read.checked_sub(frame_header) else {
            break;
        };
        for at in 0..=last {
            let bytes = &window[at..read];
            if let Some(header) = FrameHeader::peek(bytes, format)
                && proves(&header, bad, file_len)
                && holds(segment, bytes, offset + at as u64, file_len)?
            {
                return Ok(true);
            }
        }
        offset += last as u64 + 1;
    }
    Ok(false)
}

/// If it is a frame at all; few other bytes get so far.
fn proves(header: &FrameHeader, bad: Mark, file_len: u64) -> bool {
    let possible = bad.seq.0 + file_len / frame::LEAST_HEADER as u64;
    header.durable >= bad.seq && header.durable < header.seq && header.seq.0 <= possible
}

fn holds(segment: &Segment, bytes: &[u8], offset: u64, file_len: u64) -> io::Result<bool> {
    let (salt, format) = (segment.header.salt, segment.header.format);
    match frame::decode(bytes, salt, format) {
        Decoded::Frame(_) => Ok(true),
        Decoded::Bad => Ok(false),
        // It reaches beyond the window.
        Decoded::Incomplete(needed) if offset + needed as u64 <= file_len => {
            let mut whole = vec![0; needed];
            let read = read_upto(&segment.file, &mut whole, offset)?;
            Ok(matches!(
                frame::decode(&whole[..read], salt, format),
                Decoded::Frame(_)
            ))
        }
        Decoded::Incomplete(_) => Ok(false),
    }
}

/// Writes the same bytes again, so that a sync means them.
pub fn rewrite(disk: &dyn Disk, segment: &Segment, from: Mark) -> io::Result<()> {
    let mut offset = from.offset;
    let mut window = vec![0; WINDOW_BYTES.min((segment.end() - offset) as usize)];
    while offset < segment.end() {
        let wanted = window.len().min((segment.end() - offset) as usize);
        let read = read_upto(&segment.file, &mut window[..wanted], offset)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        disk.write(&segment.file, &window[..read], offset)?;
        offset += read as u64;
    }
    disk.sync(&segment.file)
}
