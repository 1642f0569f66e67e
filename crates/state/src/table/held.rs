//! What keys and values may be, and their bytes.

use serde::{Serialize, de::DeserializeOwned};

/// A value as bytes. `Raw` is what redb keeps: a fixed width where the value has one, for that
/// saves redb four bytes a row.
pub trait Held: Sized {
    type Raw: redb::Value + 'static;
    fn write(&self, out: &mut Vec<u8>);
    fn read(bytes: &[u8]) -> Option<Self>;
}

impl Held for () {
    type Raw = &'static [u8; 4];
    fn write(&self, _: &mut Vec<u8>) {}
    fn read(bytes: &[u8]) -> Option<()> {
        bytes.is_empty().then_some(())
    }
}

impl Held for u32 {
    type Raw = &'static [u8; 8];
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }
    fn read(bytes: &[u8]) -> Option<u32> {
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    }
}

impl Held for u64 {
    type Raw = &'static [u8; 12];
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }
    fn read(bytes: &[u8]) -> Option<u64> {
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    }
}

impl Held for i64 {
    type Raw = &'static [u8; 12];
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }
    fn read(bytes: &[u8]) -> Option<i64> {
        Some(i64::from_le_bytes(bytes.try_into().ok()?))
    }
}

/// Plain structs as MessagePack arrays.
pub fn write_record<T: Serialize>(record: &T, out: &mut Vec<u8>) {
    // Writing plain structs into memory has no way to fail.
    rmp_serde::encode::write(out, record).expect("records serialise");
}

pub fn read_record<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    rmp_serde::from_slice(bytes).ok()
}

/// Makes types of serde's values of a table.
macro_rules! records {
    ($($record:ty),* $(,)?) => {$(
        impl $crate::table::Held for $record {
            type Raw = &'static [u8];
            fn write(&self, out: &mut Vec<u8>) {
                $crate::table::write_record(self, out);
            }
            fn read(bytes: &[u8]) -> Option<Self> {
                $crate::table::read_record(bytes)
            }
        }
    )*};
}
pub(crate) use records;

/// A key, with the form in which rows give it back.
pub trait TableKey: redb::Key + 'static {
    type Owned: std::fmt::Debug;
    fn own(key: Self::SelfType<'_>) -> Self::Owned;
}

macro_rules! plain_keys {
    ($($key:ty),*) => {$(
        impl TableKey for $key {
            type Owned = $key;
            fn own(key: $key) -> $key { key }
        }
    )*};
}

plain_keys!(
    u64,
    (u64, u64),
    (i64, u64),
    (u64, i64, u64),
    (u64, u64, u64),
    (u32, u64, u64)
);

impl TableKey for &'static str {
    type Owned = String;
    fn own(key: &str) -> String {
        key.to_owned()
    }
}

impl TableKey for (&'static str, u64) {
    type Owned = (String, u64);
    fn own((text, number): (&str, u64)) -> (String, u64) {
        (text.to_owned(), number)
    }
}

impl TableKey for (u64, &'static str, u64) {
    type Owned = (u64, String, u64);
    fn own((id, text, number): (u64, &str, u64)) -> (u64, String, u64) {
        (id, text.to_owned(), number)
    }
}
