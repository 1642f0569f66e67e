//! The Redis port from outside.
mod conversation;
mod kit;
