//! Who is calling, behind proxies: `X-Forwarded-For` and `Forwarded` (RFC 7239). Pure functions.
//!
//! Each proxy appends whom it heard, so the list is walked from the right: the first hop that is no
//! trusted proxy is the client. Everything left of it, and everything left of what cannot be read,
//! was written by whoever wanted to.

use std::net::IpAddr;

/// The client's address. `peer` is the far end of the connection; the lists hold the values of all
/// header fields of that name, in the order in which they came.
pub fn client<'a>(
    peer: IpAddr,
    x_forwarded_for: impl DoubleEndedIterator<Item = &'a [u8]>,
    forwarded: impl DoubleEndedIterator<Item = &'a [u8]>,
    trusted: impl Fn(IpAddr) -> bool,
) -> IpAddr {
    let peer = peer.to_canonical();
    if !trusted(peer) {
        return peer;
    }
    let plain = walk(x_forwarded_for.rev().flat_map(plain_hops), &trusted);
    let standard = walk(forwarded.rev().flat_map(standard_hops), &trusted);
    match (plain, standard) {
        (Walk::Empty, Walk::Empty) => peer,
        (found, Walk::Empty) | (Walk::Empty, found) => found.address().unwrap_or(peer),
        // A proxy that knows only one of the two lets the client write the other.
        (plain, standard) if plain == standard => plain.address().unwrap_or(peer),
        _ => peer,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Walk {
    /// No such header.
    Empty,
    /// The client, or the last proxy before what could not be read.
    At(Option<IpAddr>),
}

impl Walk {
    fn address(self) -> Option<IpAddr> {
        match self {
            Walk::Empty => None,
            Walk::At(address) => address,
        }
    }
}

/// Hops come from the nearest to the farthest; `None` is one that cannot be read.
fn walk(hops: impl Iterator<Item = Option<IpAddr>>, trusted: impl Fn(IpAddr) -> bool) -> Walk {
    let mut walk = Walk::Empty;
    for hop in hops {
        match (hop, walk) {
            (None, Walk::Empty) => return Walk::At(None),
            (None, at) => return at,
            (Some(hop), _) => walk = Walk::At(Some(hop)),
        }
        if hop.is_some_and(|hop| !trusted(hop)) {
            break;
        }
    }
    walk
}

/// The hops of one `X-Forwarded-For`, the last one first.
fn plain_hops(value: &[u8]) -> impl Iterator<Item = Option<IpAddr>> {
    value.rsplit(|&b| b == b',').map(|hop| {
        let hop = std::str::from_utf8(hop).ok()?.trim_matches([' ', '\t']);
        let quoted = hop.strip_prefix('"').and_then(|hop| hop.strip_suffix('"'));
        node(quoted.unwrap_or(hop))
    })
}

/// The hops of one `Forwarded`, the last one first. A field that breaks the grammar is one hop that
/// cannot be read: nobody knows where its parts begin.
fn standard_hops(value: &[u8]) -> std::vec::IntoIter<Option<IpAddr>> {
    let mut hops = std::str::from_utf8(value)
        .ok()
        .and_then(elements)
        .unwrap_or_else(|| vec![None]);
    hops.reverse();
    hops.into_iter()
}

/// `for=192.0.2.60;proto=http, for="[2001:db8::1]:4711"`
fn elements(mut rest: &str) -> Option<Vec<Option<IpAddr>>> {
    let mut hops = Vec::new();
    let mut hop: Option<Option<IpAddr>> = None;
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        // Between two separators there may be nothing.
        if !rest.is_empty() && !rest.starts_with([';', ',']) {
            let (name, value, after) = pair(rest)?;
            if name.eq_ignore_ascii_case("for") {
                // Two senders in one hop: neither can be believed.
                hop = Some(if hop.is_none() { node(&value) } else { None });
            }
            rest = after.trim_start_matches([' ', '\t']);
        }
        let mut chars = rest.chars();
        match chars.next() {
            Some(';') => {}
            Some(',') => hops.push(hop.take().flatten()),
            None => {
                hops.push(hop.flatten());
                return Some(hops);
            }
            Some(_) => return None,
        }
        rest = chars.as_str();
    }
}

/// `name=token` or `name="quoted"`, and what follows.
fn pair(text: &str) -> Option<(&str, String, &str)> {
    let (name, rest) = text.split_once('=')?;
    if name.is_empty() || !name.bytes().all(is_token) {
        return None;
    }
    let Some(quoted) = rest.strip_prefix('"') else {
        // Some proxies forget the quotation marks around addresses with colons.
        let bare = |b: u8| is_token(b) || b":[]".contains(&b);
        let end = rest.bytes().take_while(|&b| bare(b)).count();
        let (value, after) = rest.split_at(end);
        return (!value.is_empty()).then(|| (name, value.to_owned(), after));
    };
    let (mut value, mut escaped) = (String::new(), false);
    for (at, c) in quoted.char_indices() {
        match c {
            _ if escaped => {
                value.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Some((name, value, &quoted[at + 1..])),
            _ => value.push(c),
        }
    }
    None
}

fn is_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)
}

/// An address as proxies write it: with or without a port, brackets, a zone.
fn node(text: &str) -> Option<IpAddr> {
    let (address, port) = if let Some(inside) = text.strip_prefix('[') {
        let (address, after) = inside.split_once(']')?;
        let port = match after {
            "" => None,
            after => Some(after.strip_prefix(':')?),
        };
        (address, port)
    } else {
        match text.split_once(':') {
            // One colon is a port's, several are an IPv6 address.
            Some((address, port)) if !port.contains(':') => (address, Some(port)),
            _ => (text, None),
        }
    };
    let port_is_one = port.is_none_or(|port| {
        !port.is_empty()
            && port
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    });
    let address = match address.split_once('%') {
        Some((address, zone)) if !zone.is_empty() && address.contains(':') => address,
        _ => address,
    };
    let address: IpAddr = address.parse().ok()?;
    port_is_one.then(|| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proxies are at 10.0.0.0/8 and fd00::/8.
    fn trusted(address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => address.octets()[0] == 10,
            IpAddr::V6(address) => address.octets()[0] == 0xfd,
        }
    }

    fn heard(plain: &[&str], standard: &[&str]) -> String {
        let peer = "10.0.0.1".parse().expect("an address");
        let plain = plain.iter().map(|value| value.as_bytes());
        let standard = standard.iter().map(|value| value.as_bytes());
        client(peer, plain, standard, trusted).to_string()
    }

    #[test]
    fn the_first_hop_from_the_right_that_is_no_proxy_is_the_client() {
        for (values, address) in [
            (&["198.51.100.7"][..], "198.51.100.7"),
            (&["198.51.100.7, 203.0.113.9"], "203.0.113.9"),
            (&["198.51.100.7, x, 203.0.113.9"], "203.0.113.9"),
            (
                &["198.51.100.7, 203.0.113.9, 10.0.0.2, 10.0.0.3"],
                "203.0.113.9",
            ),
            (&["198.51.100.7", "203.0.113.9", "10.0.0.2"], "203.0.113.9"),
            // What cannot be read ends the walk at the last proxy.
            (&["198.51.100.7, x, 10.0.0.2"], "10.0.0.2"),
            (&["198.51.100.7, unknown"], "10.0.0.1"),
            (&["198.51.100.7, x"], "10.0.0.1"),
            (&["198.51.100.7,"], "10.0.0.1"),
            (&["198.51.100.7", "\u{e9}"], "10.0.0.1"),
            (&["10.0.0.9, 10.0.0.8"], "10.0.0.9"),
            (&[""], "10.0.0.1"),
            (&[], "10.0.0.1"),
        ] {
            assert_eq!(heard(values, &[]), address, "{values:?}");
        }
        let stranger = "192.0.2.1".parse().expect("an address");
        let forged = [&b"198.51.100.7"[..]];
        let seen = client(stranger, forged.into_iter(), [].into_iter(), trusted);
        assert_eq!(seen, stranger);
    }

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        for (value, address) in [
            ("203.0.113.9:4711", "203.0.113.9"),
            (" 203.0.113.9\t", "203.0.113.9"),
            ("2001:db8::9", "2001:db8::9"),
            ("[2001:db8::9]", "2001:db8::9"),
            ("[2001:db8::9]:443", "2001:db8::9"),
            ("\"[2001:DB8::9]:443\"", "2001:db8::9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("[::ffff:203.0.113.9]:80", "203.0.113.9"),
            ("fe80::1%eth0", "fe80::1"),
            ("203.0.113.9:", "10.0.0.1"),
            ("203.0.113.9 198.51.100.7", "10.0.0.1"),
            ("[203.0.113.9", "10.0.0.1"),
            ("203.0.113.900", "10.0.0.1"),
            ("unix:", "10.0.0.1"),
        ] {
            assert_eq!(heard(&[value], &[]), address, "{value}");
        }
    }

    #[test]
    fn the_standard_header_is_read_too() {
        for (values, address) in [
            (
                &["for=203.0.113.9;proto=http;by=10.0.0.1"][..],
                "203.0.113.9",
            ),
            (&["For=\"[2001:db8::9]:4711\""], "2001:db8::9"),
            (&["for=198.51.100.7, for=203.0.113.9"], "203.0.113.9"),
            (
                &[
                    "for=198.51.100.7",
                    "proto=https; for=203.0.113.9:80",
                    "for=10.0.0.2",
                ],
                "203.0.113.9",
            ),
            (&["for=[2001:db8::9]:80"], "2001:db8::9"),
            (&["for=198.51.100.7, for=_hidden"], "10.0.0.1"),
            (&["for=198.51.100.7, for=unknown, for=10.0.0.2"], "10.0.0.2"),
            (&["for=198.51.100.7, proto=http"], "10.0.0.1"),
            (&["for=198.51.100.7;for=198.51.100.8"], "10.0.0.1"),
            // Quotation marks left open by the client swallow nothing.
            (&["for=198.51.100.7;x=\", for=203.0.113.9"], "10.0.0.1"),
            (
                &["for=198.51.100.7;x=\", for=\"[2001:db8::9]:80\""],
                "10.0.0.1",
            ),
            (&["for=198.51.100.7;x=\"\\\", for=203.0.113.9"], "10.0.0.1"),
            (&["for=\"203.0.113.9;by=x\""], "10.0.0.1"),
            (&["203.0.113.9"], "10.0.0.1"),
        ] {
            assert_eq!(heard(&[], values), address, "{values:?}");
        }
    }

    #[test]
    fn two_headers_that_contradict_each_other_name_nobody() {
        assert_eq!(heard(&["203.0.113.9"], &["for=203.0.113.9"]), "203.0.113.9");
        assert_eq!(heard(&["203.0.113.9"], &["for=198.51.100.7"]), "10.0.0.1");
        assert_eq!(heard(&["198.51.100.7"], &["for=203.0.113.9"]), "10.0.0.1");
    }
}
