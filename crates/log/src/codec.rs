//! Commands as bytes: a version, the stamp, then MessagePack.
//!
//! ```text
//! payload = 2 u8  rules u16  node u32  nonce 16 bytes  draft
//! ```
//! Version 1, of maru 0.1.0, has no stamp; it is read and never written.

use bytes::Bytes;
use maru_domain::{Draft, Entry, Nonce, Stamp, entry::RULES};

use super::RawEntry;

/// Raised when a payload can no longer be read by its fields' defaults alone.
const VERSION: u8 = 2;
/// Bytes before the draft.
const HEADER: usize = 23;

/// What every entry of version 0.1.0 stands for.
const OLD_STAMP: Stamp = Stamp {
    rules: 1,
    node: 0,
    nonce: Nonce::NONE,
};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    #[error("it was written by a newer version of maru (codec {0}); install that version")]
    Future(u8),
    #[error(
        "it is to be applied by the rules {found} of a newer version of maru, this one knows rules \
         up to {RULES}; install that version"
    )]
    FutureRules { found: u16 },
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

pub fn encode(stamp: &Stamp, draft: &Draft) -> Bytes {
    let mut bytes = Vec::with_capacity(256);
    bytes.push(VERSION);
    bytes.extend_from_slice(&stamp.rules.to_le_bytes());
    bytes.extend_from_slice(&stamp.node.to_le_bytes());
    bytes.extend_from_slice(&stamp.nonce.0);
    // Writing plain enums into memory has no way to fail.
    rmp_serde::encode::write(&mut bytes, draft).expect("commands serialise");
    bytes.into()
}

pub fn decode(bytes: &[u8]) -> Result<(Stamp, Draft), CodecError> {
    let unreadable = || CodecError::Unreadable("it has no known version".to_owned());
    let (version, rest) = bytes.split_first().ok_or_else(unreadable)?;
    let (stamp, body) = match *version {
        1 => (OLD_STAMP, rest),
        VERSION => {
            let body = bytes.get(HEADER..).ok_or_else(unreadable)?;
            (stamp(bytes).ok_or_else(unreadable)?, body)
        }
        newer if newer > VERSION => return Err(CodecError::Future(newer)),
        _ => return Err(unreadable()),
    };
    if stamp.rules > RULES {
        return Err(CodecError::FutureRules { found: stamp.rules });
    }
    let draft = rmp_serde::from_slice(body).map_err(|e| CodecError::Unreadable(e.to_string()))?;
    Ok((stamp, draft))
}

fn stamp(bytes: &[u8]) -> Option<Stamp> {
    Some(Stamp {
        rules: u16::from_le_bytes(*bytes.get(1..)?.first_chunk()?),
        node: u32::from_le_bytes(*bytes.get(3..)?.first_chunk()?),
        nonce: Nonce(*bytes.get(7..)?.first_chunk()?),
    })
}

/// An entry of the log as the state applies it.
pub fn entry(raw: &RawEntry) -> Result<Entry, CodecError> {
    let (stamp, draft) = decode(&raw.payload)?;
    Ok(Entry {
        seq: raw.seq,
        hash: raw.hash,
        stamp,
        draft,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use maru_domain::{Actor, Command, MessageId, RoomId, Timestamp, UserId};

    /// As version 0.1.0 wrote it before a post could say whom its author chose.
    #[test]
    fn a_post_of_an_older_log_is_read() {
        let old = b"\x01\x93\x81\xa4User\x07\xcf\x00\x00\x01\x8b\xcf\xe5\x68\x00\x81\xa4Post\x94\x03\xa2hi\xc0\x09";
        let (stamp, draft) = decode(old).expect("decodes");
        let expected = Command::Post {
            room: RoomId(3),
            text: "hi".into(),
            client_id: None,
            reply_to: Some(MessageId(9)),
            mentions: Vec::new(),
            files: Vec::new(),
            also_in_room: false,
            may_call: false,
        };
        assert_eq!(stamp, OLD_STAMP);
        assert_eq!(draft.at, Timestamp(1_700_000_000_000));
        assert_eq!(draft.command, expected);
    }

    fn draft() -> Draft {
        Draft {
            actor: Actor::User(UserId(7)),
            at: Timestamp(1_700_000_000_000),
            command: Command::Post {
                room: RoomId(3),
                text: "안녕".into(),
                client_id: None,
                reply_to: Some(MessageId(9)),
                mentions: vec![UserId(7)],
                files: Vec::new(),
                also_in_room: false,
                may_call: true,
            },
        }
    }

    const STAMP: Stamp = Stamp {
        rules: RULES,
        node: 0x0102_0304,
        nonce: Nonce([7; 16]),
    };

    #[test]
    fn what_goes_in_comes_out() {
        let bytes = encode(&STAMP, &draft());
        assert_eq!(decode(&bytes).expect("decodes"), (STAMP, draft()));
        for len in 0..bytes.len() {
            assert!(decode(&bytes[..len]).is_err(), "{len} bytes");
        }
        assert!(matches!(decode(&[9, 0]), Err(CodecError::Future(9))));
        assert!(decode(&[1, 0xc1]).is_err());
    }

    #[test]
    fn rules_that_this_version_does_not_know_are_refused_by_name() {
        let stamp = Stamp {
            rules: RULES + 1,
            ..STAMP
        };
        let error = decode(&encode(&stamp, &draft())).expect_err("is refused");
        assert_eq!(error, CodecError::FutureRules { found: RULES + 1 });
        let text = error.to_string();
        assert!(text.contains(&format!("rules {}", RULES + 1)), "{text}");
    }
}
