//! Certificates that are got for domains, and the port that leads to https.

use super::address::PublicUrl;
use super::args::ServeArgs;
use super::error::ConfigError;
use super::file::SettingsFile;
use super::meaning::{pick, pick_all};
use crate::outbound::Url;
use std::net::{Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

/// A domain that leads here, as DNS writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsDomain(pub String);

impl FromStr for TlsDomain {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected a domain without a port, such as chat.example.org";
        let text = text.trim();
        let is_plain = text.contains('.') && !text.contains(['/', ':', '@', '*', '?', '#', '%']);
        // Names in other scripts become what DNS knows.
        let url = Url::parse(&format!("https://{text}/")).map_err(|_| EXPECTED)?;
        match url.domain() {
            Some(domain) if is_plain => Ok(TlsDomain(domain.trim_end_matches('.').to_owned())),
            _ => Err(EXPECTED),
        }
    }
}

/// The port that leads to https.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpListen {
    At(SocketAddr),
    Off,
}

impl HttpListen {
    pub fn is_on(self) -> bool {
        matches!(self, HttpListen::At(_))
    }
}

impl FromStr for HttpListen {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(HttpListen::Off),
            address => address
                .parse()
                .map(HttpListen::At)
                .map_err(|_| "expected an address with a port, such as 0.0.0.0:80, or off"),
        }
    }
}

/// Where https is expected, on every address of the machine.
pub(super) fn https_listen() -> SocketAddr {
    SocketAddr::from((Ipv6Addr::UNSPECIFIED, 443))
}

/// Certificates that are got.
#[derive(Debug, Clone)]
pub struct Acme {
    /// At least one.
    pub domains: Vec<String>,
    pub directory: String,
    pub email: Option<String>,
    /// An account elsewhere, and the file with its key.
    pub external: Option<(String, PathBuf)>,
}

impl Acme {
    pub(super) fn of(typed: &ServeArgs, file: &SettingsFile) -> Result<Option<Acme>, ConfigError> {
        let domains = pick_all(typed.tls_domain.clone(), file, "tls-domain")?;
        let directory = pick(typed.acme_directory.clone(), file, "acme-directory")?;
        let email = pick(typed.acme_email.clone(), file, "acme-email")?;
        let id = pick(typed.acme_eab_id.clone(), file, "acme-eab-id")?;
        let key = pick(typed.acme_eab_key_file.clone(), file, "acme-eab-key-file")?;
        if domains.is_empty() {
            let alone = [
                ("acme-directory", directory.is_some()),
                ("acme-email", email.is_some()),
                ("acme-eab-id", id.is_some()),
                ("acme-eab-key-file", key.is_some()),
            ];
            return match alone.into_iter().find(|(_, is_given)| *is_given) {
                Some((name, _)) => Err(ConfigError::NeedsTlsDomain(name)),
                None => Ok(None),
            };
        }
        let external = match (id, key) {
            (None, None) => None,
            (Some(id), Some(key)) => Some((id, key)),
            _ => return Err(ConfigError::HalfExternalAccount),
        };
        let directory = match directory.as_deref() {
            None | Some("letsencrypt") => crate::acme::LETS_ENCRYPT.to_owned(),
            Some("letsencrypt-staging") => crate::acme::LETS_ENCRYPT_STAGING.to_owned(),
            Some(url) if Url::parse(url).is_ok_and(|url| url.scheme() == "https") => url.to_owned(),
            Some(other) => return Err(ConfigError::AcmeDirectory(other.to_owned())),
        };
        Ok(Some(Acme {
            domains: domains.into_iter().map(|domain| domain.0).collect(),
            directory,
            email,
            external,
        }))
    }

    /// The address under which people reach the server, where no other is given.
    pub(super) fn url(&self) -> Option<PublicUrl> {
        format!("https://{}", self.domains.first()?).parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_as_dns_writes_them() {
        let parsed = "Chat.Example.org".parse::<TlsDomain>();
        assert_eq!(parsed.expect("plain").0, "chat.example.org");
        let parsed = "채팅.example".parse::<TlsDomain>().expect("Korean").0;
        assert!(parsed.starts_with("xn--"), "{parsed}");
        for bad in [
            "",
            "chat",
            "https://chat.example",
            "chat.example:443",
            "*.example",
            "10.0.0.1",
        ] {
            assert!(bad.parse::<TlsDomain>().is_err(), "{bad}");
        }
    }
}
