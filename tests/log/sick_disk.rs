//! A disk that fails when told to, remembers what a power cut would leave, and never really
//! syncs: a sync costs more than all else that these tests do.
use maru::log::{Disk, RealDisk};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Error};
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::{Mutex, mpsc};
use tempfile::TempDir;

/// Failures by number of the call, counted from 1.
#[derive(Default)]
pub struct SickDisk(Mutex<State>);

#[derive(Default)]
struct State {
    calls: u64,
    failing: Range<u64>,
    kind: Failure,
    /// Content at the last good sync, by inode.
    synced: HashMap<u64, Vec<u8>>,
    told: Option<mpsc::Sender<()>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Failure {
    /// An error, and the bytes stay readable.
    #[default]
    Error,
    /// A failed sync loses what it should have kept, as a kernel may.
    Loss,
    /// No space.
    Full,
}

impl SickDisk {
    pub fn fail(&self, calls: Range<u64>, kind: Failure) {
        let mut state = self.0.lock().expect("lock");
        state.failing = calls;
        state.kind = kind;
    }

    pub fn calls(&self) -> u64 {
        self.0.lock().expect("lock").calls
    }

    /// Hears of every sync of a file from now on, after it.
    pub fn syncs(&self) -> mpsc::Receiver<()> {
        let (told, hears) = mpsc::channel();
        self.0.lock().expect("lock").told = Some(told);
        hears
    }

    fn next(&self) -> Result<(), (Failure, Error)> {
        let mut state = self.0.lock().expect("lock");
        state.calls += 1;
        if !state.failing.contains(&state.calls) {
            return Ok(());
        }
        let error = match state.kind {
            Failure::Full => io::ErrorKind::StorageFull.into(),
            Failure::Error | Failure::Loss => Error::other("the disk is sick"),
        };
        Err((state.kind, error))
    }

    fn synced(&self, file: &File) -> io::Result<Vec<u8>> {
        let inode = file.metadata()?.ino();
        let state = self.0.lock().expect("lock");
        Ok(state.synced.get(&inode).cloned().unwrap_or_default())
    }

    /// The directory as a power cut leaves it: of every unsynced block either content.
    pub fn after_power_cut(&self, dir: &Path, mut dice: u64) -> TempDir {
        let copy = TempDir::new().expect("a directory");
        for item in fs::read_dir(dir).expect("listed") {
            let path = item.expect("listed").path();
            let file = File::open(&path).expect("opened");
            let old = self.synced(&file).expect("known");
            let mut bytes = fs::read(&path).expect("read");
            for (at, byte) in bytes.iter_mut().enumerate() {
                if at % 32 == 0 {
                    dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                }
                if dice >> 63 == 0 {
                    *byte = old.get(at).copied().unwrap_or(0);
                }
            }
            if dice >> 62 & 1 == 0 {
                bytes.truncate(old.len());
            }
            fs::write(copy.path().join(path.file_name().expect("a name")), bytes).expect("written");
        }
        copy
    }
}

impl Disk for SickDisk {
    fn write(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        let meta = file.metadata()?;
        if meta.len() == 0 {
            self.0.lock().expect("lock").synced.remove(&meta.ino());
        }
        self.next().map_err(|(_, error)| {
            let _ = file.write_all_at(&bytes[..bytes.len() / 2], offset);
            error
        })?;
        RealDisk.write(file, bytes, offset)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        let outcome = self.next();
        // Some files are open for writing only.
        let content = fs::read(format!("/proc/self/fd/{}", file.as_raw_fd()))?;
        let outcome = match outcome {
            Ok(()) => {
                let mut state = self.0.lock().expect("lock");
                state.synced.insert(file.metadata()?.ino(), content);
                Ok(())
            }
            Err((Failure::Loss, error)) => {
                let mut kept = self.synced(file)?;
                kept.resize(content.len(), 0);
                file.write_all_at(&kept, 0)?;
                Err(error)
            }
            Err((_, error)) => Err(error),
        };
        if let Some(told) = &self.0.lock().expect("lock").told {
            let _ = told.send(());
        }
        outcome
    }

    fn truncate(&self, file: &File, len: u64) -> io::Result<()> {
        self.next().map_err(|(_, error)| error)?;
        RealDisk.truncate(file, len)
    }

    fn sync_dir(&self, _dir: &Path) -> io::Result<()> {
        self.next().map_err(|(_, error)| error)
    }
}
