//! The real binary from outside: what is printed, which status it ends with, what it leaves.
mod bench;
mod beside;
mod cache_files;
mod checking;
mod data_dir;
mod import;
mod metrics;
mod missing;
mod moving;
pub mod run;
mod settings;
