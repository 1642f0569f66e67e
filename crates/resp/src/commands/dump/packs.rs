//! Items packed in a row, as Redis keeps small collections: listpacks, ziplists, sets of integers.
//! Readers answer `None` to what is not sound.

use super::format::Reader;
use maru_cache::parse_integer;

/// An item, or a number in decimal.
pub type Item = Vec<u8>;

const END: u8 = 0xff;
/// A count of items that says "too many to be counted here".
const UNCOUNTED: u16 = u16::MAX;
const LISTPACK_HEADER_BYTES: usize = 6;
const ZIPLIST_HEADER_BYTES: usize = 10;

/// The items of a listpack.
pub fn listpack(bytes: &[u8]) -> Option<Vec<Item>> {
    let mut from = Reader::over(bytes);
    let size = u32::from_le_bytes(from.array()?);
    let count = u16::from_le_bytes(from.array()?);
    if size as usize != bytes.len() {
        return None;
    }
    let mut items = Vec::new();
    loop {
        let before = from.left();
        let first = from.byte()?;
        if first == END {
            break;
        }
        items.push(listpack_item(&mut from, first)?);
        let mut way_back = Vec::new();
        push_way_back(&mut way_back, before - from.left());
        if from.take(way_back.len())? != way_back {
            return None;
        }
    }
    (from.is_empty() && fits(count, items.len())).then_some(items)
}

fn fits(count: u16, items: usize) -> bool {
    count == UNCOUNTED || usize::from(count) == items
}

fn listpack_item(from: &mut Reader<'_>, first: u8) -> Option<Item> {
    let length = match first {
        0..0x80 => return Some(decimal(first.into())),
        0x80..0xc0 => usize::from(first & 0x3f),
        0xc0..0xe0 => {
            let number = i64::from(first & 0x1f) << 8 | i64::from(from.byte()?);
            return Some(decimal(number << 51 >> 51));
        }
        0xe0..0xf0 => usize::from(first & 0x0f) << 8 | usize::from(from.byte()?),
        0xf0 => u32::from_le_bytes(from.array()?) as usize,
        0xf1 => return Some(decimal(i16::from_le_bytes(from.array()?).into())),
        0xf2 => return Some(decimal(three_bytes(from)?)),
        0xf3 => return Some(decimal(i32::from_le_bytes(from.array()?).into())),
        0xf4 => return Some(decimal(i64::from_le_bytes(from.array()?))),
        _ => return None,
    };
    from.take(length).map(<[u8]>::to_vec)
}

fn decimal(number: i64) -> Item {
    number.to_string().into_bytes()
}

fn three_bytes(from: &mut Reader<'_>) -> Option<i64> {
    let [low, middle, high] = from.array()?;
    Some((i32::from_le_bytes([0, low, middle, high]) >> 8).into())
}

/// A listpack of items, numbers among them in their short forms.
pub struct Listpack {
    bytes: Vec<u8>,
    items: usize,
}

impl Listpack {
    pub fn new() -> Listpack {
        Listpack {
            bytes: vec![0; LISTPACK_HEADER_BYTES],
            items: 0,
        }
    }

    pub fn push_number(&mut self, number: i64) {
        let start = self.bytes.len();
        let out = &mut self.bytes;
        match number {
            0..=127 => out.push(number as u8),
            -4096..=4095 => out.extend([0xc0 | (number >> 8 & 0x1f) as u8, number as u8]),
            -32_768..=32_767 => {
                out.push(0xf1);
                out.extend((number as i16).to_le_bytes());
            }
            -8_388_608..=8_388_607 => {
                out.push(0xf2);
                out.extend(&(number as i32).to_le_bytes()[..3]);
            }
            _ if i32::try_from(number).is_ok() => {
                out.push(0xf3);
                out.extend((number as i32).to_le_bytes());
            }
            _ => {
                out.push(0xf4);
                out.extend(number.to_le_bytes());
            }
        }
        self.end(start);
    }

    pub fn push(&mut self, item: &[u8]) {
        if let Some(number) = parse_integer(item) {
            self.push_number(number);
            return;
        }
        let start = self.bytes.len();
        let length = item.len();
        match length {
            0..64 => self.bytes.push(0x80 | length as u8),
            64..4096 => self
                .bytes
                .extend([0xe0 | (length >> 8) as u8, length as u8]),
            _ => {
                self.bytes.push(0xf0);
                self.bytes.extend((length as u32).to_le_bytes());
            }
        }
        self.bytes.extend_from_slice(item);
        self.end(start);
    }

    fn end(&mut self, start: usize) {
        let length = self.bytes.len() - start;
        push_way_back(&mut self.bytes, length);
        self.items += 1;
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.bytes.push(END);
        let size = self.bytes.len() as u32;
        let count = u16::try_from(self.items).unwrap_or(UNCOUNTED);
        self.bytes[..4].copy_from_slice(&size.to_le_bytes());
        self.bytes[4..LISTPACK_HEADER_BYTES].copy_from_slice(&count.to_le_bytes());
        self.bytes
    }
}

/// An item's length for whoever comes from behind: seven bits a byte, the lowest last, all but the
/// first byte marked.
fn push_way_back(out: &mut Vec<u8>, length: usize) {
    let bytes = match length {
        0..=127 => 1,
        128..16_383 => 2,
        16_383..2_097_151 => 3,
        2_097_151..268_435_455 => 4,
        _ => 5,
    };
    for at in (0..bytes).rev() {
        let mark = if at + 1 == bytes { 0 } else { 0x80 };
        out.push((length >> (7 * at)) as u8 & 0x7f | mark);
    }
}

/// The items of a ziplist.
pub fn ziplist(bytes: &[u8]) -> Option<Vec<Item>> {
    let mut from = Reader::over(bytes);
    let size = u32::from_le_bytes(from.array()?) as usize;
    let tail = u32::from_le_bytes(from.array()?) as usize;
    let count = u16::from_le_bytes(from.array()?);
    if size != bytes.len() {
        return None;
    }
    let mut items = Vec::new();
    let (mut before, mut last) = (0, ZIPLIST_HEADER_BYTES);
    loop {
        let start = bytes.len() - from.left();
        let first = from.byte()?;
        if first == END {
            break;
        }
        let previous = match first {
            0xfe => u32::from_le_bytes(from.array()?) as usize,
            length => usize::from(length),
        };
        if previous != before {
            return None;
        }
        items.push(ziplist_item(&mut from)?);
        before = bytes.len() - from.left() - start;
        last = start;
    }
    let sound = from.is_empty() && tail == last && fits(count, items.len());
    sound.then_some(items)
}

fn ziplist_item(from: &mut Reader<'_>) -> Option<Item> {
    let first = from.byte()?;
    let length = match first {
        0..0x40 => usize::from(first),
        0x40..0x80 => usize::from(first & 0x3f) << 8 | usize::from(from.byte()?),
        0x80 => u32::from_be_bytes(from.array()?) as usize,
        0xc0 => return Some(decimal(i16::from_le_bytes(from.array()?).into())),
        0xd0 => return Some(decimal(i32::from_le_bytes(from.array()?).into())),
        0xe0 => return Some(decimal(i64::from_le_bytes(from.array()?))),
        0xf0 => return Some(decimal(three_bytes(from)?)),
        0xf1..=0xfd => return Some(decimal(i64::from(first & 0x0f) - 1)),
        0xfe => return Some(decimal((from.byte()? as i8).into())),
        _ => return None,
    };
    from.take(length).map(<[u8]>::to_vec)
}

/// The numbers of a set, ascending.
pub fn intset(bytes: &[u8]) -> Option<Vec<Item>> {
    let mut from = Reader::over(bytes);
    let width = u32::from_le_bytes(from.array()?);
    let count = u32::from_le_bytes(from.array()?) as usize;
    let mut numbers = Vec::new();
    for _ in 0..count {
        numbers.push(match width {
            2 => i16::from_le_bytes(from.array()?).into(),
            4 => i32::from_le_bytes(from.array()?).into(),
            8 => i64::from_le_bytes(from.array()?),
            _ => return None,
        });
    }
    let sound = from.is_empty() && numbers.is_sorted_by(|a, b| a < b);
    sound.then(|| numbers.into_iter().map(decimal).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_read() {
        let numbers = [
            0,
            127,
            128,
            -1,
            4095,
            -4096,
            4096,
            32_767,
            -32_768,
            8_388_607,
            -8_388_608,
            1 << 30,
            i64::MAX,
            i64::MIN,
        ];
        let mut items: Vec<Item> = numbers.into_iter().map(decimal).collect();
        items.extend([0, 1, 63, 64, 126, 127, 4095, 4096, 20_000].map(|length| vec![b'x'; length]));
        let mut pack = Listpack::new();
        items.iter().for_each(|item| pack.push(item));
        let bytes = pack.finish();
        assert_eq!(listpack(&bytes).as_ref(), Some(&items));
        for cut in 0..bytes.len() {
            assert_eq!(listpack(&bytes[..cut]), None);
        }
    }

    /// As `redis-server` 6.2 keeps `1`, `two`, `300`.
    #[test]
    fn a_ziplist_is_read() {
        let bytes = [
            &[22, 0, 0, 0, 17, 0, 0, 0, 3, 0][..],
            &[0, 0xf2, 2, 3, b't', b'w', b'o', 5, 0xc0, 0x2c, 0x01, 0xff],
        ]
        .concat();
        let items = [&b"1"[..], b"two", b"300"].map(<[u8]>::to_vec);
        assert_eq!(ziplist(&bytes), Some(items.to_vec()));
        for at in 0..bytes.len() {
            let _ = ziplist(&bytes[..at]);
        }
    }

    #[test]
    fn a_set_of_integers_is_in_order() {
        let good = [2, 0, 0, 0, 2, 0, 0, 0, 0xff, 0xff, 5, 0];
        assert_eq!(intset(&good), Some(vec![b"-1".to_vec(), b"5".to_vec()]));
        let bad = [2, 0, 0, 0, 2, 0, 0, 0, 5, 0, 5, 0];
        assert_eq!(intset(&bad), None);
    }
}
