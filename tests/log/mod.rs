//! The log: its contract, and what becomes of it when the disk or the machine fails.
mod contract;
mod everysec;
mod faults;
mod files;
mod flips;
mod full_disk;
mod kit;
mod model;
mod sequencer;
mod sick_disk;
mod threads;
mod torn;

pub use sequencer::suite as sequencer_suite;
