//! What was typed becomes what it means, in one step.
//!
//! Flags win over environment variables (`MARU_<FLAG>`), these over `maru.toml`, this over the
//! defaults. [`ServeArgs`] and [`PlaceArgs`] are what was typed, [`Config`] is what it means;
//! nobody reads the environment or the file later. The file is the first of these that is there:
//! the one named by `--config` (which must be there), `maru.toml` in the data directory,
//! `maru.toml` in the working directory.
mod address;
mod args;
mod choice;
mod cluster;
mod error;
mod explain;
mod file;
mod mail;
mod meaning;
mod oidc;
mod setting;
mod tls;

pub use address::{Domain, Listen, ListenAt, Network, Origin, PublicUrl};
pub use args::{PlaceArgs, ServeArgs};
pub use choice::{
    Bytes, Eviction, Fsync, LogFormat, Sandbox, Secret, Signup, Span, Switch, TokenAlg,
};
pub use cluster::Cluster;
pub use error::ConfigError;
pub use explain::{Explained, SettingSource};
pub use mail::Smtp;
pub use meaning::Config;
pub use oidc::Oidc;
pub use tls::{Acme, HttpListen, TlsDomain};
