//! Zip archives of strangers: bounded in number, size and ratio, with names that stay inside.

use crate::out::ImportError;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use zip::ZipArchive;
use zip::result::ZipError;

const ENTRIES: usize = 2_000_000;
/// Of one file that is read whole.
const FILE_BYTES: u64 = 256 << 20;
/// Of everything together, unpacked.
const TOTAL_BYTES: u64 = 200 << 30;
/// Text packs to a twentieth; what claims to pack to less than this is a bomb.
const RATIO: u64 = 400;
const RATIO_FROM_BYTES: u64 = 8 << 20;

pub struct Archive {
    zip: ZipArchive<File>,
    names: Vec<String>,
}

impl Archive {
    pub fn open(path: &Path) -> Result<Archive, ImportError> {
        let file = File::open(path)?;
        let unusable = ImportError::unusable;
        if file.metadata()?.is_dir() {
            return Err(unusable("it is a folder; name the zip file"));
        }
        let mut zip = ZipArchive::new(file).map_err(|error| match error {
            ZipError::Io(error) => ImportError::Io(error),
            _ => unusable("it is not a whole zip archive; copy it again, or export it again"),
        })?;
        if zip.len() > ENTRIES {
            return Err(ImportError::unusable("the archive has too many files"));
        }
        let (mut total, mut names) = (0_u64, Vec::with_capacity(zip.len()));
        for at in 0..zip.len() {
            let entry = zip.by_index_raw(at).map_err(broken)?;
            let name = entry.name().map_err(broken)?.into_owned();
            if climbs(&name) {
                return Err(ImportError::unusable(format!(
                    "the archive holds the path {}, which leads out of it; nothing of it is read",
                    name.escape_debug()
                )));
            }
            total = total.saturating_add(entry.size());
            let is_bomb = entry.size() > RATIO_FROM_BYTES
                && entry.size() / entry.compressed_size().max(1) > RATIO;
            if is_bomb || total > TOTAL_BYTES {
                return Err(ImportError::unusable(format!(
                    "{} unpacks to {} bytes from {}: that is a zip bomb, not an export",
                    name.escape_debug(),
                    entry.size(),
                    entry.compressed_size()
                )));
            }
            names.push(name);
        }
        Ok(Archive { zip, names })
    }

    /// In the order of the archive.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub fn has(&self, name: &str) -> bool {
        self.names.iter().any(|found| found == name)
    }

    /// A whole file; `None` where there is none of this name.
    pub fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, ImportError> {
        match self.names.iter().position(|found| found == name) {
            Some(at) => self.read_at(at).map(Some),
            None => Ok(None),
        }
    }

    pub fn read_at(&mut self, at: usize) -> Result<Vec<u8>, ImportError> {
        let entry = self.zip.by_index(at).map_err(broken)?;
        let name = entry.name().map_err(broken)?.into_owned();
        let mut bytes = Vec::new();
        entry
            .take(FILE_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| {
                ImportError::unusable(format!(
                    "{} in the archive is broken: {error}",
                    name.escape_debug()
                ))
            })?;
        if bytes.len() as u64 > FILE_BYTES {
            return Err(ImportError::unusable(format!(
                "{} in the archive is larger than {} MiB",
                name.escape_debug(),
                FILE_BYTES >> 20
            )));
        }
        Ok(bytes)
    }
}

fn climbs(name: &str) -> bool {
    name.starts_with('/')
        || name.contains('\0')
        || name.as_bytes().get(1) == Some(&b':')
        || name.split(['/', '\\']).any(|part| part == "..")
}

fn broken(error: zip::result::ZipError) -> ImportError {
    ImportError::unusable(format!("the archive is broken: {error}"))
}
