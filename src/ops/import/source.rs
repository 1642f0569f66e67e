//! Where history comes from: a file or the standard input, packed or not.

use crate::imports::{encoding, gzip::Gzip};
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const BUFFER_BYTES: usize = 128 * 1024;

/// A file that can be read from its start as often as one likes.
#[derive(Debug)]
pub struct ImportFile {
    file: File,
    size_bytes: u64,
    consumed_bytes: Arc<AtomicU64>,
}

impl ImportFile {
    /// Opens `-` (the standard input) or a file. What is not a plain file is first copied to an
    /// unnamed file in `spool_dir`.
    pub fn open(name: &Path, spool_dir: &Path) -> io::Result<ImportFile> {
        if name.as_os_str() == "-" {
            return ImportFile::spooled(&mut io::stdin().lock(), spool_dir);
        }
        let mut file = File::open(name)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is a directory",
            ));
        }
        if metadata.is_file() {
            ImportFile::of(file)
        } else {
            ImportFile::spooled(&mut file, spool_dir)
        }
    }

    pub fn of(file: File) -> io::Result<ImportFile> {
        let size_bytes = file.metadata()?.len();
        Ok(ImportFile {
            file,
            size_bytes,
            consumed_bytes: Arc::default(),
        })
    }

    fn spooled(reader: &mut impl Read, dir: &Path) -> io::Result<ImportFile> {
        let path = dir.join(format!("import-{}.spool", std::process::id()));
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        // Without a name it is gone when this process is, however it ends.
        std::fs::remove_file(&path)?;
        io::copy(reader, &mut file)?;
        ImportFile::of(file)
    }

    /// Size on disk: packed, if it is packed.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// How much of [`ImportFile::size_bytes`] the latest reading has used.
    pub fn consumed_bytes(&self) -> Arc<AtomicU64> {
        self.consumed_bytes.clone()
    }

    /// Reads from the start. Gzip is known by its first bytes, not by the file's name.
    pub fn read(&self) -> io::Result<Box<dyn io::BufRead + Send>> {
        let mut file = self.file.try_clone()?;
        file.rewind()?;
        let mut magic = [0; 4];
        let length = read_up_to(&mut file, &mut magic)?;
        file.rewind()?;
        self.consumed_bytes.store(0, Ordering::Relaxed);
        let counted = Counted {
            file,
            count: self.consumed_bytes.clone(),
        };
        let buffered = BufReader::with_capacity(BUFFER_BYTES, counted);
        match &magic[..length] {
            [0x1f, 0x8b, ..] => {
                let plain = Gzip::new(buffered);
                encoding::as_utf8(BufReader::with_capacity(BUFFER_BYTES, plain))
            }
            [0x28, 0xb5, 0x2f, 0xfd] => Err(unsupported("zstd")),
            [b'P', b'K', 3, 4] => Err(unsupported("zip")),
            [b'B', b'Z', b'h', _] => Err(unsupported("bzip2")),
            [0xfd, b'7', b'z', b'X'] => Err(unsupported("xz")),
            _ => encoding::as_utf8(buffered),
        }
    }
}

fn unsupported(format: &str) -> io::Error {
    let text = format!("it is packed with {format}; unpack it first, or pack it with gzip");
    io::Error::new(io::ErrorKind::InvalidData, text)
}

fn read_up_to(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..])? {
            0 => break,
            read => length += read,
        }
    }
    Ok(length)
}

struct Counted {
    file: File,
    count: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.count.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn text(source: &ImportFile) -> String {
        let mut text = String::new();
        source
            .read()
            .expect("opens")
            .read_to_string(&mut text)
            .expect("reads");
        text
    }

    #[test]
    fn packed_and_plain_read_the_same_twice() {
        let tmp = tempfile::tempdir().expect("a directory");
        let path = tmp.path().join("history");
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(b"one\ntwo\n").expect("packs");
        let wide: Vec<u8> = "\u{feff}one\ntwo\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for bytes in [
            b"one\ntwo\n".to_vec(),
            packed.finish().expect("packs"),
            wide,
        ] {
            std::fs::write(&path, &bytes).expect("written");
            let source = ImportFile::open(&path, tmp.path()).expect("opens");
            assert_eq!(
                (text(&source), text(&source)),
                ("one\ntwo\n".into(), "one\ntwo\n".into())
            );
            assert_eq!(
                source.consumed_bytes().load(Ordering::Relaxed),
                source.size_bytes()
            );
        }
    }

    #[test]
    fn a_pipe_is_spooled_and_leaves_nothing() {
        let tmp = tempfile::tempdir().expect("a directory");
        let source = ImportFile::spooled(&mut &b"abc"[..], tmp.path()).expect("spools");
        assert_eq!((text(&source), text(&source)), ("abc".into(), "abc".into()));
        assert_eq!(std::fs::read_dir(tmp.path()).expect("readable").count(), 0);
    }

    #[test]
    fn other_packers_are_named() {
        let tmp = tempfile::tempdir().expect("a directory");
        let path = tmp.path().join("history.zip");
        std::fs::write(&path, b"PK\x03\x04....").expect("written");
        let source = ImportFile::open(&path, tmp.path()).expect("opens");
        let error = source.read().err().expect("refused");
        assert!(error.to_string().contains("zip"));
        assert!(ImportFile::open(tmp.path(), tmp.path()).is_err());
    }
}
