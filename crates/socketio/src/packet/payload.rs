//! The body of a polling request or answer: packets joined by `\x1e`, binary ones as `b` and base64.
use super::{PacketError, engine::Packet};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;

const SEPARATOR: u8 = 0x1e;

/// No client batches more packets than this into one request.
pub const MAX_PACKETS: usize = 4096;

/// A packet that owns its data, as it waits for its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owned {
    Close,
    Pong,
    Text(Bytes),
    Binary(Bytes),
}

/// Reads a whole payload; a single bad packet makes all of it bad.
/// Texts are slices of `body` and valid UTF-8.
pub fn parse(body: &Bytes) -> Result<Vec<Owned>, PacketError> {
    let mut packets = Vec::new();
    let mut from = 0;
    loop {
        let to = memchr::memchr(SEPARATOR, &body[from..]).map_or(body.len(), |at| from + at);
        if packets.len() == MAX_PACKETS {
            return Err(PacketError::TooMany);
        }
        packets.extend(element(body, from, to)?);
        if to == body.len() {
            return Ok(packets);
        }
        from = to + 1;
    }
}

fn element(body: &Bytes, from: usize, to: usize) -> Result<Option<Owned>, PacketError> {
    let bytes = &body[from..to];
    if let Some(encoded) = bytes.strip_prefix(b"b") {
        let data = STANDARD.decode(encoded).map_err(|_| PacketError::Base64)?;
        return Ok(Some(Owned::Binary(data.into())));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| PacketError::Utf8)?;
    match Packet::parse(text)? {
        Packet::Close => Ok(Some(Owned::Close)),
        Packet::Pong => Ok(Some(Owned::Pong)),
        Packet::Text(_) => Ok(Some(Owned::Text(body.slice(from + 1..to)))),
        Packet::Noop => Ok(None),
        // Pings come from the server alone, upgrades by WebSocket alone.
        Packet::Ping(_) | Packet::Upgrade | Packet::Binary(_) => Err(PacketError::Type),
    }
}

/// Appends one packet to an answer.
pub fn push(body: &mut Vec<u8>, packet: &[u8], binary: bool) {
    if !body.is_empty() {
        body.push(SEPARATOR);
    }
    if binary {
        body.push(b'b');
        body.extend_from_slice(STANDARD.encode(packet).as_bytes());
    } else {
        body.extend_from_slice(packet);
    }
}

/// What [`push`] adds at most.
pub fn encoded_len(packet: &[u8], binary: bool) -> usize {
    if binary {
        packet.len().div_ceil(3) * 4 + 2
    } else {
        packet.len() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_and_binaries_are_read_in_order() {
        let body = Bytes::from_static(b"4a\x1ebAQID\x1e3\x1e1");
        assert_eq!(
            parse(&body).unwrap(),
            [
                Owned::Text(Bytes::from_static(b"a")),
                Owned::Binary(Bytes::from_static(&[1, 2, 3])),
                Owned::Pong,
                Owned::Close,
            ]
        );
    }

    #[test]
    fn one_bad_packet_spoils_the_payload() {
        for bad in [
            &b""[..],
            b"abc",
            b"4a\x1e",
            b"4a\x1eb!",
            b"\x1e\x1e",
            b"4\xff",
            b"2",
        ] {
            assert!(parse(&Bytes::copy_from_slice(bad)).is_err(), "{bad:?}");
        }
        let many = vec![b'6'; 1]
            .into_iter()
            .chain([0x1e])
            .cycle()
            .take(3 * MAX_PACKETS);
        assert!(parse(&many.collect::<Vec<_>>().into()).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(body in any::<Vec<u8>>()) {
            let _ = parse(&body.into());
        }

        #[test]
        fn what_is_written_is_read(packets in prop::collection::vec((any::<bool>(), "[^\u{1e}]*"), 1..9)) {
            let mut body = Vec::new();
            for (binary, text) in &packets {
                let text = if *binary { text.clone() } else { format!("4{text}") };
                let before = body.len();
                push(&mut body, text.as_bytes(), *binary);
                prop_assert!(body.len() - before <= encoded_len(text.as_bytes(), *binary));
            }
            let read = parse(&body.into()).unwrap();
            let wanted: Vec<_> = packets
                .into_iter()
                .map(|(binary, text)| if binary { Owned::Binary(text.into()) } else { Owned::Text(text.into()) })
                .collect();
            prop_assert_eq!(read, wanted);
        }
    }
}
