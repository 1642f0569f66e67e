//! Maru: a chat that a small team downloads and runs as one binary.
pub mod auth;
pub mod cache;
pub mod cli;
pub mod config;
pub mod domain;
pub mod engine;
pub mod house;
pub mod http;
pub mod live;
pub mod log;
pub mod ops;
pub mod search;
pub mod socketio;
pub mod state;
