//! The few calls that a disk fails at, so that tests can make them fail.

use std::fmt::Debug;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// What the state asks of a disk.
pub trait Disk: Debug + Send + Sync {
    /// Fills `into` from `offset` on.
    fn read(&self, file: &File, into: &mut [u8], offset: u64) -> io::Result<()> {
        file.read_exact_at(into, offset)
    }

    /// Writes all of it at `offset`, or fails with any part of it written.
    fn write(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        file.write_all_at(bytes, offset)
    }

    fn set_len(&self, file: &File, len: u64) -> io::Result<()> {
        file.set_len(len)
    }

    /// Makes the file's content and length durable.
    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }
}

/// The disk as it is.
#[derive(Debug)]
pub struct RealDisk;

impl Disk for RealDisk {}
