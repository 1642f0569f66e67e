//! Frames: `length u32 | crc of payload u32 | crc of the eight bytes before u32 | payload`, little
//! endian. The checksums begin with the file's salt, so that bytes of another file never pass.

use std::borrow::Cow;

pub(super) const HEADER_BYTES: usize = 12;

/// Appends one frame.
pub(super) fn append(out: &mut Vec<u8>, salt: u32, payload: &[u8]) {
    let mut header = [0; HEADER_BYTES];
    header[..4].copy_from_slice(&(payload.len() as u32).to_le_bytes());
    header[4..8].copy_from_slice(&crc32c::crc32c_append(salt, payload).to_le_bytes());
    let check = crc32c::crc32c_append(salt, &header[..8]);
    header[8..].copy_from_slice(&check.to_le_bytes());
    out.extend_from_slice(&header);
    out.extend_from_slice(payload);
}

/// What stands at an offset.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// A frame, and where the next one begins.
    Frame { payload: &'a [u8], next: usize },
    /// Nothing more.
    End,
    /// Something else, or part of a frame.
    Bad,
}

/// Reads the frame at `at`.
pub(super) fn read(bytes: &[u8], at: usize, salt: u32) -> Found<'_> {
    let rest = bytes.get(at..).unwrap_or_default();
    if rest.is_empty() {
        return Found::End;
    }
    let Some((header, rest)) = rest.split_at_checked(HEADER_BYTES) else {
        return Found::Bad;
    };
    let word =
        |i: usize| u32::from_le_bytes([header[i], header[i + 1], header[i + 2], header[i + 3]]);
    if crc32c::crc32c_append(salt, &header[..8]) != word(8) {
        return Found::Bad;
    }
    let Some(payload) = rest.get(..word(0) as usize) else {
        return Found::Bad;
    };
    if crc32c::crc32c_append(salt, payload) != word(4) {
        return Found::Bad;
    }
    Found::Frame {
        payload,
        next: at + HEADER_BYTES + payload.len(),
    }
}

/// All whole frames after damage, wherever they begin.
pub(super) fn after_damage(bytes: &[u8], from: usize, salt: u32) -> impl Iterator<Item = &[u8]> {
    let mut at = from;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            match read(bytes, at, salt) {
                Found::Frame { payload, next } => {
                    at = next;
                    return Some(payload);
                }
                Found::End | Found::Bad => at += 1,
            }
        }
        None
    })
}

/// What is left of the bytes at an offset.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    /// A frame; `is_mended` where one bit of it was wrong and is right now.
    Frame {
        payload: Cow<'a, [u8]>,
        is_mended: bool,
        next: usize,
    },
    /// Something that was a frame, with what its payload looks like where its length is known.
    Damaged {
        payload: Option<&'a [u8]>,
        next: usize,
    },
    End,
}

/// One wrong bit is found by its checksum, in payloads up to this size: in larger ones, damage of
/// more bits could pass for it.
const MAX_MENDED_BYTES: usize = 80 << 10;

/// As [`read`], but goes on behind what is damaged.
pub(super) fn salvage(bytes: &[u8], at: usize, salt: u32) -> Piece<'_> {
    match read(bytes, at, salt) {
        Found::End => return Piece::End,
        Found::Frame { payload, next } => {
            return Piece::Frame {
                payload: payload.into(),
                is_mended: false,
                next,
            };
        }
        Found::Bad => {}
    }
    let rest = &bytes[at..];
    let header = rest.first_chunk().and_then(|header| mend(*header, salt));
    let Some((len, sum, is_mended)) = header else {
        // Whole frames begin again somewhere, or nowhere.
        let next =
            (at + 1..bytes.len()).find(|&at| matches!(read(bytes, at, salt), Found::Frame { .. }));
        return Piece::Damaged {
            payload: None,
            next: next.unwrap_or(bytes.len()),
        };
    };
    let rest = &rest[HEADER_BYTES..];
    let Some(payload) = rest.get(..len) else {
        return Piece::Damaged {
            payload: Some(rest),
            next: bytes.len(),
        };
    };
    let next = at + HEADER_BYTES + len;
    let difference = sum ^ crc32c::crc32c_append(salt, payload);
    if difference == 0 {
        return Piece::Frame {
            payload: payload.into(),
            is_mended,
            next,
        };
    }
    let mut copy = payload.to_vec();
    if !is_mended && len <= MAX_MENDED_BYTES && correct(&mut copy, difference) {
        return Piece::Frame {
            payload: copy.into(),
            is_mended: true,
            next,
        };
    }
    Piece::Damaged {
        payload: Some(payload),
        next,
    }
}

/// Whether what stands there is a frame with one wrong bit.
pub(super) fn is_mendable(bytes: &[u8], at: usize, salt: u32) -> bool {
    let piece = salvage(bytes, at, salt);
    matches!(
        piece,
        Piece::Frame {
            is_mended: true,
            ..
        }
    )
}

/// The length and checksum that a header tells, also where one bit of it is wrong.
fn mend(header: [u8; HEADER_BYTES], salt: u32) -> Option<(usize, u32, bool)> {
    let word = |header: &[u8; HEADER_BYTES], i: usize| {
        u32::from_le_bytes([header[i], header[i + 1], header[i + 2], header[i + 3]])
    };
    let tell = |header: &[u8; HEADER_BYTES]| {
        let holds = crc32c::crc32c_append(salt, &header[..8]) == word(header, 8);
        holds.then(|| (word(header, 0) as usize, word(header, 4)))
    };
    if let Some((len, sum)) = tell(&header) {
        return Some((len, sum, false));
    }
    (0..HEADER_BYTES * 8).find_map(|bit| {
        let mut tried = header;
        tried[bit / 8] ^= 1 << (bit % 8);
        tell(&tried).map(|(len, sum)| (len, sum, true))
    })
}

/// Puts the one bit right that makes this difference to the checksum.
fn correct(bytes: &mut [u8], difference: u32) -> bool {
    let mut bits: [u32; 8] = std::array::from_fn(|bit| shift(1 << bit));
    for at in (0..bytes.len()).rev() {
        if let Some(bit) = bits.iter().position(|sum| *sum == difference) {
            bytes[at] ^= 1 << bit;
            return true;
        }
        bits = bits.map(|sum| shift(sum & 0xff) ^ (sum >> 8));
    }
    false
}

/// What a byte does to the checksum.
fn shift(byte: u32) -> u32 {
    const CASTAGNOLI: u32 = 0x82f6_3b78;
    (0..8).fold(byte, |sum, _| {
        (sum >> 1) ^ (CASTAGNOLI & (sum & 1).wrapping_neg())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flip_and_every_cut_is_seen() {
        let mut bytes = Vec::new();
        append(&mut bytes, 7, b"payload");
        assert!(matches!(
            read(&bytes, 0, 7),
            Found::Frame {
                payload: b"payload",
                next: 19
            }
        ));
        assert_eq!(read(&bytes, 0, 8), Found::Bad);
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read(&flipped, 0, 7), Found::Bad);
        }
        for cut in 1..bytes.len() {
            assert_eq!(read(&bytes[..cut], 0, 7), Found::Bad);
        }
    }

    #[test]
    fn one_wrong_bit_is_put_right_and_more_are_passed_over() {
        let mut bytes = Vec::new();
        append(&mut bytes, 7, b"payload");
        let one = bytes.len();
        append(&mut bytes, 7, b"second");
        for bit in 0..one * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let Piece::Frame {
                payload,
                is_mended: true,
                next,
            } = salvage(&flipped, 0, 7)
            else {
                panic!("bit {bit}");
            };
            assert_eq!((&*payload, next), (&b"payload"[..], one), "bit {bit}");
        }
        for from in 0..one - 3 {
            let mut spoilt = bytes.clone();
            spoilt[from..from + 3].copy_from_slice(&[0x5a, 0xa5, 0x5a]);
            let Piece::Damaged { next, .. } = salvage(&spoilt, 0, 7) else {
                panic!("from {from}");
            };
            assert_eq!(next, one, "from {from}");
        }
    }

    #[test]
    fn frames_after_damage_are_found() {
        let mut bytes = vec![0xff; 13];
        append(&mut bytes, 7, b"one");
        bytes.extend([0; 5]);
        append(&mut bytes, 7, b"two");
        let found: Vec<_> = after_damage(&bytes, 0, 7).collect();
        assert_eq!(found, [b"one", b"two"]);
    }
}
