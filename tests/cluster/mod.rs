//! Several nodes on one Redis: real processes, a real redis-server.
mod joining;
mod kit;
mod losing;
mod sequencer;
mod together;
