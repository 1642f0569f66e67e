//! One key with all that is known about it, in as few bytes as possible.
//!
//! A short string is packed with its key into one allocation, because most keys of a cache are
//! like that: `flags | length of the key | touched (4) | [deadline (16)] | key | value`.

use super::Clock;
use super::clock::Deadline;
use super::remains::LARGE_BYTES;
use super::values::{Seen, Text, Value, ValueType, text_encoding};

/// A key and what it holds.
#[derive(Clone, Debug)]
pub(super) struct Slot(Repr);

#[derive(Clone, Debug)]
enum Repr {
    Packed(Box<[u8]>),
    Whole(Box<Whole>),
}

#[derive(Clone, Debug)]
struct Whole {
    key: Box<[u8]>,
    value: Value,
    deadline: Option<Deadline>,
    touched: u32,
    volatile: bool,
}

/// What a key holds, to be looked at.
#[derive(Clone, Copy)]
pub(super) enum View<'a> {
    Text(&'a [u8]),
    Other(&'a Value),
}

/// All about a key but its name and value.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Traits {
    pub deadline: Option<Deadline>,
    /// When it was last used, in the words of the eviction policy.
    pub touched: u32,
    /// Never written to disk.
    pub volatile: bool,
    /// How a string that is put shows itself; not told of one that is there.
    pub seen: Seen,
}

const MORTAL: u8 = 1;
const VOLATILE: u8 = 2;
const RAW: u8 = 4;
const NO_NUMBER: u8 = 8;
const TOUCHED_AT: usize = 2;
const DEADLINE_AT: usize = 6;
const DEADLINE_BYTES: usize = 16;
/// Longer strings have an allocation of their own, so that they can grow.
const MAX_PACKED_BYTES: usize = 240;
/// What a table adds to each key: its place and free places beside it.
const PLACE_BYTES: usize = 32;

impl Slot {
    pub fn text(key: &[u8], text: &[u8], traits: Traits) -> Slot {
        Slot::text_seen_as(key, text, traits, traits.seen)
    }

    fn text_seen_as(key: &[u8], text: &[u8], traits: Traits, seen: Seen) -> Slot {
        let deadline_bytes = if traits.deadline.is_some() {
            DEADLINE_BYTES
        } else {
            0
        };
        let size_bytes = DEADLINE_AT + deadline_bytes + key.len() + text.len();
        let Ok(key_bytes) = u8::try_from(key.len()) else {
            return Slot::whole(key, text.to_vec(), traits, seen);
        };
        if size_bytes > MAX_PACKED_BYTES {
            return Slot::whole(key, text.to_vec(), traits, seen);
        }
        let mut packed = Vec::with_capacity(size_bytes);
        let mut flags = flags_of(seen);
        if traits.volatile {
            flags |= VOLATILE;
        }
        if traits.deadline.is_some() {
            flags |= MORTAL;
        }
        packed.extend([flags, key_bytes]);
        packed.extend(traits.touched.to_le_bytes());
        if let Some(deadline) = traits.deadline {
            packed.extend(deadline.unix_ms.to_le_bytes());
            packed.extend(deadline.monotonic_ms.to_le_bytes());
        }
        packed.extend_from_slice(key);
        packed.extend_from_slice(text);
        Slot(Repr::Packed(packed.into_boxed_slice()))
    }

    fn whole(key: &[u8], bytes: Vec<u8>, traits: Traits, seen: Seen) -> Slot {
        Slot::new(key, Value::Text(Text { bytes, seen }), traits)
    }

    pub fn new(key: &[u8], value: Value, traits: Traits) -> Slot {
        match value {
            Value::Text(text) if key.len() + text.bytes.len() < MAX_PACKED_BYTES - 32 => {
                Slot::text_seen_as(key, &text.bytes, traits, text.seen)
            }
            value => Slot(Repr::Whole(Box::new(Whole {
                key: key.into(),
                value,
                deadline: traits.deadline,
                touched: traits.touched,
                volatile: traits.volatile,
            }))),
        }
    }

    /// The same under another name.
    pub fn renamed(self, key: &[u8]) -> Slot {
        let traits = self.traits();
        match self.0 {
            Repr::Packed(packed) => {
                let text = &packed[text_at(&packed)..];
                Slot::text_seen_as(key, text, traits, seen(&packed))
            }
            Repr::Whole(mut whole) => {
                whole.key = key.into();
                Slot(Repr::Whole(whole))
            }
        }
    }

    pub fn key(&self) -> &[u8] {
        match &self.0 {
            Repr::Packed(packed) => {
                let end = text_at(packed);
                &packed[end - usize::from(packed[1])..end]
            }
            Repr::Whole(whole) => &whole.key,
        }
    }

    pub fn view(&self) -> View<'_> {
        match &self.0 {
            Repr::Packed(packed) => View::Text(&packed[text_at(packed)..]),
            Repr::Whole(whole) => match &whole.value {
                Value::Text(text) => View::Text(&text.bytes),
                other => View::Other(other),
            },
        }
    }

    pub fn kind(&self) -> ValueType {
        match self.view() {
            View::Text(_) => ValueType::String,
            View::Other(value) => value.kind(),
        }
    }

    pub fn encoding(&self) -> &'static str {
        match &self.0 {
            Repr::Packed(packed) => text_encoding(&packed[text_at(packed)..], seen(packed)),
            Repr::Whole(whole) => whole.value.encoding(),
        }
    }

    /// The value, to be changed in place; a packed one gets room of its own first.
    pub fn value_mut(&mut self) -> &mut Value {
        if let Repr::Packed(packed) = &self.0 {
            let value = Value::Text(Text {
                bytes: packed[text_at(packed)..].to_vec(),
                seen: seen(packed),
            });
            let traits = self.traits();
            self.0 = Repr::Whole(Box::new(Whole {
                key: self.key().into(),
                value,
                deadline: traits.deadline,
                touched: traits.touched,
                volatile: traits.volatile,
            }));
        }
        match &mut self.0 {
            Repr::Whole(whole) => &mut whole.value,
            Repr::Packed(_) => unreachable!("it was unpacked above"),
        }
    }

    /// Puts a string of the same length in place of another, if nothing has to move.
    pub fn overwrite(&mut self, text: &[u8], traits: Traits) -> bool {
        let Repr::Packed(packed) = &mut self.0 else {
            return false;
        };
        let at = text_at(packed);
        let fits = packed.len() - at == text.len()
            && (packed[0] & MORTAL != 0) == traits.deadline.is_some();
        if fits {
            let volatile = if traits.volatile { VOLATILE } else { 0 };
            packed[0] = packed[0] & MORTAL | volatile | flags_of(traits.seen);
            packed[TOUCHED_AT..DEADLINE_AT].copy_from_slice(&traits.touched.to_le_bytes());
            if let Some(deadline) = traits.deadline {
                put_deadline(packed, deadline);
            }
            packed[at..].copy_from_slice(text);
        }
        fits
    }

    pub fn traits(&self) -> Traits {
        Traits {
            deadline: self.deadline(),
            touched: self.touched(),
            volatile: self.volatile(),
            seen: Seen::default(),
        }
    }

    pub fn deadline(&self) -> Option<Deadline> {
        match &self.0 {
            Repr::Packed(packed) if packed[0] & MORTAL != 0 => Some(Deadline {
                unix_ms: word(packed, DEADLINE_AT),
                monotonic_ms: word(packed, DEADLINE_AT + 8),
            }),
            Repr::Packed(_) => None,
            Repr::Whole(whole) => whole.deadline,
        }
    }

    pub fn set_deadline(&mut self, deadline: Option<Deadline>) {
        match (&mut self.0, deadline) {
            (Repr::Whole(whole), deadline) => whole.deadline = deadline,
            (Repr::Packed(packed), Some(deadline)) if packed[0] & MORTAL != 0 => {
                put_deadline(packed, deadline);
            }
            (Repr::Packed(packed), None) if packed[0] & MORTAL == 0 => {}
            (Repr::Packed(packed), deadline) => {
                let text = packed[text_at(packed)..].to_vec();
                let seen = seen(packed);
                let traits = Traits {
                    deadline,
                    ..self.traits()
                };
                *self = Slot::text_seen_as(self.key(), &text, traits, seen);
            }
        }
    }

    pub fn touched(&self) -> u32 {
        match &self.0 {
            Repr::Packed(packed) => packed[TOUCHED_AT..]
                .first_chunk()
                .map_or(0, |bytes| u32::from_le_bytes(*bytes)),
            Repr::Whole(whole) => whole.touched,
        }
    }

    pub fn touch(&mut self, touched: u32) {
        match &mut self.0 {
            Repr::Packed(packed) => {
                packed[TOUCHED_AT..DEADLINE_AT].copy_from_slice(&touched.to_le_bytes());
            }
            Repr::Whole(whole) => whole.touched = touched,
        }
    }

    pub fn volatile(&self) -> bool {
        match &self.0 {
            Repr::Packed(packed) => packed[0] & VOLATILE != 0,
            Repr::Whole(whole) => whole.volatile,
        }
    }

    /// Lives at this moment of the monotonic clock.
    pub fn lives(&self, clock: &Clock) -> bool {
        self.deadline()
            .is_none_or(|deadline| clock.monotonic_ms() < deadline.monotonic_ms)
    }

    /// A collection that takes a while to be freed.
    pub fn is_large(&self) -> bool {
        match &self.0 {
            Repr::Packed(_) => false,
            Repr::Whole(whole) => {
                whole.value.kind() != ValueType::String && whole.value.size_bytes() > LARGE_BYTES
            }
        }
    }

    /// A rough but honest figure, with what table and allocator add.
    pub fn size_bytes(&self) -> usize {
        let own_bytes = match &self.0 {
            Repr::Packed(packed) => packed.len().next_multiple_of(8),
            Repr::Whole(whole) => {
                size_of::<Whole>() + 2 * 16 + whole.key.len() + whole.value.size_bytes()
            }
        };
        let deadline_bytes = if self.deadline().is_some() { 24 } else { 0 };
        PLACE_BYTES + own_bytes + deadline_bytes
    }
}

fn flags_of(seen: Seen) -> u8 {
    match seen {
        Seen::AsItLooks => 0,
        Seen::AsText => NO_NUMBER,
        Seen::Raw => RAW,
    }
}

fn seen(packed: &[u8]) -> Seen {
    match packed[0] & (RAW | NO_NUMBER) {
        0 => Seen::AsItLooks,
        NO_NUMBER => Seen::AsText,
        _ => Seen::Raw,
    }
}

fn text_at(packed: &[u8]) -> usize {
    let deadline_bytes = usize::from(packed[0] & MORTAL) * DEADLINE_BYTES;
    DEADLINE_AT + deadline_bytes + usize::from(packed[1])
}

fn put_deadline(packed: &mut [u8], deadline: Deadline) {
    packed[DEADLINE_AT..DEADLINE_AT + 8].copy_from_slice(&deadline.unix_ms.to_le_bytes());
    packed[DEADLINE_AT + 8..DEADLINE_AT + 16].copy_from_slice(&deadline.monotonic_ms.to_le_bytes());
}

fn word(packed: &[u8], at: usize) -> u64 {
    packed[at..]
        .first_chunk()
        .map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(slot: &Slot) -> &[u8] {
        match slot.view() {
            View::Text(text) => text,
            View::Other(_) => panic!("a string"),
        }
    }

    #[test]
    fn a_short_string_is_two_words_and_one_allocation() {
        assert_eq!(size_of::<Slot>(), 16);
    }

    #[test]
    fn all_sizes_keep_what_they_are_given() {
        let deadline = Deadline {
            unix_ms: u64::MAX,
            monotonic_ms: 7,
        };
        for key_bytes in [0, 1, 16, 255, 256, 1000] {
            for text_bytes in [0, 1, 16, 200, 240, 5000] {
                for deadline in [None, Some(deadline)] {
                    let key = vec![b'k'; key_bytes];
                    let text = vec![b't'; text_bytes];
                    let traits = Traits {
                        deadline,
                        touched: 0xdead_beef,
                        volatile: true,
                        seen: Seen::default(),
                    };
                    let mut slot = Slot::text(&key, &text, traits);
                    assert_eq!((slot.key(), text_of(&slot)), (&key[..], &text[..]));
                    assert_eq!(slot.deadline(), deadline);
                    assert_eq!((slot.touched(), slot.volatile()), (0xdead_beef, true));
                    slot.touch(5);
                    for next in [
                        None,
                        Some(Deadline {
                            unix_ms: 1,
                            monotonic_ms: 2,
                        }),
                        None,
                    ] {
                        slot.set_deadline(next);
                        assert_eq!(slot.deadline(), next);
                        assert_eq!((slot.key(), text_of(&slot)), (&key[..], &text[..]));
                        assert_eq!((slot.touched(), slot.volatile()), (5, true));
                    }
                    let mut other = slot.clone().renamed(b"other");
                    assert_eq!((other.key(), text_of(&other)), (&b"other"[..], &text[..]));
                    other.value_mut();
                    assert_eq!((other.key(), text_of(&other)), (&b"other"[..], &text[..]));
                    let change = vec![b'u'; text_bytes];
                    if slot.overwrite(&change, Traits::default()) {
                        assert_eq!((slot.key(), text_of(&slot)), (&key[..], &change[..]));
                        assert!(!slot.volatile());
                    }
                }
            }
        }
    }
}
