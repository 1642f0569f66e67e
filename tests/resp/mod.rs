//! The Redis port from outside.
mod clients;
mod conversation;
mod differential;
pub mod kit;
mod list;
