//! Several nodes on one Redis: real processes, a real redis-server.
mod between;
mod ecosystem;
mod failing;
mod faults;
mod growth;
mod joining;
mod kit;
mod losing;
mod own_port;
mod proxy;
mod sequencer;
mod together;
mod work;
