//! Texts in UTF-8, UTF-16 with a mark, or CP949, which old Korean programs write.

use encoding_rs::{Decoder, UTF_16BE, UTF_16LE};
use std::io::{self, BufRead, Read};

/// A stream in UTF-8, also where it begins with a mark of UTF-16, as what PowerShell writes does.
pub fn as_utf8(mut read: impl BufRead + Send + 'static) -> io::Result<Box<dyn BufRead + Send>> {
    let encoding = match read.fill_buf()? {
        [0xff, 0xfe, ..] => UTF_16LE,
        [0xfe, 0xff, ..] => UTF_16BE,
        _ => return Ok(Box::new(read)),
    };
    Ok(Box::new(Utf16 {
        read,
        decoder: Some(encoding.new_decoder_with_bom_removal()),
        text: vec![0; TEXT_BYTES],
        left: 0..0,
    }))
}

const TEXT_BYTES: usize = 64 << 10;

/// UTF-16 as UTF-8.
struct Utf16<R> {
    read: R,
    /// None once all has been read.
    decoder: Option<Decoder>,
    text: Vec<u8>,
    /// What of `text` nobody has taken yet.
    left: std::ops::Range<usize>,
}

impl<R: BufRead> BufRead for Utf16<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.left.is_empty()
            && let Some(decoder) = &mut self.decoder
        {
            let bytes = self.read.fill_buf()?;
            let is_last = bytes.is_empty();
            let (_, used, written, _) = decoder.decode_to_utf8(bytes, &mut self.text, is_last);
            self.read.consume(used);
            self.left = 0..written;
            if is_last {
                self.decoder = None;
            }
        }
        Ok(&self.text[self.left.clone()])
    }

    fn consume(&mut self, count: usize) {
        self.left.start += count;
    }
}

impl<R: BufRead> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

/// The text, without a byte order mark.
pub fn decode(bytes: &[u8]) -> String {
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return String::from_utf8_lossy(rest).into_owned();
    }
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode(bytes).0.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let (text, _, has_errors) = encoding_rs::EUC_KR.decode(bytes);
            match has_errors {
                // Neither: what can be read of UTF-8 loses least.
                true => String::from_utf8_lossy(bytes).into_owned(),
                false => text.into_owned(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_utf_16_are_read_as_utf_8() {
        let text = "가나 👍\n".repeat(5_000);
        let wide = |to: fn(u16) -> [u8; 2]| {
            let marked = format!("\u{feff}{text}");
            marked.encode_utf16().flat_map(to).collect::<Vec<u8>>()
        };
        let plain = text.clone().into_bytes();
        for bytes in [wide(u16::to_le_bytes), wide(u16::to_be_bytes), plain] {
            let mut found = String::new();
            let stream = io::BufReader::with_capacity(7, io::Cursor::new(bytes));
            let read = as_utf8(stream).and_then(|mut read| read.read_to_string(&mut found));
            assert!(read.is_ok() && found == text);
        }
    }

    #[test]
    fn encodings_are_known_by_their_bytes() {
        assert_eq!(decode("\u{feff}가".as_bytes()), "가");
        assert_eq!(decode("가나".as_bytes()), "가나");
        assert_eq!(decode(&[0xb0, 0xa1, 0xb3, 0xaa]), "가나");
        assert_eq!(decode(&[0xff, 0xfe, 0x00, 0xac]), "가");
        assert!(decode(&[b'a', 0xff, 0xff, b'b']).contains('b'));
    }
}
