//! Frames: `length u32 | crc of payload u32 | crc of the eight bytes before u32 | payload`, little
//! endian. The checksums begin with the file's salt, so that bytes of another file never pass.

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
    fn frames_after_damage_are_found() {
        let mut bytes = vec![0xff; 13];
        append(&mut bytes, 7, b"one");
        bytes.extend([0; 5]);
        append(&mut bytes, 7, b"two");
        let found: Vec<_> = after_damage(&bytes, 0, 7).collect();
        assert_eq!(found, [b"one", b"two"]);
    }
}
