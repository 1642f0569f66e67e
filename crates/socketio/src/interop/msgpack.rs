//! MessagePack as JavaScript's emitters write it, to JSON with attachments.
use super::InteropError;
use bytes::Bytes;
use serde_json::{Map, Number, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Deeper than what people nest, shallow enough for every stack.
const MAX_DEPTH: usize = 64;
/// Values in all, so that a small payload cannot become a large tree.
const MAX_VALUES: usize = 100_000;
/// Binary values, each of which becomes a frame of its own.
const MAX_ATTACHMENTS: usize = 64;

/// Reads exactly one value. Binary ones become placeholders for the attachments, dates become
/// texts, `undefined` and what is no number become null, as `JSON.stringify` has it.
pub fn decode(bytes: &[u8]) -> Result<(Value, Vec<Bytes>), InteropError> {
    let mut reader = Reader {
        rest: bytes,
        values: 0,
        attachments: Vec::new(),
    };
    let value = reader.value(0)?;
    if !reader.rest.is_empty() {
        return Err(InteropError::Format);
    }
    Ok((value, reader.attachments))
}

struct Reader<'a> {
    rest: &'a [u8],
    values: usize,
    attachments: Vec<Bytes>,
}

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], InteropError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(len)
            .ok_or(InteropError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], InteropError> {
        self.take(N)?
            .try_into()
            .map_err(|_| InteropError::Truncated)
    }

    /// A big-endian length of so many bytes.
    fn len(&mut self, bytes: usize) -> Result<usize, InteropError> {
        let len = self.take(bytes)?;
        Ok(len
            .iter()
            .fold(0, |len, byte| len << 8 | usize::from(*byte)))
    }

    fn value(&mut self, depth: usize) -> Result<Value, InteropError> {
        self.values += 1;
        if depth > MAX_DEPTH || self.values > MAX_VALUES {
            return Err(InteropError::TooBig);
        }
        let [kind] = self.array()?;
        Ok(match kind {
            0x00..=0x7f => json!(kind),
            0x80..=0x8f => self.map(usize::from(kind & 0x0f), depth)?,
            0x90..=0x9f => self.list(usize::from(kind & 0x0f), depth)?,
            0xa0..=0xbf => self.text(usize::from(kind & 0x1f))?,
            0xc0 => Value::Null,
            0xc1 => return Err(InteropError::Format),
            0xc2 => json!(false),
            0xc3 => json!(true),
            0xc4..=0xc6 => {
                let len = self.len(1 << (kind - 0xc4))?;
                self.binary(len)?
            }
            0xc7..=0xc9 => {
                let len = self.len(1 << (kind - 0xc7))?;
                self.extension(len, false)?
            }
            0xca => number(f64::from(f32::from_be_bytes(self.array()?))),
            0xcb => number(f64::from_be_bytes(self.array()?)),
            0xcc => json!(self.array::<1>()?[0]),
            0xcd => json!(u16::from_be_bytes(self.array()?)),
            0xce => json!(u32::from_be_bytes(self.array()?)),
            0xcf => json!(u64::from_be_bytes(self.array()?)),
            0xd0 => json!(i8::from_be_bytes(self.array()?)),
            0xd1 => json!(i16::from_be_bytes(self.array()?)),
            0xd2 => json!(i32::from_be_bytes(self.array()?)),
            0xd3 => json!(i64::from_be_bytes(self.array()?)),
            0xd4..=0xd8 => self.extension(1 << (kind - 0xd4), true)?,
            0xd9..=0xdb => {
                let len = self.len(1 << (kind - 0xd9))?;
                self.text(len)?
            }
            0xdc | 0xdd => {
                let len = self.len(2 << (kind - 0xdc))?;
                self.list(len, depth)?
            }
            0xde | 0xdf => {
                let len = self.len(2 << (kind - 0xde))?;
                self.map(len, depth)?
            }
            0xe0..=0xff => json!(i8::from_be_bytes([kind])),
        })
    }

    fn text(&mut self, len: usize) -> Result<Value, InteropError> {
        let text = std::str::from_utf8(self.take(len)?).map_err(|_| InteropError::Format)?;
        Ok(json!(text))
    }

    fn list(&mut self, len: usize, depth: usize) -> Result<Value, InteropError> {
        // Never more room than the bytes that are there could fill.
        let mut items = Vec::with_capacity(len.min(self.rest.len()));
        for _ in 0..len {
            items.push(self.value(depth + 1)?);
        }
        Ok(Value::Array(items))
    }

    fn map(&mut self, len: usize, depth: usize) -> Result<Value, InteropError> {
        let mut map = Map::new();
        for _ in 0..len {
            let key = match self.value(depth + 1)? {
                Value::String(key) => key,
                key @ (Value::Number(_) | Value::Bool(_)) => key.to_string(),
                _ => return Err(InteropError::Format),
            };
            map.insert(key, self.value(depth + 1)?);
        }
        Ok(Value::Object(map))
    }

    fn binary(&mut self, len: usize) -> Result<Value, InteropError> {
        let data = Bytes::copy_from_slice(self.take(len)?);
        if self.attachments.len() == MAX_ATTACHMENTS {
            return Err(InteropError::TooBig);
        }
        self.attachments.push(data);
        Ok(json!({ "_placeholder": true, "num": self.attachments.len() - 1 }))
    }

    fn extension(&mut self, len: usize, fixed: bool) -> Result<Value, InteropError> {
        let [kind] = self.array()?;
        match (i8::from_be_bytes([kind]), len) {
            // Older emitters: an ArrayBuffer, `undefined`, a date in milliseconds.
            (0, len) if !fixed => self.binary(len),
            (0, 1) => self.take(1).map(|_| Value::Null),
            (0, 8) => {
                let [high, low] = [self.array()?, self.array()?];
                let ms = i64::from(i32::from_be_bytes(high)) << 32;
                let ms = ms + i64::from(u32::from_be_bytes(low));
                date(i128::from(ms) * 1_000_000)
            }
            (-1, 4) => date(i128::from(u32::from_be_bytes(self.array()?)) * 1_000_000_000),
            (-1, 8) => {
                let both = u64::from_be_bytes(self.array()?);
                let (nanos, seconds) = (both >> 34, both & 0x3_ffff_ffff);
                date(i128::from(seconds) * 1_000_000_000 + i128::from(nanos))
            }
            (-1, 12) => {
                let nanos = u32::from_be_bytes(self.array()?);
                let seconds = i64::from_be_bytes(self.array()?);
                date(i128::from(seconds) * 1_000_000_000 + i128::from(nanos))
            }
            _ => Err(InteropError::Format),
        }
    }
}

/// What is no number in JSON is null.
fn number(value: f64) -> Value {
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

/// In milliseconds, as JavaScript writes dates; one outside the calendar is null.
fn date(nanos: i128) -> Result<Value, InteropError> {
    let ms = nanos.div_euclid(1_000_000) * 1_000_000;
    let Ok(date) = OffsetDateTime::from_unix_timestamp_nanos(ms) else {
        return Ok(Value::Null);
    };
    let text = date.format(&Rfc3339).map_err(|_| InteropError::Format)?;
    // Always three digits behind the second.
    let (whole, rest) = text.split_at(text.len().min(19));
    let fraction: String = rest.chars().filter(char::is_ascii_digit).collect();
    Ok(json!(format!("{whole}.{fraction:0<3}Z")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Value {
        decode(bytes).unwrap().0
    }

    #[test]
    fn numbers_keep_their_value() {
        assert_eq!(
            read(b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff"),
            json!(u64::MAX)
        );
        assert_eq!(read(b"\xd3\x80\0\0\0\0\0\0\0"), json!(i64::MIN));
        assert_eq!(read(b"\xff"), json!(-1));
        assert_eq!(read(b"\xcb\x7f\xf8\0\0\0\0\0\0"), Value::Null);
        assert_eq!(read(b"\xca\x3f\xc0\0\0"), json!(1.5));
    }

    #[test]
    fn dates_are_texts() {
        let known = json!("2026-11-22T10:20:30.456Z");
        let seconds = 1_795_342_830_u64;
        let both = (456_000_000_u64 << 34 | seconds).to_be_bytes();
        assert_eq!(read(&[b"\xd7\xff", &both[..]].concat()), known);
        let long = [
            b"\xc7\x0c\xff",
            &456_000_000_u32.to_be_bytes()[..],
            &seconds.to_be_bytes(),
        ];
        assert_eq!(read(&long.concat()), known);
        let old = (seconds * 1000 + 456).to_be_bytes();
        assert_eq!(read(&[b"\xd7\0", &old[..]].concat()), known);
        let short = u32::try_from(seconds).unwrap().to_be_bytes();
        assert_eq!(
            read(&[b"\xd6\xff", &short[..]].concat()),
            json!("2026-11-22T10:20:30.000Z")
        );
        let before = [
            b"\xc7\x0c\xff",
            &0_u32.to_be_bytes()[..],
            &(-1_i64).to_be_bytes(),
        ];
        assert_eq!(read(&before.concat()), json!("1969-12-31T23:59:59.000Z"));
        let never = [
            b"\xc7\x0c\xff",
            &0_u32.to_be_bytes()[..],
            &i64::MAX.to_be_bytes(),
        ];
        assert_eq!(read(&never.concat()), Value::Null);
    }

    #[test]
    fn binaries_become_attachments_and_undefined_is_null() {
        let (value, attachments) = decode(b"\x93\xc4\x02ab\xd4\0\0\xc7\x01\0c").unwrap();
        let placeholder = |num| json!({ "_placeholder": true, "num": num });
        assert_eq!(value, json!([placeholder(0), null, placeholder(1)]));
        assert_eq!(attachments, [&b"ab"[..], b"c"]);
    }

    #[test]
    fn what_promises_too_much_is_refused_at_once() {
        let deep = [vec![0x91; 100_000], vec![0xc0]].concat();
        assert_eq!(decode(&deep), Err(InteropError::TooBig));
        let deep: Vec<u8> = b"\x81\xa1a".repeat(50_000);
        assert_eq!(decode(&deep), Err(InteropError::TooBig));
        assert_eq!(
            decode(b"\xdd\xff\xff\xff\xff"),
            Err(InteropError::Truncated)
        );
        assert_eq!(
            decode(b"\xdf\xff\xff\xff\xff"),
            Err(InteropError::Truncated)
        );
        assert_eq!(
            decode(b"\xc6\xff\xff\xff\xffx"),
            Err(InteropError::Truncated)
        );
        let many = [b"\xdd\0\x0f\xff\xff".to_vec(), vec![0xc0; 0xf_ffff]].concat();
        assert_eq!(decode(&many), Err(InteropError::TooBig));
        let binaries = [b"\xdc\0\x41".to_vec(), b"\xc4\0".repeat(65)].concat();
        assert_eq!(decode(&binaries), Err(InteropError::TooBig));
        for bad in [
            &b"\xc1"[..],
            b"\xa2\xff\xff",
            b"\x81\xc0\xc0",
            b"\xc0\xc0",
            b"\xd5\x05ab",
            b"",
        ] {
            assert!(decode(bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in any::<Vec<u8>>()) {
            let _ = decode(&bytes);
        }

        #[test]
        fn what_was_written_by_others_is_read(numbers in prop::collection::vec(any::<i64>(), 0..40), text: String) {
            let value = json!({ "numbers": numbers, "text": text, "nested": [[null, true]] });
            let bytes = rmp_serde::to_vec(&value).unwrap();
            prop_assert_eq!(read(&bytes), value);
        }
    }
}
