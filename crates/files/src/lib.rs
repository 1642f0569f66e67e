//! What was uploaded: which bytes are they, where are they kept, what may a browser do with them?
//!
//! - [`store`]: the folder `files/`. What comes in lies in `incoming/` until it is whole and on the
//!   disk; what was stored has the hash of its content as its name and never changes.
//! - [`kind`]: types by content, never by name; what is shown and what is only downloaded.
//! - [`metadata`]: positions and whatever else cameras write into pictures are left out.
//! - [`picture`]: sizes before anything is decoded, thumbnails within bounds.
//!
//! Nothing here knows who may read a file: that is the state's, and names and ids are, too. The
//! same content is one file on the disk, which nobody outside can tell.
mod adopted;
pub mod kind;
pub mod metadata;
pub mod picture;
pub mod store;

pub use kind::FileType;
pub use store::{Hold, Incoming, Store, Stored};

/// Why a file cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("the file cannot be written or read: {0}")]
    Io(#[from] std::io::Error),
    #[error("it is no picture that can be read")]
    BadPicture,
    /// It is never served.
    #[error("{} is damaged: it is not what was uploaded; restore it from a backup, or upload the same file again", .0.display())]
    Damaged(std::path::PathBuf),
    #[error("{} is missing; restore it from a backup, or upload the same file again", .0.display())]
    Missing(std::path::PathBuf),
}

/// What comes back of work with files.
pub type Result<T> = std::result::Result<T, FileError>;
