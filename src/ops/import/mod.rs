//! History from elsewhere: lines of JSON, plain or packed with gzip.
//!
//! A file is read twice. The first reading finds every bad line before anything is kept; the
//! second loads. What cannot be read twice (a pipe) is spooled to an unnamed file first.
mod contents;
mod feed;
mod line;
mod lines;
mod load;
mod message;
mod source;
mod survey;

pub use feed::{Batch, BodyReader, FeedError, feed};
pub use line::{Parsed, Record, parse};
pub use lines::{Line, Lines};
pub use load::{LoadError, load};
pub use source::ImportFile;
pub use survey::{BadLine, Survey};
