//! How many bytes Redis needs for items in a row. What lies together in a stream depends on it.

use super::parse_integer;

/// Before the first item and after the last one.
pub const FRAME_BYTES: usize = 7;

/// Bytes of one item, with what it takes to go back over it.
pub fn size_of(item: &[u8]) -> usize {
    match parse_integer(item) {
        Some(number) => size_of_integer(number),
        None => with_way_back(match item.len() {
            length @ 0..64 => length + 1,
            length @ 64..4096 => length + 2,
            length => length + 5,
        }),
    }
}

/// Bytes of a number.
pub fn size_of_integer(number: i64) -> usize {
    with_way_back(match number {
        0..=127 => 1,
        -4096..=4095 => 2,
        -32_768..=32_767 => 3,
        -8_388_608..=8_388_607 => 4,
        number if i32::try_from(number).is_ok() => 5,
        _ => 9,
    })
}

fn with_way_back(length: usize) -> usize {
    length
        + match length {
            0..=127 => 1,
            128..16_383 => 2,
            16_383..2_097_151 => 3,
            2_097_151..268_435_455 => 4,
            _ => 5,
        }
}
