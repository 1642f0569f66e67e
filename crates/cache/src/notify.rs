//! Telling subscribers what happens to keys.

use super::pubsub::Hub;
use bytes::Bytes;

/// What kinds of happenings there are, as bits; those of Redis's `notify-keyspace-events`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Happenings(pub u32);

/// Letter and bit of each kind, in the order in which they are shown.
const LETTERS: [(u8, Happenings); 13] = [
    (b'g', Happenings::GENERIC),
    (b'$', Happenings::STRING),
    (b'l', Happenings::LIST),
    (b's', Happenings::SET),
    (b'h', Happenings::HASH),
    (b'z', Happenings::RANKED),
    (b'x', Happenings::EXPIRED),
    (b'e', Happenings::EVICTED),
    (b't', Happenings::STREAM),
    (b'd', Happenings::MODULE),
    (b'K', Happenings::BY_KEY),
    (b'E', Happenings::BY_EVENT),
    (b'm', Happenings::MISSED),
];

impl Happenings {
    /// Published as `__keyspace@<db>__:<key>`.
    pub const BY_KEY: Happenings = Happenings(1);
    /// Published as `__keyevent@<db>__:<event>`.
    pub const BY_EVENT: Happenings = Happenings(1 << 1);
    /// Commands on keys of any kind.
    pub const GENERIC: Happenings = Happenings(1 << 2);
    /// Commands on strings.
    pub const STRING: Happenings = Happenings(1 << 3);
    /// Commands on lists.
    pub const LIST: Happenings = Happenings(1 << 4);
    /// Commands on sets.
    pub const SET: Happenings = Happenings(1 << 5);
    /// Commands on hashes.
    pub const HASH: Happenings = Happenings(1 << 6);
    /// Commands on sorted sets.
    pub const RANKED: Happenings = Happenings(1 << 7);
    /// A key ended by its deadline.
    pub const EXPIRED: Happenings = Happenings(1 << 8);
    /// A key had to go for want of memory.
    pub const EVICTED: Happenings = Happenings(1 << 9);
    /// Commands on streams.
    pub const STREAM: Happenings = Happenings(1 << 10);
    /// A reading command did not find its key.
    pub const MISSED: Happenings = Happenings(1 << 11);
    /// Known to Redis; never happens here.
    pub const MODULE: Happenings = Happenings(1 << 12);
    /// A key came into being.
    pub const NEW: Happenings = Happenings(1 << 13);
    /// What `A` stands for.
    const ALL: u32 = 0b1_0111_1111_1100;

    /// From letters; `None` if one is not known.
    pub fn parse(letters: &[u8]) -> Option<Happenings> {
        let mut all = 0;
        for &letter in letters {
            all |= match letter {
                b'A' => Happenings::ALL,
                b'n' => Happenings::NEW.0,
                _ => LETTERS.iter().find(|(known, _)| *known == letter)?.1.0,
            };
        }
        Some(Happenings(all))
    }

    /// As letters.
    pub fn letters(self) -> String {
        let all = self.0 & Happenings::ALL == Happenings::ALL;
        let mut text = String::from(if all { "A" } else { "" });
        for (letter, bit) in LETTERS {
            let named = all && bit.0 & Happenings::ALL != 0;
            if self.0 & bit.0 != 0 && !named {
                text.push(char::from(letter));
            }
        }
        if self.0 & Happenings::NEW.0 != 0 {
            text.push('n');
        }
        text
    }

    /// Whether happenings of a kind are told to anybody.
    pub(super) fn tells(self, kind: Happenings) -> bool {
        self.0 & kind.0 != 0 && self.0 & (Happenings::BY_KEY.0 | Happenings::BY_EVENT.0) != 0
    }
}

/// Tells one happening.
pub(super) fn tell(hub: &Hub, told: Happenings, event: &str, db: u8, key: &[u8]) {
    if told.0 & Happenings::BY_KEY.0 != 0 {
        let mut channel = format!("__keyspace@{db}__:").into_bytes();
        channel.extend_from_slice(key);
        hub.publish(&channel, Bytes::copy_from_slice(event.as_bytes()));
    }
    if told.0 & Happenings::BY_EVENT.0 != 0 {
        let channel = format!("__keyevent@{db}__:{event}");
        hub.publish(channel.as_bytes(), Bytes::copy_from_slice(key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_there_and_back() {
        for (given, shown) in [
            ("", ""),
            ("KEA", "AKE"),
            ("Ex", "xE"),
            ("Kg$lshzxetd", "AK"),
            ("KEn", "KEn"),
            ("KEmg", "gKEm"),
        ] {
            let parsed = Happenings::parse(given.as_bytes()).expect("known");
            assert_eq!(parsed.letters(), shown, "{given}");
        }
        assert_eq!(Happenings::parse(b"Kq"), None);
    }
}
