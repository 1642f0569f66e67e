//! Which addresses may be connected to.

use crate::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// Refuses every address that is not on the public internet, except what is allowed by name or
/// network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    allowed: Vec<Allow>,
}

/// What is allowed besides the public internet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allow {
    /// This host, wherever its name leads.
    Host(String),
    /// Every host below this name; without the leading dot.
    Below(String),
    Network {
        address: IpAddr,
        prefix_bits: u8,
    },
}

impl FromStr for Allow {
    type Err = &'static str;

    /// `10.0.0.0/8`, `::1`, `hooks.intern`, `*.intern`.
    fn from_str(text: &str) -> Result<Allow, Self::Err> {
        const EXPECTED: &str =
            "expected a host name, *.domain, an address or a network such as 10.0.0.0/8";
        let text = text.trim().trim_matches(['[', ']']);
        let (head, bits) = match text.split_once('/') {
            Some((head, bits)) => (head, Some(bits)),
            None => (text, None),
        };
        if let Ok(address) = head.parse::<IpAddr>() {
            let most = if address.is_ipv4() { 32 } else { 128 };
            let prefix_bits = match bits {
                Some(bits) => bits.parse().map_err(|_| EXPECTED)?,
                None => most,
            };
            if prefix_bits > most {
                return Err(EXPECTED);
            }
            return Ok(Allow::Network {
                address,
                prefix_bits,
            });
        }
        let (name, below) = match head.strip_prefix("*.") {
            Some(name) => (name, true),
            None => (head, false),
        };
        let is_name = !name.is_empty()
            && bits.is_none()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
        // The parser of URLs writes a number as an address: such a name would never match.
        if !is_name || name.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return Err(EXPECTED);
        }
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        Ok(if below {
            Allow::Below(name)
        } else {
            Allow::Host(name)
        })
    }
}

impl Guard {
    pub fn new(allowed: Vec<Allow>) -> Guard {
        Guard { allowed }
    }

    /// The addresses of a host that may be connected to, in their order; an error where none may.
    pub fn judge(&self, host: &str, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Error> {
        if self.allows_name(host) {
            return Ok(found);
        }
        let first = found.first().map(SocketAddr::ip);
        let sound: Vec<SocketAddr> = found
            .into_iter()
            .filter(|address| self.allows(address.ip()))
            .collect();
        match (sound.is_empty(), first) {
            (true, Some(address)) => Err(Error::Inside {
                host: host.to_owned(),
                address,
            }),
            _ => Ok(sound),
        }
    }

    /// Whether an address may be connected to.
    pub fn allows(&self, address: IpAddr) -> bool {
        is_public(address) || self.allowed.iter().any(|allow| allow.covers(address))
    }

    fn allows_name(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.');
        self.allowed.iter().any(|allow| match allow {
            Allow::Host(name) => name == host,
            Allow::Below(name) => host
                .strip_suffix(name.as_str())
                .is_some_and(|head| head.ends_with('.')),
            Allow::Network { .. } => false,
        })
    }
}

impl Allow {
    fn covers(&self, asked: IpAddr) -> bool {
        let Allow::Network {
            address,
            prefix_bits,
        } = self
        else {
            return false;
        };
        let bits = u32::from(*prefix_bits);
        match (address, asked.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(asked)) => {
                (u32::from(*net) ^ u32::from(asked)).leading_zeros() >= bits
            }
            (IpAddr::V6(net), IpAddr::V6(asked)) => {
                (u128::from(*net) ^ u128::from(asked)).leading_zeros() >= bits
            }
            _ => false,
        }
    }
}

/// Whether an address is one of the public internet, by the special-purpose registries of IANA.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    /// (network, prefix bits)
    const SPECIAL: &[([u8; 4], u32)] = &[
        ([0, 0, 0, 0], 8),      // this network
        ([10, 0, 0, 0], 8),     // private
        ([100, 64, 0, 0], 10),  // carrier-grade NAT
        ([127, 0, 0, 0], 8),    // loopback
        ([169, 254, 0, 0], 16), // link-local: the clouds' metadata too
        ([172, 16, 0, 0], 12),  // private
        ([192, 0, 0, 0], 24),   // protocol assignments
        ([192, 0, 2, 0], 24),   // documentation
        ([192, 31, 196, 0], 24),
        ([192, 52, 193, 0], 24),
        ([192, 88, 99, 0], 24),  // 6to4 relays
        ([192, 168, 0, 0], 16),  // private
        ([192, 175, 48, 0], 24), // AS112
        ([198, 18, 0, 0], 15),   // benchmarks
        ([198, 51, 100, 0], 24), // documentation
        ([203, 0, 113, 0], 24),  // documentation
        ([224, 0, 0, 0], 4),     // multicast
        ([240, 0, 0, 0], 4),     // reserved, broadcast
    ];
    let asked = u32::from(address);
    !SPECIAL
        .iter()
        .any(|(net, bits)| (u32::from_be_bytes(*net) ^ asked).leading_zeros() >= *bits)
}

/// Only global unicast (2000::/3) can be public. IPv4 in IPv6 (mapped, compatible, NAT64) lies
/// outside of it; what lies inside and carries IPv4 or means no host is named here.
fn is_public_v6(address: Ipv6Addr) -> bool {
    /// (network, prefix bits)
    const SPECIAL: &[(u128, u32)] = &[
        (0x2001_0000 << 96, 23), // protocol assignments: Teredo, benchmarks, ORCHID
        (0x2001_0db8 << 96, 32), // documentation
        (0x2002_0000 << 96, 16), // 6to4: an IPv4 address inside
        (0x2620_004f_8000 << 80, 48), // AS112
        (0x3fff_0000 << 96, 20), // documentation
    ];
    let asked = u128::from(address);
    asked >> 125 == 1
        && !SPECIAL
            .iter()
            .any(|(net, bits)| (net ^ asked).leading_zeros() >= *bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn what_is_inside_is_refused() {
        let guard = Guard::default();
        for inside in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.19.0.1",
            "224.0.0.1",
            "239.255.255.255",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::a00:1",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!guard.allows(ip(inside)), "{inside}");
        }
        for public in [
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.32.0.1",
            "198.20.0.1",
            "223.255.255.254",
            "2606:4700::1111",
            "2001:4860:4860::8888",
        ] {
            assert!(guard.allows(ip(public)), "{public}");
        }
    }

    #[test]
    fn what_is_allowed_by_name_or_network() {
        let allow = |text: &str| -> Guard {
            Guard::new(text.split(',').map(|one| one.parse().expect(one)).collect())
        };
        let guard = allow("10.2.0.0/16,::1,Hooks.Intern,*.lan");
        assert!(guard.allows(ip("10.2.3.4")) && guard.allows(ip("::ffff:10.2.3.4")));
        assert!(!guard.allows(ip("10.3.0.1")) && guard.allows(ip("::1")));
        let inside = vec![SocketAddr::from(([192, 168, 0, 9], 80))];
        for (host, sound) in [
            ("hooks.intern", true),
            ("hooks.intern.", true),
            ("x.hooks.intern", false),
            ("a.lan", true),
            ("a.b.lan", true),
            ("lan", false),
            ("evillan", false),
        ] {
            assert_eq!(guard.judge(host, inside.clone()).is_ok(), sound, "{host}");
        }
        for bad in ["", "10.0.0.0/33", "a/8", "*.", "1.2.3", "x y", "http://x"] {
            assert!(bad.parse::<Allow>().is_err(), "{bad}");
        }
    }

    #[test]
    fn of_several_addresses_the_public_ones_stay() {
        let found = vec![
            SocketAddr::from(([127, 0, 0, 1], 80)),
            SocketAddr::from(([1, 1, 1, 1], 80)),
        ];
        let sound = Guard::default().judge("x", found).expect("one is public");
        assert_eq!(sound, [SocketAddr::from(([1, 1, 1, 1], 80))]);
    }
}
