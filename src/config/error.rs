//! What can be wrong with the settings, in sentences that say what to do. Exit status 2.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read the settings file {}: {source}; check --config and who may read it", path.display())]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },

    #[error("the settings file {} is not valid TOML: {message}", path.display())]
    NotToml { path: PathBuf, message: String },

    #[error("{}: `{key}` must be {expected}, but is {found}", path.display())]
    WrongValue {
        path: PathBuf,
        key: &'static str,
        expected: &'static str,
        found: String,
    },

    #[error("`{key}` asks for {what}, which is not in this version; remove the setting")]
    NotInThisVersion {
        key: &'static str,
        what: &'static str,
    },

    #[error(
        "the Redis protocol would be open to anybody who reaches {0}; put a password into a file and name it with \
         --resp-password-file, or let --resp-listen be a loopback address such as 127.0.0.1:6379"
    )]
    Exposed(std::net::SocketAddr),

    #[error("the server's name must have 1 to 64 characters, but `{0}` has not")]
    Name(String),
}
