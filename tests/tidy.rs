//! The import table of the house, held as data.
