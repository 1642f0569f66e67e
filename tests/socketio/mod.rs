//! The Socket.IO engine from outside: raw HTTP, raw WebSocket, the official client.
mod abuse;
mod backpressure;
mod bench;
pub mod clients;
mod door;
mod engine_rows;
mod handlers;
mod kit;
mod serving;
mod socket_rows;
mod upgrade_rows;
