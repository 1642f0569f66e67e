//! The bytes of a dump: a value, the version of the format in two bytes, a checksum in eight.

use maru_cache::{StreamId, parse_float};

/// Of Redis 7.0.
const VERSION: u16 = 10;
const FOOTER_BYTES: usize = 10;
/// CRC-64 of Jones, bits in reverse order.
const POLYNOMIAL: u64 = 0x95ac_9329_ac4b_c9b5;

fn crc64(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |crc, byte| {
        crc >> 8 ^ BY_BYTE[usize::from(crc as u8 ^ byte)]
    })
}

/// What each lowest byte makes of the rest.
static BY_BYTE: [u64; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < table.len() {
        let mut crc = byte as u64;
        let mut bit = 0;
        while bit < 8 {
            crc = crc >> 1 ^ if crc & 1 == 1 { POLYNOMIAL } else { 0 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

/// Puts a dump together.
#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    pub fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub fn id(&mut self, id: StreamId) {
        self.number(id.ms);
        self.number(id.seq);
    }

    pub fn length(&mut self, length: usize) {
        self.number(length as u64);
    }

    pub fn number(&mut self, number: u64) {
        match number {
            0..64 => self.0.push(number as u8),
            64..16_384 => self.0.extend((number as u16 | 0x4000).to_be_bytes()),
            _ => match u32::try_from(number) {
                Ok(number) => {
                    self.0.push(0x80);
                    self.0.extend(number.to_be_bytes());
                }
                Err(_) => {
                    self.0.push(0x81);
                    self.0.extend(number.to_be_bytes());
                }
            },
        }
    }

    pub fn text(&mut self, text: &[u8]) {
        // Small integers are kept as such, as Redis does.
        let number = (text.len() <= 11)
            .then(|| maru_cache::parse_integer(text))
            .flatten();
        match number {
            Some(number @ -128..=127) => self.0.extend([0xc0, number as i8 as u8]),
            Some(number @ -32_768..=32_767) => {
                self.0.push(0xc1);
                self.0.extend((number as i16).to_le_bytes());
            }
            Some(number) if i32::try_from(number).is_ok() => {
                self.0.push(0xc2);
                self.0.extend((number as i32).to_le_bytes());
            }
            _ => {
                self.length(text.len());
                self.0.extend_from_slice(text);
            }
        }
    }

    pub fn score(&mut self, score: f64) {
        self.0.extend(score.to_le_bytes());
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.0.extend(VERSION.to_le_bytes());
        let check = crc64(&self.0);
        self.0.extend(check.to_le_bytes());
        self.0
    }
}

/// Takes a dump apart; `None` is bad data.
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Looks at version and checksum.
    pub fn open(bytes: &'a [u8]) -> Option<Reader<'a>> {
        let (value, footer) = bytes.split_at_checked(bytes.len().checked_sub(FOOTER_BYTES)?)?;
        let version = u16::from_le_bytes(*footer.first_chunk()?);
        let check = u64::from_le_bytes(*footer.last_chunk()?);
        let sound = version <= VERSION && check == crc64(&bytes[..bytes.len() - 8]);
        sound.then_some(Reader(value))
    }

    /// Of bytes within a dump.
    pub fn over(bytes: &'a [u8]) -> Reader<'a> {
        Reader(bytes)
    }

    /// How many bytes are left.
    pub fn left(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.first_chunk().copied()
    }

    pub fn length(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    pub fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        match first >> 6 {
            0 => Some(first.into()),
            1 => Some(u64::from(first & 0x3f) << 8 | u64::from(self.byte()?)),
            2 if first == 0x80 => Some(u32::from_be_bytes(self.array()?).into()),
            2 if first == 0x81 => Some(u64::from_be_bytes(self.array()?)),
            _ => None,
        }
    }

    pub fn id(&mut self) -> Option<StreamId> {
        Some(StreamId {
            ms: self.number()?,
            seq: self.number()?,
        })
    }

    /// A score in decimal, with its length before it.
    pub fn decimal(&mut self) -> Option<f64> {
        match self.byte()? {
            255 => Some(f64::NEG_INFINITY),
            254 => Some(f64::INFINITY),
            253 => None,
            length => parse_float(self.take(length.into())?),
        }
    }

    pub fn text(&mut self) -> Option<Vec<u8>> {
        let number = match *self.0.first()? {
            0xc0 => i32::from(self.take(2)?[1] as i8),
            0xc1 => i16::from_le_bytes(*self.take(3)?[1..].first_chunk()?).into(),
            0xc2 => i32::from_le_bytes(*self.take(5)?[1..].first_chunk()?),
            0xc3 => {
                self.byte()?;
                let (packed, whole) = (self.length()?, self.length()?);
                return unpack(self.take(packed)?, whole);
            }
            _ => {
                let length = self.length()?;
                return self.take(length).map(<[u8]>::to_vec);
            }
        };
        Some(number.to_string().into_bytes())
    }

    pub fn score(&mut self) -> Option<f64> {
        let score = f64::from_le_bytes(*self.take(8)?.first_chunk()?);
        (!score.is_nan()).then_some(score)
    }

    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }
}

/// LZF: runs of bytes, and copies of what came before. Grows with the input, not with what the
/// input says about itself.
fn unpack(packed: &[u8], whole: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut from = Reader(packed);
    while !from.is_empty() {
        let control = usize::from(from.byte()?);
        if control < 32 {
            out.extend_from_slice(from.take(control + 1)?);
            continue;
        }
        let mut length = control >> 5;
        if length == 7 {
            length += usize::from(from.byte()?);
        }
        let back = ((control & 0x1f) << 8 | usize::from(from.byte()?)) + 1;
        let start = out.len().checked_sub(back)?;
        for at in start..start + length + 2 {
            let byte = *out.get(at)?;
            out.push(byte);
        }
        if out.len() > whole {
            return None;
        }
    }
    (out.len() == whole).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_jones() {
        assert_eq!(crc64(b"123456789"), 0xe9c6_d914_c4b8_d9ca);
    }

    #[test]
    fn what_is_written_is_read() {
        let texts: [&[u8]; 8] = [
            b"",
            b"1",
            b"-129",
            b"70000",
            b"12345678901",
            b"text",
            &[7; 100],
            &[8; 20_000],
        ];
        let mut out = Writer::default();
        for text in texts {
            out.text(text);
        }
        out.score(-1.5);
        let bytes = out.finish();
        let mut from = Reader::open(&bytes).expect("sound");
        for text in texts {
            assert_eq!(from.text().as_deref(), Some(text));
        }
        assert_eq!(from.score(), Some(-1.5));
        assert!(from.is_empty());
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert!(Reader::open(&flipped).is_none(), "{at}");
        }
    }

    /// As `redis-server` 7.0.15 dumped forty times the letter x.
    #[test]
    fn packed_text_is_read() {
        let mut from = Reader(&[0xc3, 9, 40, 1, b'x', b'x', 0xe0, 0x1b, 0, 1, b'x', b'x']);
        assert_eq!(from.text(), Some(vec![b'x'; 40]));
        assert_eq!(unpack(&[0xff, 0xff, 0xff], 100), None);
    }
}
