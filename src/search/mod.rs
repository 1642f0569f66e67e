//! What people said, found: analyzer, index, query, suggestions.
