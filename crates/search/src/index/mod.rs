//! The index on disk: Tantivy, derived from state and only ever rebuilt.

mod by_segment;
mod checksum;
mod columns;
mod entry;
mod frequent;
mod generations;
pub mod grams;
mod ids;
mod members;
mod nouns;
mod opened;
mod recent;
mod schema;
mod store;
mod terms;

pub use checksum::Verification;
pub use columns::{OpenColumns, SegmentColumns};
pub use frequent::FrequentWords;
pub use ids::IdBlocks;
pub use members::MemberDocs;
pub use nouns::NounNames;
pub use opened::{Opened, View};
pub use recent::{Recent, RecentDoc};
pub use schema::Fields;
pub use store::{Filler, Store};

use tantivy::TantivyError;

/// Why the index could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    #[error("the search index: {0}")]
    Tantivy(#[from] TantivyError),
    #[error("the search index: {0}")]
    Io(#[from] std::io::Error),
    #[error("the search index is damaged: {0}")]
    Damaged(String),
    /// What was said cannot be read at the moment; the index is as good as it was.
    #[error("what is to be indexed cannot be read: {0}")]
    DocumentSource(std::io::Error),
}
