//! Entries of the log in one object.
//!
//! ```text
//! object = zstd, with a checksum, of: "MARUrepl" frame*
//! frame  = position u64  hash 16 bytes  length u32  payload
//! ```

use std::io::{self, Read, Write};

const MAGIC: &[u8; 8] = b"MARUrepl";
const LEVEL: i32 = 3;
/// The log has none that is larger.
const PAYLOAD_BYTES: u32 = 16 << 20;

/// One entry: its position, the log's hash up to and with it, and its payload.
pub type Framed = (u64, [u8; 16], Vec<u8>);

/// Packs entries.
pub fn pack<'a>(
    entries: impl IntoIterator<Item = (u64, [u8; 16], &'a [u8])>,
) -> io::Result<Vec<u8>> {
    let mut out = zstd::Encoder::new(Vec::new(), LEVEL)?;
    out.include_checksum(true)?;
    out.write_all(MAGIC)?;
    for (seq, hash, payload) in entries {
        out.write_all(&seq.to_le_bytes())?;
        out.write_all(&hash)?;
        let len = u32::try_from(payload.len()).map_err(io::Error::other)?;
        out.write_all(&len.to_le_bytes())?;
        out.write_all(payload)?;
    }
    out.finish()
}

/// The entries of an object.
///
/// # Errors
/// It is not what was written.
pub fn unpack(object: &[u8]) -> io::Result<Vec<Framed>> {
    let mut from = zstd::Decoder::new(object)?;
    let mut magic = [0; 8];
    from.read_exact(&mut magic)?;
    if magic != *MAGIC {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is none"));
    }
    let mut entries = Vec::new();
    loop {
        let mut head = [0; 28];
        match read_whole(&mut from, &mut head)? {
            0 => return Ok(entries),
            28 => {}
            _ => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
        let seq = u64::from_le_bytes(head[..8].try_into().unwrap_or_default());
        let hash = head[8..24].try_into().unwrap_or_default();
        let len = u32::from_le_bytes(head[24..].try_into().unwrap_or_default());
        if len > PAYLOAD_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "too long"));
        }
        let mut payload = vec![0; len as usize];
        from.read_exact(&mut payload)?;
        entries.push((seq, hash, payload));
    }
}

fn read_whole(from: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < into.len() {
        match from.read(&mut into[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_and_damage_is_noticed() {
        let payloads: Vec<Vec<u8>> = (0..50_u8).map(|n| vec![n; usize::from(n) * 7]).collect();
        let entries = payloads.iter().enumerate();
        let object = pack(entries.map(|(n, payload)| (n as u64 + 9, [n as u8; 16], &payload[..])))
            .expect("packs");
        let back = unpack(&object).expect("whole");
        assert_eq!(back.len(), 50);
        assert!(back.iter().zip(&payloads).all(|((_, _, a), b)| a == b));
        assert_eq!((back[3].0, back[3].1), (12, [3; 16]));
        for len in 0..object.len() {
            assert!(unpack(&object[..len]).is_err(), "{len}");
        }
        for at in 8..object.len() {
            let mut altered = object.clone();
            altered[at] ^= 8;
            // A bit that means nothing to zstd may differ; what is read never does.
            assert!(unpack(&altered).map_or(true, |read| read == back), "{at}");
        }
    }
}
