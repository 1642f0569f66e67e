//! What people who run a server do with it: the audit log, how long rooms keep messages, erasing.
mod acme;
mod audit;
mod erasing;
mod limits;
mod lived_in;
mod moving_out;
mod oidc;
mod oidc_provider;
mod pebble;
mod replica;
mod retention;
mod roles;
mod s3;
mod secrets_in_log;
mod tls;
