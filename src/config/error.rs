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

    #[error(
        "the Redis protocol would be open to anybody who reaches {0}; put a password into a file and name it with \
         --resp-password-file, or let --resp-listen be a loopback address such as 127.0.0.1:6379"
    )]
    Exposed(std::net::SocketAddr),

    #[error(
        "`{0}` cannot be a node's name; --node-name takes letters, digits, dots, dashes and underscores, at most 64"
    )]
    NodeName(String),

    #[error(
        "other nodes would reach this one at {0}, and so could anybody: put a secret into a file, the same on all nodes, \
         and name it with --cluster-secret-file, or let all nodes be on this machine (--advertise 127.0.0.1:PORT)"
    )]
    NoClusterSecret(String),

    #[error("cannot use the cluster's secret in {}: {why}; check --cluster-secret-file", path.display())]
    ClusterSecret { path: PathBuf, why: String },

    #[error("the server's name must have 1 to 64 characters, but `{0}` has not")]
    Name(String),
    #[error("`oidc-issuer` and `oidc-client-id` are given together")]
    HalfOidc,
    #[error("`tls-domain` gets a certificate, and `tls-cert` names one; give one of them")]
    TwoCertificates,
    #[error(
        "letters hold links, so `smtp-url` needs `public-url`: the address under which people reach this server"
    )]
    MailNeedsUrl,
    #[error("`smtp-from` needs `smtp-url`")]
    FromWithoutUrl,
    #[error("`acme-directory` is `{0}`; it takes letsencrypt, letsencrypt-staging or an https URL")]
    AcmeDirectory(String),
    #[error("`{0}` needs `tls-domain`")]
    NeedsTlsDomain(&'static str),
    #[error("`acme-eab-id` and `acme-eab-key-file` are given together")]
    HalfExternalAccount,
    #[error("`http-listen` sends browsers on to https, which needs `tls-domain` or `tls-cert`")]
    NoHttps,
}
