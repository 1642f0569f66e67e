//! Compressed bodies, up to a bound.

use bytes::Bytes;
use std::io::Read;

/// What a gzip body unpacks to, `None` beyond `max` bytes unless it may be cut; whether it was cut.
pub fn gunzip(packed: &[u8], max: usize, cut: bool) -> std::io::Result<Option<(Bytes, bool)>> {
    let mut out = Vec::new();
    let mut reader = flate2::read::MultiGzDecoder::new(packed).take(max as u64 + 1);
    match reader.read_to_end(&mut out) {
        // What was cut on the way ends in the middle.
        Err(error) if !(cut && error.kind() == std::io::ErrorKind::UnexpectedEof) => {
            return Err(error);
        }
        _ => {}
    }
    if out.len() <= max {
        return Ok(Some((out.into(), false)));
    }
    out.truncate(max);
    Ok(cut.then(|| (out.into(), true)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_bomb_is_stopped_at_the_bound() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&vec![0; 10 << 20]).expect("packs");
        let packed = packer.finish().expect("packs");
        assert!(packed.len() < 20_000);
        assert!(gunzip(&packed, 4096, false).expect("is gzip").is_none());
        let (body, is_cut) = gunzip(&packed, 4096, true).expect("gzip").expect("cut");
        assert!(is_cut && body.len() == 4096);
        let (body, is_cut) = gunzip(&packed, 10 << 20, false).expect("gzip").expect("it");
        assert!(!is_cut && body.len() == 10 << 20);
        assert!(gunzip(b"no gzip at all", 4096, false).is_err());
    }
}
