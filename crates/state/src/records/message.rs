//! A message's bytes: packed tightly, for there are more of them than of anything else.
//!
//! Layout, version 1: version, flags, author, ordinal, text, then what the flags say is there.
//! Numbers are LEB128; a further field takes a further flag.

use crate::table::{Held, write_record};
use maru_domain::{Call, MentionRange, MessageId, Timestamp, UserId};

const VERSION: u8 = 1;

/// A message as stored, without its place. Its time is the place's, unless `sent_at` says another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MessageRecord {
    pub author: UserId,
    /// Of a post, its number in the room; of replies and of imported history, that of the post
    /// before them.
    pub ordinal: u64,
    pub text: String,
    /// Where it is not the time by which the room is ordered.
    pub sent_at: Option<Timestamp>,
    pub edited_at: Option<Timestamp>,
    pub client_id: Option<String>,
    pub external_id: Option<String>,
    pub reply_to: Option<MessageId>,
    pub mentions: Vec<UserId>,
    pub mention_ranges: Vec<MentionRange>,
    pub deleted: bool,
    pub pinned: bool,
    /// There are rows of it in `threads` and `reactions`.
    pub has_thread: bool,
    pub has_reactions: bool,
    /// There are rows of it in `message_files`.
    pub has_files: bool,
    /// There is a row of it in `previews`.
    pub has_previews: bool,
    /// It came by import: nobody was told, and it counts for nobody as unread.
    pub is_history: bool,
    /// A reply that stands in the room, too.
    pub also_in_room: bool,
    /// It calls everybody.
    pub calls: Option<Call>,
}

impl MessageRecord {
    /// It stands in its thread alone.
    pub fn is_folded(&self) -> bool {
        self.reply_to.is_some() && !self.also_in_room
    }

    /// Whether it is one of the room's posts: a reply is unread in its thread, unless it stands in the
    /// room as well, and what came by import is unread for nobody.
    pub fn is_post(&self) -> bool {
        !self.is_history && !self.is_folded()
    }
}

mod flag {
    pub const DELETED: u64 = 1;
    pub const PINNED: u64 = 1 << 1;
    pub const THREAD: u64 = 1 << 2;
    pub const REACTIONS: u64 = 1 << 3;
    pub const HISTORY: u64 = 1 << 4;
    pub const CLIENT_UUID: u64 = 1 << 5;
    pub const CLIENT_ID: u64 = 1 << 6;
    pub const REPLY: u64 = 1 << 7;
    pub const EDITED: u64 = 1 << 8;
    pub const MENTIONS: u64 = 1 << 9;
    pub const SENT_AT: u64 = 1 << 10;
    pub const EXTERNAL_ID: u64 = 1 << 11;
    pub const FILES: u64 = 1 << 12;
    pub const ALSO_IN_ROOM: u64 = 1 << 13;
    pub const CALLS_ROOM: u64 = 1 << 14;
    pub const CALLS_HERE: u64 = 1 << 15;
    pub const PREVIEWS: u64 = 1 << 16;
    pub const KNOWN: u64 = (1 << 17) - 1;
}

impl Held for MessageRecord {
    type Raw = &'static [u8];

    fn write(&self, out: &mut Vec<u8>) {
        let uuid = self.client_id.as_deref().and_then(uuid);
        let flags = [
            (self.deleted, flag::DELETED),
            (self.pinned, flag::PINNED),
            (self.has_thread, flag::THREAD),
            (self.has_reactions, flag::REACTIONS),
            (self.is_history, flag::HISTORY),
            (self.has_files, flag::FILES),
            (self.has_previews, flag::PREVIEWS),
            (self.also_in_room, flag::ALSO_IN_ROOM),
            (self.calls == Some(Call::Room), flag::CALLS_ROOM),
            (self.calls == Some(Call::Here), flag::CALLS_HERE),
            (uuid.is_some(), flag::CLIENT_UUID),
            (self.client_id.is_some() && uuid.is_none(), flag::CLIENT_ID),
            (self.reply_to.is_some(), flag::REPLY),
            (self.edited_at.is_some(), flag::EDITED),
            (
                !self.mentions.is_empty() || !self.mention_ranges.is_empty(),
                flag::MENTIONS,
            ),
            (self.sent_at.is_some(), flag::SENT_AT),
            (self.external_id.is_some(), flag::EXTERNAL_ID),
        ];
        let flags = flags
            .iter()
            .filter(|(on, _)| *on)
            .fold(0, |all, (_, flag)| all | flag);
        out.push(VERSION);
        number(out, flags);
        number(out, self.author.0);
        number(out, self.ordinal);
        words(out, &self.text);
        if let Some(uuid) = uuid {
            out.extend_from_slice(&uuid);
        } else if let Some(id) = &self.client_id {
            words(out, id);
        }
        if let Some(MessageId(root)) = self.reply_to {
            number(out, root);
        }
        if let Some(Timestamp(at)) = self.edited_at {
            out.extend_from_slice(&at.to_le_bytes());
        }
        if flags & flag::MENTIONS != 0 {
            write_record(&(&self.mentions, &self.mention_ranges), out);
        }
        if let Some(Timestamp(at)) = self.sent_at {
            out.extend_from_slice(&at.to_le_bytes());
        }
        if let Some(id) = &self.external_id {
            words(out, id);
        }
    }

    fn read(bytes: &[u8]) -> Option<MessageRecord> {
        let mut rest = Bytes(bytes);
        if rest.array::<1>()? != [VERSION] {
            return None;
        }
        let flags = rest.number()?;
        if flags & !flag::KNOWN != 0 {
            return None;
        }
        let has = |flag: u64| flags & flag != 0;
        let mut record = MessageRecord {
            author: UserId(rest.number()?),
            ordinal: rest.number()?,
            text: rest.words()?,
            deleted: has(flag::DELETED),
            pinned: has(flag::PINNED),
            has_thread: has(flag::THREAD),
            has_reactions: has(flag::REACTIONS),
            is_history: has(flag::HISTORY),
            has_files: has(flag::FILES),
            has_previews: has(flag::PREVIEWS),
            also_in_room: has(flag::ALSO_IN_ROOM),
            calls: if has(flag::CALLS_ROOM) {
                Some(Call::Room)
            } else {
                has(flag::CALLS_HERE).then_some(Call::Here)
            },
            ..MessageRecord::default()
        };
        if has(flag::CLIENT_UUID) {
            record.client_id = Some(uuid_text(rest.array()?));
        } else if has(flag::CLIENT_ID) {
            record.client_id = Some(rest.words()?);
        }
        if has(flag::REPLY) {
            record.reply_to = Some(MessageId(rest.number()?));
        }
        if has(flag::EDITED) {
            record.edited_at = Some(Timestamp(i64::from_le_bytes(rest.array()?)));
        }
        if has(flag::MENTIONS) {
            let mut reader = rmp_serde::Deserializer::new(rest.0);
            let both = serde::Deserialize::deserialize(&mut reader).ok()?;
            (record.mentions, record.mention_ranges) = both;
            rest.0 = reader.get_ref();
        }
        if has(flag::SENT_AT) {
            record.sent_at = Some(Timestamp(i64::from_le_bytes(rest.array()?)));
        }
        if has(flag::EXTERNAL_ID) {
            record.external_id = Some(rest.words()?);
        }
        rest.0.is_empty().then_some(record)
    }
}

fn number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn words(out: &mut Vec<u8>, text: &str) {
    number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*array)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn words(&mut self) -> Option<String> {
        let length = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(std::str::from_utf8(text).ok()?.to_owned())
    }
}

const DASHES: [usize; 4] = [8, 13, 18, 23];

/// The sixteen bytes of a UUID in its usual spelling: what most clients call their messages.
fn uuid(text: &str) -> Option<[u8; 16]> {
    let bytes = text.as_bytes();
    if bytes.len() != 36 || DASHES.iter().any(|&at| bytes[at] != b'-') {
        return None;
    }
    let mut digits = bytes
        .iter()
        .enumerate()
        .filter(|(at, _)| !DASHES.contains(at));
    let mut uuid = [0; 16];
    for byte in &mut uuid {
        let (high, low) = (digits.next()?.1, digits.next()?.1);
        *byte = lower_hex(*high)? << 4 | lower_hex(*low)?;
    }
    Some(uuid)
}

/// Capital letters would not come back as they were.
fn lower_hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

fn uuid_text(uuid: [u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (at, byte) in uuid.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> MessageRecord {
        MessageRecord {
            author: UserId(4096 * 3),
            ordinal: 300,
            text: "안녕 @kim".into(),
            sent_at: Some(Timestamp(-5)),
            edited_at: Some(Timestamp(7)),
            client_id: Some("0192f0c1-aaaa-7bbb-8ccc-0123456789ab".into()),
            external_id: Some("naver/1".into()),
            reply_to: Some(MessageId(8192)),
            mentions: vec![UserId(1)],
            mention_ranges: vec![MentionRange {
                start: 3,
                end: 7,
                user_id: UserId(1),
            }],
            deleted: true,
            pinned: true,
            has_thread: true,
            has_reactions: true,
            has_files: true,
            has_previews: true,
            is_history: true,
            also_in_room: true,
            calls: Some(Call::Here),
        }
    }

    fn bytes(record: &MessageRecord) -> Vec<u8> {
        let mut bytes = Vec::new();
        record.write(&mut bytes);
        bytes
    }

    #[test]
    fn every_field_comes_back() {
        let plain = MessageRecord {
            text: "hi".into(),
            ..MessageRecord::default()
        };
        let named = MessageRecord {
            client_id: Some("0192F0C1-aaaa-7bbb-8ccc-0123456789ab".into()),
            ..MessageRecord::default()
        };
        for record in [full(), plain, named] {
            assert_eq!(MessageRecord::read(&bytes(&record)), Some(record));
        }
    }

    #[test]
    fn a_post_is_small() {
        let post = MessageRecord {
            author: UserId(4096 * 10_000),
            ordinal: 100_000,
            text: "x".repeat(100),
            client_id: full().client_id,
            ..MessageRecord::default()
        };
        assert!(bytes(&post).len() <= 130, "{}", bytes(&post).len());
    }

    #[test]
    fn what_is_cut_or_unknown_is_nothing() {
        let whole = bytes(&full());
        for length in 0..whole.len() {
            assert_eq!(MessageRecord::read(&whole[..length]), None, "{length}");
        }
        let mut longer = whole.clone();
        longer.push(0);
        assert_eq!(MessageRecord::read(&longer), None);
        let mut newer = whole;
        newer[0] = 2;
        assert_eq!(MessageRecord::read(&newer), None);
    }
}
