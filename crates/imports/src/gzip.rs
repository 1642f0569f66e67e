//! Gzip as `gzip -d` reads it: several members one after the other, and zeros behind the last, which
//! tapes and block devices leave.

use flate2::bufread::GzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// A file, unpacked if it is packed.
pub fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let mut file = BufReader::new(File::open(path)?);
    Ok(match file.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        true => Box::new(BufReader::new(Gzip::new(file))),
        false => Box::new(file),
    })
}

/// The whole of it; `None` if that is more than so many bytes.
pub fn read(path: &Path, most_bytes: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    open(path)?.take(most_bytes + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most_bytes).then_some(bytes))
}

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
    fn a_file_is_known_by_its_first_bytes() {
        let tmp = tempfile::tempdir().expect("a directory");
        let path = tmp.path().join("talk.txt");
        for bytes in [packed("가나"), "가나".into()] {
            std::fs::write(&path, bytes).expect("written");
            let whole = read(&path, 6).expect("readable");
            assert_eq!(whole.as_deref(), Some("가나".as_bytes()));
            assert_eq!(read(&path, 5).expect("readable"), None);
        }
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
