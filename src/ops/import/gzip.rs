//! Gzip as `gzip -d` reads it: several members one after the other, and zeros behind the last, which
//! tapes and block devices leave.

use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, Read};

/// The plain bytes of all members.
pub struct Gzip<R> {
    /// None for the moment in which one member follows another, and at the end.
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Gzip<R> {
    pub fn new(packed: R) -> Gzip<R> {
        Gzip {
            member: Some(GzDecoder::new(packed)),
        }
    }
}

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            if let Some(member) = self.member.take() {
                let mut rest = member.into_inner();
                if skip_zeros(&mut rest)? {
                    self.member = Some(GzDecoder::new(rest));
                }
            }
        }
        Ok(0)
    }
}

/// Whether something else follows.
fn skip_zeros(rest: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let bytes = rest.fill_buf()?;
        let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
        let (is_end, more) = (bytes.is_empty(), zeros < bytes.len());
        rest.consume(zeros);
        if is_end || more {
            return Ok(more);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn packed(text: &str) -> Vec<u8> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(text.as_bytes()).expect("packs");
        packer.finish().expect("packs")
    }

    fn plain(bytes: &[u8]) -> io::Result<String> {
        let mut text = String::new();
        let reader = io::BufReader::with_capacity(7, bytes);
        Gzip::new(reader).read_to_string(&mut text).map(|_| text)
    }

    #[test]
    fn members_and_trailing_zeros_are_read_and_garbage_is_not() {
        let two = [packed("one"), packed("two")].concat();
        assert_eq!(plain(&two).expect("readable"), "onetwo");
        let padded = [two.clone(), vec![0; 1000]].concat();
        assert_eq!(plain(&padded).expect("readable"), "onetwo");
        assert!(plain(&[two.clone(), b"rest".to_vec()].concat()).is_err());
        assert!(plain(&two[..two.len() - 1]).is_err());
    }
}
