//! The Redis port from outside.
mod accounts;
mod clients;
mod conversation;
mod differential;
mod events;
pub mod kit;
mod limits;
mod list;
mod memory;
mod parsing;
mod redis_rs;
mod saving;
mod scripts;
mod settings;
mod tracking;
mod transactions;
mod turns;
mod values;
