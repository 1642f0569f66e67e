//! The events of an entry as the journal keeps them.
//!
//! A version, the number of events, then each: the length of its [`About`], the length of its JSON,
//! and both. An entry without events is empty. One whose events are too large is kept as a mark, so
//! that it costs those who missed it a fresh start, and nobody else anything.

use super::packet::{About, Packet};
use crate::domain::Seq;
use bytes::Bytes;
use std::sync::Arc;

const VERSION: u8 = 1;
const TOO_LARGE: u16 = u16::MAX;
/// What the journal takes of one entry.
const MAX_BYTES: usize = (1 << 20) - 64;

/// Events that cannot be told again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    #[error("the events of entry {0} were too large to be kept")]
    TooLarge(Seq),
    #[error("the events of entry {0} were kept by another version")]
    Unreadable(Seq),
}

/// Packets of one entry as bytes.
pub fn encode(packets: &[Arc<Packet>]) -> Bytes {
    if packets.is_empty() {
        return Bytes::new();
    }
    let mut bytes = vec![VERSION];
    let count = u16::try_from(packets.len()).unwrap_or(TOO_LARGE);
    bytes.extend_from_slice(&count.to_le_bytes());
    for packet in packets {
        let Some(about) = &packet.about else { continue };
        let start = bytes.len();
        bytes.extend_from_slice(&[0; 8]);
        // Plain structs into memory have no way to fail.
        rmp_serde::encode::write(&mut bytes, about).expect("events serialise");
        let about_bytes = (bytes.len() - start - 8) as u32;
        bytes[start..start + 4].copy_from_slice(&about_bytes.to_le_bytes());
        bytes[start + 4..start + 8].copy_from_slice(&(packet.json.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&packet.json);
        if bytes.len() > MAX_BYTES {
            break;
        }
    }
    if bytes.len() > MAX_BYTES || count == TOO_LARGE {
        bytes.truncate(1);
        bytes.extend_from_slice(&TOO_LARGE.to_le_bytes());
    }
    bytes.into()
}

/// The packets of an entry again; none where nobody heard of it.
pub fn decode(seq: Seq, bytes: &Bytes) -> Result<Vec<Packet>, Lost> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let lost = Lost::Unreadable(seq);
    let [VERSION, low, high, ..] = bytes[..] else {
        return Err(lost);
    };
    let count = u16::from_le_bytes([low, high]);
    if count == TOO_LARGE {
        return Err(Lost::TooLarge(seq));
    }
    let mut rest = bytes.slice(3..);
    let mut packets = Vec::with_capacity(count.into());
    for n in 0..count {
        let position = if n + 1 == count {
            seq.end()
        } else {
            seq.event(n)
        };
        let lengths = rest.first_chunk::<8>().ok_or(lost)?;
        let [a, b, c, d, e, f, g, h] = *lengths;
        let about_bytes = u32::from_le_bytes([a, b, c, d]) as usize;
        let json_bytes = u32::from_le_bytes([e, f, g, h]) as usize;
        let end = about_bytes
            .checked_add(json_bytes)
            .and_then(|end| end.checked_add(8));
        let end = end.filter(|end| *end <= rest.len()).ok_or(lost)?;
        let about: About = rmp_serde::from_slice(&rest[8..8 + about_bytes]).map_err(|_| lost)?;
        let json = rest.slice(8 + about_bytes..end);
        rest = rest.slice(end..);
        packets.push(Packet::new(position, about, json));
    }
    if rest.is_empty() {
        Ok(packets)
    } else {
        Err(lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::Body;
    use crate::domain::{Audience, Event, RoomId, UserId};

    fn events(count: u16, kilobytes: usize) -> Vec<Arc<Packet>> {
        let events: Vec<Event> = (0..count)
            .map(|n| Event {
                seq: Seq(9),
                n,
                audience: Audience::Room(RoomId(1)),
                joined: vec![(RoomId(1), UserId(2))],
                left: Vec::new(),
                changed: Vec::new(),
                body: Body::SettingsUpdated {
                    settings: "x".repeat(kilobytes << 10).into(),
                },
            })
            .collect();
        Packet::events(&events)
    }

    #[test]
    fn events_come_back_in_their_order_and_places() {
        for count in [1, 2, 5] {
            let told = events(count, 0);
            let again = decode(Seq(9), &encode(&told)).expect("readable");
            assert_eq!(again.len(), usize::from(count));
            for (told, again) in told.iter().zip(&again) {
                assert_eq!(told.seq, again.seq);
                assert_eq!(told.about, again.about);
                assert_eq!(told.json, again.json);
            }
            assert_eq!(
                again.last().and_then(|packet| packet.seq),
                Some(Seq(9).end())
            );
        }
        assert!(encode(&[]).is_empty());
        assert!(decode(Seq(9), &Bytes::new()).expect("readable").is_empty());
    }

    #[test]
    fn what_is_too_large_costs_only_itself() {
        let kept = encode(&events(3, 400));
        assert!(kept.len() < 16);
        assert_eq!(decode(Seq(9), &kept).err(), Some(Lost::TooLarge(Seq(9))));
    }

    #[test]
    fn what_cannot_be_read_is_never_nothing() {
        let kept = encode(&events(2, 0));
        for length in 1..kept.len() {
            assert!(decode(Seq(9), &kept.slice(..length)).is_err(), "{length}");
        }
        let mut newer = kept.to_vec();
        newer[0] = VERSION + 1;
        let newer = decode(Seq(9), &newer.into());
        assert_eq!(newer.err(), Some(Lost::Unreadable(Seq(9))));
    }
}
