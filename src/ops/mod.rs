//! What keeps a server running and its data in order: the data directory and its lock, commands
//! beside a running server, history in and out, health, the service manager.
pub mod admin;
mod admin_tokens;
pub mod backup;
pub mod check;
mod check_index;
pub mod cluster;
pub mod control;
pub mod control_server;
pub mod data_dir;
pub mod export;
mod format;
pub mod health;
pub mod import;
pub mod look;
pub mod manage;
pub mod manifest;
pub mod mark_line;
pub mod metrics;
pub mod process;
pub mod repair;
pub mod replicate;
pub mod request;
pub mod restore;
pub mod rewind;
pub mod sandbox;
pub mod systemd;
pub mod words;
