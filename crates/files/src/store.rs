//! The folder `files/`: what comes in, what is kept, what may go.

use crate::{
    FileError, Result,
    kind::{FileType, HEAD_BYTES, Shown},
    metadata,
    picture::{self, Size},
};
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use std::{
    collections::{HashMap, HashSet},
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

const INCOMING: &str = "incoming";
const THUMBNAILS: &str = "thumbnails";
const PLAN: &str = "plan";
/// Letters of a hash that name its folder.
const SHARD: usize = 2;
const HASH: usize = 64;

/// The files of one data directory.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
    /// How many want every content to stay.
    holds: Arc<Mutex<usize>>,
    verified: Arc<Mutex<HashMap<u128, Stamp>>>,
}

/// As long as this lives, no content is removed.
#[derive(Debug)]
pub struct Hold(Arc<Mutex<usize>>);

impl Drop for Hold {
    fn drop(&mut self) {
        *self.0.lock() -= 1;
    }
}

/// What a content's file was like when it was verified.
type Stamp = (u64, Option<SystemTime>);

/// Something that is being uploaded, in a file of its own.
#[derive(Debug)]
pub struct Incoming {
    path: PathBuf,
    /// It stays when this is dropped: others go on with it.
    is_kept: bool,
}

/// A file that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// SHA-256 of the content, in hexadecimal: its name on the disk, told to nobody.
    pub hash: String,
    pub size_bytes: u64,
    pub mime: &'static str,
    /// Of a picture that may be shown.
    pub size: Option<Size>,
}

impl Store {
    /// Opens the folder, which is made where it is missing.
    pub fn open(root: &Path) -> Result<Store> {
        for folder in [root.join(INCOMING), root.join(THUMBNAILS)] {
            fs::create_dir_all(folder)?;
        }
        Ok(Store {
            root: root.to_owned(),
            holds: Arc::default(),
            verified: Arc::default(),
        })
    }

    /// From now on no content is removed, until this is dropped. Waits for a removal under way.
    pub fn hold(&self) -> Hold {
        *self.holds.lock() += 1;
        Hold(Arc::clone(&self.holds))
    }

    /// A new empty file for what comes in.
    pub fn begin(&self) -> Result<Incoming> {
        let mut name = [0; 16];
        getrandom::fill(&mut name).map_err(|_| io::Error::other("no randomness"))?;
        let path = self.root.join(INCOMING).join(hex(&name));
        File::create_new(&path)?;
        Ok(Incoming {
            path,
            is_kept: false,
        })
    }

    /// Goes on with what came in under this name; `None` if there is none.
    pub fn resume(&self, name: &str) -> Option<Incoming> {
        if !is_hex(name) {
            return None;
        }
        let path = self.root.join(INCOMING).join(name);
        path.is_file().then_some(Incoming {
            path,
            is_kept: true,
        })
    }

    /// Where a note may lie beside what comes in under this name.
    pub fn plan_path(&self, name: &str) -> PathBuf {
        self.root.join(INCOMING).join(format!("{name}.{PLAN}"))
    }

    /// The names that have such a note.
    pub fn plans(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.root.join(INCOMING)) else {
            return Vec::new();
        };
        let name = |entry: io::Result<fs::DirEntry>| {
            let file = entry.ok()?.file_name();
            let name = file.to_str()?.strip_suffix(PLAN)?.strip_suffix('.')?;
            Some(name.to_owned())
        };
        entries.filter_map(name).collect()
    }

    /// Keeps what came in: typed by its content, pictures without their metadata, on the disk when
    /// this returns. Blocks; memory does not grow with the file.
    pub fn keep(&self, incoming: &Incoming) -> Result<Stored> {
        let mut head = Vec::with_capacity(HEAD_BYTES);
        File::open(&incoming.path)?
            .take(HEAD_BYTES as u64)
            .read_to_end(&mut head)?;
        let mut kind = FileType::of(&head, head.len() < HEAD_BYTES);
        let mut cleaned = None;
        let mut size = None;
        if kind.shown == Shown::Picture {
            let clean = self.begin()?;
            let to = OpenOptions::new().write(true).open(&clean.path)?;
            match metadata::without(kind.mime, File::open(&incoming.path)?, to) {
                Ok(true) => cleaned = Some(clean),
                Ok(false) => {}
                // What only begins like a picture is none.
                Err(_) => kind = FileType::of(b"\0", true),
            }
            if kind.shown == Shown::Picture {
                let path = cleaned.as_ref().map_or(&incoming.path, |clean| &clean.path);
                size = picture::size(path).ok();
            }
        }
        let from = cleaned.as_ref().unwrap_or(incoming);
        let (hash, size_bytes) = hash(&from.path)?;
        self.settle(&from.path, &hash)?;
        Ok(Stored {
            hash,
            size_bytes,
            mime: kind.mime,
            size,
        })
    }

    /// Gives a whole file its name. Content that is there already is the same file.
    pub(crate) fn settle(&self, from: &Path, hash: &str) -> Result<()> {
        let to = self.path(hash);
        File::open(from)?.sync_all()?;
        let folder = to.parent().unwrap_or(&self.root);
        if !folder.exists() {
            fs::create_dir_all(folder)?;
            sync_folder(&self.root)?;
        }
        fs::rename(from, &to)?;
        sync_folder(folder)?;
        Ok(())
    }

    /// Whether content is what its name says. It is read through when it is first asked for, and
    /// whenever its file has changed. Blocks.
    pub fn verify(&self, content: &str) -> Result<()> {
        let path = self.path(content);
        let stamp = stamp(&path)?;
        let key = content
            .get(..32)
            .and_then(|hex| u128::from_str_radix(hex, 16).ok());
        let key = key.ok_or_else(|| FileError::Missing(path.clone()))?;
        if self.verified.lock().get(&key) == Some(&stamp) {
            return Ok(());
        }
        self.verify_now(content)?;
        self.verified.lock().insert(key, stamp);
        Ok(())
    }

    /// As [`Store::verify`], whatever is known of it.
    pub fn verify_now(&self, content: &str) -> Result<()> {
        let path = self.path(content);
        stamp(&path)?;
        let (found, _) = hash(&path)?;
        if found == content {
            Ok(())
        } else {
            Err(FileError::Damaged(path))
        }
    }

    /// Where content lies.
    pub fn path(&self, hash: &str) -> PathBuf {
        let shard = hash.get(..SHARD).unwrap_or("00");
        self.root.join(shard).join(hash)
    }

    /// A thumbnail, made where there is none yet. Blocks.
    pub fn thumbnail(&self, hash: &str) -> Result<Vec<u8>> {
        let path = self.root.join(THUMBNAILS).join(hash);
        if let Some(bytes) = fs::read(&path).ok().and_then(unsealed) {
            return Ok(bytes);
        }
        self.verify(hash)?;
        let mut bytes = picture::thumbnail(&self.path(hash))?;
        // It can be made again, so it is not forced to the disk; another one is as good.
        let draft = self.begin()?;
        let len = bytes.len();
        bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
        fs::write(&draft.path, &bytes)?;
        fs::rename(&draft.path, &path)?;
        bytes.truncate(len);
        Ok(bytes)
    }

    /// Whether the thumbnail is there already.
    pub fn has_thumbnail(&self, hash: &str) -> bool {
        self.root.join(THUMBNAILS).join(hash).is_file()
    }

    /// Removes content that nobody wants and that is older than `age`, and what came in so long ago
    /// that nobody goes on with it. Tells how many files went. Blocks.
    pub fn sweep(
        &self,
        wanted: &HashSet<String>,
        age: Duration,
        incoming_age: Duration,
    ) -> Result<usize> {
        let holds = self.holds.lock();
        if *holds > 0 {
            return Ok(0);
        }
        let mut gone = 0;
        for folder in fs::read_dir(&self.root)? {
            let folder = folder?;
            let name = folder.file_name();
            let name = name.to_string_lossy();
            let old_enough = match name.as_ref() {
                INCOMING => incoming_age,
                THUMBNAILS => age,
                shard if shard.len() == SHARD && is_hex(shard) => age,
                _ => continue,
            };
            for file in fs::read_dir(folder.path())? {
                let file = file?;
                let hash = file.file_name();
                let is_wanted = hash.to_str().is_some_and(|hash| wanted.contains(hash));
                if !is_wanted && is_older(&file, old_enough) {
                    fs::remove_file(file.path())?;
                    gone += 1;
                }
            }
        }
        Ok(gone)
    }
}

impl Incoming {
    /// The name under which others go on with it.
    pub fn name(&self) -> &str {
        let name = self.path.file_name().and_then(|name| name.to_str());
        name.unwrap_or_default()
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// From now on it stays when this is dropped.
    pub fn leave(&mut self) {
        self.is_kept = true;
    }

    /// From now on it goes when this is dropped.
    pub fn take(&mut self) {
        self.is_kept = false;
    }

    /// Opened to write at this place, with everything behind it gone.
    pub fn open_at(&self, offset: u64) -> Result<File> {
        let mut file = OpenOptions::new().write(true).open(&self.path)?;
        file.set_len(offset)?;
        io::Seek::seek(&mut file, io::SeekFrom::Start(offset))?;
        Ok(file)
    }

    pub fn size_bytes(&self) -> Result<u64> {
        Ok(fs::metadata(&self.path)?.len())
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if !self.is_kept
            && let Err(error) = fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "what was left of an upload could not be removed");
        }
    }
}

/// A thumbnail without the checksum behind it; nothing of one that is torn or damaged.
fn unsealed(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let len = bytes.len().checked_sub(4)?;
    let holds = crc32c::crc32c(&bytes[..len]).to_le_bytes() == bytes[len..];
    bytes.truncate(len);
    (holds && len > 0).then_some(bytes)
}

fn stamp(path: &Path) -> Result<Stamp> {
    match fs::metadata(path) {
        Ok(about) => Ok((about.len(), about.modified().ok())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(FileError::Missing(path.to_owned()))
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) fn hash(path: &Path) -> Result<(String, u64)> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 128 * 1024];
    let (mut hasher, mut size_bytes) = (Sha256::new(), 0);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((hex(&hasher.finalize()), size_bytes));
        }
        hasher.update(&buffer[..read]);
        size_bytes += read as u64;
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = Vec::with_capacity(HASH);
    for byte in bytes {
        // Writing to memory does not fail.
        let _: io::Result<()> = write!(text, "{byte:02x}");
    }
    String::from_utf8(text).unwrap_or_default()
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn sync_folder(path: &Path) -> Result<()> {
    File::open(path)?.sync_all()?;
    Ok(())
}

fn is_older(file: &fs::DirEntry, age: Duration) -> bool {
    let changed = file.metadata().and_then(|metadata| metadata.modified());
    changed.is_ok_and(|changed| {
        SystemTime::now()
            .duration_since(changed)
            .is_ok_and(|passed| passed >= age)
    })
}

#[cfg(test)]
mod tests;
