//! One entry as bytes.
use super::super::MAX_PAYLOAD_BYTES;
use crc32c::crc32c_append;
use maru_domain::{LogHash, Seq};

/// How segments and frames are laid out; a segment's header says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Version 0.1.0: no hashes.
    V1,
    V2,
}

impl Format {
    /// Bytes of a frame before its payload.
    pub fn frame_header(self) -> usize {
        match self {
            Format::V1 => 24,
            Format::V2 => FRAME_HEADER,
        }
    }
}

/// Of what is written.
pub const FRAME_HEADER: usize = 40;
/// Of any format.
pub const LEAST_HEADER: usize = 24;

/// A frame's header, as written; true only if the checksum says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    crc: u32,
    pub len: usize,
    pub seq: Seq,
    /// The last position known to be on the disk when this frame was written.
    pub durable: Seq,
    pub hash: LogHash,
    format: Format,
}

/// What the bytes at a place are.
#[derive(Debug, PartialEq, Eq)]
pub enum Decoded {
    Frame(FrameHeader),
    /// This many bytes from the frame's beginning are needed to tell more.
    Incomplete(usize),
    Bad,
}

/// In the newest format.
pub fn encode(
    into: &mut Vec<u8>,
    salt: u32,
    seq: Seq,
    durable: Seq,
    hash: LogHash,
    payload: &[u8],
) {
    let at = into.len();
    into.extend_from_slice(&[0; 4]);
    into.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    into.extend_from_slice(&seq.0.to_le_bytes());
    into.extend_from_slice(&durable.0.to_le_bytes());
    into.extend_from_slice(&hash.0);
    into.extend_from_slice(payload);
    let crc = crc32c_append(salt, &into[at + 4..]);
    into[at..at + 4].copy_from_slice(&crc.to_le_bytes());
}

impl FrameHeader {
    /// The fields of the first bytes, unchecked; `None` if there are too few.
    pub fn peek(bytes: &[u8], format: Format) -> Option<FrameHeader> {
        let header: &[u8; LEAST_HEADER] = bytes.first_chunk()?;
        let hash = match format {
            Format::V1 => LogHash::NONE,
            Format::V2 => LogHash(*bytes.get(LEAST_HEADER..)?.first_chunk()?),
        };
        let u32_at = |at: usize| u32::from_le_bytes(std::array::from_fn(|i| header[at + i]));
        let u64_at = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| header[at + i]));
        Some(FrameHeader {
            crc: u32_at(0),
            len: u32_at(4) as usize,
            seq: Seq(u64_at(8)),
            durable: Seq(u64_at(16)),
            hash,
            format,
        })
    }

    /// Of header and payload.
    pub fn size(&self) -> usize {
        self.format.frame_header() + self.len
    }
}

pub fn decode(bytes: &[u8], salt: u32, format: Format) -> Decoded {
    let Some(header) = FrameHeader::peek(bytes, format) else {
        return Decoded::Incomplete(format.frame_header());
    };
    // Nothing is read or allocated by a length that no writer has written.
    if header.len > MAX_PAYLOAD_BYTES {
        return Decoded::Bad;
    }
    let Some(frame) = bytes.get(..header.size()) else {
        return Decoded::Incomplete(header.size());
    };
    if crc32c_append(salt, &frame[4..]) == header.crc {
        Decoded::Frame(header)
    } else {
        Decoded::Bad
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Vec<u8> {
        let mut bytes = Vec::new();
        encode(&mut bytes, 7, Seq(5), Seq(3), LogHash([9; 16]), b"payload");
        bytes
    }

    #[test]
    fn reads_what_it_wrote() {
        let Decoded::Frame(header) = decode(&frame(), 7, Format::V2) else {
            panic!("not a frame");
        };
        assert_eq!(
            (header.seq, header.durable, header.len, header.hash),
            (Seq(5), Seq(3), 7, LogHash([9; 16]))
        );
        let other = decode(&frame(), 8, Format::V2);
        assert_eq!(other, Decoded::Bad, "another segment's salt");
    }

    #[test]
    fn every_part_is_incomplete_and_every_flip_is_seen() {
        let good = frame();
        for len in 0..good.len() {
            assert!(matches!(
                decode(&good[..len], 7, Format::V2),
                Decoded::Incomplete(_)
            ));
        }
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(
                !matches!(decode(&bad, 7, Format::V2), Decoded::Frame(_)),
                "bit {bit}"
            );
        }
    }
}
