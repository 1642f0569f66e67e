//! What people who run a server do with it: the audit log, how long rooms keep messages, erasing.
mod audit;
mod erasing;
mod retention;
mod tls;
