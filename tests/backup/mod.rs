//! Everything of one moment as one archive, and back.
mod hot;
mod outside;
