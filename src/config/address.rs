//! Settings that are an address of some kind.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

/// An address with a port. `localhost` stands for the loopback address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen(pub SocketAddr);

impl Default for Listen {
    fn default() -> Self {
        Listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)))
    }
}

impl FromStr for Listen {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numeric = match text.strip_prefix("localhost:") {
            Some(port) => format!("127.0.0.1:{port}"),
            None => text.to_owned(),
        };
        let address = numeric.parse();
        address
            .map(Listen)
            .map_err(|_| "expected an address with a port, such as 127.0.0.1:8080")
    }
}

/// Where the server listens: an address with a port, or a Unix socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenAt {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

impl FromStr for ListenAt {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("unix:") {
            Some("") => Err("expected a path behind unix:, such as unix:/run/maru.sock"),
            Some(path) => Ok(ListenAt::Unix(path.into())),
            None => {
                let tcp = text.parse().map(|Listen(address)| ListenAt::Tcp(address));
                tcp.map_err(|_| {
                    "expected an address with a port, such as 127.0.0.1:8080, or unix: and a path"
                })
            }
        }
    }
}

impl fmt::Display for ListenAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ListenAt::Tcp(address) => write!(f, "{address}"),
            ListenAt::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// The domain of an address of mail, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain(pub String);

impl FromStr for Domain {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim().trim_start_matches('@').to_ascii_lowercase();
        let is_one = text.contains('.')
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
        is_one
            .then_some(Domain(text))
            .ok_or("expected a domain, such as example.org")
    }
}

/// Scheme, host and port of a web page, as browsers and app shells write it in `Origin`: in lower
/// case, the scheme's own port left out, no path. Pages without a host are `file://` or `null`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl FromStr for Origin {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected a scheme such as https:// or capacitor://, a host and \
            perhaps a port, without a path; or file:// or null";
        let text = text.trim().to_ascii_lowercase();
        if matches!(text.as_str(), "null" | "file://") {
            return Ok(Origin(text));
        }
        let (scheme, authority) = text.split_once("://").ok_or(EXPECTED)?;
        let mut letters = scheme.bytes();
        let scheme_is_one = letters.next().is_some_and(|b| b.is_ascii_alphabetic())
            && letters.all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
        if !scheme_is_one {
            return Err(EXPECTED);
        }
        let own_port = match scheme {
            "http" => ":80",
            "https" => ":443",
            _ => "",
        };
        let authority = authority.trim_end_matches('/');
        let authority = authority.strip_suffix(own_port).unwrap_or(authority);
        let host_is_plain = !authority.is_empty()
            && authority
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b));
        let url = format!("{scheme}://{authority}");
        match url.parse::<axum::http::Uri>() {
            Ok(uri) if host_is_plain && uri.host().is_some_and(|host| !host.is_empty()) => {
                Ok(Origin(url))
            }
            _ => Err(EXPECTED),
        }
    }
}

/// The address under which people reach the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(Origin);

impl PublicUrl {
    pub fn origin(&self) -> &Origin {
        &self.0
    }

    /// Without scheme and port.
    pub fn host(&self) -> Option<String> {
        let uri: axum::http::Uri = self.0.as_str().parse().ok()?;
        uri.host().map(str::to_owned)
    }
}

impl FromStr for PublicUrl {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str =
            "expected http:// or https://, a host and perhaps a port, without a path";
        let origin: Origin = text.parse().map_err(|_| EXPECTED)?;
        let is_web = origin.is_https() || origin.0.starts_with("http://");
        is_web.then_some(PublicUrl(origin)).ok_or(EXPECTED)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

/// An address or a network in CIDR form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix_bits: u32,
}

impl Network {
    /// Whether an address lies in the network. IPv4 addresses written as IPv6 count as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(address)) => {
                let apart = u32::from(net) ^ u32::from(address);
                apart.leading_zeros() >= self.prefix_bits
            }
            (IpAddr::V6(net), IpAddr::V6(address)) => {
                let apart = u128::from(net) ^ u128::from(address);
                apart.leading_zeros() >= self.prefix_bits
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected an address or a network, such as 10.0.0.0/8";
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| EXPECTED)?;
        let address = address.to_canonical();
        let widest = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| EXPECTED)?,
            None => widest,
        };
        if prefix_bits > widest {
            return Err(EXPECTED);
        }
        Ok(Network {
            address,
            prefix_bits,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        let same = [
            "https://Chat.example",
            "https://chat.example/",
            "https://chat.example:443",
        ];
        for text in same {
            assert_eq!(
                text.parse::<Origin>().expect(text).as_str(),
                "https://chat.example"
            );
        }
        for sound in [
            "http://[::1]:8080",
            "capacitor://localhost",
            "ionic://localhost",
            "app://-",
            "file://",
            "null",
        ] {
            let origin = sound.parse::<Origin>().expect(sound);
            assert_eq!(origin.as_str(), sound);
            let is_web = sound.starts_with("http");
            assert_eq!(sound.parse::<PublicUrl>().is_ok(), is_web, "{sound}");
        }
        for bad in [
            "",
            "*",
            "chat.example",
            "https://",
            "://a",
            "1a://b",
            "a b://c",
            "https://a/b",
            "https://u@a",
            "http://a b",
        ] {
            assert!(bad.parse::<Origin>().is_err(), "{bad}");
        }
    }

    #[test]
    fn networks() {
        let net: Network = "10.1.0.0/16".parse().expect("a network");
        let inside: IpAddr = "10.1.255.3".parse().expect("an address");
        let mapped: IpAddr = "::ffff:10.1.0.9".parse().expect("an address");
        let outside: IpAddr = "10.2.0.1".parse().expect("an address");
        assert!(net.contains(inside) && net.contains(mapped) && !net.contains(outside));
        let everything: Network = "::/0".parse().expect("a network");
        assert!(everything.contains("fe80::1".parse().expect("an address")));
        for bad in ["10.0.0.0/33", "::/129", "ten", "10.0.0.0/x", "10.0.0.0/"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }

    #[test]
    fn localhost_is_an_address() {
        assert_eq!(
            "localhost:0".parse::<Listen>().map(|l| l.0.to_string()),
            Ok("127.0.0.1:0".into())
        );
        assert!("8080".parse::<Listen>().is_err());
    }
}
