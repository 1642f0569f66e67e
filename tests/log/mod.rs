//! The log: its contract, and what becomes of it when the disk or the machine fails.
mod contract;
mod kit;
mod torn;
