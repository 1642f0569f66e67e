//! The log in a directory.
//!
//! # Format, version 2
//! All integers are little-endian. A segment is a file named by the position of its first entry,
//! twenty digits and `.log`:
//!
//! ```text
//! segment = header frame*
//! header  = "MARULOG\n"  version u32  salt u32  epoch u64  first seq u64  zero u32  crc32c u32
//!           hash before 16 bytes  zero u32  crc32c u32
//! frame   = crc32c u32   length u32   seq u64   durable u64  hash 16 bytes  payload
//! ```
//!
//! The header's first checksum covers what is before it, and those 40 bytes mean the same in every
//! version; the second one goes on from it. Version 1, which is read and never written, has neither
//! what follows them nor the frames' hashes. A frame's checksum begins with the segment's random salt (so that no payload can
//! pretend to be a frame) and covers what is after it. `durable` is the last position that was
//! known to be on the disk when the frame was written.
//!
//! A new segment is written beside, synced, renamed and the directory synced, and the one before
//! it is synced first. So only the last segment can be incomplete.
//!
//! # Torn or damaged
//! The frames of one batch reach the disk in any order, so after a power cut a hole may be
//! followed by good frames. What decides is `durable`. A bad frame at position *n* of the last
//! segment is
//! - **damaged** if any good frame behind it says `durable >= n`, if the last run ended well at *n*
//!   or later, or if the state has *n*: it was safe once, may have been acknowledged, and is not
//!   there any more. Opening is refused, and nothing is changed.
//! - **torn** otherwise: no sync that covered *n* is known to have succeeded. The segment is cut
//!   there and the cut reported.
//!
//! A header that does not hold is torn if nothing follows it in the last segment, and damage
//! otherwise. In every other segment anything bad is damage; so is a gap between segments.
//! A frame that holds but has the wrong position is always damage.
//!
//! What follows the last `durable` is written again and synced when the log is opened: after a
//! failed sync the kernel may show data that is not on the disk, and say that it is clean.
//!
//! # Hashes
//! Each frame carries the hash of the hash before it and its payload, a segment's header the one
//! before its first entry. Opening trusts them, for the checksums hold; [`crate::inspect`] computes
//! them again.
//!
//! # Epochs
//! With [`Fsync::EverySec`] and [`Fsync::Never`] a power cut can take acknowledged entries, and
//! their positions are given again. The file `last-run` beside the segments tells
//! whether that may have happened; opening then begins the next epoch by itself. With
//! [`Fsync::Always`] it is not needed.
mod change;
mod cursor;
mod disk;
mod frame;
mod inspect;
mod last_run;
mod load;
mod open;
mod options;
mod read;
mod recent;
mod recover;
mod segment;
mod shared;
mod syncer;
mod tail;
mod writer;

pub use disk::{Disk, RealDisk};
pub use inspect::{Inspection, first_unlike, inspect};
pub use open::{NewEpoch, Opened, TornTail};
pub use options::{Fsync, Options};
pub(crate) use shared::Shared;
pub use writer::FileLog;
