//! Several nodes on one Redis: real processes, a real redis-server.
mod faults;
mod joining;
mod kit;
mod losing;
mod own_port;
mod sequencer;
mod together;
