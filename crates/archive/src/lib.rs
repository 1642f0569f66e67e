//! The form of a backup.
//!
//! # Format, version 1
//! A tar, packed as one zstd frame with a checksum. Its members, in this order:
//!
//! ```text
//! maru-backup.json   what this is: [`About`]
//! …                  the files, by their paths in a data directory
//! manifest.json      path, size and SHA-256 of every member before it: [`Manifest`]
//! ```
//!
//! The manifest comes last, so that an archive is written in one pass; one without it is truncated.
//! What a reader takes out counts only once [`unpack()`] has returned.
mod manifest;
mod pack;
mod unpack;

pub use manifest::{About, Counts, Manifest, Member};
pub use pack::{Compressed, Packer};
pub use unpack::{ArchiveError, Sink, unpack};

/// The version of the form. Grows when an older version could no longer read it.
pub const FORMAT: u32 = 1;

/// The first member.
const ABOUT: &str = "maru-backup.json";
/// The last member.
const MANIFEST: &str = "manifest.json";
