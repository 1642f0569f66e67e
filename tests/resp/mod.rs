//! The Redis port from outside.
mod conversation;
mod differential;
mod kit;
mod list;
