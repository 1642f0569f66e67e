//! The few calls that a disk fails at, so that tests can make them fail.
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// What the log asks of a disk when it changes something.
pub trait Disk: Send + Sync {
    /// Writes all of it at `offset`, or fails with any part of it written.
    fn write(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        file.write_all_at(bytes, offset)
    }

    /// Makes the file's content and length durable.
    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    fn truncate(&self, file: &File, len: u64) -> io::Result<()> {
        file.set_len(len)
    }

    /// Takes these bytes from the disk without changing the file's length, so that writing them
    /// later needs no space. Where a file system knows no such thing, nothing is taken.
    fn reserve(&self, file: &File, offset: u64, len: u64) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        rustix::fs::fallocate(file, rustix::fs::FallocateFlags::KEEP_SIZE, offset, len)?;
        #[cfg(not(target_os = "linux"))]
        let _ = (file, offset, len);
        Ok(())
    }

    /// Makes the names in a directory durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }
}

/// The disk as it is.
pub struct RealDisk;

impl Disk for RealDisk {}
