//! Tables whose rows carry checksums.
//!
//! redb verifies its pages only when it repairs a file. So every value ends with the crc32c of the
//! table's name, the key and the value, which is verified on each read: a damaged row is an error
//! that names table and key, never another value.
mod column;
mod held;

pub use column::{ReadColumn, Readable, Rows, WriteColumn};
pub use held::{Held, TableKey};
pub(crate) use held::{read_record, records, write_record};

use super::StateError;

/// What stands behind a value.
pub(super) const SUM_BYTES: usize = 4;

fn sum(table: &str, key: &[u8], value: &[u8]) -> [u8; SUM_BYTES] {
    let sum = crc32c::crc32c(table.as_bytes());
    let sum = crc32c::crc32c_append(sum, key);
    crc32c::crc32c_append(sum, value).to_le_bytes()
}

/// `value` followed by its checksum.
fn seal(table: &str, key: &[u8], value: &mut Vec<u8>) {
    let sum = sum(table, key, value);
    value.extend_from_slice(&sum);
}

/// The value without its checksum, or nothing where the two do not fit.
fn verify<'a>(table: &str, key: &[u8], sealed: &'a [u8]) -> Option<&'a [u8]> {
    let (value, found) = sealed.split_at_checked(sealed.len().checked_sub(SUM_BYTES)?)?;
    (found == sum(table, key, value)).then_some(value)
}

fn corrupt<K: TableKey>(table: &'static str, key: &K::SelfType<'_>) -> StateError {
    StateError::Corrupt {
        table,
        key: format!("{key:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_bit_table_or_key_is_noticed() {
        let mut sealed = b"value".to_vec();
        seal("rooms", b"key", &mut sealed);
        assert_eq!(verify("rooms", b"key", &sealed), Some(&b"value"[..]));
        assert_eq!(verify("users", b"key", &sealed), None);
        assert_eq!(verify("rooms", b"kez", &sealed), None);
        assert_eq!(verify("rooms", b"key", &sealed[..3]), None);
        for bit in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(verify("rooms", b"key", &flipped), None, "bit {bit}");
        }
    }
}
