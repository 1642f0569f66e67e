//! The index on disk: Tantivy, derived from state and only ever rebuilt.

mod checksum;
pub mod grams;
mod opened;
mod recent;
mod schema;
mod store;

pub use checksum::Verification;
pub use opened::{Opened, View};
pub use recent::{Recent, RecentDoc};
pub use schema::Fields;
pub use store::Store;

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
}
