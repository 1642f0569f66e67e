//! Commands as bytes: a version, then MessagePack.

use bytes::Bytes;
use maru_domain::Draft;

/// Raised when a payload can no longer be read by its fields' defaults alone.
const VERSION: u8 = 1;

#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    #[error("the entry was written by a newer version (codec {0}); install that version")]
    Future(u8),
    #[error("the entry cannot be read: {0}")]
    Unreadable(String),
}

pub fn encode(draft: &Draft) -> Bytes {
    let mut bytes = Vec::with_capacity(256);
    bytes.push(VERSION);
    // Writing plain enums into memory has no way to fail.
    rmp_serde::encode::write(&mut bytes, draft).expect("commands serialise");
    bytes.into()
}

pub fn decode(bytes: &[u8]) -> Result<Draft, CodecError> {
    match bytes.split_first() {
        Some((&VERSION, body)) => {
            rmp_serde::from_slice(body).map_err(|e| CodecError::Unreadable(e.to_string()))
        }
        Some((&other, _)) if other > VERSION => Err(CodecError::Future(other)),
        _ => Err(CodecError::Unreadable("it has no known version".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use maru_domain::{Actor, Command, MessageId, RoomId, Timestamp, UserId};

    /// As version 0.1.0 wrote it before a post could say whom its author chose.
    #[test]
    fn a_post_of_an_older_log_is_read() {
        let old = b"\x01\x93\x81\xa4User\x07\xcf\x00\x00\x01\x8b\xcf\xe5\x68\x00\x81\xa4Post\x94\x03\xa2hi\xc0\x09";
        let draft = decode(old).expect("decodes");
        let expected = Command::Post {
            room: RoomId(3),
            text: "hi".into(),
            client_id: None,
            reply_to: Some(MessageId(9)),
            mentions: Vec::new(),
        };
        assert_eq!(draft.at, Timestamp(1_700_000_000_000));
        assert_eq!(draft.command, expected);
    }

    #[test]
    fn what_goes_in_comes_out() {
        let draft = Draft {
            actor: Actor::User(UserId(7)),
            at: Timestamp(1_700_000_000_000),
            command: Command::Post {
                room: RoomId(3),
                text: "안녕".into(),
                client_id: None,
                reply_to: Some(MessageId(9)),
                mentions: vec![UserId(7)],
            },
        };
        assert_eq!(decode(&encode(&draft)).expect("decodes"), draft);
        assert!(matches!(decode(&[9, 0]), Err(CodecError::Future(9))));
        assert!(decode(&[]).is_err());
        assert!(decode(&[1, 0xc1]).is_err());
    }
}
