//! What people said, found: analyzer, index, query, suggestions.

pub mod dictionary;
