//! What people said, found: analyzer, index, query, suggestions.

pub mod analyzer;
pub mod dictionary;
pub mod normal;
