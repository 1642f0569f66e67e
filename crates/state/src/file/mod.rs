//! The file under redb.
//!
//! redb gives a handle up for good after one failed call: not even what it has read already can be
//! read any more. Here the handle lives on. From the first failed write or sync on, everything
//! that is written stays in memory, above the file as it is; redb does not notice, and
//! [`Pages::failure`] tells. What is on the disk then is what a crash would have left there.
//!
//! Back to the disk leads another handle: [`Backend::held`] opens the file as after a crash and
//! holds all that it writes in memory, too, until it has caught up and
//! [`Pages::settle`] writes it down. redb never writes over what its last durable commit needs, so
//! a crash in the middle of that leaves the file at that commit.
//!
//! What is read is verified by the [sums] beside the file.
mod disk;
mod handle;
mod overlay;
mod sums;

pub use disk::{Disk, RealDisk};
pub use handle::Handle;
pub(crate) use handle::{of_io, quietly};

use overlay::{BLOCK, Overlay};
use parking_lot::{Mutex, RwLock, RwLockWriteGuard};
use redb::StorageBackend;
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use sums::{Fault, Sums};

/// So much must fit on the disk before a file that failed is tried again.
const PROBE_BYTES: usize = 256 << 10;

/// What redb gets.
#[derive(Debug)]
pub struct Backend(Arc<Shared>);

/// The same file, for whoever looks after it.
#[derive(Clone, Debug)]
pub struct Pages(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    file: File,
    disk: Arc<dyn Disk>,
    mode: RwLock<Mode>,
    failure: Mutex<Option<Arc<io::Error>>>,
    /// Nothing for a file that is only looked at and has none.
    sums: Option<Sums>,
    /// Whether the sums are those of the file.
    is_known: AtomicBool,
    faults: Mutex<Faults>,
}

/// Where blocks begin that were not as they were written.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// One bit was wrong; it is put right.
    pub corrected: BTreeSet<u64>,
    /// Not readable.
    pub damaged: BTreeSet<u64>,
    /// How many checksums of blocks are damaged themselves.
    pub sums: u64,
    /// There are checksums, of another file: of this one nothing is known.
    pub sums_of_another: bool,
}

#[derive(Debug)]
enum Mode {
    /// To and from the file.
    Through,
    /// What is written stays in memory.
    Held(Overlay),
    /// The file is another handle's.
    Closed,
}

impl Backend {
    /// Opens or makes the file. Where [`Pages::is_known`] says no, redb has to verify it, and
    /// [`Pages::adopt`] is to follow.
    pub fn open(path: &Path, disk: Arc<dyn Disk>) -> io::Result<(Backend, Pages)> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(path)?;
        let (sums, is_known) = Sums::open(&sums_of(path), &file)?;
        let known = Some((sums, is_known));
        Ok(Backend::over(path, file, disk, Mode::Through, known))
    }

    /// Opens the file without changing it: what is written is held in memory.
    pub fn held(path: &Path, disk: Arc<dyn Disk>) -> io::Result<(Backend, Pages)> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let mode = Mode::Held(Overlay::over(file.metadata()?.len()));
        let sums = sums_of(path);
        let known = if sums.exists() {
            Some(Sums::open(&sums, &file)?).filter(|(_, is_known)| *is_known)
        } else {
            None
        };
        Ok(Backend::over(path, file, disk, mode, known))
    }

    fn over(
        path: &Path,
        file: File,
        disk: Arc<dyn Disk>,
        mode: Mode,
        sums: Option<(Sums, bool)>,
    ) -> (Backend, Pages) {
        let (sums, is_known) = sums.unzip();
        let shared = Arc::new(Shared {
            path: path.to_owned(),
            file,
            disk,
            mode: RwLock::new(mode),
            failure: Mutex::default(),
            is_known: AtomicBool::new(is_known.unwrap_or(false)),
            sums,
            faults: Mutex::default(),
        });
        (Backend(Arc::clone(&shared)), Pages(shared))
    }
}

/// The file of the sums beside this one: `state.redb.sums`.
pub(crate) fn sums_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".sums");
    name.into()
}

impl Pages {
    /// Whether what is read is verified.
    pub fn is_known(&self) -> bool {
        self.0.is_known.load(Ordering::Acquire)
    }

    /// Takes the file as it is for right, and verifies from now on.
    pub fn adopt(&self) -> io::Result<()> {
        if let Some(sums) = &self.0.sums {
            sums.adopt(&self.0.file)?;
            self.0.is_known.store(true, Ordering::Release);
        }
        Ok(())
    }

    /// What was found wrong in the file so far.
    pub fn faults(&self) -> Faults {
        let sums = self.0.sums.as_ref().map_or(0, |sums| sums.damaged);
        Faults {
            sums,
            sums_of_another: !self.is_known() && sums_of(&self.0.path).exists(),
            ..self.0.faults.lock().clone()
        }
    }

    /// Reads every block of the file; [`Pages::faults`] tells what is wrong. Of blocks that redb
    /// does not use, what a crash left counts as well.
    pub fn read_all(&self) -> io::Result<()> {
        let mut chunk = vec![0; 64 * BLOCK as usize];
        let len = self.0.file.metadata()?.len();
        let mut offset = 0;
        while offset < len {
            let size = ((len - offset) as usize).min(chunk.len());
            self.0.read_file(offset, &mut chunk[..size])?;
            offset += size as u64;
        }
        Ok(())
    }

    /// Why what is written is held in memory, while it is because of a failure.
    pub fn failure(&self) -> Option<Arc<io::Error>> {
        self.0.failure.lock().clone()
    }

    /// Whether what is written stays in memory.
    pub fn is_held(&self) -> bool {
        matches!(*self.0.mode.read(), Mode::Held(_))
    }

    /// The file is another handle's from now on; every further call of redb fails.
    pub fn close(&self) {
        *self.0.mode.write() = Mode::Closed;
    }

    /// Whether the disk takes something, tried beside the file.
    pub fn probe(&self) -> io::Result<()> {
        let path = self.0.path.with_extension("probe");
        let tried = File::create(&path).and_then(|file| {
            self.0.disk.write(&file, &[b'.'; PROBE_BYTES], 0)?;
            self.0.disk.sync(&file)
        });
        // In nobody's way if it stays.
        let _ = std::fs::remove_file(path);
        tried
    }

    /// Writes down what was held, durably, and writes through from now on. After an error it is
    /// still held, and the failure is another one.
    pub fn settle(&self) -> io::Result<()> {
        let mut mode = self.0.mode.write();
        let Mode::Held(overlay) = &*mode else {
            return Ok(());
        };
        if let Err(error) = self.0.write_down(overlay) {
            let told = io::Error::new(error.kind(), error.to_string());
            *self.0.failure.lock() = Some(Arc::new(error));
            return Err(told);
        }
        *mode = Mode::Through;
        *self.0.failure.lock() = None;
        Ok(())
    }
}

impl Shared {
    /// From the file, verified.
    fn read_file(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.disk.read(&self.file, out, offset)?;
        let Some(sums) = self
            .sums
            .as_ref()
            .filter(|_| self.is_known.load(Ordering::Acquire))
        else {
            return Ok(());
        };
        let mut is_damaged = false;
        for (at, fault) in sums.verify(offset, out) {
            let file = self.path.display();
            let mut faults = self.faults.lock();
            match fault {
                Fault::Corrected => {
                    if faults.corrected.insert(at) {
                        tracing::error!(
                            "{file} had one wrong bit in the block at byte {at}; it is put right"
                        );
                    }
                }
                Fault::Damaged => {
                    is_damaged = true;
                    if faults.damaged.insert(at) {
                        tracing::error!(
                            "{file} is damaged in the block at byte {at}: what stands there cannot be read; \
                             run `maru check`"
                        );
                    }
                }
            }
        }
        if is_damaged {
            // No page of redb's looks like this.
            out.fill(0);
        }
        Ok(())
    }

    fn write_through(&self, disk: &dyn Disk, offset: u64, data: &[u8]) -> io::Result<()> {
        if let Some(sums) = &self.sums {
            sums.note_first(offset, data)?;
            sums.note(offset, data);
        }
        disk.write(&self.file, data, offset)
    }

    fn sync(&self, disk: &dyn Disk) -> io::Result<()> {
        if let Some(sums) = &self.sums {
            sums.save()?;
        }
        disk.sync(&self.file)
    }

    fn resize(&self, disk: &dyn Disk, len: u64) -> io::Result<()> {
        let before = self.file.metadata()?.len();
        disk.set_len(&self.file, len)?;
        if let Some(sums) = &self.sums {
            sums.resize(before, len);
        }
        Ok(())
    }

    fn write_down(&self, overlay: &Overlay) -> io::Result<()> {
        let disk = &*self.disk;
        if self.file.metadata()?.len() != overlay.len {
            self.resize(disk, overlay.len)?;
        }
        for (offset, bytes) in overlay.blocks() {
            if offset == 0 {
                // It says where the others are.
                self.sync(disk)?;
            }
            let end = (overlay.len - offset).min(bytes.len() as u64) as usize;
            self.write_through(disk, offset, &bytes[..end])?;
        }
        self.sync(disk)
    }

    /// From now on nothing reaches the file.
    fn hold(&self, mode: &mut RwLockWriteGuard<'_, Mode>, error: io::Error) -> io::Result<()> {
        let len = self.file.metadata()?.len();
        tracing::error!(
            file = %self.path.display(), %error,
            "the state's file cannot be written; what is new in it is held in memory"
        );
        **mode = Mode::Held(Overlay::over(len));
        *self.failure.lock() = Some(Arc::new(error));
        Ok(())
    }

    /// A change: of the file, or of what is held above it.
    fn change(
        &self,
        through: impl FnOnce(&dyn Disk) -> io::Result<()>,
        held: impl FnOnce(&mut Overlay) -> io::Result<()>,
    ) -> io::Result<()> {
        {
            let mode = self.mode.read();
            match &*mode {
                Mode::Through => match through(&*self.disk) {
                    Ok(()) => return Ok(()),
                    Err(error) => {
                        drop(mode);
                        let mut mode = self.mode.write();
                        if matches!(*mode, Mode::Through) {
                            self.hold(&mut mode, error)?;
                        }
                    }
                },
                Mode::Held(_) => {}
                Mode::Closed => return Err(closed()),
            }
        }
        match &mut *self.mode.write() {
            Mode::Held(overlay) => held(overlay),
            // Settled meanwhile, by whoever waited for nobody to write.
            Mode::Through | Mode::Closed => Err(closed()),
        }
    }
}

fn closed() -> io::Error {
    io::Error::other("the file is being opened anew")
}

impl StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        match &*self.0.mode.read() {
            Mode::Through => Ok(self.0.file.metadata()?.len()),
            Mode::Held(overlay) => Ok(overlay.len),
            Mode::Closed => Err(closed()),
        }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        match &*self.0.mode.read() {
            Mode::Through => self.0.read_file(offset, out),
            Mode::Held(overlay) => overlay.read(&|at, out| self.0.read_file(at, out), offset, out),
            Mode::Closed => Err(closed()),
        }
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.change(
            |disk| self.0.resize(disk, len),
            |overlay| {
                overlay.set_len(len);
                Ok(())
            },
        )
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.change(|disk| self.0.sync(disk), |_| Ok(()))
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.change(
            |disk| self.0.write_through(disk, offset, data),
            |overlay| overlay.write(&|at, out| self.0.read_file(at, out), offset, data),
        )
    }
}

#[cfg(test)]
mod tests;
