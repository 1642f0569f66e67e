//! The Redis port from outside.
mod clients;
mod conversation;
mod differential;
mod kit;
mod list;
