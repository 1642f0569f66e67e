//! The one integration binary: it links once.
mod auth;
mod backup;
mod cache;
mod cli;
mod crash;
mod engine;
mod http;
mod kit;
mod live;
mod log;
mod operate;
mod resp;
mod search;
mod socketio;
mod state;
mod tidy;
mod upgrade;
